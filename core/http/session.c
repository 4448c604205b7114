/* SPDX-License-Identifier: Apache-2.0 */
/* Sessions: bearer tokens, a small memory of the last ones seen, and the store behind it. */
#include "http/session.h"

#include "loop/clock.h"

#include <stdlib.h>
#include <strings.h>

enum { SEATS = 256, KEY_BYTES = 33, REMEMBER_US = 2000000 };

struct seat {
    char key[KEY_BYTES];
    int64_t until_us; /* of the monotonic clock; 0: empty */
    struct staff staff;
};

struct sessions {
    struct desk *desk;
    struct seat seats[SEATS];
};

struct looking {
    struct sessions *sessions;
    struct buf key;
    struct smg_str key_view;
    struct store_read read;
    session_fn fn;
    void *ctx;
    struct http_request *request;
};

struct sessions *sessions_new(struct desk *desk)
{
    struct sessions *sessions = calloc(1, sizeof *sessions);

    if (sessions != NULL)
        sessions->desk = desk;
    return sessions;
}

void sessions_free(struct sessions *sessions)
{
    if (sessions == NULL)
        return;
    str_wipe(sessions, sizeof *sessions);
    free(sessions);
}

static struct seat *seat_of(struct sessions *sessions, struct smg_str key)
{
    /* The key is a keyed digest: any of its bytes is as good as a hash. */
    return &sessions->seats[(unsigned char)key.at[1] % SEATS];
}

/* A member bound to a client certificate must show it; the token alone is not enough. */
static const struct staff *admit(const struct staff *staff, struct http_request *request)
{
    if (staff->client_key[0] != '\0' && strcmp(staff->client_key, http_client_key(request)) != 0)
        return NULL;
    return staff;
}

static void on_row(void *ctx, const struct smg_err *err)
{
    struct looking *looking = ctx;
    struct smg_str row = store_read_value(&looking->read, looking->key_view);
    struct seat *seat = seat_of(looking->sessions, looking->key_view);
    const struct staff *found = NULL;
    struct smg_err failure = *err;
    struct staff staff;

    if (failure.code == SMG_OK && row.at != NULL &&
        staff_open(looking->sessions->desk->sealer, looking->key_view, row, &staff, &failure) ==
            SMG_OK) {
        memcpy(seat->key, looking->key_view.at, KEY_BYTES);
        seat->staff = staff;
        seat->until_us = clock_mono_us() + REMEMBER_US;
        found = admit(&staff, looking->request);
    }
    looking->fn(looking->ctx, found, &failure);
    store_read_fini(&looking->read);
    buf_fini(&looking->key);
    free(looking);
}

/* The token of "Authorization: Bearer TOKEN" (RFC 6750), or { NULL, 0 }. */
static struct smg_str bearer(struct http_request *request)
{
    struct smg_str text = http_header(request, "Authorization");

    if (text.len < 8 || strncasecmp(text.at, "Bearer ", 7) != 0)
        return (struct smg_str){ NULL, 0 };
    return str_bytes(text.at + 7, text.len - 7);
}

void sessions_find(struct sessions *sessions, struct http_request *request, session_fn fn,
                   void *ctx)
{
    struct smg_err err = { 0 };
    struct buf key = { 0 };
    struct looking *looking;
    struct seat *seat;

    if (!staff_token_key(sessions->desk->sealer, bearer(request), &key) || key.len != KEY_BYTES) {
        buf_fini(&key);
        fn(ctx, NULL, &err);
        return;
    }
    seat = seat_of(sessions, buf_view(&key));
    if (seat->until_us > clock_mono_us() && memcmp(seat->key, key.at, KEY_BYTES) == 0) {
        buf_fini(&key);
        fn(ctx, admit(&seat->staff, request), &err);
        return;
    }
    looking = calloc(1, sizeof *looking);
    if (looking == NULL) {
        buf_fini(&key);
        smg_fail(&err, SMG_E_BUSY, "session: out of memory");
        fn(ctx, NULL, &err);
        return;
    }
    *looking = (struct looking){
        .sessions = sessions, .key = key, .fn = fn, .ctx = ctx, .request = request
    };
    looking->key_view = buf_view(&looking->key);
    looking->read = (struct store_read){ .space = SMG_SPACE_STAFF,
                                         .keys = &looking->key_view,
                                         .key_count = 1,
                                         .loop = sessions->desk->loop,
                                         .done = on_row,
                                         .ctx = looking };
    store_read(sessions->desk->store, &looking->read);
}
