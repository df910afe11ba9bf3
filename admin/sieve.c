/* Lexer and parser of RFC 5228: a command is a name, arguments, tests, and a block or a semicolon. */
#include "config.h"
#include "sieve.h"
#include "errors.h"
#include <glib/gi18n.h>
#include <string.h>

typedef enum { TOKEN_END, TOKEN_NAME, TOKEN_TAG, TOKEN_NUMBER, TOKEN_STRING, TOKEN_SIGN } TokenKind;

typedef struct {
    const char *at, *end;
    guint line;
    TokenKind kind; /* of the token in hand */
    GString *text;  /* of NAME, TAG, STRING */
    char sign;      /* of SIGN */
    guint token_line;
    guint depth;
    char *wrong; /* the first mistake, with its line; NULL: none */
} Parser;

static void
argument_free(gpointer data)
{
    SieveArgument *argument = data;
    if (argument->strings != NULL)
        g_ptr_array_unref(argument->strings);
    g_free(argument->tag);
    g_free(argument);
}

static void
node_free(gpointer data)
{
    SieveNode *node = data;
    g_ptr_array_unref(node->arguments);
    g_ptr_array_unref(node->tests);
    if (node->block != NULL)
        g_ptr_array_unref(node->block);
    g_free(node->name);
    g_free(node);
}

static void
wrong(Parser *parser, const char *what)
{
    if (parser->wrong == NULL)
        parser->wrong = g_strdup_printf(_("line %u: %s"), parser->line, what);
    parser->at = parser->end;
    parser->kind = TOKEN_END;
}

/* --- words ------------------------------------------------------------------------------------------------------- */

static void
skip_line(Parser *parser)
{
    const char *end = memchr(parser->at, '\n', (gsize)(parser->end - parser->at));
    parser->at = end != NULL ? end : parser->end;
}

static void
skip_comment(Parser *parser)
{
    const char *from = parser->at + 2;
    const char *close = g_strstr_len(from, parser->end - from, "*/");
    if (close == NULL) {
        wrong(parser, _("a comment does not end"));
        return;
    }
    for (const char *c = parser->at; c < close; c++)
        parser->line += *c == '\n';
    parser->at = close + 2;
}

static void
skip_blank(Parser *parser)
{
    while (parser->at < parser->end) {
        if (*parser->at == '\n')
            parser->line++;
        if (strchr(" \t\r\n", *parser->at) != NULL)
            parser->at++;
        else if (*parser->at == '#')
            skip_line(parser);
        else if (*parser->at == '/' && parser->at + 1 < parser->end && parser->at[1] == '*')
            skip_comment(parser);
        else
            return;
    }
}

static void
read_quoted(Parser *parser)
{
    parser->kind = TOKEN_STRING;
    for (parser->at++; parser->at < parser->end && *parser->at != '"'; parser->at++) {
        if (*parser->at == '\\' && parser->at + 1 < parser->end)
            parser->at++;
        if (*parser->at == '\n')
            parser->line++;
        g_string_append_c(parser->text, *parser->at);
    }
    if (parser->at >= parser->end)
        wrong(parser, _("a string does not end"));
    else
        parser->at++;
}

/* "text:", the rest of the line at most a comment, then lines up to one that is a single dot. */
static void
read_lines(Parser *parser)
{
    parser->kind = TOKEN_STRING;
    g_string_truncate(parser->text, 0);
    skip_line(parser);
    while (parser->at < parser->end) {
        const char *line = ++parser->at; /* behind the line feed */
        parser->line++;
        skip_line(parser);
        gsize length = (gsize)(parser->at - line);
        gsize bare = length > 0 && line[length - 1] == '\r' ? length - 1 : length;
        if (bare == 1 && line[0] == '.')
            return;
        gboolean stuffed = length > 1 && line[0] == '.' && line[1] == '.';
        g_string_append_len(parser->text, line + stuffed, (gssize)(length - (gsize)stuffed));
        g_string_append_c(parser->text, '\n');
    }
    wrong(parser, _("a text of several lines does not end"));
}

static void
read_name(Parser *parser, TokenKind kind)
{
    parser->kind = kind;
    while (parser->at < parser->end && (g_ascii_isalnum(*parser->at) || *parser->at == '_' || *parser->at == '.'))
        g_string_append_c(parser->text, g_ascii_tolower(*parser->at++));
    if (parser->text->len == 0)
        wrong(parser, _("a name is expected"));
    else if (kind == TOKEN_NAME && g_str_equal(parser->text->str, "text") && parser->at < parser->end &&
             *parser->at == ':')
        read_lines(parser);
}

static void
next(Parser *parser)
{
    g_string_truncate(parser->text, 0);
    skip_blank(parser);
    parser->token_line = parser->line;
    parser->kind = TOKEN_END;
    if (parser->at >= parser->end)
        return;
    char c = *parser->at;
    if (c == '"') {
        read_quoted(parser);
    } else if (c == ':') {
        parser->at++;
        read_name(parser, TOKEN_TAG);
    } else if (g_ascii_isdigit(c)) {
        parser->kind = TOKEN_NUMBER;
        while (parser->at < parser->end && g_ascii_isalnum(*parser->at))
            parser->at++;
    } else if (g_ascii_isalpha(c) || c == '_') {
        read_name(parser, TOKEN_NAME);
    } else if (strchr(";,(){}[]", c) != NULL) {
        parser->kind = TOKEN_SIGN;
        parser->sign = c;
        parser->at++;
    } else {
        wrong(parser, _("this sign does not belong here"));
    }
}

static gboolean
is_sign(const Parser *parser, char sign)
{
    return parser->kind == TOKEN_SIGN && parser->sign == sign;
}

static gboolean
take_sign(Parser *parser, char sign)
{
    if (!is_sign(parser, sign))
        return FALSE;
    next(parser);
    return TRUE;
}

/* --- sentences --------------------------------------------------------------------------------------------------- */

static SieveArgument *
read_argument(Parser *parser)
{
    SieveArgument *argument = g_new0(SieveArgument, 1);
    argument->kind = parser->kind == TOKEN_TAG      ? SIEVE_TAG
                     : parser->kind == TOKEN_NUMBER ? SIEVE_NUMBER
                                                    : SIEVE_STRINGS;
    if (argument->kind == SIEVE_TAG)
        argument->tag = g_strdup(parser->text->str);
    if (argument->kind == SIEVE_STRINGS)
        argument->strings = g_ptr_array_new_with_free_func(g_free);
    if (!is_sign(parser, '[')) {
        if (argument->kind == SIEVE_STRINGS)
            g_ptr_array_add(argument->strings, g_strdup(parser->text->str));
        next(parser);
        return argument;
    }
    next(parser);
    while (parser->kind == TOKEN_STRING) {
        g_ptr_array_add(argument->strings, g_strdup(parser->text->str));
        next(parser);
        if (!take_sign(parser, ','))
            break;
    }
    if (!take_sign(parser, ']'))
        wrong(parser, _("a list of strings does not end"));
    return argument;
}

static void read_node(Parser *parser, GPtrArray *nodes, gboolean test);

/* One test, or several in parentheses. */
static void
read_tests(Parser *parser, GPtrArray *tests)
{
    if (!take_sign(parser, '(')) {
        read_node(parser, tests, TRUE);
        return;
    }
    do
        read_node(parser, tests, TRUE);
    while (take_sign(parser, ','));
    if (!take_sign(parser, ')'))
        wrong(parser, _("a list of tests does not end"));
}

static void
read_block(Parser *parser, GPtrArray *block)
{
    while (parser->kind == TOKEN_NAME)
        read_node(parser, block, FALSE);
    if (!take_sign(parser, '}'))
        wrong(parser, _("a block does not end"));
}

static void
read_node(Parser *parser, GPtrArray *nodes, gboolean test)
{
    if (parser->kind != TOKEN_NAME) {
        wrong(parser, test ? _("a test is expected") : _("a command is expected"));
        return;
    }
    if (++parser->depth > SIEVE_DEPTH_MAX) {
        wrong(parser, _("too deeply nested"));
        return;
    }
    SieveNode *node = g_new0(SieveNode, 1);
    node->name = g_strdup(parser->text->str);
    node->line = parser->token_line;
    node->arguments = g_ptr_array_new_with_free_func(argument_free);
    node->tests = g_ptr_array_new_with_free_func(node_free);
    g_ptr_array_add(nodes, node);
    next(parser);
    while (parser->kind == TOKEN_STRING || parser->kind == TOKEN_NUMBER || parser->kind == TOKEN_TAG ||
           is_sign(parser, '['))
        g_ptr_array_add(node->arguments, read_argument(parser));
    if (parser->kind == TOKEN_NAME || is_sign(parser, '('))
        read_tests(parser, node->tests);
    if (!test && take_sign(parser, '{')) {
        node->block = g_ptr_array_new_with_free_func(node_free);
        read_block(parser, node->block);
    } else if (!test && !take_sign(parser, ';')) {
        wrong(parser, _("a semicolon or a block is missing"));
    }
    parser->depth--;
}

GPtrArray *
sieve_parse(const char *text, gsize length, GError **error)
{
    if (length > SIEVE_SCRIPT_MAX) {
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_DATA, _("larger than %d bytes"), SIEVE_SCRIPT_MAX);
        return NULL;
    }
    g_autoptr(GPtrArray) commands = g_ptr_array_new_with_free_func(node_free);
    Parser parser = {.at = text, .end = text + length, .line = 1, .text = g_string_new(NULL)};
    if (length >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0)
        parser.at += 3;
    next(&parser);
    while (parser.kind != TOKEN_END)
        read_node(&parser, commands, FALSE);
    g_string_free(parser.text, TRUE);
    if (parser.wrong == NULL)
        return g_steal_pointer(&commands);
    g_set_error(error, HANGU_ERROR, HANGU_ERROR_DATA, "%s", parser.wrong);
    g_free(parser.wrong);
    return NULL;
}

gboolean
sieve_has_tag(const SieveNode *node, const char *tag)
{
    for (guint i = 0; i < node->arguments->len; i++) {
        const SieveArgument *argument = g_ptr_array_index(node->arguments, i);
        if (argument->kind == SIEVE_TAG && strcmp(argument->tag, tag) == 0)
            return TRUE;
    }
    return FALSE;
}
