/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a policy text: a tree whose nodes lie within each other, or a reason and a line; and
 * what its rules run, of which conditions are a part. */
#include "policy/conditions.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
    if (!holds)
        abort();
}

static void check_node(const struct syntax *syntax, int at)
{
    const struct node *node = &syntax->nodes[at];
    struct buf says = { 0 };
    uint32_t reached = node->from;
    int child;

    check(node->from <= node->to && node->to <= syntax->text.len);
    check(node->mark_from <= node->mark_to && node->mark_to <= syntax->text.len);
    check(node->declared < (int)syntax->count && node->line >= 1);
    for (child = node->first; child != NODE_NONE; child = syntax->nodes[child].next) {
        check(syntax->nodes[child].parent == at && syntax->nodes[child].from >= reached);
        reached = syntax->nodes[child].to;
        check(reached <= node->to);
    }
    check(syntax_string(syntax, at, &says) == (node->kind == NODE_STRING));
    if (node->kind == NODE_NAME && node->declared == at)
        check(syntax_value(syntax, at) < (int)syntax->count);
    buf_fini(&says);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct smg_str text = str_bytes(data, size);
    struct conditions conditions;
    struct syntax syntax;
    const char *why = NULL;
    int line = 0;
    size_t i;

    if (!syntax_parse(text, &syntax, &why, &line)) {
        check(why != NULL && line >= 1);
        return 0;
    }
    for (i = 0; i < syntax.count; i++)
        check_node(&syntax, (int)i);
    check(conditions_find(&syntax, &conditions));
    for (i = 0; i < syntax.count; i++)
        check(!conditions.condition[i] || conditions.run[i]);
    conditions_fini(&conditions);
    syntax_fini(&syntax);
    return 0;
}
