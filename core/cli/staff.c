/* SPDX-License-Identifier: Apache-2.0 */
/* shiming staff add, shiming staff remove, shiming dealer add. */
#include "supervision/staff.h"

#include "cli/cli.h"
#include "loop/clock.h"
#include "site.h"
#include "supervision/dealer.h"

#include <unistd.h>

static bool copy(const char *text, char *out, size_t room)
{
    return text == NULL || (size_t)snprintf(out, room, "%s", text) < room;
}

/* Who runs a verb: the account on this machine, as the audit log names it. */
static void name_actor(char out[64])
{
    snprintf(out, 64, "uid-%u", (unsigned)getuid());
}

/* Write one unit into the configured store; says on stderr what went wrong. */
static int write_unit(struct site *site, struct unit *unit, const char *taken)
{
    struct smg_err err = { 0 };

    if (store_apply_wait(site->store, unit, &err) == SMG_OK)
        return CLI_DONE;
    fprintf(stderr, "shiming: %s\n", err.code == SMG_E_EXISTS ? taken : err.text);
    return err.code == SMG_E_EXISTS ? CLI_NO : CLI_USAGE;
}

typedef int (*put_fn)(struct site *site, struct sealer *sealer, const struct cli_options *options,
                      struct unit *unit, struct buf *shown, struct smg_err *err);

/* Open the site, let put fill a unit, write it, and only then show what there is to show. */
static int put_in_store(const struct cli_options *options, put_fn put, const char *taken)
{
    struct buf complaints = { 0 }, shown = { 0 };
    struct sealer *sealer = NULL;
    struct unit *unit = unit_new();
    struct site site = { 0 };
    struct smg_err err = { 0 };
    int status = CLI_USAGE;

    if (!site_open(&site, options->config, ".cli", &complaints)) {
        fputs(complaints.at == NULL ? "" : complaints.at, stderr);
        goto out;
    }
    sealer = sealer_new(site.keyring, &err);
    if (sealer == NULL || unit == NULL ||
        put(&site, sealer, options, unit, &shown, &err) != SMG_OK) {
        fprintf(stderr, "shiming: %s\n", err.text);
        goto out;
    }
    status = write_unit(&site, unit, taken);
    if (status == CLI_DONE)
        status = cli_print(&shown, CLI_DONE);
out:
    unit_free(unit);
    sealer_free(sealer);
    site_close(&site);
    buf_fini(&complaints);
    buf_fini(&shown);
    return status;
}

static int put_staff(struct site *site, struct sealer *sealer, const struct cli_options *options,
                     struct unit *unit, struct buf *shown, struct smg_err *err)
{
    struct staff staff = { .role = ROLE_CLERK, .added_ms = clock_now_ms() };
    char actor[64];
    int status;

    (void)site;
    if (options->value[0] != NULL && !role_parse(str_of(options->value[0]), &staff.role))
        return smg_fail(err, SMG_E_INVALID, "a role is clerk, auditor or admin");
    if (!copy(options->words[1], staff.id, sizeof staff.id) ||
        !copy(options->value[1], staff.dealer, sizeof staff.dealer) ||
        !copy(options->value[2], staff.client_key, sizeof staff.client_key))
        return smg_fail(err, SMG_E_INVALID, "an id is at most 63 characters, a client key 64");
    name_actor(actor);
    status = staff_add(sealer, &staff, actor, unit, shown, err);
    buf_byte(shown, '\n');
    if (status == SMG_OK)
        fputs("The token is shown this once; only a digest of it is kept.\n", stderr);
    return status;
}

/* The member's token, by the row that has the id. */
static int put_removal(struct site *site, struct sealer *sealer, const struct cli_options *options,
                       struct unit *unit, struct buf *shown, struct smg_err *err)
{
    struct buf name = { 0 };
    struct smg_str key, token_key;
    struct store_read read = { .space = SMG_SPACE_STAFF, .keys = &key, .key_count = 1 };
    char actor[64];
    int status;

    (void)sealer;
    staff_id_key(str_of(options->words[1]), &name);
    key = buf_view(&name);
    status = store_read_wait(site->store, &read, err);
    token_key = store_read_value(&read, key);
    if (status == SMG_OK && token_key.at == NULL)
        status = smg_fail(err, SMG_E_NOT_FOUND, "there is no member of staff with this id");
    if (status == SMG_OK) {
        name_actor(actor);
        staff_remove(str_of(options->words[1]), token_key, actor, clock_now_ms(), unit);
        buf_printf(shown, "%s is refused by every gateway in two seconds\n", options->words[1]);
    }
    store_read_fini(&read);
    buf_fini(&name);
    return status;
}

int cli_staff(int argc, char **argv)
{
    static const char *const own[] = { "role", "dealer", "client-key", NULL };
    struct cli_options options;
    bool removes;

    if (!cli_options(argc, argv, own, &options))
        return CLI_USAGE;
    removes = options.word_count == 2 && strcmp(options.words[0], "remove") == 0;
    if (options.config == NULL || options.word_count != 2 ||
        (!removes && strcmp(options.words[0], "add") != 0)) {
        fputs("usage: shiming staff add -c FILE ID --role clerk|auditor|admin [--dealer ID]\n"
              "       [--client-key HEX: SHA-256 of the public key of the member's certificate]\n"
              "       shiming staff remove -c FILE ID   its token counts no more; the id stays "
              "taken\n",
              stderr);
        return CLI_USAGE;
    }
    if (removes)
        return put_in_store(&options, put_removal, "the member changed meanwhile; try again");
    return put_in_store(&options, put_staff, "this id is taken; give the new member another");
}

static int put_dealer(struct site *site, struct sealer *sealer, const struct cli_options *options,
                      struct unit *unit, struct buf *shown, struct smg_err *err)
{
    struct dealer dealer = { .able = options->value[3] == NULL ||
                                     strcmp(options->value[3], "yes") != 0 };
    char actor[64];

    (void)site;
    if (!copy(options->words[1], dealer.id, sizeof dealer.id) ||
        !copy(options->value[0], dealer.name, sizeof dealer.name))
        return smg_fail(err, SMG_E_INVALID, "an id is at most 63 bytes, a name 199");
    if ((options->value[1] != NULL &&
         !date_parse(str_of(options->value[1]), &dealer.contract_from)) ||
        (options->value[2] != NULL && !date_parse(str_of(options->value[2]), &dealer.contract_to)))
        return smg_fail(err, SMG_E_INVALID, "a day is written YYYY-MM-DD");
    name_actor(actor);
    buf_printf(shown, "%s\n", dealer.id);
    return dealer_put(sealer, &dealer, actor, clock_now_ms(), unit, err);
}

int cli_dealer(int argc, char **argv)
{
    static const char *const own[] = { "name", "from", "to", "unable", NULL };
    struct cli_options options;

    if (!cli_options(argc, argv, own, &options))
        return CLI_USAGE;
    if (options.config == NULL || options.word_count != 2 || strcmp(options.words[0], "add") != 0) {
        fputs(
            "usage: shiming dealer add -c FILE ID [--name TEXT] [--from DATE --to DATE] [--unable "
            "yes]\n"
            "  from, to: first and last day of the written contract; without them there is none.\n"
            "  Adding an id again replaces what was known of it.\n",
            stderr);
        return CLI_USAGE;
    }
    return put_in_store(&options, put_dealer, "the dealer changed meanwhile; try again");
}
