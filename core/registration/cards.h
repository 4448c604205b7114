/* SPDX-License-Identifier: Apache-2.0 */
/* Card readers live on one loop, counters on others. A read goes over, its answer comes back,
 * always and in time. */
#ifndef REGISTRATION_CARDS_H
#define REGISTRATION_CARDS_H

#include "plugin/decoder.h"
#include "plugin/reader.h"

struct cards;

struct cards *cards_new(struct loop *loop); /* loop: where the readers live */
void cards_free(struct cards *cards);       /* not the readers */
/* Before the first read. deadline_ms 0: 15 s. */
bool cards_add(struct cards *cards, struct reader *reader, int64_t deadline_ms);
/* Before the first read: who makes pictures of portraits in the form "wlt". */
void cards_decode_with(struct cards *cards, struct decoder *decoder);
size_t cards_count(const struct cards *cards);
/* From any thread. */
void cards_status(const struct cards *cards, size_t i, struct reader_status *out);

/* A picture to look at, made of a portrait that no browser shows. It is not part of the card. */
struct cards_picture {
    const char *type; /* "image/bmp"; NULL: there is none */
    struct smg_str bytes;
};

/* card: NULL when it failed (then err says why). All are gone when fn returns. */
typedef void (*cards_done_fn)(void *ctx, const struct smg_fields *card,
                              const struct cards_picture *picture, const struct smg_err *err);
/* false: no reader of that name, and fn is not called. Otherwise fn is called once on `home`.
 * given: as for reader_read; TAKEN when this returns true. */
bool cards_read(struct cards *cards, struct smg_str name, struct smg_fields *given,
                struct loop *home, cards_done_fn fn, void *ctx);

#endif
