/* Windows are cut where decode_cut() says no character is hurt; where two- or four-byte characters are possible, at a
 * multiple of four, since a newline byte may then be half a character. */
#include "config.h"
#include "read_text.h"
#include "decode.h"
#include "html.h"
#include "outlet.h"
#include <string.h>

#define STREAM_NAMES_MAX 16 /* attribute names with an outlet of their own; the rest share one */

typedef struct {
    const TextPlan *plan;
    const char *charset; /* interned */
    gboolean declared;
    guint window; /* in which it was fed last */
    guint line;   /* at which it began */
    Outlet *plain;
    Html *html;
    Outlet *kinds[PLACE_RAW + 1];
    GHashTable *attributes; /* interned name -> Outlet */
    gboolean html_ended;
    gboolean stopped;
} TextStream;

struct TextReader {
    TextPlan plan;
    GByteArray *pending;
    guint window; /* number of the window in hand, from 1 */
    guint lines;  /* newline bytes before it: about its first line */
    gboolean wide, lied, noise, over, stopped;
    const char *declared; /* plan.declared, or what the text itself says */
    char *meta;           /* charset that HTML names */
    GPtrArray *streams;   /* TextStream; the first is that of the best decodings */
    guint newline;        /* unfold: 0 no, 1 after LF */
    gboolean escape;
    gboolean in_value, in_quotes; /* unfold: behind the name of a property; in a parameter's quotes */
};

/* --- one stream ------------------------------------------------------------------------------------------------- */

static Outlet *
make_outlet(const TextStream *stream, PlaceKind kind, const char *name)
{
    OutletPlace place = {stream->plan->sink, stream->plan->user, stream->plan->part, kind, name, stream->line};
    return outlet_new(&place);
}

static Outlet *
attribute_outlet(TextStream *stream, const char *name)
{
    const char *known = g_hash_table_size(stream->attributes) < STREAM_NAMES_MAX ? name : "other";
    Outlet *outlet = g_hash_table_lookup(stream->attributes, name);
    if (outlet == NULL && known != name)
        outlet = g_hash_table_lookup(stream->attributes, known);
    if (outlet != NULL)
        return outlet;
    outlet = make_outlet(stream, PLACE_ATTRIBUTE, known);
    g_hash_table_insert(stream->attributes, (gpointer)known, outlet);
    return outlet;
}

/* data-* names come from the letter: interning them for ever would be a leak */
static const char *
attribute_name(const char *name)
{
    static const char *const names[] = {"alt",   "title", "value",   "placeholder", "content", "aria-label",
                                        "label", "href",  "summary", "src",         "name",    NULL};
    for (gsize i = 0; name != NULL && names[i] != NULL; i++)
        if (strcmp(name, names[i]) == 0)
            return names[i];
    return "data";
}

static gboolean
take_html(PlaceKind kind, const char *name, const char *text, gsize length, gpointer user)
{
    TextStream *stream = user;
    if (length == 0)
        return TRUE;
    Outlet *outlet;
    if (kind == PLACE_ATTRIBUTE) {
        outlet = attribute_outlet(stream, attribute_name(name));
    } else {
        kind = MIN(kind, PLACE_RAW);
        if (stream->kinds[kind] == NULL)
            stream->kinds[kind] = make_outlet(stream, kind == PLACE_BODY ? stream->plan->kind : kind, NULL);
        outlet = stream->kinds[kind];
    }
    outlet_charset(outlet, stream->charset, stream->declared);
    gboolean going = outlet_push(outlet, text, length);
    if (going && kind != PLACE_BODY && text[length - 1] != '\n')
        going = outlet_push(outlet, "\n", 1); /* each is a text of its own */
    stream->stopped |= !going;
    return going;
}

static TextStream *
stream_new(const TextPlan *plan, guint line)
{
    TextStream *stream = g_new0(TextStream, 1);
    stream->plan = plan;
    stream->line = line;
    if (plan->plain)
        stream->plain = make_outlet(stream, plan->kind, NULL);
    if (plan->html) {
        stream->html = html_new(take_html, stream);
        html_xml(stream->html, plan->plain);
        stream->attributes = g_hash_table_new_full(g_direct_hash, g_direct_equal, NULL, (GDestroyNotify)outlet_free);
    }
    return stream;
}

static void
stream_free(gpointer data)
{
    TextStream *stream = data;
    g_clear_pointer(&stream->html, html_free);
    g_clear_pointer(&stream->plain, outlet_free);
    for (gsize i = 0; i < G_N_ELEMENTS(stream->kinds); i++)
        g_clear_pointer(&stream->kinds[i], outlet_free);
    g_clear_pointer(&stream->attributes, g_hash_table_unref);
    g_free(stream);
}

static gboolean
stream_push(TextStream *stream, const Decoding *decoding, gboolean last)
{
    stream->charset = decoding->charset;
    stream->declared = decoding->declared;
    if (stream->plain != NULL) {
        outlet_charset(stream->plain, stream->charset, stream->declared);
        if (!outlet_push(stream->plain, decoding->text, decoding->length))
            return FALSE;
    }
    if (stream->html != NULL && last)
        html_finish_with(stream->html, decoding->text, decoding->length);
    else if (stream->html != NULL)
        html_push(stream->html, decoding->text, decoding->length);
    stream->html_ended = last;
    return !stream->stopped;
}

static gboolean
stream_finish(TextStream *stream)
{
    if (stream->plain != NULL && !outlet_flush(stream->plain))
        return FALSE;
    if (stream->html == NULL)
        return TRUE;
    if (!stream->html_ended)
        html_finish(stream->html);
    for (gsize i = 0; i < G_N_ELEMENTS(stream->kinds) && !stream->stopped; i++)
        if (stream->kinds[i] != NULL)
            stream->stopped |= !outlet_flush(stream->kinds[i]);
    GHashTableIter iter;
    gpointer outlet;
    g_hash_table_iter_init(&iter, stream->attributes);
    while (!stream->stopped && g_hash_table_iter_next(&iter, NULL, &outlet))
        stream->stopped |= !outlet_flush(outlet);
    return !stream->stopped;
}

/* --- windows ---------------------------------------------------------------------------------------------------- */

static gboolean
is_wide(const char *charset)
{
    return g_str_has_prefix(charset, "UTF-16") || g_str_has_prefix(charset, "UTF-32") ||
           g_str_has_prefix(charset, "UCS-");
}

static TextStream *
stream_for(TextReader *reader, const Decoding *decoding, guint rank)
{
    if (rank == 0 && reader->streams->len > 0)
        return g_ptr_array_index(reader->streams, 0);
    for (guint i = 1; i < reader->streams->len; i++) {
        TextStream *stream = g_ptr_array_index(reader->streams, i);
        if (stream->charset == decoding->charset && stream->window + 1 == reader->window)
            return stream;
    }
    /* A decoding that becomes plausible in the middle of a text has no first lines. */
    TextStream *stream = stream_new(&reader->plan, reader->window > 1 ? MAX(reader->lines + 1, 2) : 1);
    g_ptr_array_add(reader->streams, stream);
    return stream;
}

/* Streams whose decoding is not plausible any more end here. */
static gboolean
retire(TextReader *reader, gboolean all)
{
    for (guint i = reader->streams->len; i-- > 0;) {
        TextStream *stream = g_ptr_array_index(reader->streams, i);
        if (!all && (i == 0 || stream->window == reader->window))
            continue;
        if (!stream_finish(stream))
            return FALSE;
        reader->over |= stream->html != NULL && !html_complete(stream->html);
        g_ptr_array_remove_index(reader->streams, i);
    }
    return TRUE;
}

/* HTML that names another charset than the headers: that one is read as well. */
static void
add_meta(TextReader *reader, const guint8 *bytes, gsize length, GPtrArray *decodings)
{
    const char *charset = reader->meta == NULL ? NULL : charset_canonical(reader->meta);
    gboolean ascii = TRUE;
    if (charset == NULL || decodings->len >= DECODE_MAX)
        return;
    for (guint i = 0; i < decodings->len; i++)
        if (strcmp(((const Decoding *)g_ptr_array_index(decodings, i))->charset, charset) == 0)
            return;
    for (gsize i = 0; i < length && ascii; i++)
        ascii = bytes[i] < 0x80 && bytes[i] != 0x1B;
    if (ascii && strcmp(charset, "HZ") != 0 && strcmp(charset, "UTF-7") != 0)
        return;
    g_ptr_array_add(decodings, decode_as(bytes, length, charset));
}

static void
learn(TextReader *reader, const guint8 *bytes, gsize length)
{
    if (reader->plan.html)
        reader->meta = html_declared_charset(bytes, length);
    reader->declared = reader->plan.declared != NULL ? reader->plan.declared : reader->meta;
}

/* `decodings` of these bytes are consumed. */
static gboolean
read_decoded(TextReader *reader, const guint8 *bytes, gsize length, GPtrArray *given, gboolean last)
{
    g_autoptr(GPtrArray) decodings = given;
    reader->window++;
    const Decoding *best = g_ptr_array_index(decodings, 0);
    if (reader->plan.declared != NULL && !best->declared && best->length > 0 &&
        charset_canonical(reader->plan.declared) != NULL)
        reader->lied |= !g_str_equal(best->charset, "US-ASCII");
    reader->noise |= best->score < 0 || best->errors > best->length / 20;
    if (reader->window == 1 && is_wide(best->charset))
        reader->declared = best->charset; /* its byte order mark stands in the first window only */
    add_meta(reader, bytes, length, decodings);
    for (guint i = 0; i < decodings->len; i++) {
        const Decoding *decoding = g_ptr_array_index(decodings, i);
        TextStream *stream = stream_for(reader, decoding, i);
        stream->window = reader->window;
        if (!stream_push(stream, decoding, last))
            return FALSE;
    }
    for (gsize i = 0; i < length; i++)
        reader->lines += bytes[i] == '\n';
    return retire(reader, FALSE);
}

static gboolean
read_window(TextReader *reader, const guint8 *bytes, gsize length, gboolean last)
{
    return read_decoded(reader, bytes, length, decode_plausible(bytes, length, reader->declared), last);
}

/* Whether the text may be in characters of two or four bytes: looked at once, in the first window. */
static gboolean
may_be_wide(const TextReader *reader, const guint8 *bytes, gsize length)
{
    if (memchr(bytes, '\0', length) != NULL)
        return TRUE;
    g_autoptr(GPtrArray) decodings = decode_plausible(bytes, length & ~(gsize)3, reader->declared);
    for (guint i = 0; i < decodings->len; i++)
        if (is_wide(((const Decoding *)g_ptr_array_index(decodings, i))->charset))
            return TRUE;
    return FALSE;
}

/* The first of several windows; returns its bytes. Cut where lines end, most texts can be read in one way only, and
 * that at once: what cuts a character in half must be tried in every charset. */
static gsize
first_window(TextReader *reader, const guint8 *bytes, gsize length)
{
    gsize cut = decode_cut(bytes, length, READ_WINDOW);
    learn(reader, bytes, READ_WINDOW);
    g_autoptr(GPtrArray) decodings = decode_plausible(bytes, cut, reader->declared);
    const Decoding *best = g_ptr_array_index(decodings, 0);
    gboolean certain = decodings->len == 1 && best->errors == 0 && best->nuls == 0 && !is_wide(best->charset);
    reader->wide = !certain && may_be_wide(reader, bytes, READ_WINDOW);
    cut = reader->wide ? READ_WINDOW : cut;
    reader->stopped = reader->wide ? !read_window(reader, bytes, cut, FALSE)
                                   : !read_decoded(reader, bytes, cut, g_steal_pointer(&decodings), FALSE);
    return cut;
}

static gboolean
take_windows(TextReader *reader)
{
    gsize done = 0;
    while (reader->pending->len - done > READ_WINDOW && !reader->stopped) {
        const guint8 *bytes = reader->pending->data + done;
        gsize left = reader->pending->len - done;
        if (reader->window == 0) {
            done += first_window(reader, bytes, left);
            continue;
        }
        gsize cut = reader->wide ? READ_WINDOW : decode_cut(bytes, left, READ_WINDOW);
        reader->stopped = !read_window(reader, bytes, cut, FALSE);
        done += cut;
    }
    if (done > 0)
        g_byte_array_remove_range(reader->pending, 0, (guint)done);
    return !reader->stopped;
}

/* --- folded lines ----------------------------------------------------------------------------------------------- */

/* A value begins a line of its own, as it does on the screen; what is no property stays as it is. */
static gboolean
begins_value(TextReader *reader, guint8 c)
{
    reader->in_quotes ^= c == '"';
    reader->in_value = !reader->in_quotes && (c == ':' || c >= 0x80);
    return reader->in_value && c == ':';
}

static void
unfold(TextReader *reader, const guint8 *bytes, gsize length)
{
    for (gsize i = 0; i < length; i++) {
        guint8 c = bytes[i];
        if (c == '\r')
            continue;
        if (reader->newline && (c == ' ' || c == '\t')) {
            reader->newline = 0;
            continue;
        }
        if (reader->newline) {
            g_byte_array_append(reader->pending, (const guint8 *)"\n", 1);
            reader->in_value = reader->in_quotes = FALSE;
        }
        reader->newline = c == '\n';
        if (c == '\n')
            continue;
        if (!reader->in_value && begins_value(reader, c))
            c = '\n';
        if (!reader->escape && c == '\\') {
            reader->escape = TRUE;
            continue;
        }
        if (reader->escape && (c == 'n' || c == 'N'))
            c = '\n';
        reader->escape = FALSE;
        g_byte_array_append(reader->pending, &c, 1);
    }
}

/* --- the reader ------------------------------------------------------------------------------------------------- */

TextReader *
text_reader_new(const TextPlan *plan)
{
    TextReader *reader = g_new0(TextReader, 1);
    reader->plan = *plan;
    reader->pending = g_byte_array_new();
    reader->streams = g_ptr_array_new_with_free_func(stream_free);
    return reader;
}

void
text_reader_free(TextReader *reader)
{
    if (reader == NULL)
        return;
    g_byte_array_unref(reader->pending);
    g_ptr_array_unref(reader->streams);
    g_free(reader->meta);
    g_free(reader);
}

gboolean
text_reader_push(TextReader *reader, const guint8 *bytes, gsize length)
{
    if (reader->stopped)
        return FALSE;
    if (reader->plan.unfold && memchr(bytes, '\0', length) != NULL)
        reader->plan.unfold = FALSE; /* two bytes a character: not the syntax we know */
    if (reader->plan.unfold)
        unfold(reader, bytes, length);
    else
        g_byte_array_append(reader->pending, bytes, (guint)length);
    return take_windows(reader);
}

gboolean
text_reader_finish(TextReader *reader)
{
    if (!reader->stopped && reader->pending->len > 0) {
        if (reader->window == 0)
            learn(reader, reader->pending->data, reader->pending->len);
        reader->stopped = !read_window(reader, reader->pending->data, reader->pending->len, TRUE);
        g_byte_array_set_size(reader->pending, 0);
    }
    if (!reader->stopped)
        reader->stopped = !retire(reader, TRUE);
    return !reader->stopped;
}

gboolean
text_reader_plausible(const TextReader *reader)
{
    return !reader->noise;
}

gboolean
text_reader_complete(const TextReader *reader)
{
    return !reader->over;
}

gboolean
text_reader_lied(const TextReader *reader)
{
    return reader->lied;
}
