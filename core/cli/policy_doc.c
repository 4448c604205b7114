/* SPDX-License-Identifier: Apache-2.0 */
/* shiming policy doc: the regulations as readable pages. */
#include "cli/policy.h"

#include "workbench/doc.h"

#include <stdio.h>

/* Every page in every language and form asked for, into a folder; or the Markdown to stdout. */
static bool write_page(const struct doc *doc, size_t i, struct page *page, const char *folder)
{
    struct buf name = { 0 };
    bool written;

    doc_write(doc, i, page);
    if (folder == NULL)
        return !page->out->failed;
    doc_name(doc, i, page, &name);
    written = !name.failed && cli_policy_write(folder, name.at, page->out);
    if (written)
        printf("%s/%s\n", folder, name.at);
    buf_fini(&name);
    buf_clear(page->out);
    return written;
}

struct languages {
    bool zh, en;
};

static int write_all(const struct doc *doc, struct languages languages, const char *folder)
{
    struct buf out = { 0 };
    bool written = true;
    int status;
    size_t i;

    for (i = 0; i < doc_pages(doc); i++) {
        int zh, format;

        for (zh = 1; zh >= 0; zh--)
            for (format = PAGE_HTML; format < PAGE_FORMATS; format++) {
                struct page page = { .out = &out, .format = (enum page_format)format, .zh = zh };

                if (!(zh ? languages.zh : languages.en) ||
                    (folder == NULL && format != PAGE_MARKDOWN))
                    continue;
                written = written && write_page(doc, i, &page, folder);
            }
    }
    status = written ? CLI_DONE : CLI_USAGE;
    if (folder == NULL)
        status = cli_print(&out, status);
    buf_fini(&out);
    return status;
}

static bool read_languages(const char *text, struct languages *out)
{
    *out = (struct languages){ true, true };
    if (text == NULL || strcmp(text, "both") == 0)
        return true;
    *out = (struct languages){ strcmp(text, "zh") == 0, strcmp(text, "en") == 0 };
    return out->zh || out->en;
}

static int run(struct policy_set *set, const char *path, struct languages languages,
               const char *folder)
{
    struct buf problems = { 0 };
    struct cli_applications applications = { .sets = { set } };
    struct doc *doc = doc_new(set, path, &problems);
    int status = CLI_USAGE;

    if (doc != NULL) {
        doc->example = cli_application;
        doc->ctx = &applications;
        status = write_all(doc, languages, folder);
    } else {
        fputs(problems.at == NULL ? "shiming: out of memory\n" : problems.at, stderr);
    }
    doc_free(doc);
    cli_applications_fini(&applications);
    buf_fini(&problems);
    return status;
}

int cli_policy_doc(int argc, char **argv)
{
    static const char *const own[] = { "lang", NULL };
    struct languages languages;
    struct cli_options options;
    struct policy_set *set;
    char room[4096];
    int status;

    if (!cli_options(argc, argv, own, &options) || options.word_count != 0 ||
        !read_languages(options.value[0], &languages))
        return cli_policy_usage("doc");
    set = cli_policy_set(&options);
    status = set == NULL
                 ? CLI_USAGE
                 : run(set, cli_policies(&options, room, sizeof room), languages, options.out);
    policy_set_free(set);
    return status;
}
