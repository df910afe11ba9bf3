/* tnef - libytnef keeps one value of each attribute, drops some kinds without a word, and stops at the first fault. So
 * the attributes are walked once more here, and what it did not keep is told as what it looks like. It leaks what it
 * drops; the process is single-use. */
#include "config.h"
#include "tnef.h"
#include "mapi.h"
#include "rtf_text.h"
#include "runs.h"
#include <stdio.h>
#include <ytnef.h>

#define TNEF_MAX (128 * 1024 * 1024)
#define ATTRIBUTES_MAX 20000
#define HEAD 6       /* signature and key */
#define ROW_HEAD 9   /* level, identifier, length */
#define ROW_TAIL 2   /* check sum */
#define INTERFACE 16 /* before an embedded object: what it is */

/* Attributes, without their type ([MS-OXTNEF] 2.1.3.2). */
enum {
    ATTRIBUTE_SUBJECT = 0x8004,
    ATTRIBUTE_BODY = 0x800C,
    ATTRIBUTE_DATA = 0x800F,
    ATTRIBUTE_TITLE = 0x8010,
    ATTRIBUTE_METAFILE = 0x8011,
    ATTRIBUTE_RENDERING = 0x9002, /* the first of an attachment */
    ATTRIBUTE_PROPERTIES = 0x9003,
    ATTRIBUTE_ATTACHMENT = 0x9005,
    ATTRIBUTE_CODE_PAGE = 0x9007,
};

typedef struct {
    Sink *sink;
    guint part;
    Bytes all;
    TNEFStruct tnef;
    Mapi mapi;
    gboolean failed; /* libytnef stopped */
} Tnef;

static Bytes
value_of(const variableLength *value)
{
    gsize length = value->data != NULL && value->size > 0 ? (gsize)value->size : 0;
    return (Bytes){value->data, length};
}

/* --- properties ------------------------------------------------------------------------------------------------- */

/* The library has made UTF-8 of UTF-16, ended by NUL, and kept the old length. */
static Bytes
value_of_property(const MAPIProperty *property, guint index, MapiForm *form_out)
{
    Bytes value = value_of(&property->data[index]);
    guint type = property->id & 0xFFFF;
    *form_out = type == MAPI_TYPE_WIDE ? MAPI_UTF8 : type == MAPI_TYPE_BYTES ? MAPI_CODED : MAPI_BINARY;
    if (type == MAPI_TYPE_WIDE && value.length > 0)
        value.length = strlen((const char *)value.data);
    if (type != MAPI_TYPE_WIDE && type != MAPI_TYPE_BYTES && type != MAPI_TYPE_BINARY && type != MAPI_TYPE_OBJECT)
        value.length = 0; /* numbers, times */
    return value;
}

static const MAPIProperty *
find_property(const MAPIProps *all, guint id)
{
    for (guint i = 0; i < all->count; i++)
        if (all->properties[i].id >> 16 == id && all->properties[i].data != NULL)
            return &all->properties[i];
    return NULL;
}

static void
tell_properties(Tnef *tnef, const MAPIProps *all, guint except)
{
    for (guint i = 0; i < all->count; i++) {
        const MAPIProperty *property = &all->properties[i];
        MapiForm form;
        for (guint j = 0; property->data != NULL && j < property->count; j++) {
            Bytes value = value_of_property(property, j, &form);
            guint id = property->custom ? MAPI_NAMED : property->id >> 16;
            if (id != except)
                mapi_tell(&tnef->mapi, id, form, value);
        }
    }
}

static void
learn_charset(Tnef *tnef)
{
    guint32 page = bytes_32(value_of(&tnef->tnef.CodePage), 0);
    if (page > 0 && page < 100000)
        tnef->mapi.charset = rtf_code_page((int)page);
}

/* --- attachments ------------------------------------------------------------------------------------------------ */

static char *
name_of(const Tnef *tnef, const Attachment *attachment)
{
    static const guint ids[] = {MAPI_LONG_NAME, MAPI_SHORT_NAME, MAPI_DISPLAY_NAME};
    for (gsize i = 0; i < G_N_ELEMENTS(ids); i++) {
        const MAPIProperty *property = find_property(&attachment->MAPI, ids[i]);
        MapiForm form;
        if (property == NULL || property->count == 0)
            continue;
        Bytes value = value_of_property(property, 0, &form);
        g_autofree char *text = mapi_text(&tnef->mapi, form, value);
        if (text[0] != '\0')
            return g_steal_pointer(&text);
    }
    return mapi_text(&tnef->mapi, MAPI_CODED, value_of(&attachment->Title));
}

static void
tell_object(const Tnef *tnef, const char *name, Bytes value)
{
    g_autoptr(GBytes) bytes = g_bytes_new(value.data, value.length);
    g_autoptr(Source) source = source_of_bytes(bytes);
    sink_object(tnef->sink, tnef->part, name, strlen(name), source);
}

/* A message is TNEF again, an object of another program a compound file; the identifier before it is not needed. */
static void
tell_data(Tnef *tnef, const Attachment *attachment, const char *name)
{
    const MAPIProperty *data = find_property(&attachment->MAPI, MAPI_DATA);
    Bytes plain = value_of(&attachment->FileData);
    MapiForm form;
    if (plain.length > 0)
        tell_object(tnef, name, plain);
    for (guint i = 0; data != NULL && i < data->count; i++) {
        Bytes value = value_of_property(data, i, &form);
        if ((data->id & 0xFFFF) == MAPI_TYPE_OBJECT)
            value = bytes_part(value, INTERFACE, value.length);
        if (value.length > 0)
            tell_object(tnef, name, value);
    }
    if (plain.length == 0 && data == NULL && name[0] != '\0')
        sink_missing(tnef->sink, tnef->part, name, strlen(name), 0, WHY_NONE);
}

static void
tell_attachment(Tnef *tnef, const Attachment *attachment)
{
    g_autofree char *name = name_of(tnef, attachment);
    tell_properties(tnef, &attachment->MAPI, MAPI_DATA);
    runs_tell(value_of(&attachment->IconData), NULL, tnef->sink, tnef->part, NULL);
    tell_data(tnef, attachment, name);
}

static void
tell_message(Tnef *tnef)
{
    const MAPIProps *all = &tnef->tnef.MapiProperties;
    gboolean has_subject = find_property(all, MAPI_SUBJECT) != NULL || find_property(all, MAPI_NORMAL_SUBJECT) != NULL;
    learn_charset(tnef);
    if (!has_subject) /* else the library may have taken it from there, its bytes changed */
        mapi_tell(&tnef->mapi, MAPI_SUBJECT, MAPI_CODED, value_of(&tnef->tnef.subject));
    mapi_tell(&tnef->mapi, MAPI_BODY, MAPI_CODED, value_of(&tnef->tnef.body));
    tell_properties(tnef, all, G_MAXUINT);
    for (const Attachment *one = &tnef->tnef.starting_attach; one != NULL && !sink_stopped(tnef->sink); one = one->next)
        tell_attachment(tnef, one);
}

/* --- what the library left out ---------------------------------------------------------------------------------- */

typedef struct {
    guint id;
    Bytes value;
    gboolean told;
} Row;

static gboolean
is_kept(guint id)
{
    static const guint ids[] = {ATTRIBUTE_SUBJECT,    ATTRIBUTE_BODY,       ATTRIBUTE_DATA,      ATTRIBUTE_TITLE,
                                ATTRIBUTE_PROPERTIES, ATTRIBUTE_ATTACHMENT, ATTRIBUTE_CODE_PAGE, ATTRIBUTE_METAFILE};
    for (gsize i = 0; i < G_N_ELEMENTS(ids); i++)
        if (ids[i] == id)
            return TRUE;
    return FALSE;
}

static void
tell_row(Tnef *tnef, Row *row)
{
    if (row->told)
        return;
    row->told = TRUE;
    if (row->id == ATTRIBUTE_DATA)
        tell_object(tnef, "", row->value);
    else
        runs_tell(row->value, NULL, tnef->sink, tnef->part, NULL);
}

/* Names of properties are cut to single bytes by the library: told, or known to be hurt. */
static gboolean
tell_names(Tnef *tnef, const MAPIProps *all)
{
    gboolean good = TRUE;
    for (guint i = 0; i < all->count; i++)
        for (int j = 0; j < all->properties[i].namedproperty; j++) {
            Bytes name = value_of(&all->properties[i].propnames[j]);
            g_autofree char *text = g_strndup(name.length > 0 ? (const char *)name.data : "", name.length);
            for (const char *c = text; *c != '\0'; c++)
                good &= g_ascii_isprint(*c);
            if (g_str_is_ascii(text))
                mapi_tell(&tnef->mapi, MAPI_NAME, MAPI_UTF8, (Bytes){(const guint8 *)text, strlen(text)});
        }
    return good;
}

/* All rows up to the first that is cut off. FALSE: it is cut off, or there are too many. */
static gboolean
list_rows(Tnef *tnef, GArray *rows)
{
    gsize at = HEAD;
    while (at < tnef->all.length && rows->len < ATTRIBUTES_MAX) {
        guint32 length = bytes_32(tnef->all, at + 5);
        Row row = {bytes_16(tnef->all, at + 1), bytes_part(tnef->all, at + ROW_HEAD, length), FALSE};
        g_array_append_val(rows, row);
        if (!bytes_hold(tnef->all, at + ROW_HEAD, (gsize)length + ROW_TAIL))
            return FALSE;
        at += ROW_HEAD + (gsize)length + ROW_TAIL;
    }
    return at >= tnef->all.length;
}

/* Of two attributes of one kind the library keeps one: then both are told here. */
static void
tell_rest(Tnef *tnef, GArray *rows)
{
    gboolean hurt = !tell_names(tnef, &tnef->tnef.MapiProperties);
    guint begin = 0; /* of the attachment in hand */
    for (guint i = 0; i < rows->len && !sink_stopped(tnef->sink); i++) {
        Row *row = &g_array_index(rows, Row, i);
        if (row->id == ATTRIBUTE_RENDERING)
            begin = i;
        if (tnef->failed || !is_kept(row->id) || (hurt && row->id == ATTRIBUTE_PROPERTIES))
            tell_row(tnef, row);
        for (guint j = begin; j < i && i - begin < 64; j++) {
            Row *before = &g_array_index(rows, Row, j);
            if (before->id == row->id && is_kept(row->id)) {
                tell_row(tnef, before);
                tell_row(tnef, row);
            }
        }
    }
}

/* --- the file --------------------------------------------------------------------------------------------------- */

/* Where the library stopped it left counts without what they count. */
static void
mend(MAPIProps *all)
{
    if (all->properties == NULL)
        all->count = 0;
    for (guint i = 0; i < all->count; i++) {
        MAPIProperty *property = &all->properties[i];
        if (property->data == NULL)
            property->count = 0;
        if (property->propnames == NULL)
            property->namedproperty = 0;
    }
}

static void
forget(Tnef *tnef)
{
    TNEFFreeAttachment(&tnef->tnef.starting_attach);
    TNEFFree(&tnef->tnef);
    mapi_clear(&tnef->mapi);
    g_free(tnef);
}

static gboolean
read_file(Tnef *tnef)
{
    g_autoptr(GArray) rows = g_array_new(FALSE, FALSE, sizeof(Row));
    TNEFInitialize(&tnef->tnef);
    mapi_begin(&tnef->mapi, tnef->sink, tnef->part);
    /* it does not write to its input */
    tnef->failed = TNEFParseMemory((BYTE *)tnef->all.data, (long)tnef->all.length, &tnef->tnef) < 0;
    mend(&tnef->tnef.MapiProperties);
    for (Attachment *one = &tnef->tnef.starting_attach; one != NULL; one = one->next)
        mend(&one->MAPI);
    gboolean whole = list_rows(tnef, rows);
    tell_message(tnef);
    tell_rest(tnef, rows);
    return whole && !tnef->failed;
}

gboolean
tnef_run(Source *source, Sink *sink, guint part)
{
    gboolean cut;
    g_autoptr(GBytes) all = source_all(source, TNEF_MAX, &cut);
    if (g_bytes_get_size(all) > TNEF_MAX)
        sink_cover(sink, part, COVERAGE_PARTIAL, WHY_OVER_BUDGET);
    Tnef *tnef = g_new0(Tnef, 1);
    tnef->sink = sink;
    tnef->part = part;
    tnef->all = bytes_of(all);
    gboolean whole = read_file(tnef);
    forget(tnef);
    return whole && !cut;
}
