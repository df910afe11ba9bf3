/* A reader of tokens; statements are known by their first words. */
#include "config.h"
#include "sql_dump.h"
#include <string.h>

typedef struct {
    const char *at;
    guint line;
    const char *table;
    const char *const *names;
    DumpRow each;
    gpointer user;
    GPtrArray *columns; /* char *: of CREATE TABLE */
    gboolean found;
} Dump;

typedef enum { TOKEN_END, TOKEN_WORD, TOKEN_TEXT, TOKEN_SIGN } TokenKind;
typedef struct {
    TokenKind kind;
    GString *text; /* without quotes */
    gboolean quoted;
} Token;

static void
step(Dump *dump)
{
    dump->line += *dump->at == '\n';
    dump->at++;
}

static void
skip_space(Dump *dump)
{
    for (;;) {
        while (g_ascii_isspace(*dump->at))
            step(dump);
        if (strncmp(dump->at, "--", 2) != 0 || (dump->at[2] != ' ' && dump->at[2] != '\n'))
            return;
        while (*dump->at != '\0' && *dump->at != '\n')
            step(dump);
    }
}

/* 'it''s', 'it\'s', "name", `name`. */
static void
read_quoted(Dump *dump, Token *token)
{
    char quote = *dump->at;
    step(dump);
    while (*dump->at != '\0') {
        if (*dump->at == '\\' && quote == '\'' && dump->at[1] != '\0') {
            step(dump);
            g_string_append_c(token->text, *dump->at == 'n' ? '\n' : *dump->at == 't' ? '\t' : *dump->at);
        } else if (*dump->at == quote && dump->at[1] == quote) {
            step(dump);
            g_string_append_c(token->text, quote);
        } else if (*dump->at == quote) {
            break;
        } else {
            g_string_append_c(token->text, *dump->at);
        }
        step(dump);
    }
    if (*dump->at != '\0')
        step(dump);
}

static TokenKind
next(Dump *dump, Token *token)
{
    g_string_truncate(token->text, 0);
    skip_space(dump);
    token->quoted = *dump->at != '\0' && strchr("'\"`", *dump->at) != NULL;
    if (*dump->at == '\0')
        return token->kind = TOKEN_END;
    if (token->quoted) {
        token->kind = *dump->at == '\'' ? TOKEN_TEXT : TOKEN_WORD;
        read_quoted(dump, token);
        return token->kind;
    }
    if (strchr("(),;=*", *dump->at) != NULL) {
        g_string_append_c(token->text, *dump->at);
        step(dump);
        return token->kind = TOKEN_SIGN;
    }
    for (; *dump->at != '\0' && !g_ascii_isspace(*dump->at) && strchr("(),;=*'\"`", *dump->at) == NULL; step(dump))
        g_string_append_c(token->text, *dump->at);
    return token->kind = TOKEN_WORD;
}

static gboolean
is_sign(const Token *token, char sign)
{
    return token->kind == TOKEN_SIGN && token->text->str[0] == sign;
}

static gboolean
is_word(const Token *token, const char *word)
{
    return token->kind == TOKEN_WORD && !token->quoted && g_ascii_strcasecmp(token->text->str, word) == 0;
}

static gboolean
is_table(const Dump *dump, const Token *token)
{
    gsize length = strlen(dump->table);
    return token->kind == TOKEN_WORD && token->text->len >= length &&
           g_ascii_strcasecmp(token->text->str + token->text->len - length, dump->table) == 0;
}

static void
skip_statement(Dump *dump, Token *token)
{
    while (token->kind != TOKEN_END && !is_sign(token, ';'))
        next(dump, token);
}

/* "(a, `b`, c)": behind the bracket. */
static GPtrArray *
read_names(Dump *dump, Token *token)
{
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
    while (next(dump, token) != TOKEN_END && !is_sign(token, ')'))
        if (token->kind == TOKEN_WORD)
            g_ptr_array_add(names, g_strdup(token->text->str));
    return names;
}

/* The first word of each definition that is a column's. */
static void
read_create(Dump *dump, Token *token)
{
    static const char *const others[] = {"primary", "key", "unique", "index", "constraint", "foreign", "check", NULL};
    gboolean begins = TRUE;
    g_ptr_array_set_size(dump->columns, 0);
    for (guint depth = 1; depth > 0 && next(dump, token) != TOKEN_END; begins = depth == 1 && is_sign(token, ',')) {
        g_autofree char *lower = g_ascii_strdown(token->text->str, -1);
        if (begins && token->kind == TOKEN_WORD && (token->quoted || !g_strv_contains(others, lower)))
            g_ptr_array_add(dump->columns, g_strdup(token->text->str));
        depth += is_sign(token, '(') ? 1 : 0;
        depth -= is_sign(token, ')') ? 1 : 0;
    }
}

static void
tell_row(Dump *dump, const GPtrArray *columns, const GPtrArray *values, guint line)
{
    g_autofree const char **asked = g_new0(const char *, g_strv_length((char **)dump->names) + 1);
    for (guint i = 0; dump->names[i] != NULL; i++)
        for (guint k = 0; k < MIN(columns->len, values->len); k++)
            if (g_ascii_strcasecmp(g_ptr_array_index(columns, k), dump->names[i]) == 0)
                asked[i] = g_ptr_array_index(values, k);
    dump->each(asked, line, dump->user);
}

/* _utf8mb4 'x', E'x': of the value behind it. */
static gboolean
is_prefix(const Dump *dump, const Token *token)
{
    return token->kind == TOKEN_WORD && !token->quoted && (token->text->str[0] == '_' || *dump->at == '\'');
}

/* "(1, 'x', NULL), (...);": behind VALUES. */
static void
read_values(Dump *dump, Token *token, const GPtrArray *columns)
{
    g_autoptr(GPtrArray) values = g_ptr_array_new_with_free_func(g_free);
    while (next(dump, token) != TOKEN_END && !is_sign(token, ';')) {
        if (!is_sign(token, '('))
            continue;
        guint line = dump->line;
        g_ptr_array_set_size(values, 0);
        while (next(dump, token) != TOKEN_END && !is_sign(token, ')'))
            if (token->kind != TOKEN_SIGN && !is_prefix(dump, token))
                g_ptr_array_add(values, is_word(token, "null") ? NULL : g_strdup(token->text->str));
        if (token->kind != TOKEN_END)
            tell_row(dump, columns, values, line);
    }
}

/* pg_dump's lines of tabs until "\."; columns NULL: of another table. */
static void
read_copied(Dump *dump, const GPtrArray *columns)
{
    while (*dump->at != '\0' && *dump->at != '\n')
        step(dump);
    while (*dump->at != '\0') {
        step(dump);
        gsize length = strcspn(dump->at, "\n");
        g_autofree char *row = g_strndup(dump->at, length);
        g_auto(GStrv) cells = g_strsplit(g_strchomp(row), "\t", -1);
        g_autoptr(GPtrArray) values = g_ptr_array_new_with_free_func(g_free);
        if (strcmp(row, "\\.") == 0) {
            dump->at += length;
            return;
        }
        for (char **cell = cells; columns != NULL && *cell != NULL; cell++)
            g_ptr_array_add(values, strcmp(*cell, "\\N") == 0 ? NULL : g_strcompress(*cell));
        if (columns != NULL)
            tell_row(dump, columns, values, dump->line);
        dump->at += length;
    }
}

/* Behind the table's name of INSERT or COPY. */
static void
read_rows(Dump *dump, Token *token, gboolean copy)
{
    g_autoptr(GPtrArray) own = NULL;
    next(dump, token);
    if (is_sign(token, '(')) {
        own = read_names(dump, token);
        next(dump, token);
    }
    const GPtrArray *columns = own != NULL ? own : dump->columns;
    while (token->kind != TOKEN_END && !is_sign(token, ';') && !is_word(token, "values"))
        next(dump, token);
    if (copy && is_sign(token, ';'))
        read_copied(dump, columns);
    else if (is_word(token, "values"))
        read_values(dump, token, columns);
}

static void
read_statement(Dump *dump, Token *token)
{
    gboolean create = is_word(token, "create"), insert = is_word(token, "insert"), copy = is_word(token, "copy");
    for (guint i = 0; (create || insert || copy) && i < 6; i++) { /* TABLE IF NOT EXISTS, INTO */
        next(dump, token);
        if (token->kind != TOKEN_WORD)
            break;
        if (!is_table(dump, token))
            continue;
        dump->found = TRUE;
        if (!create)
            read_rows(dump, token, copy);
        else if (next(dump, token) == TOKEN_SIGN && is_sign(token, '('))
            read_create(dump, token);
        skip_statement(dump, token);
        return;
    }
    skip_statement(dump, token);
    if (copy)
        read_copied(dump, NULL);
}

gboolean
sql_dump_each(const char *text, const char *table, const char *const *names, DumpRow each, gpointer user)
{
    g_autoptr(GString) word = g_string_new(NULL);
    Token token = {.text = word};
    Dump dump = {.at = text, .line = 1, .table = table, .names = names, .each = each, .user = user};
    dump.columns = g_ptr_array_new_with_free_func(g_free);
    while (next(&dump, &token) != TOKEN_END)
        read_statement(&dump, &token);
    g_ptr_array_unref(dump.columns);
    return dump.found;
}
