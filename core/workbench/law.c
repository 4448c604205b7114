/* SPDX-License-Identifier: Apache-2.0 */
/* Number by number first; what is left over is looked for by its words. */
#include "workbench/law.h"

#include <stdlib.h>

const char *const law_change_names[] = { "same", "changed", "moved",  "new",
                                         "gone", "unknown", "outside" };

struct comparing {
    const struct articles *articles;
    const struct law_text *law;
    struct law_differences *out;
    bool *taken; /* by article of the register: a unit of the text has its words or its number */
};

static bool has_words(const struct article *article, const struct law_unit *unit)
{
    return article->digest != NULL && str_is(str_of(article->digest), unit->digest);
}

static void settle(struct comparing *comparing, struct law_difference *difference,
                   enum law_change change, const struct article *article)
{
    difference->change = change;
    difference->article = article;
    if (article != NULL)
        comparing->taken[article - comparing->articles->articles] = true;
}

/* Same number and same words; or nothing is known of the words. */
static void find_same(struct comparing *comparing)
{
    size_t i;

    for (i = 0; i < comparing->law->count; i++) {
        struct law_difference *difference = &comparing->out->list[i];
        const struct law_unit *unit = &comparing->law->units[i];
        const struct article *article = articles_find(comparing->articles, str_of(unit->number));

        *difference = (struct law_difference){ LAW_NEW, unit, NULL };
        if (article != NULL && article->digest == NULL)
            settle(comparing, difference, LAW_UNKNOWN, article);
        else if (article != NULL && has_words(article, unit))
            settle(comparing, difference, LAW_SAME, article);
    }
}

static void find_moved(struct comparing *comparing)
{
    size_t i, k;

    for (i = 0; i < comparing->law->count; i++) {
        struct law_difference *difference = &comparing->out->list[i];

        for (k = 0; difference->change == LAW_NEW && k < comparing->articles->count; k++)
            if (!comparing->taken[k] &&
                has_words(&comparing->articles->articles[k], &comparing->law->units[i]))
                settle(comparing, difference, LAW_MOVED, &comparing->articles->articles[k]);
    }
}

static void find_changed(struct comparing *comparing)
{
    size_t i;

    for (i = 0; i < comparing->law->count; i++) {
        struct law_difference *difference = &comparing->out->list[i];
        const struct article *article =
            articles_find(comparing->articles, str_of(difference->unit->number));

        if (difference->change == LAW_NEW && article != NULL &&
            !comparing->taken[article - comparing->articles->articles])
            settle(comparing, difference, LAW_CHANGED, article);
    }
}

bool law_compare(const struct articles *articles, const struct law_text *law,
                 struct law_differences *out)
{
    struct comparing comparing = { articles, law, out,
                                   calloc(articles->count + 1, sizeof *comparing.taken) };
    size_t i;

    *out = (struct law_differences){ .list = calloc(law->count + articles->count + 1,
                                                    sizeof *out->list) };
    if (out->list == NULL || comparing.taken == NULL) {
        free(comparing.taken);
        law_differences_fini(out);
        return false;
    }
    find_same(&comparing);
    find_moved(&comparing);
    find_changed(&comparing);
    for (i = 0; articles->extract && i < law->count; i++)
        if (out->list[i].change == LAW_NEW)
            out->list[i].change = LAW_OUTSIDE;
    out->count = law->count;
    for (i = 0; i < articles->count; i++)
        if (!comparing.taken[i])
            out->list[out->count++] =
                (struct law_difference){ LAW_GONE, NULL, &articles->articles[i] };
    for (i = 0; i < out->count; i++)
        out->of[out->list[i].change]++;
    free(comparing.taken);
    return true;
}

bool law_is_difference(enum law_change change)
{
    return change != LAW_SAME && change != LAW_UNKNOWN && change != LAW_OUTSIDE;
}

bool law_is_same(const struct law_differences *differences)
{
    return differences->of[LAW_SAME] + differences->of[LAW_OUTSIDE] == differences->count;
}

void law_differences_fini(struct law_differences *differences)
{
    free(differences->list);
    *differences = (struct law_differences){ 0 };
}
