/* SPDX-License-Identifier: Apache-2.0 */
/* The outbox: reports go in, recipients are found among what is stored, each with a line. */
#include "registration/outbox_inside.h"

#include "base/log.h"
#include "loop/clock.h"

#include <stdlib.h>

int outbox_put(struct sealer *sealer, const struct outbox_report *report, struct unit *unit,
               struct smg_err *err)
{
    struct outbox_row row = { .state = OUTBOX_WAITING,
                              .id = id_new(report->at_ms),
                              .at_ms = report->at_ms,
                              .due_ms = report->due_ms,
                              .open = report->open,
                              .closed = report->closed };

    if (strlen(report->to) >= sizeof row.to)
        return smg_fail(err, SMG_E_INVALID, "outbox: a recipient's name is too long");
    snprintf(row.to, sizeof row.to, "%s", report->to);
    return outbox_row_put(sealer, &row, unit, err);
}

/* '-' in the names of instances is '_' in the words of a policy. */
static bool same_name(const char *instance, const char *word)
{
    while (*instance != '\0' && (*instance == '-' ? '_' : *instance) == *word) {
        instance++;
        word++;
    }
    return *instance == '\0' && *word == '\0';
}

static const struct outbox_reporter *reporter_of(const struct outbox *outbox, const char *to)
{
    const struct outbox_reporter *any = NULL, *named = NULL;
    size_t i;

    for (i = 0; i < outbox->reporter_count; i++) {
        const struct outbox_reporter *it = &outbox->reporters[i];

        if (it->to != NULL && strcmp(it->to, to) == 0)
            return it;
        if (it->to == NULL && named == NULL && same_name(instance_name(it->instance), to))
            named = it;
        if (it->to == NULL && any == NULL)
            any = it;
    }
    return named != NULL ? named : any;
}

/* The line of a recipient, opened when it is first heard of. NULL: there are too many. */
static struct outbox_line *line_of(struct outbox *outbox, const char *to)
{
    struct outbox_line *line;
    size_t i;

    for (i = 0; i < outbox->line_count; i++)
        if (strcmp(outbox->lines[i].shown.to, to) == 0)
            return &outbox->lines[i];
    if (i == OUTBOX_RECIPIENTS) {
        log_line(SMG_ERROR, "outbox", "more than %d recipients; reports for %s wait",
                 OUTBOX_RECIPIENTS, to);
        return NULL;
    }
    pthread_mutex_lock(&outbox->lock);
    line = &outbox->lines[outbox->line_count++];
    *line = (struct outbox_line){ .outbox = outbox, .reporter = reporter_of(outbox, to) };
    snprintf(line->shown.to, sizeof line->shown.to, "%s", to);
    if (line->reporter == NULL)
        log_line(SMG_ERROR, "outbox", "no reporter delivers to %s; its reports wait", to);
    else
        snprintf(line->shown.reporter, sizeof line->shown.reporter, "%s",
                 instance_name(line->reporter->instance));
    pthread_mutex_unlock(&outbox->lock);
    buf_text(&line->lease_key, "outbox/");
    buf_text(&line->lease_key, to);
    return line;
}

static void find_next(struct outbox *outbox);

static void find(struct outbox *outbox)
{
    if (outbox->busy) {
        outbox->again = true;
        return;
    }
    outbox->busy = true;
    outbox->again = false;
    outbox->state = OUTBOX_WAITING;
    outbox_row_range(outbox->state, NULL, &outbox->from, &outbox->until);
    find_next(outbox);
}

/* Every recipient was met: once more if something came meanwhile. */
static void find_end(struct outbox *outbox)
{
    size_t i;

    outbox->busy = false;
    for (i = 0; i < outbox->line_count; i++)
        line_look(&outbox->lines[i]);
    if (outbox->again)
        find(outbox);
}

/* The first row from here on names a recipient; the next search begins behind all of its rows. */
static void on_found(void *ctx, const struct smg_err *err)
{
    struct outbox *outbox = ctx;
    bool any = err->code == SMG_OK && outbox->read.count > 0;
    struct outbox_row row;

    if (any && outbox_row_key(outbox->read.rows[0].key, &row)) {
        (void)line_of(outbox, row.to);
        outbox_row_range(row.state, row.to, &outbox->from, &outbox->until);
        buf_clear(&outbox->from);
        buf_str(&outbox->from, buf_view(&outbox->until));
        buf_clear(&outbox->until);
        buf_byte(&outbox->until, (unsigned char)(outbox->state + 1));
    } else if (any) {
        log_line(SMG_ERROR, "outbox", "a row of another kind lies in the outbox; it stays there");
        any = false;
    }
    store_read_fini(&outbox->read);
    if (!any && err->code == SMG_OK && outbox->state == OUTBOX_WAITING) {
        outbox->state = OUTBOX_REFUSED;
        outbox_row_range(outbox->state, NULL, &outbox->from, &outbox->until);
        any = true;
    }
    if (any)
        find_next(outbox);
    else
        find_end(outbox);
}

static void find_next(struct outbox *outbox)
{
    outbox->read = (struct store_read){
        .scan = { .space = SMG_SPACE_OUTBOX,
                  .from = buf_view(&outbox->from),
                  .to = buf_view(&outbox->until),
                  .limit = 1 },
        .loop = outbox->loop,
        .done = on_found,
        .ctx = outbox,
    };
    store_read(outbox->store, &outbox->read);
}

static void on_wake(void *ctx)
{
    struct outbox *outbox = ctx;

    outbox->woken = false;
    find(outbox);
}

/* Now and then without being woken: another gateway may have put something and died, and a report
 * may have become overdue. */
static void on_timer(void *ctx)
{
    find(ctx);
}

void outbox_wake(struct outbox *outbox)
{
    if (!atomic_exchange(&outbox->woken, true))
        loop_post(outbox->loop, &outbox->call);
}

struct outbox *outbox_new(struct loop *loop, struct store *store, const struct keyring *keyring,
                          const struct outbox_sender *sender, struct smg_err *err)
{
    struct outbox *outbox = calloc(1, sizeof *outbox);

    if (outbox == NULL) {
        smg_fail(err, SMG_E_MEMORY, "outbox: out of memory");
        return NULL;
    }
    outbox->loop = loop;
    outbox->store = store;
    outbox->sender = *sender;
    outbox->call = (struct loop_call){ .fn = on_wake, .ctx = outbox };
    pthread_mutex_init(&outbox->lock, NULL);
    outbox->sealer = sealer_new(keyring, err);
    if (outbox->sealer != NULL) {
        outbox->timer = loop_every(loop, OUTBOX_LOOK_MS, on_timer, outbox);
        if (outbox->timer != NULL)
            return outbox;
        smg_fail(err, SMG_E_MEMORY, "outbox: out of memory");
    }
    outbox_free(outbox);
    return NULL;
}

bool outbox_add(struct outbox *outbox, struct instance *reporter, const char *to,
                int64_t deadline_ms, struct envelope_recipient *seal_to)
{
    if (outbox->reporter_count == OUTBOX_REPORTERS) {
        envelope_recipient_free(seal_to);
        return false;
    }
    outbox->reporters[outbox->reporter_count++] = (struct outbox_reporter){
        .instance = reporter, .to = to, .deadline_ms = deadline_ms, .seal_to = seal_to
    };
    return true;
}

void outbox_free(struct outbox *outbox)
{
    size_t i;

    if (outbox == NULL)
        return;
    loop_forget(outbox->timer);
    for (i = 0; i < outbox->line_count; i++)
        line_fini(&outbox->lines[i]);
    for (i = 0; i < outbox->reporter_count; i++)
        envelope_recipient_free(outbox->reporters[i].seal_to);
    store_read_fini(&outbox->read);
    buf_fini(&outbox->from);
    buf_fini(&outbox->until);
    sealer_free(outbox->sealer);
    pthread_mutex_destroy(&outbox->lock);
    free(outbox);
}

size_t outbox_recipients(struct outbox *outbox, struct outbox_recipient out[OUTBOX_RECIPIENTS])
{
    size_t i, count;

    pthread_mutex_lock(&outbox->lock);
    count = outbox->line_count;
    for (i = 0; i < count; i++)
        out[i] = outbox->lines[i].shown;
    pthread_mutex_unlock(&outbox->lock);
    return count;
}
