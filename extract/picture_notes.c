/* picture_notes - what is written beside the dots. EXIF 2.32, TIFF 6.0, IPTC-IIM 4, XMP (ISO 16684), the resources of
 * Photoshop. */
#include "config.h"
#include "picture_parts.h"
#include "xml.h"
#include <string.h>

#define NOTE_MAX (256 * 1024) /* bytes of one text */
#define ENTRIES_MAX 4096      /* of a directory */
#define DIRECTORIES_MAX 1000  /* of a file */
#define XMP_MAX (4 * 1024 * 1024)
#define NOTED_MAX (16 * 1024 * 1024) /* bytes looked at: many may tell of the same ones */
#define NESTED_MAX 4

/* One more piece is looked at. FALSE: there were too many. */
static gboolean
may_look(Picture *picture, gsize length)
{
    picture->noted += length + 16;
    if (picture->noted > NOTED_MAX)
        sink_cover(picture->sink, picture->part, COVERAGE_PARTIAL, WHY_OVER_BUDGET);
    return picture->noted <= NOTED_MAX && !sink_stopped(picture->sink);
}

void
picture_note(Picture *picture, const char *name, const void *bytes, gsize length)
{
    const char *text = bytes;
    length = MIN(length, NOTE_MAX);
    while (length > 0 && (text[length - 1] == '\0' || g_ascii_isspace(text[length - 1])))
        length--;
    if (length > 0 && may_look(picture, length))
        sink_raw_text(picture->sink, picture->part, PLACE_PROPERTY, name, text, length);
}

void
picture_note_utf16(Picture *picture, const char *name, const guint8 *bytes, gsize length, gboolean big)
{
    gsize count = MIN(length, NOTE_MAX) / 2;
    g_autofree gunichar2 *units = g_new(gunichar2, count + 1);
    for (gsize i = 0; i < count; i++)
        units[i] = (gunichar2)(big ? big16(bytes + 2 * i) : bytes_u16(bytes + 2 * i));
    while (count > 0 && units[count - 1] == 0)
        count--;
    g_autofree char *text = g_utf16_to_utf8(units, (glong)count, NULL, NULL, NULL);
    if (text != NULL)
        picture_note(picture, name, text, strlen(text));
    else
        picture_note(picture, name, bytes, length);
}

/* --- directories of TIFF ---------------------------------------------------------------------------------------- */

enum { ASCII = 2, SHORT = 3, LONG = 4, UTF8 = 129 };
enum {
    TAG_WIDTH = 256,
    TAG_HEIGHT = 257,
    TAG_BITS = 258,
    TAG_ORIENTATION = 274,
    TAG_SAMPLES = 277,
    TAG_X_RESOLUTION = 282,
    TAG_UNIT = 296,
    TAG_SUBDIRECTORIES = 330,
    TAG_XMP = 700,
    TAG_IPTC = 33723,
    TAG_RESOURCES = 34377,
    TAG_EXIF = 34665,
    TAG_GPS = 34853,
    TAG_USER_COMMENT = 37510,
    TAG_XP_FIRST = 40091,
    TAG_XP_LAST = 40095,
};

typedef struct {
    Picture *picture;
    const guint8 *bytes;
    gsize length;
    gboolean big;
    GArray *wanted; /* guint32: directories to come */
    GArray *met;
} Exif;

typedef struct {
    guint width, height, bits, samples, unit;
    gdouble resolution;
} Directory;

static guint
exif16(const Exif *exif, gsize at)
{
    return exif->big ? big16(exif->bytes + at) : bytes_u16(exif->bytes + at);
}

static guint32
exif32(const Exif *exif, gsize at)
{
    return exif->big ? big32(exif->bytes + at) : bytes_u32(exif->bytes + at);
}

static gboolean
is_inside(const Exif *exif, gsize at, gsize length)
{
    return at <= exif->length && length <= exif->length - at;
}

static guint
width_of(guint type)
{
    static const guint8 widths[] = {0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4};
    return type < G_N_ELEMENTS(widths) ? widths[type] : type == UTF8 ? 1 : 0;
}

static void
want(Exif *exif, guint32 at)
{
    for (guint i = 0; i < exif->met->len; i++)
        if (g_array_index(exif->met, guint32, i) == at)
            return;
    if (at < 8 || exif->met->len >= DIRECTORIES_MAX)
        return;
    g_array_append_val(exif->met, at);
    g_array_append_val(exif->wanted, at);
}

/* UserComment: eight bytes name its charset. */
static void
user_comment(const Exif *exif, const guint8 *value, gsize length)
{
    if (length < 8)
        return;
    if (memcmp(value, "UNICODE", 8) == 0)
        picture_note_utf16(exif->picture, "comments", value + 8, length - 8, exif->big);
    else
        picture_note(exif->picture, "comments", value + 8, length - 8);
}

static void
take_text(const Exif *exif, guint tag, guint type, const guint8 *value, gsize length)
{
    static const char *const xp[] = {"title", "comments", "author", "keywords", "subject"};
    if (tag >= TAG_XP_FIRST && tag <= TAG_XP_LAST)
        picture_note_utf16(exif->picture, xp[tag - TAG_XP_FIRST], value, length, FALSE);
    else if (tag == TAG_USER_COMMENT)
        user_comment(exif, value, length);
    else if (tag == TAG_XMP)
        picture_xmp(exif->picture, value, length);
    else if (tag == TAG_IPTC)
        picture_iptc(exif->picture, value, length);
    else if (tag == TAG_RESOURCES)
        picture_resources(exif->picture, value, length);
    else if (type == ASCII || type == UTF8)
        picture_note(exif->picture, tag == 270 ? "description" : tag == 315 ? "author" : "custom", value, length);
}

static void
take_number(Exif *exif, Directory *directory, guint tag, guint32 number)
{
    if (tag == TAG_WIDTH)
        directory->width = number;
    else if (tag == TAG_HEIGHT)
        directory->height = number;
    else if (tag == TAG_BITS)
        directory->bits = number;
    else if (tag == TAG_SAMPLES)
        directory->samples = number;
    else if (tag == TAG_UNIT)
        directory->unit = number;
    else if (tag == TAG_ORIENTATION && number >= 1 && number <= 8)
        exif->picture->turns = number == 3 || number == 4 ? 2 : number == 5 || number == 6 ? 1 : number >= 7 ? 3 : 0;
    else if (tag == TAG_EXIF || tag == TAG_GPS)
        want(exif, number);
}

static void
take_entry(Exif *exif, Directory *directory, gsize at)
{
    guint tag = exif16(exif, at), type = exif16(exif, at + 2), width = width_of(type);
    guint64 length = (guint64)exif32(exif, at + 4) * width;
    gsize value = length <= 4 ? at + 8 : exif32(exif, at + 8);
    if (width == 0 || length == 0)
        return;
    if (length > exif->length || !is_inside(exif, value, (gsize)length)) {
        exif->picture->damaged |= exif->picture->bytes == exif->bytes; /* thumbnails of cameras often point nowhere */
        return;
    }
    if (tag == TAG_SUBDIRECTORIES && type != SHORT)
        for (gsize i = 0; i + 4 <= length && i < 64 * 4; i += 4)
            want(exif, exif32(exif, value + i));
    else if (tag == TAG_X_RESOLUTION && length >= 8 && exif32(exif, value + 4) != 0)
        directory->resolution = (gdouble)exif32(exif, value) / exif32(exif, value + 4);
    else if (type == SHORT && length <= 16)
        take_number(exif, directory, tag, exif16(exif, value));
    else if (type == LONG && length <= 4)
        take_number(exif, directory, tag, exif32(exif, value));
    take_text(exif, tag, type, exif->bytes + value, (gsize)length);
}

/* Gives where the next directory is, 0 none. */
static guint32
take_directory(Exif *exif, guint32 at, Directory *directory)
{
    if (!is_inside(exif, at, 2)) {
        exif->picture->damaged |= exif->picture->bytes == exif->bytes;
        return 0;
    }
    guint count = exif16(exif, at);
    gsize end = at + 2 + (gsize)count * 12;
    for (guint i = 0;
         i < MIN(count, ENTRIES_MAX) && may_look(exif->picture, 12) && is_inside(exif, at + 2 + (gsize)i * 12, 12); i++)
        take_entry(exif, directory, at + 2 + (gsize)i * 12);
    return is_inside(exif, end, 4) ? exif32(exif, end) : 0;
}

static void
add_page(Exif *exif, const Directory *directory, gint number)
{
    Picture *picture = exif->picture;
    PictureFrame frame = {directory->width, directory->height, MAX(directory->bits, 1) * MAX(directory->samples, 1),
                          NULL, number};
    frame.depth = directory->samples >= 3 ? 32 : MAX(frame.depth, 1); /* colours are four bytes in memory */
    gdouble dpi = directory->resolution * (directory->unit == 3 ? 2.54 : 1);
    if (directory->unit != 1 && dpi >= 20 && dpi <= 5000)
        picture->dpi = (guint)dpi;
    picture_add_frame(picture, &frame);
}

void
picture_exif(Picture *picture, const guint8 *bytes, gsize length, gboolean pages)
{
    Exif exif = {picture, bytes, length, length >= 8 && bytes[0] == 'M', NULL, NULL};
    if (picture->nested > NESTED_MAX)
        return;
    if (length < 8 || (memcmp(bytes, "II*\0", 4) != 0 && memcmp(bytes, "MM\0*", 4) != 0)) {
        picture->damaged |= pages;
        return;
    }
    picture->nested++;
    exif.wanted = g_array_new(FALSE, FALSE, sizeof(guint32));
    exif.met = g_array_new(FALSE, FALSE, sizeof(guint32));
    guint32 next = exif32(&exif, 4);
    for (gint number = 0; next != 0; number++) {
        Directory directory = {.unit = 2};
        guint met = exif.met->len;
        want(&exif, next);
        if (exif.met->len == met) /* a circle, or too many */
            break;
        g_array_set_size(exif.wanted, exif.wanted->len - 1);
        next = take_directory(&exif, next, &directory);
        if (pages)
            add_page(&exif, &directory, number);
    }
    while (exif.wanted->len > 0) {
        Directory ignored = {0};
        guint32 at = g_array_index(exif.wanted, guint32, exif.wanted->len - 1);
        g_array_set_size(exif.wanted, exif.wanted->len - 1);
        take_directory(&exif, at, &ignored);
    }
    g_array_unref(exif.wanted);
    g_array_unref(exif.met);
    picture->nested--;
}

/* --- IPTC, Photoshop -------------------------------------------------------------------------------------------- */

void
picture_iptc(Picture *picture, const guint8 *bytes, gsize length)
{
    for (gsize at = 0; at + 5 <= length && bytes[at] == 0x1C;) {
        guint record = bytes[at + 1], set = bytes[at + 2];
        gsize size = big16(bytes + at + 3);
        at += 5;
        if (size > 0x7FFF || size > length - at) /* extended: of pictures, not of text */
            return;
        if (record == 2 && set >= 3)
            picture_note(picture,
                         set == 5     ? "title"
                         : set == 25  ? "keywords"
                         : set == 120 ? "description"
                                      : "custom",
                         bytes + at, size);
        at += size;
    }
}

void
picture_resources(Picture *picture, const guint8 *bytes, gsize length)
{
    for (gsize at = 0; at + 12 <= length && memcmp(bytes + at, "8BIM", 4) == 0;) {
        guint number = big16(bytes + at + 4);
        gsize name = bytes[at + 6], head = at + 6 + ((name + 2) & ~(gsize)1);
        if (name > 0 && name <= length - at - 7)
            picture_note(picture, "custom", bytes + at + 7, name);
        if (head + 4 > length)
            return;
        gsize size = big32(bytes + head);
        if (size > length - head - 4)
            return;
        const guint8 *value = bytes + head + 4;
        if (number == 0x0404)
            picture_iptc(picture, value, size);
        else if (number == 0x0424)
            picture_xmp(picture, value, size);
        else if (number == 0x0422 || number == 0x0423)
            picture_exif(picture, value, size, FALSE);
        else if (number == 0x03F0 && size > 1) /* caption */
            picture_note(picture, "description", value + 1, MIN(size - 1, value[0]));
        at = head + 4 + ((size + 1) & ~(gsize)1);
    }
}

/* --- XMP -------------------------------------------------------------------------------------------------------- */

static void
xmp_start(const XmlElement *element, gpointer user)
{
    GString *text = user;
    for (guint i = 0; i < element->count; i++)
        if (!g_str_has_prefix(element->attributes[i].value, "http"))
            g_string_append_printf(text, "%s\n", element->attributes[i].value);
}

static void
xmp_end(const char *name, gpointer user)
{
    GString *text = user;
    if (text->len > 0 && text->str[text->len - 1] != '\n')
        g_string_append_c(text, '\n');
}

static void
xmp_text(const char *piece, gsize length, gpointer user)
{
    GString *text = user;
    gboolean blank = TRUE;
    for (gsize i = 0; i < length && blank; i++)
        blank = g_ascii_isspace(piece[i]);
    if (!blank)
        g_string_append_len(text, piece, (gssize)length);
}

void
picture_xmp(Picture *picture, const guint8 *bytes, gsize length)
{
    static const XmlEvents events = {xmp_start, xmp_end, xmp_text, NULL};
    if (!may_look(picture, MIN(length, XMP_MAX)))
        return;
    g_autoptr(GString) text = g_string_new(NULL);
    g_autoptr(Xml) xml = xml_new(&events, text);
    xml_push(xml, bytes, MIN(length, XMP_MAX));
    xml_finish(xml);
    picture_note(picture, "custom", text->str, text->len);
}

/* --- profiles as text ------------------------------------------------------------------------------------------- */

void
picture_profile(Picture *picture, const char *name, const guint8 *text, gsize length)
{
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    gsize at = 0;
    guint lines = 0;
    while (at < length && lines < 3) /* an empty line, the name, the length */
        lines += text[at++] == '\n';
    for (gint high = -1; at < length; at++) {
        gint digit = g_ascii_xdigit_value((char)text[at]);
        if (digit < 0)
            continue;
        if (high >= 0) {
            const guint8 byte = (guint8)(high << 4 | digit);
            g_byte_array_append(bytes, &byte, 1);
            high = -1;
        } else {
            high = digit;
        }
    }
    gboolean marked = bytes->len > 6 && memcmp(bytes->data, "Exif\0\0", 6) == 0;
    if (strstr(name, "xmp") != NULL)
        picture_xmp(picture, bytes->data, bytes->len);
    else if (bytes->len > 0 && bytes->data[0] == 0x1C)
        picture_iptc(picture, bytes->data, bytes->len);
    else if (strstr(name, "iptc") != NULL || strstr(name, "8bim") != NULL)
        picture_resources(picture, bytes->data, bytes->len);
    else if (marked)
        picture_exif(picture, bytes->data + 6, bytes->len - 6, FALSE);
}
