/* SPDX-License-Identifier: Apache-2.0 */
/* Reads over and back between loops. */
#include "registration/cards.h"

#include <stdlib.h>

enum { READERS_MAX = 64, DEADLINE_MS = 15000 };

struct cards {
    struct loop *loop;
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

    reading->fn(reading->ctx, reading->err.code == SMG_OK ? reading->card : NULL, &reading->err);
    fields_free(reading->card);
    free(reading);
}

static void on_read(void *ctx, const struct smg_fields *fields, const struct smg_err *err)
{
    struct reading *reading = ctx;
    size_t i;

    if (err != NULL)
        reading->err = *err;
    reading->card = fields_new();
    for (i = 0; reading->err.code == SMG_OK && i < fields_count(fields); i++)
        if (reading->card == NULL ||
            !fields_set(reading->card, fields_name(fields, i), fields_value(fields, i)))
            smg_fail(&reading->err, SMG_E_MEMORY, "reader: out of memory");
    reading->call = (struct loop_call){ .fn = come_home, .ctx = reading };
    loop_post(reading->home, &reading->call);
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
