/* SPDX-License-Identifier: Apache-2.0 */
/* Recording one read of a test card: the line of a real device is led through here. */
#ifndef KIT_RECORD_H
#define KIT_RECORD_H

#include "config/config.h"
#include "kit/trace.h"

enum { RECORD_NUMBERS = 64, RECORD_NUMBER_BYTES = 40 };

/* Document numbers of cards that may be recorded. */
struct record_numbers {
    char number[RECORD_NUMBERS][RECORD_NUMBER_BYTES];
    unsigned char digest[RECORD_NUMBERS][32]; /* SHA-256 of the number */
    size_t number_count, digest_count;
};

/* From a card file of the virtual reader, or a zone file of the virtual scanner. false: all
 * mistakes are in errors. */
bool record_allow_card(struct record_numbers *numbers, const char *path,
                       struct config_errors *errors);
/* From a text of SHA-256 digests of numbers, in hex, one a line; what follows one is a remark. */
int record_allow_digests(struct record_numbers *numbers, struct smg_str text, struct smg_err *err);

/*
 * One read, by the configured reader's plugin, of what lies on its device. The plugin is given a
 * port in place of its device, and what passes is kept in memory. A plugin that can use a serial
 * line, but is configured with the address of a bridge to one, is given the port too.
 *
 * SMG_E_UNSUPPORTED: there is no line to listen on; the text says why.
 * SMG_E_DENIED: the card is none of those numbers', or it is not known whose it is; `out` is empty
 * then. card: what the plugin answered, the caller's to free; NULL when the read failed, which is a
 * trace too as long as the number of a card that may be recorded was heard on the line.
 */
int record_read(const struct config *config, const struct config_instance *reader,
                const char *config_file, const struct record_numbers *numbers, struct trace *out,
                struct smg_fields **card, struct smg_err *err);

#endif
