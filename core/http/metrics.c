/* SPDX-License-Identifier: Apache-2.0 */
/* Metrics: counts and states, never a person. */
#include "http/api.h"

#include "loop/clock.h"

static void put(struct buf *out, const char *name, const char *type, const char *help,
                uint64_t value)
{
    buf_printf(out, "# HELP %s %s\n# TYPE %s %s\n%s %llu\n", name, help, name, type, name,
               (unsigned long long)value);
}

static void put_store(const struct api_shared *shared, struct buf *out)
{
    struct store_figures figures;

    store_figures(shared->store, &figures);
    put(out, "shiming_store_batches_total", "counter", "durable commits", figures.batches);
    put(out, "shiming_store_units_total", "counter", "units committed", figures.units);
    put(out, "shiming_store_refused_total", "counter", "units whose condition failed",
        figures.refused);
    put(out, "shiming_store_failures_total", "counter", "commits that failed", figures.failures);
    put(out, "shiming_store_recoveries_total", "counter", "times the storage was verified again",
        figures.recoveries);
    put(out, "shiming_store_waiting", "gauge", "units waiting for the next commit",
        figures.waiting);
    put(out, "shiming_store_trusted", "gauge", "0 while the storage is being verified again",
        figures.trusted);
    put(out, "shiming_store_commit_microseconds_total", "counter", "time inside commits",
        figures.commit_us_total);
}

static void put_loops(const struct api_shared *shared, struct buf *out)
{
    uint64_t worst = 0, over = 0;
    size_t i;

    for (i = 0; i < shared->loop_count; i++) {
        struct loop_lateness late = loop_lateness(shared->loops[i]);

        worst = late.worst_us > worst ? late.worst_us : worst;
        over += late.over_50ms;
    }
    put(out, "shiming_loop_late_worst_microseconds", "gauge",
        "the latest any loop has been since start", worst);
    put(out, "shiming_loop_late_over_50ms_total", "counter", "times a loop was over 50 ms late",
        over);
}

/* One line a state, 1 for the one a reader is in: an alarm can name what it waits for. */
static void put_reader_states(const struct api_shared *shared, struct buf *out)
{
    buf_text(out, "# HELP shiming_reader_state 1 for the state a reader is in\n"
                  "# TYPE shiming_reader_state gauge\n");
    for (size_t i = 0; i < cards_count(shared->cards); i++) {
        struct reader_status status;

        cards_status(shared->cards, i, &status);
        for (unsigned phase = READER_STARTING; phase <= READER_DOWN; phase++)
            buf_printf(out, "shiming_reader_state{reader=\"%s\",state=\"%s\"} %d\n", status.name,
                       reader_phase_name((enum reader_phase)phase), status.phase == phase);
    }
}

static void put_readers(const struct api_shared *shared, struct buf *out)
{
    static const struct {
        const char *name, *type;
    } lines[] = { { "shiming_reader_up", "gauge" },
                  { "shiming_reader_reads_total", "counter" },
                  { "shiming_reader_failures_total", "counter" },
                  { "shiming_reader_restarts_total", "counter" } };
    size_t i, j;

    for (j = 0; j < 4; j++) {
        buf_printf(out, "# TYPE %s %s\n", lines[j].name, lines[j].type);
        for (i = 0; i < cards_count(shared->cards); i++) {
            struct reader_status status;
            uint64_t values[4];

            cards_status(shared->cards, i, &status);
            values[0] = status.phase == READER_READY || status.phase == READER_READING;
            values[1] = status.reads;
            values[2] = status.failures;
            values[3] = status.restarts;
            buf_printf(out, "%s{reader=\"%s\"} %llu\n", lines[j].name, status.name,
                       (unsigned long long)values[j]);
        }
    }
}

static void put_policies(const struct api_shared *shared, struct buf *out)
{
    struct shadow *shadow = activation_shadow(shared->activation);
    struct activation_status status;

    activation_status(shared->activation, &status);
    buf_printf(out, "# TYPE shiming_policies_info gauge\nshiming_policies_info{set=\"%s\"} 1\n",
               status.set);
    put(out, "shiming_policies_sequence", "gauge", "of the signed bundle that is active; 0: none",
        status.sequence);
    put(out, "shiming_policies_activations_total", "counter", "times policies went live",
        status.activations);
    put(out, "shiming_policies_refusals_total", "counter", "times policies were refused",
        status.refusals);
    put(out, "shiming_policies_tried_timestamp_seconds", "gauge", "the last try; 0: none yet",
        (uint64_t)status.tried_ms / 1000);
    put(out, "shiming_policies_tried_refused", "gauge", "1 when the last try was refused",
        status.tried_ms > 0 && !status.tried_active);
    if (!date_is_none(status.until))
        put(out, "shiming_policies_valid_until_timestamp_seconds", "gauge",
            "from then on the active bundle would not be loaded again",
            (uint64_t)date_to_days(status.until) * 86400 - 8 * 3600);
    if (shadow != NULL)
        shadow_metrics(shadow, out);
    shadow_free(shadow);
}

static void put_reports(const struct api_shared *shared, struct buf *out)
{
    struct outbox_recipient recipients[OUTBOX_RECIPIENTS];
    size_t i, count = outbox_recipients(shared->outbox, recipients);
    uint64_t delivered = 0, failures = 0, waiting = 0, overdue = 0, refused = 0;

    for (i = 0; i < count; i++) {
        delivered += recipients[i].delivered;
        failures += recipients[i].failures;
        waiting += recipients[i].waiting;
        overdue += recipients[i].overdue;
        refused += recipients[i].refused;
    }
    put(out, "shiming_reports_delivered_total", "counter", "reports delivered", delivered);
    put(out, "shiming_reports_failures_total", "counter", "deliveries that failed", failures);
    put(out, "shiming_reports_waiting", "gauge", "reports waiting, as of the last look", waiting);
    put(out, "shiming_reports_overdue", "gauge", "of them, those whose time is over", overdue);
    put(out, "shiming_reports_refused", "gauge", "reports their recipients refused, moved aside",
        refused);
}

void metrics_write(const struct api_shared *shared, struct buf *out)
{
    struct sweep_figures swept;

    sweep_figures(shared->sweep, &swept);
    buf_printf(out,
               "# TYPE shiming_registrations_total counter\n"
               "shiming_registrations_total{verdict=\"accepted\"} %llu\n"
               "shiming_registrations_total{verdict=\"incomplete\"} %llu\n"
               "shiming_registrations_total{verdict=\"refused\"} %llu\n",
               (unsigned long long)shared->tally->accepted,
               (unsigned long long)shared->tally->incomplete,
               (unsigned long long)shared->tally->refused);
    put(out, "shiming_decisions_total", "counter", "decisions asked for without registering",
        shared->tally->decisions);
    put(out, "shiming_decisions_broken_total", "counter", "decisions in which a rule failed",
        shared->tally->broken);
    put(out, "shiming_problems_total", "counter", "applications that could not be read",
        shared->tally->problems);
    put(out, "shiming_evidence_total", "counter", "pictures taken in", shared->tally->evidence);
    put(out, "shiming_evidence_expired_total", "counter",
        "pictures no registration took, erased when their time was over", swept.pictures);
    put(out, "shiming_uploads_expired_total", "counter", "uploads erased when their time was over",
        swept.uploads);
    put(out, "shiming_card_reads_total", "counter", "cards read", shared->tally->reads);
    put_reports(shared, out);
    put_policies(shared, out);
    put_store(shared, out);
    put_loops(shared, out);
    put_readers(shared, out);
    put_reader_states(shared, out);
    metrics_write_services(shared->services, out);
    put(out, "shiming_uptime_seconds", "gauge", "since the start",
        (uint64_t)(clock_now_ms() - shared->started_ms) / 1000);
}
