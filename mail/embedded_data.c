/* embedded_data - found by the colon before it: "data:", or behind the name of a property that says how its value is
 * encoded. The bytes stay text for whoever reads the text: nothing is taken away. */
#include "config.h"
#include "embedded_data.h"
#include <string.h>

#define HEAD_MAX 512 /* of a line, or of what stands before the comma of a URI */
#define WORD_MAX 8   /* "data", and what stands before it */
#define PIECE 4096

typedef enum { SEEKING, IN_HEAD, IN_BASE64, IN_ESCAPED } State;

typedef struct {
    gint64 from, to; /* in the spool */
    gboolean cut;
} Range;

struct EmbeddedData {
    Message *message;
    const Settings *settings;
    gboolean folded;
    State state;
    GString *head;   /* SEEKING: the line so far; IN_HEAD: what stands behind "data:" */
    gboolean lined;  /* the value in hand ends with its line */
    gboolean ending; /* a line ended in it: a blank goes on */
    guint escape;    /* of a %XX: digits still to come */
    guint8 escaped;
    Transfer *transfer;
    GByteArray *decoded; /* not yet in the spool */
    Spool *spool;
    gint64 left;
    Range range;
    GArray *ranges;
    GArray *blocks;
    gboolean over;
};

static void
clear_block(gpointer data)
{
    EmbeddedBlock *block = data;
    g_clear_object(&block->stream);
}

EmbeddedData *
embedded_data_new(Message *message, const Settings *settings, gboolean folded)
{
    EmbeddedData *data = g_new0(EmbeddedData, 1);
    data->message = message;
    data->settings = settings;
    data->folded = folded;
    data->head = g_string_new(NULL);
    data->decoded = g_byte_array_new();
    data->ranges = g_array_new(FALSE, FALSE, sizeof(Range));
    data->blocks = g_array_new(FALSE, FALSE, sizeof(EmbeddedBlock));
    g_array_set_clear_func(data->blocks, clear_block);
    return data;
}

void
embedded_data_free(EmbeddedData *data)
{
    if (data == NULL)
        return;
    g_string_free(data->head, TRUE);
    g_byte_array_unref(data->decoded);
    g_clear_pointer(&data->transfer, transfer_free);
    g_clear_pointer(&data->spool, spool_free);
    g_array_unref(data->ranges);
    g_array_unref(data->blocks);
    g_free(data);
}

/* --- what it holds ---------------------------------------------------------------------------------------------- */

static void
begin_value(EmbeddedData *data, State state, gboolean lined)
{
    data->state = state;
    data->lined = lined;
    data->ending = FALSE;
    data->escape = 0;
    data->left = data->settings->max_part_bytes;
    data->range.from = data->spool != NULL ? spool_length(data->spool) : 0;
    data->range.cut = FALSE;
    g_clear_pointer(&data->transfer, transfer_free);
    data->transfer = transfer_new(TRANSFER_BASE64);
}

static void
to_spool(EmbeddedData *data)
{
    if (data->decoded->len == 0)
        return;
    if (data->spool == NULL && !data->range.cut && data->ranges->len < EMBEDDED_DATA_MAX)
        data->spool = content_room(data->message, data->settings);
    data->left -= data->decoded->len;
    data->range.cut = data->range.cut || data->spool == NULL || data->ranges->len >= EMBEDDED_DATA_MAX ||
                      data->left < 0 || !spool_write(data->spool, data->decoded->data, data->decoded->len, NULL);
    g_byte_array_set_size(data->decoded, 0);
}

static void
end_value(EmbeddedData *data)
{
    if (data->state == IN_BASE64)
        transfer_finish(data->transfer, data->decoded);
    to_spool(data);
    g_byte_array_set_size(data->decoded, 0);
    data->over |= data->range.cut;
    data->range.to = data->spool != NULL ? spool_length(data->spool) : 0;
    if (data->range.to > data->range.from)
        g_array_append_val(data->ranges, data->range);
    data->state = SEEKING;
    g_string_truncate(data->head, 0);
}

static void
put(EmbeddedData *data, const guint8 *bytes, gsize length)
{
    if (data->state == IN_BASE64)
        transfer_push(data->transfer, bytes, length, data->decoded);
    else
        g_byte_array_append(data->decoded, bytes, (guint)length);
    if (data->decoded->len >= PIECE)
        to_spool(data);
}

/* --- where it begins -------------------------------------------------------------------------------------------- */

static gboolean
ends_with(const GString *text, const char *word)
{
    gsize length = strlen(word);
    return text->len >= length && g_ascii_strncasecmp(text->str + text->len - length, word, length) == 0;
}

/* NAME;ENCODING=B: NAME;ENCODING=BASE64;X=Y: NAME;X;BASE64: */
static gboolean
names_base64(const GString *line)
{
    g_auto(GStrv) words = g_strsplit(line->str, ";", 0);
    for (guint i = 1; words[0] != NULL && words[i] != NULL; i++) {
        const char *word = g_strstrip(words[i]);
        if (g_ascii_strncasecmp(word, "ENCODING=", 9) == 0)
            word = g_strstrip(words[i] + 9);
        if (g_ascii_strcasecmp(word, "B") == 0 || g_ascii_strcasecmp(word, "BASE64") == 0)
            return TRUE;
    }
    return FALSE;
}

/* Of a line that may go on in the next its beginning; else the word before the colon. */
static void
remember(EmbeddedData *data, const guint8 *bytes, gsize length)
{
    if (!data->folded) {
        gsize skip = length > WORD_MAX ? length - WORD_MAX : 0;
        if (data->head->len > HEAD_MAX)
            g_string_erase(data->head, 0, (gssize)(data->head->len - WORD_MAX));
        g_string_append_len(data->head, (const char *)bytes + skip, (gssize)(length - skip));
        return;
    }
    for (gsize i = 0; i < length; i++) {
        gboolean blank = bytes[i] == ' ' || bytes[i] == '\t', newline = bytes[i] == '\r' || bytes[i] == '\n';
        if (data->ending && !blank && !newline)
            g_string_truncate(data->head, 0);
        if (!newline && !(data->ending && blank) && data->head->len < HEAD_MAX)
            g_string_append_c(data->head, (char)bytes[i]);
        data->ending = bytes[i] == '\n' || (data->ending && newline);
    }
}

static gboolean
ends_with_data(const GString *text)
{
    return ends_with(text, "data") && (text->len == 4 || !g_ascii_isalnum(text->str[text->len - 5]));
}

static gsize
seek(EmbeddedData *data, const guint8 *bytes, gsize length)
{
    const guint8 *colon = memchr(bytes, ':', length);
    gsize used = colon != NULL ? (gsize)(colon - bytes) : length;
    remember(data, bytes, used);
    if (colon == NULL)
        return used;
    gboolean value = data->folded && names_base64(data->head), uri = ends_with_data(data->head);
    if (uri) {
        g_string_truncate(data->head, 0);
        data->state = IN_HEAD;
    } else if (value) {
        begin_value(data, IN_BASE64, TRUE);
    } else {
        remember(data, colon, 1);
    }
    return used + 1;
}

/* "image/png;base64", "text/plain;charset=utf-8", "". */
static gsize
read_head(EmbeddedData *data, guint8 c)
{
    if (c == ',') {
        char first = data->head->str[0];
        gboolean media =
            first == '\0' || first == ';' || (g_ascii_isalpha(first) && strchr(data->head->str, '/') != NULL);
        gboolean base64 = ends_with(data->head, ";base64");
        if (media)
            begin_value(data, base64 ? IN_BASE64 : IN_ESCAPED, FALSE);
        else
            data->state = SEEKING;
        return 1;
    }
    if (c <= ' ' || strchr("\"'<>(){}", c) != NULL || data->head->len >= HEAD_MAX) {
        g_string_truncate(data->head, 0);
        data->state = SEEKING;
        return 0;
    }
    g_string_append_c(data->head, (char)c);
    return 1;
}

/* --- where it ends ---------------------------------------------------------------------------------------------- */

static gboolean
is_base64(guint8 c)
{
    return g_ascii_isalnum(c) || c == '+' || c == '/' || c == '=' || c == '-' || c == '_';
}

/* Whether a byte is part of the URI in hand; blanks are passed over in base64, as browsers do. */
static gboolean
goes_on(const EmbeddedData *data, guint8 c)
{
    if (data->state == IN_BASE64)
        return is_base64(c) || c == '%' || g_ascii_isspace(c);
    return c > ' ' && c != '"' && c != '\'' && c != '<' && c != '>' && c != ')';
}

/* TRUE: taken as part of a %XX. */
static gboolean
take_escape(EmbeddedData *data, guint8 c)
{
    int digit = g_ascii_xdigit_value((char)c);
    if (data->escape == 0 && c != '%')
        return FALSE;
    if (c == '%') {
        data->escape = 2;
        data->escaped = 0;
        return TRUE;
    }
    data->escape = digit < 0 ? 0 : data->escape - 1;
    data->escaped = (guint8)(data->escaped << 4 | (digit & 15));
    if (digit >= 0 && data->escape == 0)
        put(data, &data->escaped, 1);
    return digit >= 0;
}

static gsize
read_uri(EmbeddedData *data, const guint8 *bytes, gsize length)
{
    gsize used = 0, from = 0;
    for (; used < length && goes_on(data, bytes[used]); used++) {
        if (data->escape == 0 && bytes[used] != '%')
            continue;
        if (used > from)
            put(data, bytes + from, used - from);
        from = used + (take_escape(data, bytes[used]) ? 1 : 0);
    }
    if (used > from)
        put(data, bytes + from, used - from);
    if (used < length)
        end_value(data);
    return used;
}

/* A value of a property ends with its line, unless the next begins with a blank. */
static gsize
read_line(EmbeddedData *data, const guint8 *bytes, gsize length)
{
    gsize used = 0;
    if (data->ending) {
        guint8 c = bytes[0];
        if (c == ' ' || c == '\t')
            data->ending = FALSE;
        else if (c != '\r' && c != '\n') {
            end_value(data);
            return 0;
        }
        return 1;
    }
    while (used < length && bytes[used] != '\n')
        used++;
    put(data, bytes, used);
    data->ending = used < length;
    return used + (used < length ? 1 : 0);
}

/* --- the text --------------------------------------------------------------------------------------------------- */

void
embedded_data_push(EmbeddedData *data, const guint8 *bytes, gsize length)
{
    for (gsize at = 0; at < length;) {
        const guint8 *rest = bytes + at;
        if (data->state == SEEKING)
            at += seek(data, rest, length - at);
        else if (data->state == IN_HEAD)
            at += read_head(data, *rest);
        else if (data->lined)
            at += read_line(data, rest, length - at);
        else
            at += read_uri(data, rest, length - at);
    }
}

const GArray *
embedded_data_finish(EmbeddedData *data, gboolean *over_out)
{
    if (data->state == IN_BASE64 || data->state == IN_ESCAPED)
        end_value(data);
    g_autoptr(GMimeStream) kept = NULL;
    if (data->spool != NULL)
        kept = content_kept(data->message, g_steal_pointer(&data->spool));
    data->over |= kept == NULL && data->ranges->len > 0;
    for (guint i = 0; i < data->ranges->len && kept != NULL; i++) {
        const Range *range = &g_array_index(data->ranges, Range, i);
        EmbeddedBlock block = {NULL, g_mime_stream_substream(kept, range->from, range->to), range->cut};
        g_array_append_val(data->blocks, block);
    }
    *over_out = data->over;
    return data->blocks;
}
