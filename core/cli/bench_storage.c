/* SPDX-License-Identifier: Apache-2.0 */
/* The bench's stores, and what the storage can do without a gateway before it. */
#include "cli/bench.h"

#include "loop/clock.h"
#include "plugin/instance.h"

int bench_storage_open(const struct bench *bench, const char *name, struct bench_storage *out,
                       struct smg_err *err)
{
    struct config_errors errors = { 0 };
    const struct smg_storage_ops *ops = NULL;
    uint32_t found = 0, wanted = 0;
    char path[300];
    void *self;

    *out = (struct bench_storage){ 0 };
    snprintf(path, sizeof path, "%s/%s.yaml", bench->dir, name);
    out->config = config_load(path, &errors);
    if (out->config == NULL)
        smg_fail(err, SMG_E_INVALID, "%.200s", errors.text.at == NULL ? path : errors.text.at);
    config_errors_fini(&errors);
    if (out->config == NULL || library_load(out->config->gateway.plugins, SMG_STORAGE,
                                            out->config->storage.plugin, &out->library, err) < 0)
        return err->code;
    out->instance = instance_open(NULL, out->library, &out->config->storage, &errors, err);
    config_errors_fini(&errors);
    if (out->instance == NULL || instance_start(out->instance, err) < 0)
        return err->code;
    if (!instance_lays_out(out->instance))
        return SMG_OK;
    ops = instance_storage(out->instance, &self);
    if (ops->layout_version(self, &found, &wanted, err) < 0)
        return err->code;
    return found == 0 ? ops->layout_make(self, err) : SMG_OK;
}

void bench_storage_close(struct bench_storage *storage)
{
    instance_free(storage->instance);
    library_free(storage->library);
    config_free(storage->config);
}

int bench_raw_commit(struct bench *bench, size_t batch, double *units_a_second, double *commit_us,
                     struct smg_err *err)
{
    struct bench_storage storage;
    char value[1200] = { 0 };
    const struct smg_storage_ops *ops = NULL;
    void *self, *session = NULL;
    int64_t begun, end;
    size_t done = 0, commits = 0;
    int status = bench_storage_open(bench, "bare", &storage, err);

    if (status == SMG_OK) {
        ops = instance_storage(storage.instance, &self);
        status = ops->session_open(self, &session, err);
    }
    begun = clock_mono_us();
    for (end = begun; status == SMG_OK && end < begun + bench->run_us; end = clock_mono_us()) {
        struct smg_row rows[BENCH_BATCH];
        struct smg_unit units[BENCH_BATCH];
        struct id ids[BENCH_BATCH];
        bool refused[BENCH_BATCH] = { false };
        size_t i;

        for (i = 0; i < batch; i++) {
            ids[i] = id_new(clock_now_ms());
            rows[i] = (struct smg_row){ .space = SMG_SPACE_REGISTRATION,
                                        .act = SMG_PUT,
                                        .when = SMG_NEW,
                                        .key = id_view(&ids[i]),
                                        .value = str_bytes(value, sizeof value) };
            units[i] = (struct smg_unit){ &rows[i], 1 };
        }
        status = ops->apply(session, units, batch, refused, err);
        done += batch;
        commits++;
    }
    *units_a_second = (double)done * 1e6 / (double)(end - begun + 1);
    *commit_us = commits == 0 ? 0 : (double)(end - begun) / (double)commits;
    if (session != NULL)
        ops->session_close(session);
    bench_storage_close(&storage);
    return status;
}
