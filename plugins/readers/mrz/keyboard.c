/* SPDX-License-Identifier: Apache-2.0 */
/* Scanners are shipped for the US layout. Letters are taken as capitals, since a zone has no others
 * and caps lock may be on; `<` is also the key beside the left shift of European layouts. */
#include "keyboard.h"

#include <linux/input.h>
#include <stddef.h>

static const char typed[] = {
    [KEY_1] = '1',   [KEY_2] = '2',   [KEY_3] = '3',   [KEY_4] = '4',   [KEY_5] = '5',
    [KEY_6] = '6',   [KEY_7] = '7',   [KEY_8] = '8',   [KEY_9] = '9',   [KEY_0] = '0',
    [KEY_Q] = 'Q',   [KEY_W] = 'W',   [KEY_E] = 'E',   [KEY_R] = 'R',   [KEY_T] = 'T',
    [KEY_Y] = 'Y',   [KEY_U] = 'U',   [KEY_I] = 'I',   [KEY_O] = 'O',   [KEY_P] = 'P',
    [KEY_A] = 'A',   [KEY_S] = 'S',   [KEY_D] = 'D',   [KEY_F] = 'F',   [KEY_G] = 'G',
    [KEY_H] = 'H',   [KEY_J] = 'J',   [KEY_K] = 'K',   [KEY_L] = 'L',   [KEY_Z] = 'Z',
    [KEY_X] = 'X',   [KEY_C] = 'C',   [KEY_V] = 'V',   [KEY_B] = 'B',   [KEY_N] = 'N',
    [KEY_M] = 'M',   [KEY_KP0] = '0', [KEY_KP1] = '1', [KEY_KP2] = '2', [KEY_KP3] = '3',
    [KEY_KP4] = '4', [KEY_KP5] = '5', [KEY_KP6] = '6', [KEY_KP7] = '7', [KEY_KP8] = '8',
    [KEY_KP9] = '9',
};

static bool is_modifier(unsigned key)
{
    return key == KEY_CAPSLOCK || key == KEY_NUMLOCK || key == KEY_LEFTCTRL ||
           key == KEY_RIGHTCTRL || key == KEY_LEFTALT || key == KEY_RIGHTALT;
}

static char press(const struct keyboard *keyboard, unsigned key)
{
    bool shift = keyboard->left_shift || keyboard->right_shift;
    char c = key < sizeof typed ? typed[key] : '\0';

    if (key == KEY_ENTER || key == KEY_KPENTER || key == KEY_TAB)
        return '\n';
    if ((key == KEY_COMMA && shift) || key == KEY_102ND)
        return '<';
    if (is_modifier(key))
        return KEYBOARD_NOTHING;
    if (c == '\0' || (c <= '9' && shift && key < KEY_Q))
        return KEYBOARD_STRANGE;
    return c;
}

char keyboard_take(struct keyboard *keyboard, const struct input_event *event)
{
    bool down = event->value == 1; /* 0: up, 2: held down */

    if (event->type == EV_SYN && event->code == SYN_DROPPED) {
        *keyboard = (struct keyboard){ 0 };
        return KEYBOARD_STRANGE;
    }
    if (event->type != EV_KEY || event->value == 2)
        return KEYBOARD_NOTHING;
    if (event->code == KEY_LEFTSHIFT)
        keyboard->left_shift = down;
    else if (event->code == KEY_RIGHTSHIFT)
        keyboard->right_shift = down;
    else if (down)
        return press(keyboard, event->code);
    return KEYBOARD_NOTHING;
}
