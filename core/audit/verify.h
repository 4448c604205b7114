/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of verification share. For this room only. */
#ifndef AUDIT_VERIFY_H
#define AUDIT_VERIFY_H

#include "audit/rows.h"

struct records;

struct verifier {
    const struct smg_storage_ops *ops;
    void *session;
    const struct keyring *keyring;
    struct sealer *sealer;
    struct audit_totals *totals;
    audit_tell_fn tell;
    void *tell_ctx;
    uint64_t findings;
    struct records *records; /* NULL: not asked for */
};

void verifier_find(struct verifier *verifier, const char *stream, uint64_t sequence,
                   const char *fmt, ...) SMG_PRINTF(4, 5);
/* Show every row from <= key < to (empty: open) in scans of limited size, so that the storage is
 * never held for long. fn returning false ends it. */
int verifier_scan(struct verifier *verifier, enum smg_space space, struct smg_str from,
                  struct smg_str to, smg_row_fn fn, void *ctx, struct smg_err *err);

/* stream.c: everything about one stream. number: its place among the streams. */
int stream_verify(struct verifier *verifier, const char *name, uint32_t number,
                  struct smg_err *err);

/* records.c: registrations against the leaves that tell of them. Rows are read first, leaves then,
 * and what does not fit is looked at once more: so what is written meanwhile is no finding. */
struct records *records_new(void); /* NULL: out of memory */
void records_free(struct records *records);
int records_read_rows(struct verifier *verifier, struct smg_err *err);
/* A leaf, its MAC being right; leaves about other things are passed over. */
int records_add_leaf(struct records *records, uint32_t stream, uint64_t sequence,
                     const struct audit_event *event, struct smg_err *err);
/* names: of the streams, by number. */
int records_compare(struct verifier *verifier, const char *const *names, struct smg_err *err);

#endif
