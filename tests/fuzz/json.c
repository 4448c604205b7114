/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as JSON: what the check lets through the library can read, all of it and alike. */
#include "registration/json.h"

#include <cjson/cJSON.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
    if (!holds)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct smg_str text = str_bytes(data, size);
    struct problems problems = { 0 };
    const char *why = NULL;
    size_t at = 0;
    bool good = json_check(text, &at, &why);
    struct cJSON *tree = json_parse(text, &problems);

    check(at <= size && good == (why == NULL));
    check((tree == NULL) == (problems.count > 0));
    check(problems.count == 0 || str_is_utf8(buf_view(&problems.json)));
    check(good || tree == NULL);
    cJSON_Delete(tree);
    if (good) {
        const char *end = NULL;

        tree = cJSON_ParseWithLengthOpts(text.at, text.len, &end, false);
        check(tree != NULL);
        while (end < text.at + text.len && strchr(" \t\r\n", *end) != NULL)
            end++;
        check(end == text.at + text.len);
        cJSON_Delete(tree);
    }
    problems_fini(&problems);
    return 0;
}
