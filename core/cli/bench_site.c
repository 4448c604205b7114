/* SPDX-License-Identifier: Apache-2.0 */
/* The bench's own gateway: everything it needs on disk, made and removed again. */
#include "cli/bench.h"

#include "crypto/keys.h"
#include "loop/clock.h"
#include "registration/evidence.h"
#include "site.h"
#include "supervision/staff.h"

#include <arpa/inet.h>
#include <ftw.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PICTURES = 80000, PICTURES_A_UNIT = 100 };

uint16_t bench_port(void)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
    socklen_t len = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    uint16_t port = 0;

    if (fd < 0)
        return 0;
    if (bind(fd, (const struct sockaddr *)&address, sizeof address) == 0 &&
        getsockname(fd, (struct sockaddr *)&address, &len) == 0)
        port = ntohs(address.sin_port);
    close(fd);
    return port;
}

static void put_storage(const struct bench *bench, const char *name, FILE *file)
{
    const char *at = bench->storage, *next;

    fputs("storage:   ", file);
    if (at == NULL)
        at = "{ plugin: sqlite, options: { path: NAME.db } }\n";
    for (; (next = strstr(at, "NAME")) != NULL; at = next + 4)
        fprintf(file, "%.*s%s", (int)(next - at), at, name);
    fprintf(file, "%s\n", at);
}

int bench_config(const struct bench *bench, const char *name, struct smg_err *err)
{
    struct policy_stack stack;
    struct buf problems = { 0 };
    char path[300];
    FILE *file;
    size_t i;

    if (!policy_stack_find(bench->policies, &stack, &problems)) {
        smg_fail(err, SMG_E_INVALID, "%.200s", problems.at == NULL ? "policies" : problems.at);
        buf_fini(&problems);
        return err->code;
    }
    buf_fini(&problems);
    snprintf(path, sizeof path, "%s/%s.yaml", bench->dir, name);
    file = fopen(path, "w");
    if (file == NULL)
        return smg_fail(err, SMG_E_IO, "%s cannot be written", path);
    fprintf(file,
            "gateway:   { operator: bench, licence: bench, region: \"540102\", listen: "
            "\"127.0.0.1:%u\" }\n"
            "verifiers: [ { name: public-security, plugin: sim }, { name: face-comparison, plugin: "
            "sim } ]\n"
            "keys:      { path: keys, suite: aes-256-gcm }\n",
            bench->port);
    put_storage(bench, name, file);
    fprintf(file, "policies:  { path: %s, stack: [", bench->policies);
    for (i = 0; i < stack.count; i++)
        fprintf(file, "%s%s", i == 0 ? "" : ", ", stack.ids[i]);
    fputs("] }\n", file);
    if (fclose(file) != 0)
        return smg_fail(err, SMG_E_IO, "%s cannot be written", path);
    return SMG_OK;
}

/* The smallest picture there is: a grey PNG of 16 by 16, in bytes. */
static const unsigned char picture[] = {
    0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0x00, 0x00, 0x00, 0x0d, 0x49, 0x48, 0x44, 0x52,
};

static int put_pictures(struct bench *bench, struct site *site, struct sealer *sealer,
                        struct smg_err *err)
{
    struct image_info info = { .type = "image/png", .width = 16, .height = 16 };
    int status = SMG_OK;

    bench->pictures = calloc(PICTURES, sizeof *bench->pictures);
    if (bench->pictures == NULL)
        return smg_fail(err, SMG_E_MEMORY, "bench: out of memory");
    while (status == SMG_OK && bench->picture_count < PICTURES) {
        struct unit *unit = unit_new();
        uint8_t sha256[32];
        size_t i;

        for (i = 0; status == SMG_OK && unit != NULL && i < PICTURES_A_UNIT; i++)
            status = evidence_put(sealer, str_bytes(picture, sizeof picture), &info, "bench",
                                  clock_now_ms(), unit, &bench->pictures[bench->picture_count++],
                                  sha256, err);
        if (status == SMG_OK)
            status = store_apply_wait(site->store, unit, err);
        unit_free(unit);
    }
    return status;
}

static int put_clerk(struct bench *bench, struct site *site, struct sealer *sealer,
                     struct smg_err *err)
{
    struct staff staff = { .id = "bench", .role = ROLE_CLERK, .added_ms = clock_now_ms() };
    struct unit *unit = unit_new();
    struct buf token = { 0 };
    int status = staff_add(sealer, &staff, "bench", unit, &token, err);

    if (status == SMG_OK)
        status = store_apply_wait(site->store, unit, err);
    snprintf(bench->token, sizeof bench->token, "%s", token.at == NULL ? "" : token.at);
    unit_free(unit);
    buf_fini(&token);
    return status;
}

static int put_stock(struct bench *bench, struct site *site, struct smg_err *err)
{
    static const char *const stack[] = { "cn-54/2018" };
    struct bench_stock stock = { .count = bench->stored, .days = 365 };
    struct buf problems = { 0 };
    struct policy_set *set = policy_set_load(bench->policies, stack, 1, &problems);
    int status = set == NULL ? smg_fail(err, SMG_E_INVALID, "%.200s",
                                        problems.at == NULL ? "policies" : problems.at)
                             : bench_fill(site, set, &stock, err);

    policy_set_free(set);
    buf_fini(&problems);
    return status;
}

int bench_open(struct bench *bench, struct smg_err *err)
{
    const char *tmp = getenv("TMPDIR");
    struct buf complaints = { 0 };
    struct bench_storage storage = { 0 };
    struct sealer *sealer = NULL;
    struct site site = { 0 };
    char path[300];
    int status;

    snprintf(bench->dir, sizeof bench->dir, "%s/shiming-bench-XXXXXX",
             tmp == NULL ? P_tmpdir : tmp);
    if (mkdtemp(bench->dir) == NULL)
        return smg_fail(err, SMG_E_IO, "bench: no temporary folder");
    bench->port = bench_port();
    snprintf(path, sizeof path, "%s/keys", bench->dir);
    status = keyring_init(path, "aes-256-gcm", err);
    if (status == SMG_OK)
        status = bench_config(bench, "shiming", err);
    if (status == SMG_OK)
        status = bench_config(bench, "bare", err);
    if (status == SMG_OK) { /* lays it out */
        status = bench_storage_open(bench, "shiming", &storage, err);
        bench_storage_close(&storage);
    }
    snprintf(path, sizeof path, "%s/shiming.yaml", bench->dir);
    if (status == SMG_OK && !site_open(&site, path, ".cli", &complaints))
        status = smg_fail(err, SMG_E_INVALID, "%.200s", complaints.at == NULL ? "" : complaints.at);
    if (status == SMG_OK) {
        sealer = sealer_new(site.keyring, err);
        status = sealer == NULL ? err->code : put_clerk(bench, &site, sealer, err);
    }
    if (status == SMG_OK && bench->stored > 0)
        status = put_stock(bench, &site, err);
    if (status == SMG_OK)
        status = put_pictures(bench, &site, sealer, err);
    sealer_free(sealer);
    site_close(&site);
    buf_fini(&complaints);
    return status;
}

static int remove_one(const char *path, const struct stat *what, int flag, struct FTW *walk)
{
    (void)what;
    (void)flag;
    (void)walk;
    return remove(path);
}

void bench_close(struct bench *bench)
{
    if (bench->dir[0] != '\0')
        nftw(bench->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    free(bench->pictures);
}
