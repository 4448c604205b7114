/* SPDX-License-Identifier: Apache-2.0 */
/* Faults of the virtual reader: which one is due, and what it makes of an answer. */
#ifndef EMULATE_FAULT_H
#define EMULATE_FAULT_H

#include "emulate/sam.h"

/* The first fault that is due for the command, counted down; NULL: none. of_code: one that changes
 * the code; otherwise one that happens on the line. */
struct sam_fault *fault_find(struct sam *sam, enum sam_command command, bool of_code);
void fault_apply(const struct sam_fault *fault, struct sam *sam, struct sam_reply *reply);
/* Byte i of endless noise: never a preamble. */
uint8_t fault_noise(size_t i);

#endif
