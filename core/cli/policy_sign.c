/* SPDX-License-Identifier: Apache-2.0 */
/* shiming policy sign, shiming policy rollback: new bundles, of new texts or of earlier ones. */
#include "cli/policy.h"

#include "crypto/keys.h"
#include "loop/clock.h"
#include "release/archive.h"
#include "release/bundle.h"
#include "release/mark.h"
#include "site.h"

#include <stdio.h>
#include <stdlib.h>

/* The options both verbs take, in this order. */
enum { KEY_FILE, SEQUENCE, OUT, VALID_UNTIL, FROM, SET };
static const char *const own[] = { "key", "sequence", "out", "valid-until", "from", "set", NULL };

static bool complain(const struct smg_err *err)
{
    fprintf(stderr, "shiming: %s\n", err->text);
    return false;
}

/* --sequence, or what the caller found. 0: said why not. */
static uint64_t read_sequence(const struct cli_options *options, uint64_t otherwise)
{
    int64_t number;

    if (options->value[SEQUENCE] == NULL)
        return otherwise;
    if (str_to_int(str_of(options->value[SEQUENCE]), &number) && number > 0)
        return (uint64_t)number;
    fprintf(stderr, "shiming: --sequence is a whole number from 1, higher than the last one\n");
    return 0;
}

static bool read_day(const struct cli_options *options, struct smg_date *out)
{
    *out = DATE_NONE;
    if (options->value[VALID_UNTIL] == NULL || date_parse(str_of(options->value[VALID_UNTIL]), out))
        return true;
    fprintf(stderr, "shiming: a day is written YYYY-MM-DD\n");
    return false;
}

static int sign(const struct cli_options *options, const struct bundle *bundle, uint64_t sequence)
{
    struct signing_key *key;
    struct buf index = { 0 };
    struct smg_err err = { 0 };
    struct smg_date until;
    int status = CLI_USAGE;

    sequence = read_sequence(options, sequence);
    if (sequence == 0 || !read_day(options, &until))
        return CLI_USAGE;
    key = signing_key_open(options->value[KEY_FILE], &err);
    if (key == NULL ||
        bundle_sign(bundle, key, sequence, clock_now_ms(), until, &index, &err) != SMG_OK ||
        bundle_write(bundle, buf_view(&index), options->value[OUT], &err) != SMG_OK) {
        complain(&err);
        status = err.code == SMG_E_EXISTS ? CLI_NO : CLI_USAGE;
    } else {
        printf("%s: sequence %llu, %s, signed with %s\n", options->value[OUT],
               (unsigned long long)sequence, policy_set_hash(bundle->set), signing_key_id(key));
        status = CLI_DONE;
    }
    signing_key_free(key);
    buf_fini(&index);
    return status;
}

/* Sign what is in a folder, if it may go live at all. */
static int sign_folder(const struct cli_options *options, const struct bundle_source *source)
{
    struct buf problems = { 0 };
    struct bundle bundle;
    int status = CLI_NO;

    if (bundle_load(source, date_of(clock_now_ms()), &bundle, &problems) &&
        bundle_prove(&bundle, &problems))
        status = sign(options, &bundle, 0);
    else
        fprintf(stderr, "%sshiming: nothing was signed\n", problems.at == NULL ? "" : problems.at);
    bundle_fini(&bundle);
    buf_fini(&problems);
    return status;
}

int cli_policy_sign(int argc, char **argv)
{
    struct cli_options options;
    struct bundle_source source = { .must_be_signed = false };
    char room[4096];

    if (!cli_options(argc, argv, own, &options) || options.word_count != 0 ||
        options.value[KEY_FILE] == NULL || options.value[SEQUENCE] == NULL ||
        options.value[OUT] == NULL || options.value[FROM] != NULL || options.value[SET] != NULL)
        return cli_policy_usage("sign");
    source.path = cli_policies(&options, room, sizeof room);
    source.stack = cli_stack(&options, &source.count);
    if (source.stack == NULL)
        return CLI_USAGE;
    return sign_folder(&options, &source);
}

/* ---- rollback ---- */

/* The store's next sequence and, from its archive, the set; SMG_OK or said why not. */
static int fetch(const struct cli_options *options, struct bundle *bundle, uint64_t *sequence)
{
    struct buf complaints = { 0 }, row = { 0 };
    struct sealer *sealer = NULL;
    struct site site = { 0 };
    struct smg_err err = { 0 };
    struct mark mark;
    int status = CLI_USAGE;

    if (!site_open(&site, options->config, ".cli", &complaints)) {
        fputs(complaints.at == NULL ? "" : complaints.at, stderr);
        goto out;
    }
    sealer = sealer_new(site.keyring, &err);
    if (sealer == NULL || mark_read(site.store, sealer, &mark, &row, &err) != SMG_OK ||
        archive_load(site.store, options->value[SET], &bundle->set, &err) != SMG_OK) {
        complain(&err);
        status = err.code == SMG_E_NOT_FOUND ? CLI_NO : CLI_USAGE;
        goto out;
    }
    *sequence = mark.sequence + 1;
    status = CLI_DONE;
out:
    sealer_free(sealer);
    site_close(&site);
    buf_fini(&complaints);
    buf_fini(&row);
    return status;
}

static int rollback_set(const struct cli_options *options)
{
    struct bundle bundle = { .set = NULL };
    uint64_t sequence = 0;
    int status = fetch(options, &bundle, &sequence);

    if (status == CLI_DONE)
        status = sign(options, &bundle, sequence);
    bundle_fini(&bundle);
    return status;
}

/* An earlier bundle's folder says itself for which stack it is. */
static int rollback_folder(const struct cli_options *options)
{
    struct bundle_source source = { .path = options->value[FROM] };
    const char *stack[DECISION_POLICIES];
    struct release_index *index = calloc(1, sizeof *index);
    struct buf text = { 0 }, problems = { 0 };
    size_t signed_len;
    int status = CLI_NO;

    if (index != NULL && folder_read(source.path, INDEX_NAME, &text, &problems) &&
        index_read(buf_view(&text), index, &signed_len, &problems)) {
        for (source.count = 0; source.count < index->stack_count; source.count++)
            stack[source.count] = index->stack[source.count];
        source.stack = stack;
        status = sign_folder(options, &source);
    } else {
        fprintf(stderr, "%sshiming: %s is no bundle\n", problems.at == NULL ? "" : problems.at,
                source.path);
    }
    buf_fini(&text);
    buf_fini(&problems);
    free(index);
    return status;
}

int cli_policy_rollback(int argc, char **argv)
{
    struct cli_options options;
    bool folder, set;

    if (!cli_options(argc, argv, own, &options))
        return cli_policy_usage("rollback");
    folder = options.value[FROM] != NULL && options.value[SEQUENCE] != NULL;
    set = options.value[SET] != NULL && options.config != NULL;
    if (options.word_count != 0 || options.value[KEY_FILE] == NULL || options.value[OUT] == NULL ||
        folder == set || (options.value[FROM] != NULL && options.value[SET] != NULL))
        return cli_policy_usage("rollback");
    return folder ? rollback_folder(&options) : rollback_set(&options);
}
