/* SPDX-License-Identifier: Apache-2.0 */
/* A reader without hardware: it "reads" the document in its options. Made to be copied: a real
 * reader has the same parts, with a device in place of the delay. */
#include <shiming/plugin.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct config {
    const char *type, *number, *name, *sex, *nation, *birth, *address, *valid_to;
    int64_t delay;
    const char *fault;
};

static const char *const faults[] = { "none",          "no_card", "crash",     "hang", "flood",
                                      "garbage_field", "late",    "unplugged", NULL };

static const struct smg_option options[] = {
    SMG_OPTION_TEXT(config, type, .preset = "resident_id", .help = "document.type to answer"),
    SMG_OPTION_TEXT(config, number, .preset = "11010519491231002X",
                    .help = "document.number to answer"),
    SMG_OPTION_TEXT(config, name, .preset = "测试", .help = "name to answer"),
    SMG_OPTION_TEXT(config, sex, .help = "sex to answer: male, female or unknown"),
    SMG_OPTION_TEXT(config, nation, .help = "nation to answer, a GB/T 3304 code"),
    SMG_OPTION_TEXT(config, birth, .help = "birth to answer, as YYYY-MM-DD"),
    SMG_OPTION_TEXT(config, address, .help = "address to answer"),
    SMG_OPTION_TEXT(config, valid_to,
                    .help = "last valid day, as YYYY-MM-DD; none means long-term"),
    SMG_OPTION_MS(config, delay, .preset = "50ms", .max = 60000, .help = "time a read takes"),
    SMG_OPTION_TEXT(config, fault, .preset = "none", .choices = faults,
                    .help = "what goes wrong in every read"),
    SMG_OPTIONS_END
};

struct sim {
    const struct smg_host *host;
    const struct config *config;
    struct smg_date birth, valid_to; /* year 0: not set */
};

/* "YYYY-MM-DD" and nothing else; the host refuses a day that no calendar has when it is answered.
 */
static bool parse_date(const char *text, struct smg_date *out)
{
    int year, month, day;

    if (text == NULL)
        return true;
    if (strlen(text) != 10)
        return false;
    for (size_t i = 0; i < 10; i++)
        if (i == 4 || i == 7 ? text[i] != '-' : text[i] < '0' || text[i] > '9')
            return false;
    year = atoi(text);
    month = atoi(text + 5);
    day = atoi(text + 8);
    *out = (struct smg_date){ (int16_t)year, (int8_t)month, (int8_t)day };
    return year >= 1 && month >= 1 && month <= 12 && day >= 1 && day <= 31;
}

static void answer_text(struct sim *sim, struct smg_op *op, const char *field, const char *text)
{
    if (text != NULL && text[0] != '\0')
        smg_answer_text(sim->host, op, field, (struct smg_str){ text, strlen(text) });
}

static void answer_document(struct sim *sim, struct smg_op *op)
{
    const struct config *config = sim->config;

    answer_text(sim, op, "document.type", config->type);
    answer_text(sim, op, "document.number", config->number);
    answer_text(sim, op, "name", config->name);
    answer_text(sim, op, "sex", config->sex);
    answer_text(sim, op, "nation", config->nation);
    answer_text(sim, op, "address", config->address);
    if (sim->birth.year != 0)
        smg_answer_date(sim->host, op, "birth", sim->birth);
    smg_answer_bool(sim->host, op, "document.long_term", sim->valid_to.year == 0);
    if (sim->valid_to.year != 0)
        smg_answer_date(sim->host, op, "document.valid_to", sim->valid_to);
}

/* Thousands of lines where a driver may print: the host must not drown in them. */
static void flood(void)
{
    for (int i = 0; i < 5000; i++)
        fprintf(stderr, "the driver prints line %d, which nobody asked for\n", i);
}

/* Do what the option `fault` says; true: the read goes on. */
static bool do_fault(struct sim *sim, struct smg_op *op)
{
    const char *fault = sim->config->fault;

    if (strcmp(fault, "crash") == 0)
        abort();
    while (strcmp(fault, "hang") == 0)
        pause();
    if (strcmp(fault, "flood") == 0)
        flood();
    if (strcmp(fault, "garbage_field") == 0)
        smg_answer_text(sim->host, op, "name", SMG_STR("\xff\xfe"));
    if (strcmp(fault, "late") == 0)
        sim->host->wait(sim->host, op, -1, 0, -1); /* whatever it returns, answer now */
    if (strcmp(fault, "no_card") == 0) {
        sim->host->wait(sim->host, op, -1, 0, -1);
        smg_failed(sim->host, op, SMG_E_NO_CARD, "no card was presented");
        return false;
    }
    if (strcmp(fault, "unplugged") == 0) {
        smg_failed(sim->host, op, SMG_E_GONE, "the simulated device was unplugged");
        return false;
    }
    return true;
}

/* Called in the reader's own process, so it may block; wait comes back when the host wants the read
 * to end, and every path ends in one done. */
static void sim_read(void *self, struct smg_op *op)
{
    struct sim *sim = self;
    int code = sim->host->wait(sim->host, op, -1, 0, sim->config->delay);

    if (code < 0) {
        smg_failed(sim->host, op, (enum smg_code)code, "the read was ended");
        return;
    }
    if (!do_fault(sim, op))
        return;
    answer_document(sim, op);
    smg_done(sim->host, op);
}

/* open owns memory, start would own the device: a real reader opens its device there and closes it
 * in stop. */
static int sim_open(const struct smg_host *host, const void *config, void **self,
                    struct smg_err *err)
{
    struct sim *sim = calloc(1, sizeof *sim);

    if (sim == NULL)
        return smg_fail(err, SMG_E_MEMORY, "simulated reader");
    sim->host = host;
    sim->config = config;
    if (!parse_date(sim->config->birth, &sim->birth) ||
        !parse_date(sim->config->valid_to, &sim->valid_to)) {
        free(sim);
        return smg_fail(err, SMG_E_INVALID, "birth and valid_to are written as YYYY-MM-DD");
    }
    *self = sim;
    return SMG_OK;
}

static const struct smg_reader_ops ops = { .size = sizeof ops, .read = sim_read };

SMG_PLUGIN(sim) = {
    SMG_ABI,
    .kind = SMG_READER,
    .name = "sim",
    .version = "1.0",
    .summary = "a reader without hardware, for tests and demonstrations",
    .config_size = sizeof(struct config),
    .options = options,
    .open = sim_open,
    .close = free,
    .reader = &ops,
};
