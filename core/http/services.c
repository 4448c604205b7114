/* SPDX-License-Identifier: Apache-2.0 */
/* How the services that are asked about people are doing: for a person, and as metrics. */
#include "http/call.h"

void get_services(struct call *call)
{
    const struct services *services = call->api->shared->services;
    struct buf body = { 0 };
    size_t i, j;

    buf_text(&body, "{\"services\":[");
    for (i = 0; i < services_count(services); i++) {
        struct service_status status;

        services_status(services, i, &status);
        buf_text(&body, i == 0 ? "{\"name\":" : ",{\"name\":");
        buf_json(&body, str_of(status.name));
        buf_printf(&body, ",\"state\":\"%s\"", status.in_service ? "in_service" : "out_of_service");
        if (status.why[0] != '\0') {
            buf_text(&body, ",\"why\":");
            buf_json(&body, str_of(status.why));
        }
        buf_printf(&body, ",\"waiting\":%llu,\"results\":{", (unsigned long long)status.waiting);
        for (j = 0; j < SERVICES_RESULTS; j++)
            buf_printf(&body, "%s\"%s\":%llu", j == 0 ? "" : ",", services_results[j],
                       (unsigned long long)status.results[j]);
        buf_text(&body, "}}");
    }
    buf_text(&body, "]}\n");
    end_call(call, 200, JSON, &body);
    buf_fini(&body);
}

static void put_histogram(const struct service_status *status, struct buf *out)
{
    uint64_t count = 0;
    size_t i;

    for (i = 0; i < SERVICES_RESULTS; i++)
        count += status->results[i];
    for (i = 0; i < SERVICES_BOUNDS; i++)
        buf_printf(out, "shiming_service_seconds_bucket{service=\"%s\",le=\"%g\"} %llu\n",
                   status->name, (double)services_bounds_ms[i] / 1000,
                   (unsigned long long)status->within[i]);
    buf_printf(out,
               "shiming_service_seconds_bucket{service=\"%s\",le=\"+Inf\"} %llu\n"
               "shiming_service_seconds_sum{service=\"%s\"} %.6f\n"
               "shiming_service_seconds_count{service=\"%s\"} %llu\n",
               status->name, (unsigned long long)count, status->name, (double)status->took_us / 1e6,
               status->name, (unsigned long long)count);
}

void metrics_write_services(const struct services *services, struct buf *out)
{
    struct service_status status;
    size_t i, j;

    buf_text(out, "# TYPE shiming_service_up gauge\n");
    for (i = 0; i < services_count(services); i++) {
        services_status(services, i, &status);
        buf_printf(out, "shiming_service_up{service=\"%s\"} %d\n", status.name, status.in_service);
    }
    buf_text(out, "# TYPE shiming_service_waiting gauge\n");
    for (i = 0; i < services_count(services); i++) {
        services_status(services, i, &status);
        buf_printf(out, "shiming_service_waiting{service=\"%s\"} %llu\n", status.name,
                   (unsigned long long)status.waiting);
    }
    buf_text(out, "# TYPE shiming_service_results_total counter\n");
    for (i = 0; i < services_count(services); i++) {
        services_status(services, i, &status);
        for (j = 0; j < SERVICES_RESULTS; j++)
            buf_printf(out, "shiming_service_results_total{service=\"%s\",result=\"%s\"} %llu\n",
                       status.name, services_results[j], (unsigned long long)status.results[j]);
    }
    buf_text(out, "# TYPE shiming_service_seconds histogram\n");
    for (i = 0; i < services_count(services); i++) {
        services_status(services, i, &status);
        put_histogram(&status, out);
    }
}
