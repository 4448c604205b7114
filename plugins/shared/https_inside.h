/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of the HTTPS client share. */
#ifndef SHARED_HTTPS_INSIDE_H
#define SHARED_HTTPS_INSIDE_H

#include "https.h"

#include <curl/curl.h>

int https_check(const struct https_settings *settings, struct smg_err *err);
/* Why an exchange failed, in words of our own: curl's may quote the server. reason is curl's error
 * buffer; large: more arrived than is allowed. */
void https_explain(CURL *easy, CURLcode code, const char *reason, bool large, struct smg_err *err);

#endif
