/* SPDX-License-Identifier: Apache-2.0 */
/* A crowd whose time is over in the same moment goes in small steps, between which others are
 * served. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "../../../core/http/server.c"
#include "http_fixture.h"

enum { CROWD = 3 * CUTS_AT_ONCE + 5 };

struct step {
    struct fixture *f;
    struct loop_call call;
    unsigned before, after;
    atomic_uint made;
};

/* On the server's loop: now everybody is late. */
static void sweep(void *ctx)
{
    struct step *step = ctx;
    struct http_server *server = step->f->server;
    struct connection *conn;

    TAILQ_FOREACH(conn, &server->stages[STAGE_IDLE], in_stage)
    conn->deadline_us = 0;
    step->before = atomic_load(&server->open);
    on_sweep(server);
    step->after = atomic_load(&server->open);
    atomic_store(&step->made, 1);
}

static void test_a_crowd_that_is_late_goes_step_by_step(void **state)
{
    struct fixture f;
    struct step step = { .f = &f, .call = { .fn = sweep, .ctx = &step } };
    int crowd[CROWD];
    size_t i;

    (void)state;
    open_fixture(&f, &usual_limits, NULL);
    for (i = 0; i < CROWD; i++)
        crowd[i] = dial(&f);
    wait_for_connections(&f, CROWD);
    loop_post(f.loop, &step.call);
    wait_until(&step.made, 1);
    assert_int_equal(step.before, CROWD);
    assert_int_equal(step.after, CROWD - CUTS_AT_ONCE);
    for (i = 0; i < CROWD; i++) { /* and the others next, without waiting for the next sweep */
        assert_true(is_closed(crowd[i]));
        close(crowd[i]);
    }
    close_fixture(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_crowd_that_is_late_goes_step_by_step),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);

    loop_shutdown();
    return failed;
}
