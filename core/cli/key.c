/* SPDX-License-Identifier: Apache-2.0 */
/* shiming key init, shiming key policy. */
#include "cli/cli.h"
#include "crypto/keys.h"
#include "crypto/signing.h"

static int complain(const struct smg_err *err)
{
    fprintf(stderr, "shiming: %s\n", err->text);
    return err->code == SMG_E_EXISTS ? CLI_NO : CLI_USAGE;
}

static int make_policy_key(const char *path, const char *suite)
{
    struct smg_err err = { 0 };

    if (signing_key_init(path, suite == NULL ? "ed25519" : suite, &err) != SMG_OK)
        return complain(&err);
    printf("%s: signs policies; keep it where they are reviewed\n%s.pub: list it under "
           "policies.keys\n",
           path, path);
    return CLI_DONE;
}

int cli_key(int argc, char **argv)
{
    static const char *const own[] = { "suite", NULL };
    struct cli_options options;
    struct smg_err err = { 0 };
    const char *suite;

    if (!cli_options(argc, argv, own, &options))
        return CLI_USAGE;
    if (options.word_count == 2 && strcmp(options.words[0], "policy") == 0)
        return make_policy_key(options.words[1], options.value[0]);
    if (options.word_count != 2 || strcmp(options.words[0], "init") != 0) {
        fputs("usage: shiming key init DIR [--suite aes-256-gcm|sm4]\n"
              "       shiming key policy FILE [--suite ed25519|sm2]\n",
              stderr);
        return CLI_USAGE;
    }
    suite = options.value[0] == NULL ? "aes-256-gcm" : options.value[0];
    if (keyring_init(options.words[1], suite, &err) != SMG_OK)
        return complain(&err);
    printf("%s: a master key (%s) and a signing key, for their owner only; keep a copy where the "
           "database "
           "is not\n",
           options.words[1], suite);
    return CLI_DONE;
}
