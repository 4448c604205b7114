/* SPDX-License-Identifier: Apache-2.0 */
/* How an exchange ended, in words, and the headers of an answer. */
#include "https_inside.h"

#include <openssl/x509.h>
#include <string.h>
#include <strings.h>

static void explain_timeout(CURL *easy, struct smg_err *err)
{
    curl_off_t connected = 0;

    curl_easy_getinfo(easy, CURLINFO_PRETRANSFER_TIME_T, &connected);
    smg_fail(err, SMG_E_TIMEOUT, "the deadline passed before %s",
             connected == 0 ? "there was a connection" : "the answer was whole");
}

static void explain_certificate(CURL *easy, struct smg_err *err)
{
    long verdict = X509_V_OK;

    curl_easy_getinfo(easy, CURLINFO_SSL_VERIFYRESULT, &verdict);
    smg_fail(err, SMG_E_DENIED, "the server's certificate is not accepted: %s",
             verdict == X509_V_OK || verdict == X509_V_ERR_UNSPECIFIED
                 ? "it is of another name"
                 : X509_verify_cert_error_string(verdict));
}

/* A connection that broke: by an alert of the server (RFC 8446, 6), or for a reason of the system.
 */
static void explain_break(CURL *easy, const char *reason, const char *what, struct smg_err *err)
{
    const char *alert = strstr(reason, " alert ");
    long number = 0;

    curl_easy_getinfo(easy, CURLINFO_OS_ERRNO, &number);
    if (alert != NULL)
        smg_fail(err, SMG_E_DENIED, "the server ended TLS with the alert \"%.*s\"",
                 (int)strcspn(alert + 7, ","), alert + 7);
    else if (number != 0)
        smg_fail(err, SMG_E_IO, "%s: %s", what, strerror((int)number));
    else
        smg_fail(err, SMG_E_IO, "%s", what);
}

void https_explain(CURL *easy, CURLcode code, const char *reason, bool large, struct smg_err *err)
{
    switch (code) {
    case CURLE_OPERATION_TIMEDOUT:
        explain_timeout(easy, err);
        return;
    case CURLE_PEER_FAILED_VERIFICATION:
        explain_certificate(easy, err);
        return;
    case CURLE_COULDNT_RESOLVE_HOST:
        smg_fail(err, SMG_E_IO, "the server's name was not found");
        return;
    case CURLE_COULDNT_CONNECT:
        explain_break(easy, reason, "no connection", err);
        return;
    case CURLE_SSL_CONNECT_ERROR:
        explain_break(easy, reason, "TLS could not be agreed on", err);
        return;
    case CURLE_GOT_NOTHING:
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
    case CURLE_PARTIAL_FILE:
        explain_break(easy, reason, "the connection broke before the answer was whole", err);
        return;
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CACERT_BADFILE:
        smg_fail(err, SMG_E_INVALID, "the files ca, certificate and key cannot be used");
        return;
    case CURLE_OUT_OF_MEMORY:
        smg_fail(err, SMG_E_MEMORY, "out of memory");
        return;
    case CURLE_FILESIZE_EXCEEDED:
    case CURLE_WRITE_ERROR:
        if (large || code == CURLE_FILESIZE_EXCEEDED)
            smg_fail(err, SMG_E_PROTOCOL, "the answer is larger than is allowed");
        else
            smg_fail(err, SMG_E_MEMORY, "out of memory");
        return;
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_BAD_CONTENT_ENCODING:
        smg_fail(err, SMG_E_PROTOCOL, "the answer is no HTTP/1.1");
        return;
    default:
        smg_fail(err, SMG_E_IO, "the exchange failed: %s", curl_easy_strerror(code));
    }
}

static struct smg_str trim(const char *from, const char *to)
{
    while (from < to && (*from == ' ' || *from == '\t'))
        from++;
    while (from < to && strchr(" \t\r\n", to[-1]) != NULL)
        to--;
    return (struct smg_str){ from, (size_t)(to - from) };
}

bool https_header(const struct https_answer *answer, const char *name, struct smg_str *value)
{
    const char *at = answer->headers.at, *end = at + answer->headers.len;
    size_t len = strlen(name);
    bool found = false;

    while (at != NULL && at < end) {
        const char *next = memchr(at, '\n', (size_t)(end - at));
        const char *stop = next == NULL ? end : next;

        if ((size_t)(stop - at) > len && at[len] == ':' && strncasecmp(at, name, len) == 0) {
            struct smg_str one = trim(at + len + 1, stop);

            if (found && (one.len != value->len || memcmp(one.at, value->at, one.len) != 0))
                return false;
            *value = one;
            found = true;
        }
        at = next == NULL ? end : next + 1;
    }
    return found;
}
