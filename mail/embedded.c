/* A line machine: outside, in a uuencoded block, in a run of base64 lines. Text is never taken away: it was or will be
 * read as text as well. */
#include "config.h"
#include "embedded.h"
#include "lines.h"
#include <string.h>

#define LINE_MAX_BYTES (64 * 1024)

typedef enum { OUTSIDE, IN_UU, IN_BASE64, IN_NOTHING /* a run that holds nothing we know */ } State;

struct Embedded {
    Message *message; /* for what is kept aside */
    const Settings *settings;
    Lines lines;
    State state;
    gboolean encrypted;
    GArray *blocks;
    Transfer *transfer;
    GByteArray *decoded; /* not yet in the spool */
    Spool *spool;
    gint64 left;
    gboolean cut;
    char *name;
};

static void
clear_block(gpointer data)
{
    EmbeddedBlock *block = data;
    g_free(block->name);
    g_clear_object(&block->stream);
}

static void
drop(Embedded *embedded)
{
    g_clear_pointer(&embedded->transfer, transfer_free);
    g_clear_pointer(&embedded->spool, spool_free);
    g_clear_pointer(&embedded->name, g_free);
    g_byte_array_set_size(embedded->decoded, 0);
    embedded->cut = FALSE;
}

static void
begin(Embedded *embedded, State state, TransferKind kind)
{
    drop(embedded);
    embedded->state = state;
    embedded->transfer = transfer_new(kind);
    embedded->left = embedded->settings->max_part_bytes;
}

static void
to_spool(Embedded *embedded)
{
    if (embedded->spool == NULL && !embedded->cut) {
        embedded->spool = content_room(embedded->message, embedded->settings);
        embedded->cut = embedded->spool == NULL;
    }
    embedded->left -= embedded->decoded->len;
    if (!embedded->cut)
        embedded->cut =
            embedded->left < 0 || !spool_write(embedded->spool, embedded->decoded->data, embedded->decoded->len, NULL);
    g_byte_array_set_size(embedded->decoded, 0);
}

/* Random words decode to noise: only what can be named is a block. */
static gboolean
is_worth_it(const Embedded *embedded)
{
    Detected detected = detect_bytes(embedded->decoded->data, MIN(embedded->decoded->len, DETECT_BYTES));
    switch (detected.class) {
    case DETECT_TEXT:
    case DETECT_HTML:
    case DETECT_MESSAGE:
    case DETECT_EXECUTABLE:
        return TRUE;
    case DETECT_BINARY:
        return strcmp(detected.type, "application/octet-stream") != 0;
    default:
        return FALSE;
    }
}

static void
feed(Embedded *embedded, const Line *line)
{
    if (embedded->state == IN_NOTHING)
        return;
    transfer_push(embedded->transfer, (const guint8 *)line->text, line->length, embedded->decoded);
    transfer_push(embedded->transfer, (const guint8 *)"\n", 1, embedded->decoded);
    if (embedded->decoded->len < DETECT_BYTES)
        return;
    if (embedded->state == IN_BASE64 && embedded->spool == NULL && !is_worth_it(embedded)) {
        drop(embedded);
        embedded->state = IN_NOTHING;
        return;
    }
    to_spool(embedded);
}

static void
end_block(Embedded *embedded)
{
    if (embedded->state == IN_UU || embedded->state == IN_BASE64) {
        transfer_finish(embedded->transfer, embedded->decoded);
        gboolean keep = embedded->state == IN_UU || embedded->spool != NULL || is_worth_it(embedded);
        if (keep && (embedded->decoded->len > 0 || embedded->spool != NULL) && embedded->blocks->len < EMBEDDED_MAX) {
            to_spool(embedded);
            EmbeddedBlock block = {g_steal_pointer(&embedded->name), NULL, embedded->cut};
            if (embedded->spool != NULL)
                block.stream = content_kept(embedded->message, g_steal_pointer(&embedded->spool));
            block.cut |= block.stream == NULL;
            g_array_append_val(embedded->blocks, block);
        }
    }
    drop(embedded);
    embedded->state = OUTSIDE;
}

static gboolean
starts(const Line *line, const char *word)
{
    gsize length = strlen(word);
    return line->length >= length && memcmp(line->text, word, length) == 0;
}

/* "begin 644 name", "begin-base64 644 name" */
static gboolean
begins_uu(const Line *line, char **name_out)
{
    const char *end = line->text + line->length, *c;
    if (starts(line, "begin-base64 "))
        c = line->text + 13;
    else if (starts(line, "begin "))
        c = line->text + 6;
    else
        return FALSE;
    const char *mode = c;
    while (c < end && *c >= '0' && *c <= '7')
        c++;
    if (c - mode < 3 || c - mode > 4 || c == end || *c != ' ')
        return FALSE;
    g_autofree char *name = g_strndup(c, (gsize)(end - c));
    *name_out = g_strdup(g_strstrip(name));
    return TRUE;
}

static gboolean
is_uu_data(const Line *line)
{
    if (line->length == 0 || line->length > 130)
        return FALSE;
    for (gsize i = 0; i < line->length; i++)
        if (line->text[i] < ' ' || (line->text[i] > '`' && !g_ascii_isalnum(line->text[i])))
            return FALSE;
    return TRUE;
}

static gboolean
is_base64(const Line *line, gsize least)
{
    if (line->length < least || line->length == 0)
        return FALSE;
    gsize length = line->length;
    while (length > 0 && (line->text[length - 1] == ' ' || line->text[length - 1] == '\t'))
        length--;
    for (gsize i = 0; i < length; i++) {
        char c = line->text[i];
        if (!g_ascii_isalnum(c) && c != '+' && c != '/' && c != '=' && c != '-' && c != '_')
            return FALSE;
    }
    return length >= least;
}

static gboolean
outside_line(Embedded *embedded, const Line *line)
{
    if (line->length == 0)
        return TRUE;
    if (line->text[0] == '-' &&
        (starts(line, "-----BEGIN PGP MESSAGE") || starts(line, "-----BEGIN PKCS7") || starts(line, "-----BEGIN CMS")))
        embedded->encrypted = TRUE;
    char *name = NULL;
    if (line->text[0] == 'b' && begins_uu(line, &name)) {
        begin(embedded, IN_UU, TRANSFER_UU);
        embedded->name = name;
        feed(embedded, line);
    } else if (is_base64(line, EMBEDDED_BASE64_MIN)) {
        begin(embedded, IN_BASE64, TRANSFER_BASE64);
        feed(embedded, line);
    }
    return TRUE;
}

static gboolean
each_line(const Line *line, gpointer user)
{
    Embedded *embedded = user;
    switch (embedded->state) {
    case OUTSIDE:
        return outside_line(embedded, line);
    case IN_UU:
        if (starts(line, "end") || starts(line, "====")) {
            feed(embedded, line);
            end_block(embedded);
        } else if (is_uu_data(line)) {
            feed(embedded, line);
        } else {
            end_block(embedded);
            return outside_line(embedded, line);
        }
        return TRUE;
    default:
        if (is_base64(line, 1)) {
            feed(embedded, line);
            return TRUE;
        }
        end_block(embedded);
        return outside_line(embedded, line);
    }
}

Embedded *
embedded_new(Message *message, const Settings *settings)
{
    Embedded *embedded = g_new0(Embedded, 1);
    embedded->message = message;
    embedded->settings = settings;
    embedded->decoded = g_byte_array_new();
    embedded->blocks = g_array_new(FALSE, FALSE, sizeof(EmbeddedBlock));
    g_array_set_clear_func(embedded->blocks, clear_block);
    lines_init(&embedded->lines, 0, each_line, embedded);
    embedded->lines.head_max = LINE_MAX_BYTES;
    return embedded;
}

void
embedded_free(Embedded *embedded)
{
    if (embedded == NULL)
        return;
    drop(embedded);
    lines_clear(&embedded->lines);
    g_byte_array_unref(embedded->decoded);
    g_array_unref(embedded->blocks);
    g_free(embedded);
}

void
embedded_push(Embedded *embedded, const guint8 *bytes, gsize length)
{
    lines_push(&embedded->lines, (const char *)bytes, length);
}

const GArray *
embedded_finish(Embedded *embedded)
{
    lines_finish(&embedded->lines);
    end_block(embedded);
    return embedded->blocks;
}

gboolean
embedded_encrypted(const Embedded *embedded)
{
    return embedded->encrypted;
}
