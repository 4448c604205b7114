/* SPDX-License-Identifier: Apache-2.0 */
/* From YAML to nodes: plain maps, lists and scalars, and none of YAML's other ideas. */
#include "config/build.h"

#include <yaml.h>

enum { LEVELS = 32, MAP_ENTRIES = 1000 };

struct builder {
    struct config_tree *tree;
    struct config_errors *errors;
    struct config_node *open[LEVELS]; /* maps and lists around what comes next */
    unsigned depth;
    struct config_node *key; /* the entry of a map whose value comes next */
    struct config_node *top;
    bool ended;
};

/* Complain about a place that has no node. */
static void complain_at(struct builder *builder, yaml_mark_t mark, const char *text)
{
    config_complain(builder->errors, NULL, "%s:%zu:%zu: %s", tree_file(builder->tree),
                    mark.line + 1, mark.column + 1, text);
}

static const char *keep_text(struct builder *builder, const yaml_event_t *event)
{
    struct smg_str text = str_bytes(event->data.scalar.value, event->data.scalar.length);
    char *kept;

    if (!str_is_utf8(text)) { /* well-formed in the file, but "\0" says otherwise */
        complain_at(builder, event->start_mark,
                    "a text with a NUL in it; expected text without \\0");
        return NULL;
    }
    kept = tree_alloc(builder->tree, text.len + 1, builder->errors);
    if (kept != NULL && text.len > 0)
        memcpy(kept, text.at, text.len);
    return kept;
}

static void set_place(struct config_node *node, yaml_mark_t mark)
{
    node->line = (unsigned)mark.line + 1;
    node->column = (unsigned)mark.column + 1;
}

/* A new node at the end of the innermost open map or list. */
static struct config_node *add_node(struct builder *builder)
{
    struct config_node *parent = builder->depth == 0 ? NULL : builder->open[builder->depth - 1];
    struct config_node *node = tree_alloc(builder->tree, sizeof *node, builder->errors);

    if (node == NULL)
        return NULL;
    node->tree = builder->tree;
    node->parent = parent;
    if (parent == NULL) {
        builder->top = node;
        return node;
    }
    node->index = parent->count++;
    if (parent->last == NULL)
        parent->first = node;
    else
        parent->last->next = node;
    parent->last = node;
    return node;
}

static bool take_key(struct builder *builder, const yaml_event_t *event)
{
    struct config_node *map = builder->open[builder->depth - 1], *other, *node;
    const char *key;

    if (event->type != YAML_SCALAR_EVENT) {
        complain_at(builder, event->start_mark, "a key that is not a word; expected key: value");
        return false;
    }
    if (map->count == MAP_ENTRIES) {
        complain_at(builder, event->start_mark, "a map with more than 1000 keys");
        return false;
    }
    key = keep_text(builder, event);
    if (key == NULL)
        return false;
    for (other = map->first; other != NULL; other = other->next)
        if (strcmp(other->key, key) == 0)
            break;
    node = add_node(builder);
    if (node == NULL)
        return false;
    node->key = key;
    set_place(node, event->start_mark);
    node->key_line = node->line;
    node->key_column = node->column;
    if (other != NULL)
        tree_complain_key(builder->errors, node,
                          "the key stands in line %u already; remove one of the two",
                          other->key_line);
    builder->key = node;
    return true;
}

/* The node a value goes to: the entry whose key was read, or a new one. */
static struct config_node *take_value(struct builder *builder, const yaml_event_t *event)
{
    struct config_node *node = builder->key;

    builder->key = NULL;
    if (node == NULL)
        node = add_node(builder);
    if (node != NULL)
        set_place(node, event->start_mark);
    return node;
}

static bool take_scalar(struct builder *builder, const yaml_event_t *event)
{
    struct config_node *node = take_value(builder, event);

    if (node == NULL)
        return false;
    node->kind = CONFIG_SCALAR;
    node->text = keep_text(builder, event);
    node->empty =
        event->data.scalar.length == 0 && event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    if (node->empty && node->key != NULL) { /* there is no value to point at */
        node->line = node->key_line;
        node->column = node->key_column;
    }
    return node->text != NULL;
}

static bool open_node(struct builder *builder, const yaml_event_t *event, enum config_kind kind)
{
    struct config_node *node;

    if (builder->depth == LEVELS) {
        complain_at(builder, event->start_mark, "nested too deep; expected at most 32 levels");
        return false;
    }
    node = take_value(builder, event);
    if (node == NULL)
        return false;
    node->kind = kind;
    builder->open[builder->depth++] = node;
    return true;
}

static bool close_node(struct builder *builder)
{
    struct config_node *node = builder->depth == 0 ? NULL : builder->open[--builder->depth], *item;

    if (node == NULL)
        return false; /* libyaml ends nothing it did not begin */
    node->items = tree_alloc(builder->tree, (node->count + 1) * sizeof(struct config_node *),
                             builder->errors);
    if (node->items == NULL)
        return false;
    for (item = node->first; item != NULL; item = item->next)
        node->items[item->index] = item;
    return true;
}

static bool take_alias(struct builder *builder, const yaml_event_t *event)
{
    struct config_node *node = take_value(builder, event);

    if (node == NULL)
        return false;
    node->kind = CONFIG_SCALAR;
    node->text = "";
    config_complain(builder->errors, node, "an alias (*); write the value itself");
    node->refused = true;
    return true;
}

/* Anchors and tags change nothing in the tree, so reading goes on. */
static void refuse_marks(struct builder *builder, const yaml_event_t *event)
{
    const yaml_char_t *anchor = NULL, *tag = NULL;

    if (event->type == YAML_SCALAR_EVENT) {
        anchor = event->data.scalar.anchor;
        tag = event->data.scalar.tag;
    } else if (event->type == YAML_SEQUENCE_START_EVENT) {
        anchor = event->data.sequence_start.anchor;
        tag = event->data.sequence_start.tag;
    } else if (event->type == YAML_MAPPING_START_EVENT) {
        anchor = event->data.mapping_start.anchor;
        tag = event->data.mapping_start.tag;
    }
    if (anchor != NULL)
        complain_at(builder, event->start_mark, "an anchor (&); remove it and write values out");
    if (tag != NULL)
        complain_at(builder, event->start_mark, "a tag (!); remove it, the keys know their types");
}

static bool take_content(struct builder *builder, const yaml_event_t *event)
{
    refuse_marks(builder, event);
    if (builder->depth == 0 && event->type != YAML_MAPPING_START_EVENT) {
        complain_at(builder, event->start_mark, "not a map; expected lines of the form key: value");
        return false;
    }
    if (builder->depth > 0 && builder->key == NULL &&
        builder->open[builder->depth - 1]->kind == CONFIG_MAP)
        return take_key(builder, event);
    switch (event->type) {
    case YAML_SCALAR_EVENT:
        return take_scalar(builder, event);
    case YAML_ALIAS_EVENT:
        return take_alias(builder, event);
    case YAML_SEQUENCE_START_EVENT:
        return open_node(builder, event, CONFIG_LIST);
    default:
        return open_node(builder, event, CONFIG_MAP);
    }
}

/* false: there is nothing to read on for. */
static bool take_event(struct builder *builder, const yaml_event_t *event)
{
    switch (event->type) {
    case YAML_DOCUMENT_START_EVENT:
        if (builder->top == NULL)
            return true;
        complain_at(builder, event->start_mark, "a second document; expected one in a file");
        return false;
    case YAML_SCALAR_EVENT:
    case YAML_ALIAS_EVENT:
    case YAML_SEQUENCE_START_EVENT:
    case YAML_MAPPING_START_EVENT:
        return take_content(builder, event);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        return close_node(builder);
    case YAML_STREAM_END_EVENT:
        builder->ended = true;
        if (builder->top == NULL)
            complain_at(builder, (yaml_mark_t){ 0 },
                        "the file is empty; expected lines of the form key: value");
        return false;
    default:
        return true;
    }
}

/* Line and column of a byte; columns count characters. */
static yaml_mark_t find_place(struct smg_str bytes, size_t at)
{
    yaml_mark_t mark = { .index = at };
    size_t i;

    for (i = 0; i < at && i < bytes.len; i++) {
        if (bytes.at[i] == '\n') {
            mark.line++;
            mark.column = 0;
        } else if (((unsigned char)bytes.at[i] & 0xC0) != 0x80) {
            mark.column++;
        }
    }
    return mark;
}

static void complain_of_yaml(struct builder *builder, const yaml_parser_t *parser,
                             struct smg_str bytes)
{
    yaml_mark_t mark = parser->problem_mark;
    char text[256];

    if (parser->error == YAML_MEMORY_ERROR) {
        config_complain(builder->errors, NULL, "%s: out of memory", tree_file(builder->tree));
        return;
    }
    if (parser->error == YAML_READER_ERROR)
        mark = find_place(bytes, parser->problem_offset);
    snprintf(text, sizeof text, "not YAML: %s%s%s; check indentation (spaces only), quotes, colons",
             parser->problem == NULL ? "unreadable" : parser->problem,
             parser->context == NULL ? "" : " ", parser->context == NULL ? "" : parser->context);
    complain_at(builder, mark, text);
}

static bool is_utf8(struct builder *builder, struct smg_str bytes)
{
    size_t begin = 0, len;

    if (str_is_utf8(bytes))
        return true;
    /* Character by character, to say where. */
    for (; begin < bytes.len; begin += len) {
        unsigned char lead = (unsigned char)bytes.at[begin];

        len = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
        if (len > bytes.len - begin || !str_is_utf8(str_bytes(bytes.at + begin, len)))
            break;
    }
    complain_at(builder, find_place(bytes, begin), "not UTF-8; save the file as UTF-8");
    return false;
}

const struct config_node *build_tree(struct config_tree *tree, struct smg_str bytes,
                                     struct config_errors *errors)
{
    struct builder builder = { .tree = tree, .errors = errors };
    yaml_parser_t parser;
    bool more;

    if (str_starts(bytes, "\xEF\xBB\xBF")) /* a byte order mark takes no column */
        bytes = str_bytes(bytes.at + 3, bytes.len - 3);
    if (!is_utf8(&builder, bytes))
        return NULL;
    if (yaml_parser_initialize(&parser) == 0) {
        config_complain(errors, NULL, "%s: out of memory", tree_file(tree));
        return NULL;
    }
    yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&parser, (const unsigned char *)(bytes.len == 0 ? "" : bytes.at),
                                 bytes.len);
    do {
        yaml_event_t event;

        if (yaml_parser_parse(&parser, &event) == 0) {
            complain_of_yaml(&builder, &parser, bytes);
            break;
        }
        more = take_event(&builder, &event);
        yaml_event_delete(&event);
    } while (more);
    yaml_parser_delete(&parser);
    return builder.ended ? builder.top : NULL;
}
