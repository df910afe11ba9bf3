/* transfer_uu - uuencode (POSIX.1-2017 uuencode) in a text: find its blocks, decode them.
 *
 * Mail readers decode a block wherever it stands, so do we; behind "> " as well, since replies quote. */
#include "config.h"
#include "transfer.h"
#include "transfer_codec.h"
#include <string.h>

static gsize
prefix_of(const guint8 *line, gsize length)
{
    gsize i = 0;
    while (i < length && i < UU_PREFIX_MAX && strchr("> \t|", line[i]) != NULL && line[i] != '\0')
        i++;
    return i;
}

static gsize
trimmed(const guint8 *line, gsize length)
{
    while (length > 0 && (line[length - 1] == '\r' || line[length - 1] == ' ' || line[length - 1] == '\t'))
        length--;
    return length;
}

static gboolean
starts(const guint8 *line, gsize length, gsize at, const char *word)
{
    gsize size = strlen(word);
    return length - at >= size && memcmp(line + at, word, size) == 0;
}

gboolean
uu_begin(const guint8 *line, gsize length, UuBegin *begin_out)
{
    UuBegin begin = {.prefix = prefix_of(line, length)};
    length = trimmed(line, length);
    gsize i = begin.prefix;
    if (i > length)
        return FALSE;
    if (starts(line, length, i, "begin-base64 ")) {
        begin.base64 = TRUE;
        i += strlen("begin-base64 ");
    } else if (starts(line, length, i, "begin ")) {
        i += strlen("begin ");
    } else {
        return FALSE;
    }
    gsize mode = i;
    while (i < length && line[i] >= '0' && line[i] <= '7')
        i++;
    if (i - mode < 3 || i - mode > 6 || i == length || line[i] != ' ')
        return FALSE;
    while (i < length && line[i] == ' ')
        i++;
    begin.name = i;
    begin.name_end = length;
    *begin_out = begin;
    return i < length;
}

/* Characters that a data line of `size` bytes has. */
static gsize
encoded_size(guint size)
{
    return (size + 2) / 3 * 4;
}

gboolean
uu_data(const guint8 *line, gsize length)
{
    while (length > 0 && line[length - 1] == '\r')
        length--;
    if (length == 0)
        return FALSE;
    for (gsize i = 0; i < length; i++)
        if (line[i] < ' ' || line[i] > '`')
            return FALSE;
    gsize want = encoded_size((line[0] - ' ') & 63), have = length - 1;
    /* Transport strips blanks at the end; some encoders add a checksum character. */
    return have <= want + 1 && have + 6 >= want && (want > 0 || line[0] == '`' || have == 0);
}

static void
decode_line(Uu *state, const guint8 *line, gsize length, GByteArray *out)
{
    while (length > 0 && line[length - 1] == '\r')
        length--;
    if (length == 0)
        return;
    gsize size = (line[0] - ' ') & 63;
    if (!uu_data(line, length))
        state->oddities++;
    for (gsize at = 1; size > 0; at += 4) {
        guint32 group = 0;
        for (gsize i = at; i < at + 4; i++)
            group = group << 6 | (i < length ? (line[i] - ' ') & 63 : 0);
        guint8 bytes[3] = {group >> 16, group >> 8, group};
        gsize some = MIN(size, 3);
        g_byte_array_append(out, bytes, some);
        size -= some;
        if (at + 4 > length && size > 0) /* cut line: no zeros beyond what is there */
            break;
    }
}

static void
take_outside(Uu *state, const guint8 *line, gsize length, GByteArray *out)
{
    UuBegin begin;
    if (!uu_begin(line, length, &begin)) {
        g_byte_array_append(out, line, length);
        g_byte_array_append(out, (const guint8 *)"\n", 1);
        return;
    }
    state->prefix_length = begin.prefix;
    memcpy(state->prefix, line, begin.prefix);
    state->step = begin.base64 ? UU_BASE64 : UU_INSIDE;
}

static void
end_block(Uu *state, GByteArray *out)
{
    if (state->step == UU_BASE64) {
        base64_finish(&state->base64, out);
        state->oddities += state->base64.oddities;
        base64_clear(&state->base64);
        memset(&state->base64, 0, sizeof state->base64);
    }
    state->step = UU_OUTSIDE;
}

static void
take_line(Uu *state, const guint8 *line, gsize length, GByteArray *out)
{
    if (state->step == UU_OUTSIDE) {
        take_outside(state, line, length, out);
        return;
    }
    UuBegin again;
    if (uu_begin(line, length, &again)) { /* the end line is missing; no data line begins like that */
        state->oddities++;
        end_block(state, out);
        take_outside(state, line, length, out);
        return;
    }
    if (length >= state->prefix_length && memcmp(line, state->prefix, state->prefix_length) == 0) {
        line += state->prefix_length;
        length -= state->prefix_length;
    }
    const char *end = state->step == UU_BASE64 ? "====" : "end";
    if (trimmed(line, length) == strlen(end) && starts(line, length, 0, end)) {
        end_block(state, out);
    } else if (state->step == UU_BASE64) {
        base64_push(&state->base64, line, length, out);
        base64_push(&state->base64, (const guint8 *)"\n", 1, out);
    } else {
        decode_line(state, line, length, out);
    }
}

/* A line longer than any of uuencode's is text: it goes through in pieces. */
static void
take_piece(Uu *state, const guint8 *bytes, gsize length, GByteArray *out)
{
    g_byte_array_append(state->line, bytes, length);
    if (state->line->len <= UU_LINE_MAX)
        return;
    if (state->step == UU_BASE64)
        base64_push(&state->base64, state->line->data, state->line->len, out);
    else
        g_byte_array_append(out, state->line->data, state->line->len);
    state->oddities += state->step != UU_OUTSIDE && !state->overlong;
    state->overlong = TRUE;
    g_byte_array_set_size(state->line, 0);
}

static void
take_line_end(Uu *state, GByteArray *out)
{
    if (state->overlong) {
        g_byte_array_append(state->line, (const guint8 *)"\n", 1);
        if (state->step == UU_BASE64)
            base64_push(&state->base64, state->line->data, state->line->len, out);
        else
            g_byte_array_append(out, state->line->data, state->line->len);
    } else {
        take_line(state, state->line->data, state->line->len, out);
    }
    state->overlong = FALSE;
    g_byte_array_set_size(state->line, 0);
}

void
uu_push(Uu *state, const guint8 *bytes, gsize length, GByteArray *out)
{
    if (state->line == NULL)
        state->line = g_byte_array_new();
    while (length > 0) {
        const guint8 *newline = memchr(bytes, '\n', length);
        gsize piece = newline != NULL ? (gsize)(newline - bytes) : length;
        for (gsize done = 0; done < piece;) { /* small steps, so that the cut of pushes does not matter */
            gsize step = MIN(piece - done, UU_LINE_MAX + 1 - state->line->len);
            take_piece(state, bytes + done, step, out);
            done += step;
        }
        if (newline == NULL)
            return;
        take_line_end(state, out);
        bytes = newline + 1;
        length -= piece + 1;
    }
}

void
uu_finish(Uu *state, GByteArray *out)
{
    if (state->line != NULL && state->line->len > 0 && !state->overlong && state->step != UU_OUTSIDE)
        take_line(state, state->line->data, state->line->len, out);
    else if (state->line != NULL && state->line->len > 0)
        g_byte_array_append(out, state->line->data, state->line->len);
    if (state->line != NULL)
        g_byte_array_set_size(state->line, 0);
    state->overlong = FALSE;
    end_block(state, out);
}

void
uu_clear(Uu *state)
{
    base64_clear(&state->base64);
    if (state->line != NULL)
        g_byte_array_unref(state->line);
    state->line = NULL;
}

/* --- finding ------------------------------------------------------------- */

typedef struct {
    UuBegin begin;
    gboolean open;
    gboolean has_data;
    UuBlock block; /* `to` after the last data line so far */
} Search;

static void
block_clear(gpointer block)
{
    g_free(((UuBlock *)block)->name);
}

static void
close_block(Search *search, GArray *found)
{
    if (search->open && search->has_data)
        g_array_append_val(found, search->block);
    else
        g_free(search->block.name);
    search->block.name = NULL;
    search->open = search->has_data = FALSE;
}

static gboolean
base64_data(const guint8 *line, gsize length)
{
    length = trimmed(line, length);
    for (gsize i = 0; i < length; i++)
        if (!g_ascii_isalnum(line[i]) && line[i] != '+' && line[i] != '/' && line[i] != '=')
            return FALSE;
    return length > 0;
}

/* A line inside an open block, at `from`..`to` with its newline. */
static void
search_inside(Search *search, const guint8 *line, gsize length, gsize to, GArray *found)
{
    gsize prefix = search->begin.prefix;
    if (prefix <= length && prefix_of(line, prefix) == prefix) {
        line += prefix;
        length -= prefix;
    }
    gsize size = trimmed(line, length);
    const char *end = search->begin.base64 ? "====" : "end";
    if (size == strlen(end) && starts(line, length, 0, end)) {
        search->block.to = to;
        close_block(search, found);
        return;
    }
    gboolean data = search->begin.base64 ? base64_data(line, length) : uu_data(line, length);
    if (data) {
        search->has_data = TRUE;
        search->block.to = to;
    } else if (size > 0 && !search->has_data) {
        close_block(search, found); /* prose that begins with "begin 600 ..." */
    }
}

GArray *
transfer_uu_find(const guint8 *bytes, gsize length)
{
    GArray *found = g_array_new(FALSE, TRUE, sizeof(UuBlock));
    g_array_set_clear_func(found, block_clear);
    Search search = {0};
    for (gsize from = 0, to; from < length; from = to) {
        const guint8 *newline = memchr(bytes + from, '\n', length - from);
        to = newline != NULL ? (gsize)(newline - bytes) + 1 : length;
        gsize size = to - from - (newline != NULL);
        UuBegin begin;
        if (size <= UU_LINE_MAX && uu_begin(bytes + from, size, &begin)) {
            close_block(&search, found);
            search.begin = begin;
            search.open = TRUE;
            search.block.from = from;
            search.block.to = to;
            search.block.name = g_strndup((const char *)bytes + from + begin.name, begin.name_end - begin.name);
        } else if (search.open) {
            search_inside(&search, bytes + from, size, to, found);
        }
    }
    close_block(&search, found);
    return found;
}
