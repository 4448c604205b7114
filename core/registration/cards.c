/* SPDX-License-Identifier: Apache-2.0 */
/* Reads over and back between loops. */
#include "registration/cards.h"

#include <stdlib.h>

enum { READERS_MAX = 64, DEADLINE_MS = 15000 };

struct cards {
    struct loop *loop;
    struct decoder *decoder; /* or NULL */
    struct {
        struct reader *reader;
        char name[64];
        int64_t deadline_ms;
    } at[READERS_MAX];
    size_t count;
};

struct reading {
    struct cards *cards;
    size_t which;
    struct smg_fields *given, *card;
    struct cards_picture picture;
    struct buf bytes; /* of the picture */
    struct smg_err err;
    struct loop *home;
    cards_done_fn fn;
    void *ctx;
    struct loop_call call;
};

struct cards *cards_new(struct loop *loop)
{
    struct cards *cards = calloc(1, sizeof *cards);

    if (cards != NULL)
        cards->loop = loop;
    return cards;
}

void cards_free(struct cards *cards)
{
    free(cards);
}

bool cards_add(struct cards *cards, struct reader *reader, int64_t deadline_ms)
{
    struct reader_status status;

    if (cards->count == READERS_MAX)
        return false;
    reader_status(reader, &status);
    snprintf(cards->at[cards->count].name, sizeof cards->at[0].name, "%s", status.name);
    cards->at[cards->count].reader = reader;
    cards->at[cards->count].deadline_ms = deadline_ms > 0 ? deadline_ms : DEADLINE_MS;
    cards->count++;
    return true;
}

void cards_decode_with(struct cards *cards, struct decoder *decoder)
{
    cards->decoder = decoder;
}

size_t cards_count(const struct cards *cards)
{
    return cards->count;
}

void cards_status(const struct cards *cards, size_t i, struct reader_status *out)
{
    reader_status(cards->at[i].reader, out);
}

static void come_home(void *ctx)
{
    struct reading *reading = ctx;

    reading->picture.bytes = buf_view(&reading->bytes);
    reading->fn(reading->ctx, reading->err.code == SMG_OK ? reading->card : NULL, &reading->picture,
                &reading->err);
    fields_free(reading->card);
    buf_fini(&reading->bytes);
    free(reading);
}

static void send_home(struct reading *reading)
{
    reading->call = (struct loop_call){ .fn = come_home, .ctx = reading };
    loop_post(reading->home, &reading->call);
}

static void on_picture(void *ctx, const char *type, struct smg_str picture)
{
    struct reading *reading = ctx;

    if (type != NULL)
        buf_str(&reading->bytes, picture);
    reading->picture.type = reading->bytes.failed ? NULL : type;
    send_home(reading);
}

/* Only for the eyes: what is sealed is the portrait as it was on the chip. */
static bool wants_picture(const struct reading *reading, struct smg_str *portrait)
{
    const struct smg_value *value;

    if (reading->cards->decoder == NULL || reading->err.code != SMG_OK)
        return false;
    value = fields_get(reading->card, SMG_STR("portrait"));
    if (value == NULL || value->type != SMG_BYTES ||
        !str_is(fields_text(reading->card, "portrait.format"), "wlt"))
        return false;
    *portrait = value->str;
    return true;
}

static void on_read(void *ctx, const struct smg_fields *fields, const struct smg_err *err)
{
    struct reading *reading = ctx;
    struct smg_str portrait;
    size_t i;

    if (err != NULL)
        reading->err = *err;
    reading->card = fields_new();
    for (i = 0; reading->err.code == SMG_OK && i < fields_count(fields); i++)
        if (reading->card == NULL ||
            !fields_set(reading->card, fields_name(fields, i), fields_value(fields, i)))
            smg_fail(&reading->err, SMG_E_MEMORY, "reader: out of memory");
    if (wants_picture(reading, &portrait))
        decoder_run(reading->cards->decoder, portrait, on_picture, reading);
    else
        send_home(reading);
}

static void start(void *ctx)
{
    struct reading *reading = ctx;
    struct smg_fields *given = reading->given; /* the reading may end inside the call */

    reader_read(reading->cards->at[reading->which].reader, given,
                reading->cards->at[reading->which].deadline_ms, on_read, reading);
    fields_free(given);
}

bool cards_read(struct cards *cards, struct smg_str name, struct smg_fields *given,
                struct loop *home, cards_done_fn fn, void *ctx)
{
    struct reading *reading;
    size_t i = 0;

    while (i < cards->count && !str_is(name, cards->at[i].name))
        i++;
    reading = i < cards->count ? calloc(1, sizeof *reading) : NULL;
    if (reading == NULL)
        return false;
    *reading = (struct reading){
        .cards = cards, .which = i, .given = given, .home = home, .fn = fn, .ctx = ctx
    };
    reading->call = (struct loop_call){ .fn = start, .ctx = reading };
    loop_post(cards->loop, &reading->call);
    return true;
}
