/* Names of headers are interned from a table only: a letter may invent names without end. */
#include "config.h"
#include "read_header.h"
#include "address.h"
#include "decode.h"
#include "encword.h"
#include "mime.h"
#include "outlet.h"
#include <string.h>

typedef enum { HEADER_TEXT, HEADER_SUBJECT, HEADER_ADDRESS } HeaderKind;

static const struct {
    const char *name;
    HeaderKind kind;
} known_headers[] = {
    {"Subject", HEADER_SUBJECT},
    {"From", HEADER_ADDRESS},
    {"Sender", HEADER_ADDRESS},
    {"Reply-To", HEADER_ADDRESS},
    {"To", HEADER_ADDRESS},
    {"Cc", HEADER_ADDRESS},
    {"Bcc", HEADER_ADDRESS},
    {"Resent-From", HEADER_ADDRESS},
    {"Resent-Sender", HEADER_ADDRESS},
    {"Resent-To", HEADER_ADDRESS},
    {"Resent-Cc", HEADER_ADDRESS},
    {"Disposition-Notification-To", HEADER_ADDRESS},
    {"Return-Receipt-To", HEADER_ADDRESS},
    {"Thread-Topic", HEADER_SUBJECT},
    {"Comments", HEADER_TEXT},
    {"Content-Description", HEADER_TEXT},
    {"Content-Disposition", HEADER_TEXT},
    {"Content-Type", HEADER_TEXT},
    {"Importance", HEADER_TEXT},
    {"Keywords", HEADER_TEXT},
    {"List-Id", HEADER_TEXT},
    {"Organization", HEADER_TEXT},
    {"Received", HEADER_TEXT},
    {"References", HEADER_TEXT},
    {"Sensitivity", HEADER_TEXT},
    {"User-Agent", HEADER_TEXT},
    {"X-Mailer", HEADER_TEXT},
    {"X-Priority", HEADER_TEXT},
};

typedef struct {
    const HeaderSink *sink;
    guint part;
    GString *plain; /* headers of pure ASCII, one a line */
    gboolean stopped;
} HeaderReader;

static const char *
header_kind(const char *name, HeaderKind *kind_out)
{
    for (gsize i = 0; i < G_N_ELEMENTS(known_headers); i++)
        if (g_ascii_strcasecmp(name, known_headers[i].name) == 0) {
            *kind_out = known_headers[i].kind;
            return g_intern_static_string(known_headers[i].name);
        }
    *kind_out = HEADER_TEXT;
    return g_intern_static_string("other");
}

static gboolean
is_plain(const char *text, gsize length)
{
    for (gsize i = 0; i < length; i++)
        if ((guchar)text[i] >= 0x80 || text[i] == 0x1B || (text[i] == '=' && i + 1 < length && text[i + 1] == '?') ||
            (text[i] == '~' && i + 1 < length && text[i + 1] == '{'))
            return FALSE;
    return TRUE;
}

static void
append_unfolded(GString *to, const char *text, gsize length)
{
    for (gsize i = 0; i < length; i++)
        if (text[i] != '\r' && text[i] != '\n')
            g_string_append_c(to, text[i]);
}

static gboolean
give(HeaderReader *reader, PlaceKind kind, const char *name, const GPtrArray *decodings)
{
    OutletPlace place = {reader->sink->sink, reader->sink->user, reader->part, kind, name};
    for (guint i = 0; i < decodings->len && !reader->stopped; i++) {
        const Decoding *one = g_ptr_array_index(decodings, i);
        if (one->length > 0)
            reader->stopped = !outlet_one(&place, one->charset, one->declared, one->text, one->length);
    }
    return !reader->stopped;
}

/* Display names, one a line; as many texts as the name with the most readings has. */
static gboolean
give_names(HeaderReader *reader, const char *name, const char *raw, gsize length)
{
    g_autoptr(GPtrArray) mailboxes = address_parse_list(raw, length);
    g_autoptr(GPtrArray) texts = g_ptr_array_new();
    OutletPlace place = {reader->sink->sink, reader->sink->user, reader->part, PLACE_DISPLAY_NAME, name};
    const char *charset = NULL;
    for (guint i = 0; i < mailboxes->len; i++) {
        const Mailbox *mailbox = g_ptr_array_index(mailboxes, i);
        if (mailbox->display_raw == NULL || mailbox->display_length == 0)
            continue;
        g_autoptr(GPtrArray) decodings = encword_decode(mailbox->display_raw, mailbox->display_length);
        for (guint j = 0; j < decodings->len; j++) {
            const Decoding *one = g_ptr_array_index(decodings, j);
            if (j >= texts->len)
                g_ptr_array_add(texts, g_string_new(NULL));
            GString *text = g_ptr_array_index(texts, j);
            g_string_append_len(text, one->text, (gssize)one->length);
            g_string_append_c(text, '\n');
            charset = charset == NULL ? one->charset : charset;
        }
    }
    for (guint i = 0; i < texts->len; i++) {
        GString *text = g_ptr_array_index(texts, i);
        reader->stopped = reader->stopped || !outlet_one(&place, charset, TRUE, text->str, text->len);
        g_string_free(text, TRUE);
    }
    return texts->len > 0;
}

static gboolean
each_header(const char *name, const char *raw, gsize length, gpointer user)
{
    HeaderReader *reader = user;
    HeaderKind kind;
    const char *known = header_kind(name, &kind), *asked = place_names_find(reader->sink->names, PLACE_HEADER, name);
    known = asked != NULL ? asked : known;
    length = MIN(length, ENCWORD_INPUT_MAX);
    while (length > 0 && g_ascii_isspace(*raw)) {
        raw++;
        length--;
    }
    if (length == 0)
        return TRUE;
    gboolean plain = is_plain(raw, length);
    if (plain && asked == NULL && kind != HEADER_SUBJECT) {
        append_unfolded(reader->plain, raw, length);
        g_string_append_c(reader->plain, '\n');
        return TRUE;
    }
    if (!plain && kind == HEADER_ADDRESS && give_names(reader, known, raw, length) && memchr(raw, '(', length) == NULL)
        return !reader->stopped;
    g_autoptr(GPtrArray) decodings = encword_decode(raw, length);
    return give(reader, kind == HEADER_SUBJECT ? PLACE_SUBJECT : PLACE_HEADER, known, decodings);
}

gboolean
read_part_headers(const Part *part, const HeaderSink *sink)
{
    g_autoptr(GString) plain = g_string_new(NULL);
    HeaderReader reader = {sink, part->index, plain, FALSE};
    mime_headers(part, each_header, &reader);
    if (reader.stopped || plain->len == 0)
        return !reader.stopped;
    OutletPlace place = {sink->sink, sink->user, part->index, PLACE_HEADER, NULL};
    g_autofree char *text = NULL;
    gsize length = plain->len;
    if (memchr(plain->str, '\0', plain->len) != NULL)
        text = decode_utf8_repair(plain->str, (gssize)plain->len, &length);
    return outlet_one(&place, g_intern_static_string("US-ASCII"), TRUE, text != NULL ? text : plain->str, length);
}

typedef struct {
    HeaderReader reader;
    GPtrArray *seen;
} NameReader;

static gboolean
each_name(const char *name, const char *raw, gsize length, gpointer user)
{
    NameReader *names = user;
    const char *parameter = g_ascii_strcasecmp(name, "Content-Disposition") == 0 ? "filename"
                            : g_ascii_strcasecmp(name, "Content-Type") == 0      ? "name"
                                                                                 : NULL;
    if (parameter == NULL || strcasestr(raw, parameter) == NULL)
        return TRUE;
    g_autoptr(GPtrArray) values = encword_parameter(raw, MIN(length, ENCWORD_INPUT_MAX), parameter);
    for (guint i = values->len; i-- > 0;) {
        const Decoding *one = g_ptr_array_index(values, i);
        if (g_ptr_array_find_with_equal_func(names->seen, one->text, g_str_equal, NULL))
            g_ptr_array_remove_index(values, i);
        else
            g_ptr_array_add(names->seen, g_strdup(one->text));
    }
    return give(&names->reader, PLACE_FILE_NAME, NULL, values);
}

gboolean
read_part_names(const Part *part, const HeaderSink *sink)
{
    NameReader names = {{sink, part->index, NULL, FALSE}, NULL};
    if (part->headers == NULL && part->name != NULL) {
        g_autoptr(GPtrArray) decodings = decode_plausible((const guint8 *)part->name, strlen(part->name), NULL);
        return give(&names.reader, PLACE_FILE_NAME, NULL, decodings);
    }
    names.seen = g_ptr_array_new_with_free_func(g_free);
    mime_headers(part, each_name, &names);
    g_ptr_array_unref(names.seen);
    return !names.reader.stopped;
}
