/* SPDX-License-Identifier: Apache-2.0 */
/* The request: a body from a template, and headers that may be signed. */
#include "mapping_inside.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/hmac.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { SIGN_KEY_BYTES = 4096, SIGNED_BYTES = BODY_BYTES + 65536, HEADER_BYTES = 16384 };

/* ---- values ---- */

static bool is(struct smg_str name, const char *word)
{
    return name.len == strlen(word) && memcmp(name.at, word, name.len) == 0;
}

/* In the time of the place the law is of, UTC+8. */
static void format_time(int64_t ms, const char *format, char *out, size_t room)
{
    time_t seconds = (time_t)(ms / 1000) + 8 * 3600;
    struct tm parts;

    out[0] = '\0';
    if (gmtime_r(&seconds, &parts) == NULL || strftime(out, room, format, &parts) == 0)
        out[0] = '\0';
}

/* request.id, request.time, ... */
static bool request_value(struct sources *sources, struct smg_str name, struct smg_value *out)
{
    char *text = sources->text;
    size_t room = sizeof sources->text;

    *out = (struct smg_value){ .type = SMG_TEXT };
    if (is(name, "request.id"))
        snprintf(text, room, "%s", sources->inquiry->id);
    else if (is(name, "request.time"))
        format_time(sources->now_ms, "%Y-%m-%dT%H:%M:%S+08:00", text, room);
    else if (is(name, "request.time_digits"))
        format_time(sources->now_ms, "%Y%m%d%H%M%S", text, room);
    else if (is(name, "request.seconds"))
        snprintf(text, room, "%lld", (long long)(sources->now_ms / 1000));
    else if (is(name, "request.milliseconds"))
        snprintf(text, room, "%lld", (long long)sources->now_ms);
    else
        return false;
    out->str = (struct smg_str){ text, strlen(text) };
    return true;
}

/* Is this format one the service takes? */
static bool takes_format(const struct config *config, struct smg_str format)
{
    return config->picture_formats == NULL || mapping_lists(config->picture_formats, format);
}

/* A picture in a format the service does not take is not there, and neither is its format. */
static bool subject_value(void *ctx, struct smg_str name, struct smg_value *out)
{
    struct sources *sources = ctx;
    const struct smg_host *host = sources->host;
    struct smg_value format;
    char text[128], of[128];

    if (request_value(sources, name, out))
        return true;
    if (name.len + sizeof ".format" > sizeof text)
        return false;
    snprintf(text, sizeof text, "%.*s", (int)name.len, name.at);
    if (!host->get(host, sources->subject, text, out))
        return false;
    if (out->type == SMG_BYTES) {
        snprintf(of, sizeof of, "%.*s.format", (int)name.len, name.at);
        return host->get(host, sources->subject, of, &format) && format.type == SMG_TEXT &&
               takes_format(sources->mapping->config, format.str);
    }
    return name.len <= 7 || !is((struct smg_str){ name.at + name.len - 7, 7 }, ".format") ||
           out->type != SMG_TEXT || takes_format(sources->mapping->config, out->str);
}

/* What is signed, and headers, hold nothing of the person. */
static bool signed_value(void *ctx, struct smg_str name, struct smg_value *out)
{
    struct sources *sources = ctx;

    if (request_value(sources, name, out))
        return true;
    *out = (struct smg_value){ .type = SMG_TEXT, .str = bytes_view(&sources->inquiry->body) };
    return is(name, "request.body");
}

static bool header_value(void *ctx, struct smg_str name, struct smg_value *out)
{
    struct sources *sources = ctx;

    if (request_value(sources, name, out))
        return true;
    *out =
        (struct smg_value){ .type = SMG_BYTES,
                            .str = { (const char *)sources->signature, sources->signature_len } };
    return is(name, "request.signature") && sources->signature_len > 0;
}

/* ---- signing ---- */

bool mapping_sign(const struct mapping *mapping, const char *text, template_value_fn value,
                  struct sources *sources, struct smg_err *err)
{
    struct bytes plain = { 0 };
    unsigned int len = 0;
    bool good =
        template_fill(text, TEMPLATE_AS_IS, value, sources, &plain, SIGNED_BYTES, err) == SMG_OK;

    if (good && HMAC(mapping->digest, mapping->sign_key.at, (int)mapping->sign_key.len,
                     (const unsigned char *)bytes_view(&plain).at, plain.len, sources->signature,
                     &len) == NULL) {
        smg_fail(err, SMG_E_MEMORY, "nothing can be signed");
        good = false;
    }
    sources->signature_len = len;
    bytes_fini(&plain);
    return good;
}

static int read_key(struct mapping *mapping, struct smg_err *err)
{
    const char *path = mapping->config->sign_key;
    char bytes[SIGN_KEY_BYTES];
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    struct stat info;
    ssize_t len;

    if (fd < 0)
        return smg_fail(err, SMG_E_INVALID, "sign_key: %s: %s", path, strerror(errno));
    if (fstat(fd, &info) != 0 || !S_ISREG(info.st_mode) || (info.st_mode & 077) != 0) {
        close(fd);
        return smg_fail(err, SMG_E_INVALID,
                        "sign_key: %s must be a file that its owner alone may read: chmod 600",
                        path);
    }
    len = read(fd, bytes, sizeof bytes);
    close(fd);
    while (len > 0 && (bytes[len - 1] == '\n' || bytes[len - 1] == '\r'))
        len--;
    if (len <= 0 || len == (ssize_t)sizeof bytes)
        return smg_fail(err, SMG_E_INVALID, "sign_key: %s holds no key of 1 to %d bytes", path,
                        SIGN_KEY_BYTES - 1);
    if (!bytes_add(&mapping->sign_key, bytes, (size_t)len, SIGN_KEY_BYTES))
        smg_fail(err, SMG_E_MEMORY, "out of memory");
    explicit_bzero(bytes, sizeof bytes);
    return mapping->sign_key.len > 0 ? SMG_OK : err->code;
}

/* ---- the request ---- */

bool mapping_lists(const char *list, struct smg_str word)
{
    while (list != NULL && word.len > 0) {
        size_t skip = strspn(list, " \t\n"), len = strcspn(list + skip, ","), trimmed = len;

        while (trimmed > 0 && strchr(" \t\n", list[skip + trimmed - 1]) != NULL)
            trimmed--;
        if (trimmed == word.len && memcmp(list + skip, word.at, trimmed) == 0)
            return true;
        list = list[skip + len] == ',' ? list + skip + len + 1 : NULL;
    }
    return false;
}

bool mapping_wants(const struct mapping *mapping, struct smg_str field)
{
    return template_names(mapping->config->request, field);
}

int mapping_write(const struct mapping *mapping, const struct smg_host *host,
                  const struct smg_fields *subject, struct inquiry *inquiry, struct smg_err *err)
{
    struct sources sources = { .mapping = mapping,
                               .host = host,
                               .subject = subject,
                               .inquiry = inquiry,
                               .now_ms = mapping_now_ms() };
    unsigned char random[ID_BYTES / 2];

    if (getrandom(random, sizeof random, 0) != (ssize_t)sizeof random)
        return smg_fail(err, SMG_E_BUG, "there is no randomness");
    for (size_t i = 0; i < sizeof random; i++)
        snprintf(inquiry->id + 2 * i, 3, "%02x", random[i]);
    return template_fill(mapping->config->request, mapping->escape, subject_value, &sources,
                         &inquiry->body, BODY_BYTES, err);
}

static int split_lines(struct header_lines *out, const char *type, struct smg_err *err)
{
    size_t count = 0;
    char *at = out->text.at;

    while (at != NULL && *at != '\0') {
        size_t len = strcspn(at, "\n");
        bool last = at[len] == '\0';

        at[len] = '\0';
        if (len > 0 && count == HEADERS_MAX)
            return smg_fail(err, SMG_E_INVALID, "headers: more than %d", HEADERS_MAX);
        if (len > 0)
            out->lines[count++] = at;
        at += len + !last;
    }
    for (size_t i = 0; i < count; i++)
        if (strncasecmp(out->lines[i], "Content-Type:", 13) == 0)
            return SMG_OK;
    out->lines[count] = type;
    return SMG_OK;
}

int mapping_headers(const struct mapping *mapping, const struct inquiry *inquiry, int64_t now_ms,
                    struct header_lines *out, struct smg_err *err)
{
    static const char *const types[] = {
        [TEMPLATE_JSON] = "Content-Type: application/json",
        [TEMPLATE_FORM] = "Content-Type: application/x-www-form-urlencoded",
        [TEMPLATE_XML] = "Content-Type: application/xml; charset=utf-8",
    };
    const struct config *config = mapping->config;
    struct sources sources = { .mapping = mapping, .inquiry = inquiry, .now_ms = now_ms };

    *out = (struct header_lines){ .lines = { NULL } };
    if (config->sign != NULL && !mapping_sign(mapping, config->sign, signed_value, &sources, err))
        return err->code;
    if (template_fill(config->headers == NULL ? "" : config->headers, TEMPLATE_AS_IS, header_value,
                      &sources, &out->text, HEADER_BYTES, err) != SMG_OK)
        return err->code;
    if (!bytes_add(&out->text, "", 1, HEADER_BYTES))
        return smg_fail(err, SMG_E_INVALID, "headers: too long");
    return split_lines(out, types[mapping->escape], err);
}

/* ---- opening ---- */

int64_t mapping_now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* A template that was filled with nothing but examples must be what it says it is. */
static bool example_value(void *ctx, struct smg_str name, struct smg_value *out)
{
    (void)ctx, (void)name;
    *out = (struct smg_value){ .type = SMG_TEXT, .str = SMG_STR("0") };
    return true;
}

static int check_request(const struct mapping *mapping, struct smg_err *err)
{
    struct bytes body = { 0 };
    struct reply *reply = NULL;
    int code = template_fill(mapping->config->request, mapping->escape, example_value, NULL, &body,
                             BODY_BYTES, err);

    if (code == SMG_OK)
        reply = reply_open(mapping->escape == TEMPLATE_JSON   ? REPLY_JSON
                           : mapping->escape == TEMPLATE_FORM ? REPLY_FORM
                                                              : REPLY_XML,
                           bytes_view(&body));
    if (code == SMG_OK && reply == NULL)
        code = smg_fail(err, SMG_E_INVALID, "request: once filled this is no %s",
                        mapping->config->request_type);
    reply_close(reply);
    bytes_fini(&body);
    return code;
}

/* Headers as they will be, but for the moment. */
static int check_headers(const struct mapping *mapping, struct smg_err *err)
{
    struct inquiry inquiry = { .id = "00000000000000000000000000000000" };
    struct header_lines lines;
    int code = mapping_headers(mapping, &inquiry, mapping_now_ms(), &lines, err);

    for (size_t i = 0; code == SMG_OK && lines.lines[i] != NULL; i++)
        if (strstr(lines.lines[i], ": ") == NULL || lines.lines[i][0] == ':')
            code = smg_fail(err, SMG_E_INVALID, "headers: each line is \"Name: value\"");
    bytes_fini(&lines.text);
    return code;
}

int mapping_open(const struct config *config, struct mapping **out, struct smg_err *err)
{
    struct mapping *mapping = calloc(1, sizeof *mapping);
    int code = SMG_OK;

    if (mapping == NULL)
        return smg_fail(err, SMG_E_MEMORY, "out of memory");
    mapping->config = config;
    mapping->digest = strcmp(config->sign_digest, "sm3") == 0 ? EVP_sm3() : EVP_sha256();
    mapping->escape = strcmp(config->request_type, "json") == 0   ? TEMPLATE_JSON
                      : strcmp(config->request_type, "form") == 0 ? TEMPLATE_FORM
                                                                  : TEMPLATE_XML;
    if ((config->sign != NULL || config->answer_sign != NULL) != (config->sign_key != NULL))
        code = smg_fail(err, SMG_E_INVALID,
                        "sign_key: a key is needed by sign and answer_sign, and by nothing else");
    if (code == SMG_OK && config->sign_key != NULL)
        code = read_key(mapping, err);
    if (code == SMG_OK)
        code = mapping_open_answer(mapping, err);
    if (code == SMG_OK)
        code = check_request(mapping, err);
    if (code == SMG_OK)
        code = check_headers(mapping, err);
    if (code != SMG_OK) {
        mapping_close(mapping);
        return code;
    }
    *out = mapping;
    return SMG_OK;
}

void mapping_close(struct mapping *mapping)
{
    if (mapping == NULL)
        return;
    bytes_fini(&mapping->sign_key);
    free(mapping);
}
