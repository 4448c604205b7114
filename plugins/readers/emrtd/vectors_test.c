/* SPDX-License-Identifier: Apache-2.0 */
/* The published examples of ICAO 9303-11, and answers that must be refused; the file beside says
 * where each comes from. */
#include "bench.h"

#define VECTORS SOURCE_DIR "/plugins/readers/emrtd/icao_crypto_vectors.jsonl"

static struct buf vectors;

static int read_vectors(void **state)
{
    FILE *file = fopen(VECTORS, "r");
    char part[4096];
    size_t len;

    (void)state;
    assert_non_null(file);
    while ((len = fread(part, 1, sizeof part, file)) > 0)
        buf_put(&vectors, part, len);
    fclose(file);
    return 0;
}

static int drop_vectors(void **state)
{
    (void)state;
    buf_fini(&vectors);
    return 0;
}

/* The next line of that name from *at on, which may be empty at first; false: no more. */
static bool next_vector(const char *name, struct smg_str *line)
{
    const char *at = line->at == NULL ? vectors.at : line->at + line->len + 1;
    char begin[64];

    snprintf(begin, sizeof begin, "{\"name\": \"%s\"", name);
    while (at < vectors.at + vectors.len) {
        const char *end = memchr(at, '\n', (size_t)(vectors.at + vectors.len - at));

        if (end == NULL)
            end = vectors.at + vectors.len;
        *line = str_bytes(at, (size_t)(end - at));
        if (str_starts(*line, begin))
            return true;
        at = end + 1;
    }
    return false;
}

/* The text of a member, or "" when there is none; kept until it is asked for the eighth time. */
static const char *text_of(struct smg_str line, const char *member)
{
    static char rooms[8][1024];
    static unsigned turn;
    char *room = rooms[turn++ % 8], begin[64];
    const char *at;

    snprintf(begin, sizeof begin, "\"%s\": \"", member);
    at = memmem(line.at, line.len, begin, strlen(begin));
    room[0] = '\0';
    if (at != NULL) {
        at += strlen(begin);
        snprintf(room, sizeof rooms[0], "%.*s", (int)strcspn(at, "\""), at);
    }
    return room;
}

static unsigned number_of(struct smg_str line, const char *member)
{
    char begin[64];
    const char *at;

    snprintf(begin, sizeof begin, "\"%s\": ", member);
    at = memmem(line.at, line.len, begin, strlen(begin));
    return at == NULL ? 0 : (unsigned)strtoul(at + strlen(begin), NULL, 10);
}

static struct key key_of(const char *hex)
{
    struct buf bytes = unhex(hex);
    struct key key = { 0 };

    assert_true(bytes.len <= sizeof key.at);
    memcpy(key.at, bytes.at, bytes.len);
    buf_fini(&bytes);
    return key;
}

static struct channel channel_of(struct smg_str line, enum suite suite)
{
    struct channel channel = { .state = CHANNEL_OPEN,
                               .suite = suite,
                               .encrypt = key_of(text_of(line, "ks_enc")),
                               .mac = key_of(text_of(line, "ks_mac")) };
    struct buf counter = unhex(text_of(line, "ssc_before"));

    assert_int_equal(counter.len, suite_block(suite));
    memcpy(channel.counter, counter.at, counter.len);
    buf_fini(&counter);
    return channel;
}

static void test_the_seed_comes_from_the_zone(void **state)
{
    struct smg_str line = { 0 };
    uint8_t digest[SHA1_BYTES];
    const char *zone;

    (void)state;
    assert_true(next_vector("kseed_td3", &line));
    zone = text_of(line, "mrz_information");
    assert_true(hash_sha1(zone, strlen(zone), digest));
    assert_hex(digest, sizeof digest, text_of(line, "sha1"));
}

static enum suite suite_named(const char *name)
{
    return strcmp(name, "AES-128") == 0   ? SUITE_AES128
           : strcmp(name, "AES-192") == 0 ? SUITE_AES192
           : strcmp(name, "AES-256") == 0 ? SUITE_AES256
                                          : SUITE_3DES;
}

static unsigned derive_all(const char *name)
{
    struct smg_str line = { 0 };
    unsigned count = 0;

    for (; next_vector(name, &line); count++) {
        struct buf seed = unhex(text_of(line, "seed"));
        const char *wanted = text_of(line, "key");
        struct key key;

        assert_true(derive_key(suite_named(text_of(line, "alg")), (uint8_t *)seed.at, seed.len,
                               (enum key_use)number_of(line, "counter"), &key));
        assert_hex(key.at, strlen(wanted) / 2, wanted);
        buf_fini(&seed);
    }
    return count;
}

static void test_keys_are_derived_as_published(void **state)
{
    (void)state;
    assert_int_equal(derive_all("kdf_3des_enc"), 1);
    assert_int_equal(derive_all("kdf_3des_mac"), 1);
    assert_int_equal(derive_all("kdf_aes"), 5);
}

/* The first vectors' zone and nonces; what the script holds goes through bac_open. */
static int run_bac(struct script *script, struct icc *icc, struct smg_err *err)
{
    struct access access = { .information = "L898902C<369080619406236" };
    struct smg_str request = { 0 };
    struct buf seed;

    assert_true(next_vector("bac_request", &request));
    script->chance = unhex(text_of(request, "rnd_ifd"));
    seed = unhex(text_of(request, "k_ifd"));
    buf_str(&script->chance, buf_view(&seed));
    buf_fini(&seed);
    *icc = script_icc(script);
    return bac_open(icc, &access, err);
}

static void test_bac_runs_as_published(void **state)
{
    struct smg_str request = { 0 }, response = { 0 };
    struct smg_err err = { 0 };
    struct script script;
    struct icc icc;

    (void)state;
    assert_true(next_vector("bac_request", &request) && next_vector("bac_response", &response));
    script = (struct script){
        .lines = { text_of(request, "get_challenge"), text_of(request, "get_challenge_response"),
                   text_of(request, "external_authenticate"), text_of(response, "response") }
    };
    assert_int_equal(run_bac(&script, &icc, &err), SMG_OK);
    assert_int_equal(icc.channel.state, CHANNEL_OPEN);
    assert_hex(icc.channel.encrypt.at, 16, text_of(response, "ks_enc"));
    assert_hex(icc.channel.mac.at, 16, text_of(response, "ks_mac"));
    assert_hex(icc.channel.counter, 8, text_of(response, "ssc"));
    buf_fini(&script.chance);
}

static void assert_bac_ends(const char *answer, enum smg_code code)
{
    struct smg_str request = { 0 };
    struct smg_err err = { 0 };
    struct script script;
    struct icc icc;

    assert_true(next_vector("bac_request", &request));
    script = (struct script){ .lines = { text_of(request, "get_challenge"),
                                         text_of(request, "get_challenge_response"),
                                         text_of(request, "external_authenticate"), answer } };
    assert_int_equal(run_bac(&script, &icc, &err), code);
    assert_int_equal(icc.channel.state, CHANNEL_CLOSED);
    buf_fini(&script.chance);
}

/* The file's cases alter what the terminal remembers; each is run on the two functions that look at
 * the answer. */
static void test_bac_refuses_what_is_published_as_wrong(void **state)
{
    const struct key encrypt = key_of("AB94FDECF2674FDFB9B391F85D7F76F2");
    struct smg_str line = { 0 };
    unsigned count = 0;

    (void)state;
    for (; next_vector("bac_response_error", &line); count++) {
        struct buf answer = unhex(text_of(line, "response"));
        const char *mac_key = text_of(line, "kmac"), *ours = text_of(line, "rnd_ifd"),
                   *theirs = text_of(line, "rnd_ic");
        struct key mac = key_of(mac_key[0] == '\0' ? "7962D9ECE03D1ACD4C76089DCE131543" : mac_key);
        struct buf told = unhex(ours[0] == '\0' ? "781723860C06C226" : ours);
        struct buf rest = unhex(theirs[0] == '\0' ? "4608F91988702212" : theirs);
        struct buf seed = unhex("0B795240CB7049B01C19B33E32804F0B");
        struct channel channel = { 0 };
        struct smg_err err = { 0 };
        uint8_t opened[TOLD];

        buf_str(&told, buf_view(&rest));
        buf_str(&told, buf_view(&seed));
        assert_int_equal(told.len, TOLD);
        if (answer.len == SIGNED)
            assert_false(unseal_told(&encrypt, &mac, (uint8_t *)answer.at, opened) &&
                         agree(&channel, (uint8_t *)told.at, opened, &err) == SMG_OK);
        else
            assert_bac_ends("46B9342A41396CD7386BF5803104D7CEDC122B9132139BAF2EEDC94EE178534F2F2D"
                            "235D074D749000",
                            SMG_E_CARD);
        assert_int_equal(channel.state, CHANNEL_CLOSED);
        buf_fini(&answer);
        buf_fini(&told);
        buf_fini(&rest);
        buf_fini(&seed);
    }
    assert_int_equal(count, 4);
}

static void test_a_wrong_zone_is_told_from_a_broken_chip(void **state)
{
    (void)state;
    assert_bac_ends("6300", SMG_E_DENIED);
    assert_bac_ends("6982", SMG_E_DENIED);
    assert_bac_ends("63C2", SMG_E_DENIED);
    assert_bac_ends("6F00", SMG_E_CARD);
    assert_bac_ends("9000", SMG_E_CARD);
    assert_bac_ends("90", SMG_E_CARD);
}

/* Header, and data or expected length, of a short command in hex. */
static struct command command_of(const struct buf *bytes)
{
    const uint8_t *at = (const uint8_t *)bytes->at;
    struct command command = { .cla = at[0], .ins = at[1], .p1 = at[2], .p2 = at[3] };

    if (bytes->len == 5) {
        command.expected = at[4];
    } else if (bytes->len > 5) {
        command.len = at[4];
        command.data = at + 5;
    }
    return command;
}

static unsigned protect_all(const char *name, enum suite suite)
{
    struct smg_str line = { 0 };
    unsigned count = 0;

    for (; next_vector(name, &line); count++) {
        struct channel channel = channel_of(line, suite);
        struct buf plain = unhex(text_of(line, "plain")), data = unhex(text_of(line, "plain_data")),
                   header = unhex(text_of(line, "plain_header"));
        struct command command = command_of(plain.len > 0 ? &plain : &header);
        uint8_t at[APDU_BYTES];
        struct writer out = { .at = at, .room = sizeof at };
        struct smg_err err = { 0 };

        if (data.len > 0) {
            command.data = (const uint8_t *)data.at;
            command.len = data.len;
        }
        assert_int_equal(channel_protect(&channel, &command, &out, &err), SMG_OK);
        assert_hex(at, out.len, text_of(line, "protected"));
        assert_hex(channel.counter, suite_block(suite), text_of(line, "ssc_after"));
        buf_fini(&plain);
        buf_fini(&data);
        buf_fini(&header);
    }
    return count;
}

static unsigned open_all(const char *name, enum suite suite)
{
    struct smg_str line = { 0 };
    unsigned count = 0;

    for (; next_vector(name, &line); count++) {
        struct channel channel = channel_of(line, suite);
        struct buf raw = unhex(text_of(line, "protected")), plain = unhex(text_of(line, "plain"));
        struct answer answer;
        struct smg_err err = { 0 };

        assert_int_equal(channel_open_answer(&channel, (uint8_t *)raw.at, raw.len, &answer, &err),
                         SMG_OK);
        assert_int_equal(answer.status, STATUS_DONE);
        assert_int_equal(answer.len, plain.len - 2);
        assert_memory_equal(answer.data, plain.at, answer.len);
        assert_hex(channel.counter, suite_block(suite), text_of(line, "ssc_after"));
        buf_fini(&raw);
        buf_fini(&plain);
    }
    return count;
}

static void test_secure_messaging_runs_as_published(void **state)
{
    (void)state;
    assert_int_equal(protect_all("sm_3des_command", SUITE_3DES), 3);
    assert_int_equal(open_all("sm_3des_response", SUITE_3DES), 3);
    assert_int_equal(protect_all("sm_aes_command", SUITE_AES128), 1);
    assert_int_equal(open_all("sm_aes_response", SUITE_AES128), 1);
}

static void assert_answer_refused(struct channel channel, struct smg_str raw, const char *what)
{
    const struct command read = { .ins = 0xB0, .expected = 4 };
    uint8_t at[APDU_BYTES];
    struct writer out = { .at = at, .room = sizeof at };
    struct answer answer;
    struct smg_err err = { 0 };

    if (channel_open_answer(&channel, (const uint8_t *)raw.at, raw.len, &answer, &err) !=
        SMG_E_CARD)
        fail_msg("%s: it was believed", what);
    assert_int_equal(answer.len, 0);
    assert_int_equal(channel.state, CHANNEL_BROKEN);
    assert_int_equal(channel_protect(&channel, &read, &out, &err), SMG_E_CARD);
}

static void test_answers_that_must_be_refused_are_refused_and_end_it(void **state)
{
    struct smg_str line = { 0 };
    unsigned count = 0;

    (void)state;
    for (; next_vector("sm_response_must_be_rejected", &line); count++) {
        bool aes = strcmp(text_of(line, "alg"), "AES") == 0;
        struct buf raw = unhex(text_of(line, "protected"));

        assert_answer_refused(channel_of(line, aes ? SUITE_AES128 : SUITE_3DES), buf_view(&raw),
                              text_of(line, "reason"));
        buf_fini(&raw);
    }
    assert_int_equal(count, 8);
}

/* Of a good answer, every bit turned over and every end cut off. */
static void test_no_altered_answer_is_believed(void **state)
{
    struct smg_str line = { 0 };

    (void)state;
    while (next_vector("sm_3des_response", &line)) {
        struct buf raw = unhex(text_of(line, "protected"));

        for (size_t bit = 0; bit < raw.len * 8; bit++) {
            raw.at[bit / 8] ^= (char)(1 << bit % 8);
            assert_answer_refused(channel_of(line, SUITE_3DES), buf_view(&raw), "a bit");
            raw.at[bit / 8] ^= (char)(1 << bit % 8);
        }
        for (size_t len = 0; len < raw.len; len++)
            assert_answer_refused(channel_of(line, SUITE_3DES), str_bytes(raw.at, len), "an end");
        buf_fini(&raw);
    }
}

static struct smg_str pace_vector(void)
{
    struct smg_str line = { 0 };

    assert_true(next_vector("pace_gm_ecdh", &line));
    return line;
}

static struct pace_info offer_of(struct buf *card_access)
{
    struct pace_info info = { 0 };

    assert_true(pace_find_info(buf_view(card_access), &info));
    return info;
}

/* The exchange of the vector as a script; the lines are its own to free. */
static size_t read_exchange(struct script *script, char lines[16][400])
{
    struct smg_str line = pace_vector();
    const char *at = memmem(line.at, line.len, "\"exchange\": [", 13);
    size_t count = 0;

    assert_non_null(at);
    for (at += 13; count < 16; count++) {
        at = memchr(at, '"', (size_t)(line.at + line.len - at));
        if (at == NULL)
            break;
        snprintf(lines[count], 400, "%.*s", (int)strcspn(at + 1, "\""), at + 1);
        script->lines[count] = lines[count];
        at += strlen(lines[count]) + 2;
    }
    return count;
}

/* access: the vector's own zone, or another password. answer: of the last command, instead. */
static int run_pace_with(const char *last_answer, struct icc *icc, struct smg_err *err)
{
    struct access access = { .information = "T22000129364081251010318" };
    struct smg_str line = pace_vector();
    struct buf card_access = unhex(text_of(line, "card_access"));
    struct pace_info info = offer_of(&card_access);
    struct script script = { .chance = unhex(text_of(line, "terminal_map_private")) };
    struct buf second = unhex(text_of(line, "terminal_ka_private"));
    char lines[16][400];
    int code;

    assert_int_equal(read_exchange(&script, lines), 10);
    if (last_answer != NULL)
        script.lines[9] = last_answer;
    buf_str(&script.chance, buf_view(&second));
    *icc = script_icc(&script);
    code = pace_open(icc, &info, &access, err);
    assert_int_equal(script.next, 10);
    buf_fini(&second);
    buf_fini(&script.chance);
    buf_fini(&card_access);
    return code;
}

static void test_pace_runs_as_published(void **state)
{
    struct smg_str line = pace_vector();
    struct smg_err err = { 0 };
    struct icc icc;

    (void)state;
    assert_int_equal(run_pace_with(NULL, &icc, &err), SMG_OK);
    assert_int_equal(icc.channel.state, CHANNEL_OPEN);
    assert_int_equal(icc.channel.suite, SUITE_AES128);
    assert_hex(icc.channel.encrypt.at, 16, text_of(line, "ks_enc"));
    assert_hex(icc.channel.mac.at, 16, text_of(line, "ks_mac"));
    assert_hex(icc.channel.counter, 16, "00000000000000000000000000000000");
}

static void test_pace_ends_at_a_wrong_token_and_a_refusal(void **state)
{
    struct smg_err err = { 0 };
    struct icc icc;

    (void)state;
    assert_int_equal(run_pace_with("7C0A86083ABB9674BCE93C099000", &icc, &err), SMG_E_CARD);
    assert_int_equal(icc.channel.state, CHANNEL_CLOSED);
    assert_int_equal(run_pace_with("6300", &icc, &err), SMG_E_DENIED);
    assert_int_equal(run_pace_with("7C0086083ABB9674BCE93C089000", &icc, &err), SMG_E_CARD);
    assert_int_equal(run_pace_with("9000", &icc, &err), SMG_E_CARD);
}

static void test_parameters_nobody_knows_are_no_offer(void **state)
{
    struct smg_str line = { 0 };
    struct pace_info info;
    unsigned count = 0;

    (void)state;
    for (; next_vector("pace_card_access_must_be_rejected", &line); count++) {
        struct buf card_access = unhex(text_of(line, "card_access"));

        assert_false(pace_find_info(buf_view(&card_access), &info));
        buf_fini(&card_access);
    }
    assert_int_equal(count, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_seed_comes_from_the_zone),
        cmocka_unit_test(test_keys_are_derived_as_published),
        cmocka_unit_test(test_bac_runs_as_published),
        cmocka_unit_test(test_bac_refuses_what_is_published_as_wrong),
        cmocka_unit_test(test_a_wrong_zone_is_told_from_a_broken_chip),
        cmocka_unit_test(test_secure_messaging_runs_as_published),
        cmocka_unit_test(test_answers_that_must_be_refused_are_refused_and_end_it),
        cmocka_unit_test(test_no_altered_answer_is_believed),
        cmocka_unit_test(test_pace_runs_as_published),
        cmocka_unit_test(test_pace_ends_at_a_wrong_token_and_a_refusal),
        cmocka_unit_test(test_parameters_nobody_knows_are_no_offer),
    };

    return cmocka_run_group_tests(tests, read_vectors, drop_vectors);
}
