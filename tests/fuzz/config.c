/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a configuration file: refused or read, and every mistake in printable words. */
#include <stdlib.h>

#include "config/load.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void check(bool holds)
{
    if (!holds)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct config_errors errors = { 0 };
    struct config *config = load_bytes("./fuzz.yaml", str_bytes(bytes, len), &errors);
    size_t i;

    check((config == NULL) == (errors.count > 0));
    if (config != NULL) {
        check(strlen(config->gateway.region) == 6 && config->policies.stack_count > 0);
        check(config->gateway.listen[0] != '\0' && config->storage.plugin != NULL);
    }
    for (i = 0; i < errors.text.len; i++) {
        unsigned char byte = (unsigned char)errors.text.at[i];

        check(byte == '\n' || (byte >= 0x20 && byte != 0x7F));
    }
    config_free(config);
    config_errors_fini(&errors);
    return 0;
}
