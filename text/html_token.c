/* html_token - where the tokens of HTML begin and end, at whatever byte the pushes are cut. */
#include "config.h"
#include "html_bytes.h"
#include "html_scan.h"
#include <string.h>

static gsize
common_prefix(const char *text, gsize length, const char *word)
{
    gsize common = 0;
    while (common < length && word[common] != '\0' && g_ascii_tolower(text[common]) == word[common])
        common++;
    return common;
}

static OpenKind
open_raw(const Html *html, const char *text, gsize length, gsize *used_out)
{
    const char *name = html->raw_is_style ? "</style" : "</script";
    *used_out = common_prefix(text, length, name);
    if (*used_out == length)
        return OPEN_MORE;
    return name[*used_out] == '\0' &&
                   (byte_is_space(text[*used_out]) || text[*used_out] == '/' || text[*used_out] == '>')
               ? OPEN_TAG
               : OPEN_TEXT;
}

static OpenKind
open_declaration(const Html *html, const char *text, gsize length, gsize *used_out)
{
    static const char comment[] = "<!--", cdata[] = "<![cdata[";
    gsize dashes = common_prefix(text, length, comment);
    gsize letters = common_prefix(text, length, cdata);
    *used_out = MAX(dashes, letters);
    if (dashes == strlen(comment))
        return OPEN_COMMENT;
    if (letters == strlen(cdata))
        return OPEN_CDATA;
    return *used_out == length ? OPEN_MORE : OPEN_BOGUS;
}

static gboolean
begins_name(const Html *html, char c)
{
    return g_ascii_isalpha(c) || (html->xml && (c == '_' || (guint8)c >= 0x80));
}

OpenKind
html_open_kind(const Html *html, const char *text, gsize length, gsize *used_out)
{
    *used_out = 1;
    if (html->in_raw)
        return open_raw(html, text, length, used_out);
    if (length < 2)
        return OPEN_MORE;
    if (text[1] == '!')
        return open_declaration(html, text, length, used_out);
    if (begins_name(html, text[1])) {
        *used_out = 2;
        return OPEN_TAG;
    }
    if (text[1] != '/' && text[1] != '?')
        return OPEN_TEXT;
    if (text[1] == '/' && length < 3)
        return OPEN_MORE;
    *used_out = text[1] == '/' && begins_name(html, text[2]) ? 3 : 2;
    return *used_out == 3 ? OPEN_TAG : OPEN_BOGUS;
}

/* The byte `back` before `at`, which may lie in what earlier pushes left. */
static char
byte_before(const Html *html, const char *start, const char *at, gsize back)
{
    gsize here = (gsize)(at - start);
    if (back <= here)
        return at[-(gssize)back];
    back -= here;
    return back <= html->held->len ? html->held->str[html->held->len - back] : '\0';
}

static const char *
comment_end(const Html *html, const char *start, const char *from, const char *end)
{
    while (from < end && (from = memchr(from, '>', (gsize)(end - from))) != NULL) {
        gsize length = html->held->len + (gsize)(from - start);
        char one = byte_before(html, start, from, 1), two = byte_before(html, start, from, 2);
        from++;
        if (one == '-' && two == '-')
            return from;
        if (one == '!' && two == '-' && byte_before(html, start, from - 1, 3) == '-' &&
            (length >= 7 || html->comment_fed))
            return from;
    }
    return NULL;
}

static TagState
next_tag_state(TagState state, char c)
{
    switch (state) {
    case TAG_NAME:
        return byte_is_space(c) || c == '/' ? TAG_BETWEEN : TAG_NAME;
    case TAG_BETWEEN:
        return byte_is_space(c) || c == '/' ? TAG_BETWEEN : TAG_ATTRIBUTE;
    case TAG_ATTRIBUTE:
    case TAG_AFTER:
        return byte_is_space(c) ? TAG_AFTER : c == '/' ? TAG_BETWEEN : c == '=' ? TAG_EQUALS : TAG_ATTRIBUTE;
    case TAG_EQUALS:
        return byte_is_space(c) ? TAG_EQUALS : c == '"' ? TAG_DOUBLE : c == '\'' ? TAG_SINGLE : TAG_BARE;
    default: /* TAG_BARE */
        return byte_is_space(c) ? TAG_BETWEEN : TAG_BARE;
    }
}

static const char *
tag_end(Html *html, const char *from, const char *end)
{
    TagState state = html->tag_state;
    while (from < end) {
        if (state == TAG_DOUBLE || state == TAG_SINGLE) {
            from = bytes_find(from, end, state == TAG_DOUBLE ? '"' : '\'');
            if (from == NULL)
                break;
            state = TAG_BETWEEN;
            from++;
            continue;
        }
        if (*from == '>') {
            html->tag_state = TAG_NAME;
            return from + 1;
        }
        state = next_tag_state(state, *from++);
    }
    html->tag_state = state;
    return NULL;
}

const char *
html_token_end(Html *html, const char *start, const char *from, const char *end)
{
    const char *stop;
    if (html->state == SCAN_COMMENT)
        return comment_end(html, start, from, end);
    if (html->state == SCAN_TAG && !html->blind)
        return tag_end(html, from, end);
    stop = from < end ? memchr(from, '>', (gsize)(end - from)) : NULL;
    return stop != NULL ? stop + 1 : NULL;
}
