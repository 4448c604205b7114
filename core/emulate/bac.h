/* SPDX-License-Identifier: Apache-2.0 */
/* Basic access control from the chip's side (ICAO 9303-11, section 4.3). Inside the room. */
#ifndef EMULATE_BAC_H
#define EMULATE_BAC_H

#include "emulate/secure_messaging.h"

enum { BAC_CHALLENGE = 8, BAC_KEY = 16, BAC_MESSAGE = 40 };

/*
 * The data of EXTERNAL AUTHENTICATE. `challenge` is what GET CHALLENGE gave, `key_share` the chip's
 * own random part, `key_information` the text of the MRZ the keys come from. SW_DONE: the answer is
 * in out, and the session open.
 */
unsigned bac_authenticate(struct smg_str key_information, const uint8_t challenge[BAC_CHALLENGE],
                          const uint8_t key_share[BAC_KEY], struct smg_str message, uint8_t *out,
                          struct session *session);

#endif
