/* yaml - YAML files read against tables of rows; the one home of libyaml.
 *
 * The tree is built from libyaml's events and keeps line and column of each node. A file is loaded whole
 * (at most YAML_FILE_MAX bytes, YAML_NODES_MAX nodes, YAML_DEPTH_MAX levels), must be UTF-8, anchors, aliases and
 * tags are refused (billion laughs), duplicate keys are mistakes. All mistakes of a run are collected in
 * Problems and shown together, each with file, line, column, key, what was expected and, for an unknown
 * key, the nearest known one. Texts are in the language of the process. */
#pragma once
#include <glib.h>

#define YAML_FILE_MAX (16 * 1024 * 1024)
#define YAML_NODES_MAX (1000 * 1000)
#define YAML_DEPTH_MAX 32

typedef struct {
    char *file;
    guint line, column; /* from 1; 0 when the file itself is the problem */
    char *key;          /* dotted path, "milter.deadline"; may be NULL */
    char *text;         /* what is wrong, what is allowed */
} Problem;

/* A list of Problem; past a thousand they are only counted. */
typedef struct Problems Problems;
Problems *problems_new(void);
void problems_free(Problems *problems);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Problems, problems_free)
guint problems_count(const Problems *problems);
const Problem *problems_get(const Problems *problems, guint index); /* lends */
void problems_add(Problems *problems, const char *file, guint line, guint column, const char *key, const char *format,
                  ...) G_GNUC_PRINTF(6, 7);
void problems_add_list(Problems *problems, const char *file, guint line, guint column, const char *key,
                       const char *format, va_list arguments) G_GNUC_PRINTF(6, 0);
/* "FILE:LINE:COLUMN: KEY: TEXT" lines; gives a new string. */
char *problems_to_text(const Problems *problems);
/* An error (HANGU_ERROR_SETTINGS) that holds problems_to_text(). No-op without problems: FALSE then. */
gboolean problems_to_error(const Problems *problems, GError **error);

typedef struct YamlFile YamlFile;
typedef struct YamlNode YamlNode; /* lent by its file */
typedef enum { YAML_SCALAR, YAML_LIST, YAML_MAP } YamlKind;

/* NULL (with problems) if it cannot be read or is not YAML. Duplicate keys, aliases and the like are added to
 * problems, too, but the file is given, so that one run names every mistake: look at problems_count() before
 * using what was read. */
YamlFile *yaml_load(const char *path, Problems *problems);
YamlFile *yaml_load_bytes(const char *name, const char *bytes, gsize length, Problems *problems);
void yaml_unload(YamlFile *file); /* libyaml has a yaml_free of its own */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(YamlFile, yaml_unload)
YamlNode *yaml_root(YamlFile *file);           /* NULL for an empty file */
const char *yaml_digest(const YamlFile *file); /* "sha256:..." of the file's bytes; lent */
YamlKind yaml_kind(const YamlNode *node);
const char *yaml_scalar(const YamlNode *node, gsize *length_out); /* NULL if it is none; no NUL inside */
gboolean yaml_is_blank(const YamlNode *node);                     /* "key:" and nothing behind it */
guint yaml_length(const YamlNode *node);                          /* items of a list, pairs of a map */
YamlNode *yaml_item(const YamlNode *list, guint index);
const char *yaml_key(const YamlNode *map, guint index); /* and its value: */
YamlNode *yaml_value(const YamlNode *map, guint index);
YamlNode *yaml_key_node(const YamlNode *map, guint index); /* for the place of a key */
YamlNode *yaml_get(const YamlNode *map, const char *key);  /* NULL if absent */
guint yaml_line(const YamlNode *node);
guint yaml_column(const YamlNode *node);
/* A mistake at this node. */
void yaml_problem(const YamlNode *node, Problems *problems, const char *key, const char *format, ...)
    G_GNUC_PRINTF(4, 5);

/* The first text at or below `node` that says `word`, so that a mistake is shown where it stands; `node` if none does.
 */
const YamlNode *yaml_find_word(const YamlNode *node, const char *word);

/* One row per setting of a map. */
typedef enum {
    YAML_ROW_BOOL,    /* gboolean */
    YAML_ROW_INT,     /* gint64; min..max */
    YAML_ROW_SIZE,    /* gint64 bytes: 10485760, 10M, 64K; min..max */
    YAML_ROW_SECONDS, /* gint64 seconds: 45, 45s, 4m; min..max */
    YAML_ROW_TEXT,    /* char *, UTF-8 */
    YAML_ROW_PATH,    /* char *, absolute */
    YAML_ROW_ENUM,    /* int, one of words */
    YAML_ROW_TEXTS,   /* GPtrArray of char *; a single scalar counts as a list of one */
    YAML_ROW_MAP,     /* nested rows, same struct */
    YAML_ROW_NODE,    /* YamlNode *, for the caller to read on */
} YamlRowType;

typedef struct {
    const char *word;
    int value;
} YamlWord; /* ends with {NULL, 0} */

typedef struct YamlRow {
    const char *key;
    YamlRowType type;
    gsize offset;         /* G_STRUCT_OFFSET in the target struct */
    const char *fallback; /* default as it would be written; NULL: none (pointer NULL, number 0) */
    gboolean required;
    gint64 min, max; /* both 0: unbounded */
    const YamlWord *words;
    const struct YamlRow *rows;                           /* YAML_ROW_MAP; ends with {NULL} */
    gboolean (*check)(const char *value, char **why_out); /* TEXT, PATH and each of TEXTS */
    const char *help_zh, *help_en;                        /* one or two sentences for the example file and the manual */
} YamlRow;

/* Sets every row's default, then reads `map` (may be NULL) into `target`, which was zeroed or read by the same rows
 * before. Mistakes are added to problems; such a row keeps its default. `prefix` is the dotted path so far ("" at the
 * top). A map whose keys are all commented out (blank) is an empty map. */
void yaml_read_rows(const YamlNode *map, const YamlRow *rows, const char *prefix, gpointer target, Problems *problems);
/* Frees what the rows own in `target` (not the struct itself). */
void yaml_clear_rows(const YamlRow *rows, gpointer target);
/* The commented example file that these rows mean: help in both languages, `#key: default`. Gives. */
char *yaml_example(const YamlRow *rows);
/* The values in `target` as YAML that reads back as the same. Gives. */
char *yaml_format(const YamlRow *rows, gconstpointer target);
/* One value as it would be written in YAML; NULL for a pointer that is NULL, for maps and nodes. Gives. */
char *yaml_format_value(const YamlRow *row, gconstpointer target);
/* The word for a value, or NULL. */
const char *yaml_word(const YamlWord *words, int value);
