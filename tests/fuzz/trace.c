/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a trace: refused by a line, or written and read again as the same. */
#include "kit/trace.c"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect(bool true_)
{
    if (!true_)
        abort();
}

static void expect_whole(const struct trace *trace)
{
    size_t from = 0;

    expect(trace->plugin[0] != '\0' && strchr(trace->plugin, '/') == NULL);
    expect(trace->end[0] != '\0' || trace->finding[0] != '\0');
    for (size_t i = 0; i < trace->count; i++) {
        const struct trace_event *event = &trace->events[i];

        expect(event->from == from && event->len <= trace->bytes.len - from);
        expect(event->line > 1 && event->ms >= 0);
        from += event->len;
    }
    expect(from == trace->bytes.len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct smg_err err = { 0 };
    struct buf first = { 0 }, second = { 0 };
    struct trace trace, again;

    if (trace_read(str_bytes(data, size), &trace, &err) != SMG_OK) {
        expect(strncmp(err.text, "line ", 5) == 0 && trace.count == 0);
        trace_fini(&trace);
        return 0;
    }
    expect_whole(&trace);
    trace_write(&trace, &first);
    expect(trace_read(buf_view(&first), &again, &err) == SMG_OK);
    expect_whole(&again);
    trace_write(&again, &second);
    expect(str_eq(buf_view(&first), buf_view(&second)));
    trace_fini(&trace);
    trace_fini(&again);
    buf_fini(&first);
    buf_fini(&second);
    return 0;
}
