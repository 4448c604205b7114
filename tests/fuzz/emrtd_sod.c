/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a security object: what is said to hold has a signer and hashes inside the file. */
#include "../../plugins/readers/emrtd/country.c"
#include "../../plugins/readers/emrtd/sod.c"
#include "../../plugins/readers/emrtd/tlv.c"
#include "../../plugins/readers/emrtd/trust.c"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct smg_str file = { (const char *)data, size };
    struct anchors nobody = { 0 };
    const char *why = NULL;
    struct sod sod;
    enum finding finding = sod_open(file, &sod, &why);

    if (finding == FINDING_YES && (sod.signer == NULL || sod.hash == NULL))
        abort();
    if (finding != FINDING_YES && (why == NULL || sod.signer != NULL))
        abort();
    for (unsigned group = 1; group <= SOD_GROUPS_MAX; group++)
        if (sod_check_group(&sod, group, file) != FINDING_NO)
            abort(); /* no object holds its own hash */
    if (sod.signer != NULL &&
        anchors_judge(&nobody, sod.signer, sod.signed_at, "UTO", &why) == FINDING_YES)
        abort();
    sod_free(&sod);
    return 0;
}
