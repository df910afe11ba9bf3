/* A label is short: what is longer than LABEL_MAX is read as any other header, and not as a label. */
#include "config.h"
#include "label.h"
#include "crypto_cms.h"
#include "encword.h"
#include "mime.h"
#include "outlet.h"
#include <string.h>

#define LABEL_MAX (16 * 1024)
#define SAID_MAX 64 /* labels of a part */

typedef struct {
    const HeaderSink *sink;
    guint part;
    gboolean stopped;
} LabelReader;

typedef void (*LabelParse)(const char *raw, gsize length, GString *said);

/* --- kinds of label ---------------------------------------------------------------------------------------------- */

static void
say(GString *said, const char *text)
{
    g_autofree char *copy = g_strdup(text);
    if (*g_strstrip(copy) != '\0')
        g_string_append_printf(said, "%s\n", copy);
}

/* "VER=2018.6, NS=gov.au, SEC=OFFICIAL:Sensitive, CAVEAT=SH:CABINET": a comma in a value has a backslash before it. */
static void
parse_marking(const char *raw, gsize length, GString *said)
{
    static const char *const keys[] = {"SEC=", "DLM=", "CAVEAT="};
    g_autoptr(GString) value = g_string_new(NULL);
    for (gsize i = 0; i <= length; i++) {
        if (i < length && raw[i] == '\\' && i + 1 < length) {
            g_string_append_c(value, raw[++i]);
        } else if (i < length && raw[i] != ',' && raw[i] != ']') {
            g_string_append_c(value, raw[i]);
        } else {
            const char *start = value->str + strspn(value->str, " \t\r\n");
            for (gsize k = 0; k < G_N_ELEMENTS(keys); k++)
                if (g_ascii_strncasecmp(start, keys[k], strlen(keys[k])) == 0)
                    say(said, start + strlen(keys[k]));
            g_string_truncate(value, 0);
        }
    }
}

/* "MSIP_Label_<guid>_Enabled=true; MSIP_Label_<guid>_Name=Confidential; ...": of labels that are not in force, nothing.
 */
static void
parse_msip(const char *raw, gsize length, GString *said)
{
    g_autofree char *text = g_strndup(raw, length);
    g_auto(GStrv) fields = g_strsplit(text, ";", SAID_MAX * 8);
    g_autoptr(GHashTable) off = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (guint pass = 0; pass < 2; pass++)
        for (guint i = 0; fields[i] != NULL; i++) {
            const char *field = g_strstrip(fields[i]), *is = strchr(field, '=');
            const char *key = is != NULL ? g_strrstr_len(field, is - field, "_") : NULL;
            if (key == NULL || g_ascii_strncasecmp(field, "MSIP_Label_", 11) != 0)
                continue;
            g_autofree char *label = g_ascii_strdown(field, key - field);
            if (pass == 0 && g_ascii_strncasecmp(key, "_Enabled=", 9) == 0 && g_ascii_strcasecmp(is + 1, "false") == 0)
                g_hash_table_add(off, g_steal_pointer(&label));
            else if (pass == 1 && g_ascii_strncasecmp(key, "_Name=", 6) == 0 && !g_hash_table_contains(off, label))
                say(said, is + 1);
        }
}

static void
on_words(GMarkupParseContext *context, const char *text, gsize length, gpointer user, GError **error)
{
    g_autofree char *copy = g_strndup(text, length);
    say(user, copy);
}

static void
say_xml(const char *xml, gsize length, GString *said)
{
    static const GMarkupParser parser = {.text = on_words};
    g_autoptr(GMarkupParseContext) context = g_markup_parse_context_new(&parser, 0, said, NULL);
    g_markup_parse_context_parse(context, xml, (gssize)length, NULL); /* what came before a mistake stands */
}

static char *
parameter(const char *raw, gsize length, const char *name)
{
    g_autoptr(GPtrArray) values = encword_parameter(raw, length, name);
    return values->len > 0 ? g_strdup(((const Decoding *)g_ptr_array_index(values, 0))->text) : NULL;
}

static void
parse_sio(const char *raw, gsize length, GString *said)
{
    /* encword_parameter() looks behind the value proper, and this field has parameters only. */
    g_autofree char *field = g_strdup_printf("sio; %.*s", (int)length, raw);
    gsize size = strlen(field), bytes = 0;
    g_autofree char *marking = parameter(field, size, "marking"), *type = parameter(field, size, "type"),
                    *label = parameter(field, size, "label");
    if (marking != NULL)
        say(said, marking);
    if (label == NULL || type == NULL)
        return;
    g_autofree guint8 *value = g_base64_decode(label, &bytes);
    if (strcmp(type, ":xml") == 0) {
        say_xml((const char *)value, bytes, said);
    } else if (strcmp(type, ":ess") == 0) {
        g_autofree char *words = crypto_cms_label(value, bytes);
        g_string_append(said, words != NULL ? words : "");
    }
}

static void
parse_words(const char *raw, gsize length, GString *said)
{
    g_autofree char *text = g_strndup(raw, length);
    say(said, text);
}

/* "[SEC=PROTECTED, CAVEAT=...]" at the end of a Subject. */
static void
parse_subject(const char *raw, gsize length, GString *said)
{
    g_autofree char *text = g_strndup(raw, length);
    g_autofree char *upper = g_ascii_strup(text, -1);
    const char *from = strstr(upper, "[SEC=");
    from = from != NULL ? from : strstr(upper, "[DLM=");
    const char *to = from != NULL ? strchr(from, ']') : NULL;
    if (to != NULL)
        parse_marking(text + (from - upper) + 1, (gsize)(to - from) - 1, said);
}

static const struct {
    const char *field, *kind;
    LabelParse parse;
} fields[] = {
    {"X-Protective-Marking", "protective-marking", parse_marking},
    {"Subject", "protective-marking", parse_subject},
    {"msip_labels", "msip", parse_msip},
    {"SIO-Label", "sio", parse_sio},
    {"Sensitivity", "sensitivity", parse_words},
    {"Classification", "classification", parse_words},
    {"X-Classification", "classification", parse_words},
    {"X-Security-Classification", "classification", parse_words},
    {"X-Security-Label", "classification", parse_words},
};

/* --- header fields ----------------------------------------------------------------------------------------------- */

static gboolean
each_field(const char *name, const char *raw, gsize length, gpointer user)
{
    LabelReader *reader = user;
    for (gsize i = 0; i < G_N_ELEMENTS(fields) && length <= LABEL_MAX && !reader->stopped; i++) {
        if (g_ascii_strcasecmp(name, fields[i].field) != 0)
            continue;
        g_autoptr(GString) said = g_string_new(NULL);
        g_autoptr(GPtrArray) decodings = encword_decode(raw, length);
        const Decoding *best = g_ptr_array_index(decodings, 0);
        fields[i].parse(best->text, best->length, said);
        g_autofree char *text = label_text(said->str, said->len);
        OutletPlace place = {reader->sink->sink, reader->sink->user, reader->part, PLACE_LABEL,
                             g_intern_static_string(fields[i].kind)};
        if (*text != '\0')
            reader->stopped = !outlet_one(&place, g_intern_static_string("UTF-8"), TRUE, text, strlen(text));
    }
    return !reader->stopped;
}

gboolean
label_headers(const Part *part, const HeaderSink *sink)
{
    LabelReader reader = {sink, part->index, FALSE};
    mime_headers(part, each_field, &reader);
    return !reader.stopped;
}

/* --- properties of documents ------------------------------------------------------------------------------------- */

/* What labelling programs and document templates call the property that holds the label. Compared without blanks, - and
 * _, whatever the case. */
static const char *const label_names[] = {
    "密级",
    "文件密级",
    "文档密级",
    "公文密级",
    "信息密级",
    "涉密等级",
    "保密等级",
    "保密级别",
    "密级标识",
    "密级标志",
    "密级及保密期限",
    "密级和保密期限",
    "classification",
    "securityclassification",
    "documentclassification",
    "securitylabel",
    "securitylevel",
    "protectivemarking",
    "titusclassification",
    "tituslabel",
    "bjdocumentsecuritylabel",
    "dlpmanualfileclassification",
    "sensitivitylabel",
};

static char *
bare_name(const char *name)
{
    GString *bare = g_string_new(NULL);
    for (; *name != '\0'; name++)
        if (*name != ' ' && *name != '-' && *name != '_')
            g_string_append_c(bare, g_ascii_tolower(*name));
    return g_string_free(bare, FALSE);
}

const char *
label_of_property(const char *name)
{
    gsize length = strlen(name);
    if (g_ascii_strncasecmp(name, "MSIP_Label_", 11) == 0)
        return length > 5 && g_ascii_strcasecmp(name + length - 5, "_Name") == 0 ? g_intern_static_string("msip")
                                                                                 : NULL;
    g_autofree char *bare = bare_name(name);
    for (gsize i = 0; i < G_N_ELEMENTS(label_names); i++)
        if (strcmp(bare, label_names[i]) == 0)
            return g_intern_static_string("property");
    return NULL;
}

char *
label_text(const char *said, gsize length)
{
    g_autofree char *copy = g_strndup(said, MIN(length, LABEL_MAX));
    g_auto(GStrv) lines = g_strsplit(copy, "\n", SAID_MAX);
    GString *text = g_string_new(NULL);
    for (guint i = 0; lines[i] != NULL; i++) {
        const char *line = g_strstrip(lines[i]);
        gboolean chinese = (line[0] & 0x80) != 0 && !g_str_has_prefix(line, "密级");
        if (*line != '\0')
            g_string_append_printf(text, "%s%s\n", chinese ? "密级:" : "", line);
    }
    gsize size;
    char *good = decode_utf8_repair(text->str, (gssize)text->len, &size); /* the last line may have been cut */
    g_string_free(text, TRUE);
    return good;
}

const char *
label_kind(const char *word)
{
    return strcmp(word, "ess") == 0 ? g_intern_static_string("ess") : NULL;
}
