/* SPDX-License-Identifier: Apache-2.0 */
/* A scanner that types: Linux input events into the characters of a machine readable zone. */
#ifndef MRZ_KEYBOARD_H
#define MRZ_KEYBOARD_H

#include <stdbool.h>

struct input_event;

struct keyboard {
    bool left_shift, right_shift;
};

enum {
    KEYBOARD_NOTHING = 0,
    KEYBOARD_STRANGE = '?' /* a key that no zone is typed with, or events were lost */
};

/* The character an event types on the US layout: A-Z (shift or not), 0-9, `<`, '\n' for Enter and
 * Tab; or one of the above. */
char keyboard_take(struct keyboard *keyboard, const struct input_event *event);

#endif
