/* SPDX-License-Identifier: Apache-2.0 */
/* The OpenAPI description, put into the program at build time from openapi.json. */
#include "http/api.h"

extern const unsigned char openapi_json[];
extern const size_t openapi_json_size;

struct smg_str openapi_text(void)
{
    return str_bytes(openapi_json, openapi_json_size);
}
