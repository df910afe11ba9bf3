/* address_list - mailboxes of a raw address header: comments, groups, quotes, missing commas and brackets. */
#include "config.h"
#include "address.h"
#include <string.h>

#define WORD_MAX 400 /* of an encoded word, taken in one piece whatever is in it */

typedef struct {
    const char *at, *end;
    gboolean pairs; /* not UTF-8: a byte above 0x80 may take the next one, '\\' or '@' too, as half of a character */
    gboolean quote_open, comment_open; /* one was found that nothing closes: then these are plain text */
    guint runs_open;                   /* the same, a bit for each kind of run */
    GPtrArray *list;
    GString *phrase;  /* words outside <> of the mailbox at hand */
    GString *comment; /* its comments */
    char *address;    /* from <>; NULL: none yet */
} Parser;

static void
mailbox_free(gpointer item)
{
    Mailbox *mailbox = item;
    g_free(mailbox->address);
    g_free(mailbox->display_raw);
    g_free(mailbox);
}

static gboolean
is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static void
trim(GString *text)
{
    gsize blanks = 0;
    while (text->len > 0 && is_blank(text->str[text->len - 1]))
        g_string_truncate(text, text->len - 1);
    while (blanks < text->len && is_blank(text->str[blanks]))
        blanks++;
    g_string_erase(text, 0, (gssize)blanks);
}

static char *
normal_of(const char *text, gsize length)
{
    g_autofree char *copy = g_strndup(text, length);
    return address_normal(copy);
}

/* No brackets: the word with an '@' is the address and the others are the name; or one ASCII word is a local name. */
static char *
take_bare_address(GString *phrase)
{
    const char *text = phrase->str;
    char *at = memchr(text, '@', phrase->len);
    gsize from, to;
    if (at == NULL) {
        for (gsize i = 0; i < phrase->len; i++)
            if ((guchar)text[i] >= 0x80 || is_blank(text[i]) || text[i] == '?' || text[i] < ' ')
                return NULL;
        if (phrase->len == 0)
            return NULL;
        from = 0;
        to = phrase->len;
    } else {
        for (from = (gsize)(at - text); from > 0 && !is_blank(text[from - 1]);)
            from--;
        for (to = (gsize)(at - text); to < phrase->len && !is_blank(text[to]);)
            to++;
    }
    char *address = normal_of(text + from, to - from);
    g_string_erase(phrase, (gssize)from, (gssize)(to - from));
    return address;
}

/* Puts the mailbox at hand on the list. `group`: what was read is a group's name. */
static void
finish_mailbox(Parser *parser, gboolean group)
{
    trim(parser->phrase);
    trim(parser->comment);
    if (parser->address == NULL && !group)
        parser->address = take_bare_address(parser->phrase);
    trim(parser->phrase);
    if (parser->comment->len > 0 && parser->phrase->len > 0)
        g_string_append_c(parser->phrase, ' ');
    g_string_append_len(parser->phrase, parser->comment->str, (gssize)parser->comment->len);
    if (parser->address != NULL || parser->phrase->len > 0) {
        Mailbox *mailbox = g_new0(Mailbox, 1);
        mailbox->address = parser->address != NULL ? g_steal_pointer(&parser->address) : g_strdup("");
        mailbox->display_length = parser->phrase->len;
        if (parser->phrase->len > 0) {
            mailbox->display_raw = g_malloc(parser->phrase->len + 1);
            memcpy(mailbox->display_raw, parser->phrase->str, parser->phrase->len + 1);
        }
        g_ptr_array_add(parser->list, mailbox);
    }
    g_string_truncate(parser->phrase, 0);
    g_string_truncate(parser->comment, 0);
}

/* --- what is taken in one piece ------------------------------------------ */

/* Bytes of the multibyte character at `text` that must not be looked at one by one. */
static gsize
character(const Parser *parser, const char *text)
{
    return parser->pairs && (guchar)*text > 0x80 && text + 1 < parser->end && (guchar)text[1] >= 0x40 ? 2 : 1;
}

/* An encoded word "=?charset?q?...?=" without blanks; 0 if it is none. */
static gsize
encoded_word(const Parser *parser)
{
    const char *end = MIN(parser->end, parser->at + WORD_MAX);
    guint marks = 0;
    if (parser->end - parser->at < 6 || parser->at[0] != '=' || parser->at[1] != '?')
        return 0;
    for (const char *c = parser->at + 1; c < end && !is_blank(*c); c++) {
        marks += *c == '?';
        if (marks >= 4 && c + 1 < end && c[0] == '?' && c[1] == '=')
            return (gsize)(c + 2 - parser->at);
    }
    return 0;
}

/* A run of a 7-bit charset, whose bytes are no syntax: ISO-2022 (ESC $ ... ESC (, or SO ... SI), HZ (~{ ... ~}). */
static gsize
seven_bit_run(Parser *parser)
{
    static const struct {
        const char *open, *close;
        guint more; /* bytes that belong to the close */
    } runs[] = {{"\x1B$", "\x1B(", 1}, {"\x0E", "\x0F", 0}, {"~{", "~}", 0}};
    gsize left = (gsize)(parser->end - parser->at);
    for (guint i = 0; i < G_N_ELEMENTS(runs); i++) {
        gsize size = strlen(runs[i].open);
        const char *close;
        if (parser->runs_open & 1u << i || left < size || memcmp(parser->at, runs[i].open, size) != 0)
            continue;
        close = memmem(parser->at + size, left - size, runs[i].close, strlen(runs[i].close));
        if (close != NULL)
            return MIN((gsize)(close - parser->at) + strlen(runs[i].close) + runs[i].more, left);
        parser->runs_open |= 1u << i;
    }
    return 0;
}

/* The end of a quoted string or a comment that begins at parser->at, its content without quotes and escapes added to
 * `to`; NULL if it has none. */
static const char *
read_enclosed(Parser *parser, char open, char close, GString *to)
{
    gsize before = to->len;
    guint depth = 1;
    for (const char *c = parser->at + 1; c < parser->end;) {
        gsize size = character(parser, c);
        if (size == 1 && *c == '\\' && c + 1 < parser->end) {
            c++;
            size = character(parser, c);
        } else if (size == 1 && *c == close && --depth == 0) {
            return c + 1;
        } else if (size == 1 && *c == open && open != close) {
            depth++;
        }
        g_string_append_len(to, c, (gssize)size);
        c += size;
    }
    g_string_truncate(to, before);
    return NULL;
}

/* <...>: up to '>', or to what cannot be in an address any more (a comma can, in a source route). */
static void
read_brackets(Parser *parser)
{
    const char *c = parser->at + 1;
    gboolean quoted = FALSE, route = c < parser->end && *c == '@';
    if (parser->address != NULL)
        finish_mailbox(parser, FALSE); /* a comma was forgotten */
    for (; c < parser->end && (quoted || (*c != '>' && *c != '<' && (route || *c != ','))); c++) {
        if (*c == '\\' && c + 1 < parser->end)
            c++;
        else if (*c == '"')
            quoted = !quoted;
    }
    c = MIN(c, parser->end);
    parser->address = normal_of(parser->at + 1, (gsize)(c - parser->at - 1));
    parser->at = c + (c < parser->end && *c == '>');
}

static void
take(Parser *parser, gsize length)
{
    g_string_append_len(parser->phrase, parser->at, (gssize)length);
    parser->at += length;
}

/* A quoted local part stays quoted, since its blanks and signs are no syntax. */
static gboolean
is_local_part(const char *behind, const char *end)
{
    return behind < end && *behind == '@';
}

static void
read_quoted(Parser *parser)
{
    g_autoptr(GString) content = g_string_new(NULL);
    const char *behind = parser->quote_open ? NULL : read_enclosed(parser, '"', '"', content);
    if (behind == NULL) {
        parser->quote_open = TRUE;
        take(parser, 1);
    } else if (is_local_part(behind, parser->end)) {
        const char *c = behind;
        while (c < parser->end && !is_blank(*c) && strchr(",;<>()", *c) == NULL)
            c++;
        if (parser->address != NULL)
            finish_mailbox(parser, FALSE);
        parser->address = normal_of(parser->at, (gsize)(c - parser->at));
        parser->at = c;
    } else {
        g_string_append_len(parser->phrase, content->str, (gssize)content->len);
        parser->at = behind;
    }
}

static void
read_comment(Parser *parser)
{
    const char *behind;
    if (parser->comment->len > 0)
        g_string_append_c(parser->comment, ' ');
    behind = parser->comment_open ? NULL : read_enclosed(parser, '(', ')', parser->comment);
    if (behind == NULL) {
        parser->comment_open = TRUE;
        take(parser, 1);
        return;
    }
    if (parser->phrase->len > 0)
        g_string_append_c(parser->phrase, ' ');
    parser->at = behind;
}

/* "Name: a, b;" unless the colon is that of an address ("[IPv6:...]", a route). */
static gboolean
is_group(const Parser *parser)
{
    return parser->address == NULL && memchr(parser->phrase->str, '@', parser->phrase->len) == NULL &&
           memchr(parser->phrase->str, '[', parser->phrase->len) == NULL;
}

static void
read_one(Parser *parser)
{
    gsize piece = seven_bit_run(parser);
    if (piece == 0)
        piece = encoded_word(parser);
    if (piece == 0 && character(parser, parser->at) == 2)
        piece = 2;
    if (piece > 0) {
        take(parser, piece);
        return;
    }
    switch (*parser->at) {
    case '"':
        read_quoted(parser);
        break;
    case '(':
        read_comment(parser);
        break;
    case '<':
        read_brackets(parser);
        break;
    case ',':
    case ';':
        finish_mailbox(parser, FALSE);
        parser->at++;
        break;
    case ':':
        if (is_group(parser)) {
            finish_mailbox(parser, TRUE);
            parser->at++;
            break;
        }
        /* fall through */
    default:
        take(parser, 1);
    }
}

GPtrArray *
address_parse_list(const char *raw, gsize length)
{
    Parser parser = {.at = raw, .end = raw + length, .pairs = !g_utf8_validate(raw, (gssize)length, NULL)};
    parser.list = g_ptr_array_new_with_free_func(mailbox_free);
    parser.phrase = g_string_new(NULL);
    parser.comment = g_string_new(NULL);
    while (parser.at < parser.end && parser.list->len < ADDRESS_LIST_MAX)
        read_one(&parser);
    if (parser.at < parser.end) { /* no more are told apart, but nothing is lost */
        take(&parser, (gsize)(parser.end - parser.at));
        finish_mailbox(&parser, TRUE);
    } else {
        finish_mailbox(&parser, FALSE);
    }
    g_string_free(parser.phrase, TRUE);
    g_string_free(parser.comment, TRUE);
    g_free(parser.address);
    return parser.list;
}
