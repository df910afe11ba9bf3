/* Builds the tree of a YAML file from libyaml's events, because only they show anchors, aliases and tags before
 * anything is expanded. */
#include "config.h"
#include "crypto.h"
#include "yaml_hint.h"
#include "yaml_node.h"
#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <yaml.h>

/* The node being filled, and the key that waits for its value. */
typedef struct {
    YamlNode *node;
    YamlNode *key;
} Level;

typedef struct {
    YamlFile *file;
    Problems *problems;
    Level levels[YAML_DEPTH_MAX];
    guint depth;
    guint nodes;
    guint documents;
} Builder;

static YamlNode *
node_new(const Builder *builder, YamlKind kind, const yaml_event_t *event)
{
    YamlNode *node = g_new0(YamlNode, 1);
    node->file = builder->file;
    node->kind = kind;
    node->line = (guint)event->start_mark.line + 1;
    node->column = (guint)event->start_mark.column + 1;
    if (kind != YAML_SCALAR)
        node->values = g_ptr_array_new_with_free_func(yaml_node_free);
    if (kind == YAML_MAP) {
        node->keys = g_ptr_array_new_with_free_func(yaml_node_free);
        node->by_key = g_hash_table_new(g_str_hash, g_str_equal);
    }
    return node;
}

static void
event_problem(const Builder *builder, const yaml_event_t *event, const char *text)
{
    problems_add(builder->problems, builder->file->name, (guint)event->start_mark.line + 1,
                 (guint)event->start_mark.column + 1, NULL, "%s", text);
}

/* A map's value came: under its key, or nowhere if the key was there before. */
static void
put_pair(Builder *builder, Level *level, YamlNode *value)
{
    YamlNode *key = g_steal_pointer(&level->key);
    YamlNode *first = g_hash_table_lookup(level->node->by_key, key->text);
    if (first != NULL)
        problems_add(builder->problems, builder->file->name, key->line, key->column, key->text,
                     _("is here twice: line %u has it already; keep one"), first->line);
    else
        g_hash_table_insert(level->node->by_key, key->text, value);
    g_ptr_array_add(level->node->keys, key);
    g_ptr_array_add(level->node->values, value);
}

static void
put_node(Builder *builder, YamlNode *node)
{
    if (builder->depth == 0) {
        builder->file->root = node;
        return;
    }
    Level *level = &builder->levels[builder->depth - 1];
    if (level->node->kind == YAML_LIST)
        g_ptr_array_add(level->node->values, node);
    else if (level->key != NULL)
        put_pair(builder, level, node);
    else
        level->key = node;
}

/* Keys are words: a list or a map cannot be one. */
static gboolean
awaits_key(const Builder *builder)
{
    if (builder->depth == 0)
        return FALSE;
    const Level *level = &builder->levels[builder->depth - 1];
    return level->node->kind == YAML_MAP && level->key == NULL;
}

static void
add_scalar(Builder *builder, const yaml_event_t *event)
{
    YamlNode *node = node_new(builder, YAML_SCALAR, event);
    node->text = g_strndup((const char *)event->data.scalar.value, event->data.scalar.length);
    node->length = strlen(node->text);
    node->plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    if (node->length != event->data.scalar.length)
        event_problem(builder, event, _("a NUL character (\\0) is not allowed"));
    if (event->data.scalar.tag != NULL)
        event_problem(builder, event, _("tags (!...) are not used here; write the plain value"));
    put_node(builder, node);
}

static gboolean
open_level(Builder *builder, YamlKind kind, const yaml_event_t *event, const guchar *tag)
{
    if (awaits_key(builder)) {
        event_problem(builder, event, _("a key must be a word, not a list or a map"));
        return FALSE;
    }
    if (builder->depth == YAML_DEPTH_MAX) {
        event_problem(builder, event, _("nested too deeply: at most 32 levels"));
        return FALSE;
    }
    if (tag != NULL)
        event_problem(builder, event, _("tags (!...) are not used here; write the plain value"));
    YamlNode *node = node_new(builder, kind, event);
    put_node(builder, node);
    builder->levels[builder->depth++] = (Level){node, NULL};
    return TRUE;
}

static void
add_alias(Builder *builder, const yaml_event_t *event)
{
    event_problem(builder, event, _("aliases (*name) are not allowed; write the value again"));
    YamlNode *node = node_new(builder, YAML_SCALAR, event);
    node->text = g_strdup("");
    node->plain = TRUE;
    put_node(builder, node);
}

static gboolean
has_anchor(const yaml_event_t *event)
{
    switch (event->type) {
    case YAML_SCALAR_EVENT:
        return event->data.scalar.anchor != NULL;
    case YAML_SEQUENCE_START_EVENT:
        return event->data.sequence_start.anchor != NULL;
    case YAML_MAPPING_START_EVENT:
        return event->data.mapping_start.anchor != NULL;
    default:
        return FALSE;
    }
}

/* FALSE: no use in going on. */
static gboolean
take_event(Builder *builder, const yaml_event_t *event)
{
    if (has_anchor(event))
        event_problem(builder, event, _("anchors (&name) are not allowed; write the value where it is needed"));
    switch (event->type) {
    case YAML_DOCUMENT_START_EVENT:
        if (builder->documents++ == 0)
            return TRUE;
        event_problem(builder, event, _("a second document (---) begins here; a file holds one"));
        return FALSE;
    case YAML_SCALAR_EVENT:
        add_scalar(builder, event);
        break;
    case YAML_ALIAS_EVENT:
        add_alias(builder, event);
        break;
    case YAML_SEQUENCE_START_EVENT:
        return open_level(builder, YAML_LIST, event, event->data.sequence_start.tag);
    case YAML_MAPPING_START_EVENT:
        return open_level(builder, YAML_MAP, event, event->data.mapping_start.tag);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        builder->depth--;
        break;
    default:
        break;
    }
    if (++builder->nodes <= YAML_NODES_MAX)
        return TRUE;
    event_problem(builder, event, _("more than a million values; split the file"));
    return FALSE;
}

/* Line `number` (from 0) of the bytes; gives a new string. */
static char *
line_of(const char *bytes, gsize length, gsize number)
{
    const char *end = bytes + length;
    for (; number > 0; number--) {
        const char *newline = memchr(bytes, '\n', (gsize)(end - bytes));
        if (newline == NULL)
            return g_strdup("");
        bytes = newline + 1;
    }
    const char *newline = memchr(bytes, '\n', (gsize)(end - bytes));
    return g_strndup(bytes, (gsize)((newline != NULL ? newline : end) - bytes));
}

static void
syntax_problem(const Builder *builder, const yaml_parser_t *parser, const char *bytes, gsize length)
{
    const yaml_mark_t *mark = &parser->problem_mark;
    g_autofree char *line = line_of(bytes, length, mark->line);
    g_autofree char *context_line = line_of(bytes, length, parser->context_mark.line);
    const char *hint = yaml_hint_line(line);
    if (hint == NULL && parser->context != NULL) {
        hint = yaml_hint_line(context_line);
        mark = hint != NULL ? &parser->context_mark : mark;
    }
    const char *what = parser->problem != NULL ? parser->problem : "?";
    if (hint != NULL)
        problems_add(builder->problems, builder->file->name, (guint)mark->line + 1, (guint)mark->column + 1, NULL, "%s",
                     hint);
    else if (parser->context != NULL)
        problems_add(builder->problems, builder->file->name, (guint)mark->line + 1, (guint)mark->column + 1, NULL,
                     _("not YAML: %s (%s that begins in line %u)"), what, parser->context,
                     (guint)parser->context_mark.line + 1);
    else
        problems_add(builder->problems, builder->file->name, (guint)mark->line + 1, (guint)mark->column + 1, NULL,
                     _("not YAML: %s"), what);
}

static gboolean
build_tree(Builder *builder, const char *bytes, gsize length)
{
    yaml_parser_t parser;
    if (yaml_parser_initialize(&parser) == 0)
        g_error("no memory for the YAML parser");
    yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&parser, (const guchar *)bytes, length);
    gboolean going = TRUE, ended = FALSE;
    while (going && !ended) {
        yaml_event_t event;
        if (yaml_parser_parse(&parser, &event) == 0) {
            syntax_problem(builder, &parser, bytes, length);
            going = FALSE;
            break;
        }
        ended = event.type == YAML_STREAM_END_EVENT;
        going = take_event(builder, &event);
        yaml_event_delete(&event);
    }
    for (guint i = 0; i < builder->depth; i++)
        yaml_node_free(builder->levels[i].key); /* a key that never got its value */
    yaml_parser_delete(&parser);
    return going;
}

/* libyaml names a byte offset only; people look for a line. */
static gboolean
check_bytes(const char *name, const char *bytes, gsize length, Problems *problems)
{
    const char *bad = NULL;
    if (length > YAML_FILE_MAX) {
        problems_add(problems, name, 0, 0, NULL, _("is larger than 16 MiB; split it"));
        return FALSE;
    }
    if (g_utf8_validate_len(bytes, length, &bad))
        return TRUE;
    guint line = 1;
    const char *start = bytes;
    for (const char *p = bytes; p < bad; p++)
        if (*p == '\n') {
            line++;
            start = p + 1;
        }
    guint column = (guint)g_utf8_strlen(start, bad - start) + 1;
    if (*bad == '\0')
        problems_add(problems, name, line, column, NULL, _("a NUL byte; is this a text file?"));
    else
        problems_add(problems, name, line, column, NULL,
                     _("the byte 0x%02X is not UTF-8; save the file as UTF-8 (not as GBK or GB18030)"), (guchar)*bad);
    return FALSE;
}

YamlFile *
yaml_load_bytes(const char *name, const char *bytes, gsize length, Problems *problems)
{
    if (!check_bytes(name, bytes, length, problems))
        return NULL;
    g_autoptr(YamlFile) file = g_new0(YamlFile, 1);
    file->name = g_strdup(name);
    file->digest = crypto_sha256_text(bytes, length);
    if (length >= 3 && memcmp(bytes, "\xEF\xBB\xBF", 3) == 0) { /* Windows editors write it */
        bytes += 3;
        length -= 3;
    }
    Builder builder = {.file = file, .problems = problems};
    if (!build_tree(&builder, bytes, length))
        return NULL;
    return g_steal_pointer(&file);
}

/* -1 with a problem; else the descriptor of a plain file. */
static int
open_plain(const char *path, Problems *problems)
{
    struct stat status;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) {
        problems_add(problems, path, 0, 0, NULL, _("cannot be opened: %s"), g_strerror(errno));
        return -1;
    }
    if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode))
        return fd;
    problems_add(problems, path, 0, 0, NULL, _("is no plain file"));
    close(fd);
    return -1;
}

YamlFile *
yaml_load(const char *path, Problems *problems)
{
    int fd = open_plain(path, problems);
    if (fd < 0)
        return NULL;
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    guint8 block[16384];
    gssize got = 0;
    while (bytes->len <= YAML_FILE_MAX && ((got = read(fd, block, sizeof block)) > 0 || (got < 0 && errno == EINTR)))
        if (got > 0)
            g_byte_array_append(bytes, block, (guint)got);
    int why = errno;
    close(fd);
    if (got < 0) {
        problems_add(problems, path, 0, 0, NULL, _("cannot be read: %s"), g_strerror(why));
        return NULL;
    }
    return yaml_load_bytes(path, bytes->len > 0 ? (const char *)bytes->data : "", bytes->len, problems);
}
