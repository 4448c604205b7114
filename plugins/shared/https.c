/* SPDX-License-Identifier: Apache-2.0 */
/* libcurl's multi interface on the host's watches and timers: curl says which descriptors and which
 * moment it waits for, the loop calls back, and curl takes the next step without blocking. */
#include "bytes.h"
#include "https_inside.h"

#include <openssl/ssl.h>

enum { HEADERS_BYTES = 64 * 1024, IDLE_S = 60 };

struct https {
    const struct smg_host *host;
    struct https_settings settings;
    CURLM *multi;
    struct smg_timer *timer;
    struct https_exchange *exchanges;
};

struct https_exchange {
    struct https *https;
    CURL *easy;
    struct curl_slist *headers;
    struct bytes body, head;
    size_t head_bytes; /* of all answers, interim ones too (RFC 9110, 15.2) */
    bool large;        /* more came than is allowed */
    char reason[CURL_ERROR_SIZE];
    https_done_fn fn;
    void *ctx;
    struct https_exchange *previous, *next;
};

/* ---- the loop ---- */

static void step(struct https *https, curl_socket_t fd, int ready);

static void on_ready(void *ctx, int fd, unsigned ready)
{
    step(ctx, fd,
         ((ready & SMG_READABLE) != 0 ? CURL_CSELECT_IN : 0) |
             ((ready & SMG_WRITABLE) != 0 ? CURL_CSELECT_OUT : 0));
}

static void on_time(void *ctx)
{
    struct https *https = ctx;

    https->timer = NULL;
    step(https, CURL_SOCKET_TIMEOUT, 0);
}

/* curl wants this descriptor waited for. A watch that cannot be had ends at the deadline. */
static int on_socket(CURL *easy, curl_socket_t fd, int what, void *ctx, void *watch)
{
    struct https *https = ctx;
    unsigned ready = (what & CURL_POLL_IN ? (unsigned)SMG_READABLE : 0) |
                     (what & CURL_POLL_OUT ? (unsigned)SMG_WRITABLE : 0);

    (void)easy;
    https->host->unwatch(https->host, watch);
    watch = NULL;
    if (what != CURL_POLL_REMOVE && ready != 0)
        watch = https->host->watch(https->host, fd, ready, on_ready, https);
    curl_multi_assign(https->multi, fd, watch);
    return 0;
}

static int on_timeout(CURLM *multi, long ms, void *ctx)
{
    struct https *https = ctx;

    (void)multi;
    https->host->forget(https->host, https->timer);
    https->timer = ms < 0 ? NULL : https->host->after(https->host, ms, on_time, https);
    return 0;
}

/* ---- what arrives ---- */

static size_t on_body(char *at, size_t size, size_t count, void *ctx)
{
    struct https_exchange *exchange = ctx;
    size_t most = (size_t)exchange->https->settings.answer_bytes;

    if (bytes_add(&exchange->body, at, size * count, most))
        return size * count;
    exchange->large = size * count > most || exchange->body.len > most - size * count;
    return 0; /* never the number that was offered: curl ends the transfer */
}

static size_t on_header(char *at, size_t size, size_t count, void *ctx)
{
    struct https_exchange *exchange = ctx;
    size_t len = size * count;

    exchange->head_bytes += len;
    exchange->large = exchange->head_bytes > HEADERS_BYTES;
    if (len >= 5 && memcmp(at, "HTTP/", 5) == 0)
        exchange->head.len = 0; /* the one before was interim */
    if (exchange->large || !bytes_add(&exchange->head, at, len, HEADERS_BYTES))
        return len == 0 ? 1 : 0;
    return len;
}

static void exchange_free(struct https_exchange *exchange)
{
    struct https *https = exchange->https;

    if (exchange->previous != NULL)
        exchange->previous->next = exchange->next;
    else if (https->exchanges == exchange)
        https->exchanges = exchange->next;
    if (exchange->next != NULL)
        exchange->next->previous = exchange->previous;
    if (exchange->easy != NULL) {
        curl_multi_remove_handle(https->multi, exchange->easy);
        curl_easy_cleanup(exchange->easy);
    }
    curl_slist_free_all(exchange->headers);
    bytes_fini(&exchange->body);
    bytes_fini(&exchange->head);
    free(exchange);
}

/* ---- ends ---- */

static void finish(struct https_exchange *exchange, CURLcode code)
{
    struct https_answer answer = { .body = { exchange->body.at, exchange->body.len },
                                   .headers = { exchange->head.at, exchange->head.len } };
    struct smg_err err = { 0 };
    long status = 0;

    curl_easy_getinfo(exchange->easy, CURLINFO_RESPONSE_CODE, &status);
    answer.status = (int)status;
    if (code == CURLE_OK && (status < 100 || status > 599))
        code = CURLE_WEIRD_SERVER_REPLY;
    if (code != CURLE_OK)
        https_explain(exchange->easy, code, exchange->reason, exchange->large, &err);
    exchange->fn(exchange->ctx, code == CURLE_OK ? &answer : NULL, &err);
    exchange_free(exchange);
}

static void step(struct https *https, curl_socket_t fd, int ready)
{
    CURLMsg *message;
    int count;

    curl_multi_socket_action(https->multi, fd, ready, &count);
    /* One at a time: the callback may send and cancel. */
    while ((message = curl_multi_info_read(https->multi, &count)) != NULL) {
        CURLcode code = message->data.result;
        struct https_exchange *exchange = NULL;

        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &exchange);
        if (message->msg == CURLMSG_DONE)
            finish(exchange, code);
    }
}

/* ---- sending ---- */

/* The plaintext in OpenSSL's buffers is wiped as soon as it was read. */
static CURLcode on_tls(CURL *easy, void *tls, void *ctx)
{
    (void)easy, (void)ctx;
    SSL_CTX_set_options(tls, SSL_OP_CLEANSE_PLAINTEXT);
    return CURLE_OK;
}

static bool set_texts(CURL *easy, const struct https_settings *settings, const char *method)
{
    const struct {
        CURLoption option;
        const char *text;
    } texts[] = {
        { CURLOPT_URL, settings->url },
        { CURLOPT_PROTOCOLS_STR, "https" },
        { CURLOPT_PROXY, "" }, /* whatever the environment says */
        { CURLOPT_CAINFO, settings->ca },
        { CURLOPT_CAPATH, NULL },
        { CURLOPT_SSLCERT, settings->certificate },
        { CURLOPT_SSLKEY, settings->key },
        { CURLOPT_KEYPASSWD, "" },
        { CURLOPT_CUSTOMREQUEST, method },
    };
    bool good = true;

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        good = good && curl_easy_setopt(easy, texts[i].option, texts[i].text) == CURLE_OK;
    return good;
}

static bool set_numbers(CURL *easy, const struct https_settings *settings, int64_t deadline_ms)
{
    const struct {
        CURLoption option;
        long number;
    } numbers[] = {
        { CURLOPT_POST, 1 },
        { CURLOPT_TIMEOUT_MS, deadline_ms < 1 ? 1 : (long)deadline_ms },
        { CURLOPT_CONNECTTIMEOUT_MS, deadline_ms < 1 ? 1 : (long)deadline_ms },
        { CURLOPT_NOSIGNAL, 1 },
        { CURLOPT_QUICK_EXIT, 1 }, /* a look-up that nobody waits for is not waited for */
        { CURLOPT_FOLLOWLOCATION, 0 },
        { CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1 },
        { CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2 },
        { CURLOPT_SSL_VERIFYPEER, 1 },
        { CURLOPT_SSL_VERIFYHOST, 2 },
        { CURLOPT_CA_CACHE_TIMEOUT, 0 }, /* a new file counts from the next connection on */
        { CURLOPT_MAXAGE_CONN, IDLE_S },
    };
    bool good = true;

    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        good = good && curl_easy_setopt(easy, numbers[i].option, numbers[i].number) == CURLE_OK;
    return good && curl_easy_setopt(easy, CURLOPT_MAXFILESIZE_LARGE,
                                    (curl_off_t)settings->answer_bytes) == CURLE_OK;
}

static bool set_calls(struct https_exchange *exchange, struct smg_str body)
{
    CURL *easy = exchange->easy;

    return curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body.len == 0 ? "" : body.at) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body.len) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_HTTPHEADER, exchange->headers) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_WRITEDATA, exchange) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_HEADERDATA, exchange) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, exchange->reason) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_SSL_CTX_FUNCTION, on_tls) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_PRIVATE, exchange) == CURLE_OK;
}

/* "Name: value" (RFC 9110, 5): a break in it would begin another header. */
static bool is_header(const char *line)
{
    size_t name = strcspn(line, ": ");

    if (name == 0 || line[name] != ':' || line[name + 1] != ' ' || line[name + 2] == '\0')
        return false;
    for (; *line != '\0'; line++)
        if ((unsigned char)*line < 0x20 || *line == 0x7F)
            return false;
    return true;
}

static bool add_header(struct https_exchange *exchange, const char *line)
{
    struct curl_slist *longer = curl_slist_append(exchange->headers, line);

    if (longer != NULL)
        exchange->headers = longer;
    return longer != NULL;
}

struct https_exchange *https_send(struct https *https, const struct https_request *request,
                                  https_done_fn fn, void *ctx, struct smg_err *err)
{
    struct https_exchange *exchange = calloc(1, sizeof *exchange);
    const char *const *header = request->headers;
    bool good;

    if (exchange == NULL) {
        smg_fail(err, SMG_E_MEMORY, "out of memory");
        return NULL;
    }
    *exchange = (struct https_exchange){ .https = https, .fn = fn, .ctx = ctx };
    exchange->easy = curl_easy_init();
    good =
        exchange->easy != NULL && add_header(exchange, "Expect:"); /* it would wait to be asked */
    smg_fail(err, SMG_E_MEMORY, "out of memory");
    for (; good && *header != NULL; header++) {
        good = is_header(*header);
        if (!good)
            smg_fail(err, SMG_E_INVALID, "a header is not \"Name: value\" on one line");
        good = good && add_header(exchange, *header);
    }
    if (!good || !set_texts(exchange->easy, &https->settings, request->method) ||
        !set_numbers(exchange->easy, &https->settings, request->deadline_ms) ||
        !set_calls(exchange, request->body) ||
        curl_multi_add_handle(https->multi, exchange->easy) != CURLM_OK) {
        exchange_free(exchange);
        return NULL;
    }
    exchange->next = https->exchanges;
    if (exchange->next != NULL)
        exchange->next->previous = exchange;
    https->exchanges = exchange;
    *err = (struct smg_err){ 0 };
    return exchange;
}

void https_cancel(struct https_exchange *exchange)
{
    exchange_free(exchange);
}

/* ---- the client ---- */

static bool prepare_multi(struct https *https)
{
    long connections = (long)https->settings.connections;

    https->multi = curl_multi_init();
    return https->multi != NULL &&
           curl_multi_setopt(https->multi, CURLMOPT_SOCKETFUNCTION, on_socket) == CURLM_OK &&
           curl_multi_setopt(https->multi, CURLMOPT_SOCKETDATA, https) == CURLM_OK &&
           curl_multi_setopt(https->multi, CURLMOPT_TIMERFUNCTION, on_timeout) == CURLM_OK &&
           curl_multi_setopt(https->multi, CURLMOPT_TIMERDATA, https) == CURLM_OK &&
           curl_multi_setopt(https->multi, CURLMOPT_MAXCONNECTS, connections) == CURLM_OK &&
           curl_multi_setopt(https->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, connections) == CURLM_OK;
}

int https_new(const struct smg_host *host, const struct https_settings *settings,
              struct https **out, struct smg_err *err)
{
    struct https *https;

    /* Before libcurl starts: it opens that file as it does. */
    if (getenv("SSLKEYLOGFILE") != NULL)
        return smg_fail(err, SMG_E_INVALID,
                        "SSLKEYLOGFILE is set: the keys of connections would be written down");
    /* What curl holds may be a request or an answer. */
    if (curl_global_init_mem(CURL_GLOBAL_DEFAULT, malloc, wiping_free, wiping_realloc, strdup,
                             calloc) != CURLE_OK)
        return smg_fail(err, SMG_E_MEMORY, "libcurl does not start");
    https = calloc(1, sizeof *https);
    if (https == NULL) {
        curl_global_cleanup();
        return smg_fail(err, SMG_E_MEMORY, "out of memory");
    }
    *https = (struct https){ .host = host, .settings = *settings };
    if (https_check(settings, err) != SMG_OK) {
        https_free(https);
        return err->code;
    }
    if (!prepare_multi(https)) {
        https_free(https);
        return smg_fail(err, SMG_E_MEMORY, "out of memory");
    }
    *out = https;
    return SMG_OK;
}

void https_free(struct https *https)
{
    if (https == NULL)
        return;
    while (https->exchanges != NULL)
        exchange_free(https->exchanges);
    if (https->multi != NULL)
        curl_multi_cleanup(https->multi);
    https->host->forget(https->host, https->timer);
    free(https);
    curl_global_cleanup();
}
