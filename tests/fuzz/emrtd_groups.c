/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a data group or as EF.CardAccess: what is found lies in the file and is what it is
 * said to be. */
#include "../../plugins/readers/emrtd/access.c"
#include "../../plugins/readers/emrtd/apdu.c"
#include "../../plugins/readers/emrtd/cipher.c"
#include "../../plugins/readers/emrtd/groups.c"
#include "../../plugins/readers/emrtd/messaging.c"
#include "../../plugins/readers/emrtd/pace.c"
#include "../../plugins/readers/emrtd/tlv.c"
#include "../../plugins/shared/mrz.c"
#include "../../plugins/shared/mrz_country.c"
#include "../../plugins/shared/mrz_document.c"

#include "base/str.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect(bool truth)
{
    if (!truth)
        abort();
}

static bool lies_in(struct smg_str part, struct smg_str whole)
{
    return part.at >= whole.at && part.len <= whole.len &&
           (size_t)(part.at - whole.at) <= whole.len - part.len;
}

/* An object made again from what was read is read as the same. */
static void try_object(struct smg_str file)
{
    static uint8_t room[70000];
    struct writer out = { .at = room, .room = sizeof room };
    struct smg_str rest = file, again;
    struct tlv object, same;

    if (!take_tlv(&rest, &object))
        return;
    expect(lies_in(object.value, file));
    if (object.value.len > UINT16_MAX)
        return;
    write_tlv(&out, object.tag, object.value.at, object.value.len);
    expect(!out.full);
    again = (struct smg_str){ (const char *)room, out.len };
    expect(take_tlv(&again, &same) && same.tag == object.tag && again.len == 0 &&
           str_eq(same.value, object.value));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct smg_str file = { (const char *)data, size }, picture;
    struct pace_info info;
    struct smg_err err = { 0 };
    char name[NAME_BYTES];
    const char *format;
    struct mrz mrz;

    if (dg1_read(file, (struct smg_date){ 2026, 11, 25 }, &mrz, &err) == SMG_OK)
        expect(mrz.number[0] != '\0');
    if (dg2_read(file, &picture, &format))
        expect(lies_in(picture, file) &&
               (strcmp(format, "jpeg") == 0 || strcmp(format, "jp2") == 0));
    if (dg11_read(file, name))
        expect(name[0] != '\0' && strlen(name) < NAME_BYTES && str_is_utf8(str_of(name)));
    if (pace_find_info(file, &info))
        expect(info.curve != 0 && lies_in((struct smg_str){ info.oid, info.oid_len }, file));
    try_object(file);
    return 0;
}
