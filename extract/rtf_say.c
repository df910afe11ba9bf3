/* rtf_say - what is read becomes text in its place. */
#include "config.h"
#include "ooxml_text.h"
#include "rtf_state.h"
#include <string.h>

#define VALUE_MAX (64 * 1024) /* of what is said as a whole: a property, a field */
#define FONT_NAME_MAX 256
#define HTML_MAX (32 * 1024 * 1024)

/* --- fonts ------------------------------------------------------------------------------------------------------ */

void
rtf_font_free(gpointer data)
{
    RtfFont *font = data;
    g_string_free(font->name, TRUE);
    g_free(font);
}

RtfFont *
rtf_font(Rtf *rtf, int number, gboolean make)
{
    RtfFont *font = g_hash_table_lookup(rtf->fonts, GINT_TO_POINTER(number));
    if (font != NULL || !make || g_hash_table_size(rtf->fonts) >= RTF_FONTS_MAX)
        return font;
    font = g_new0(RtfFont, 1);
    font->name = g_string_new(NULL);
    g_hash_table_insert(rtf->fonts, GINT_TO_POINTER(number), font);
    return font;
}

void
rtf_set_font_charset(Rtf *rtf, const RtfWord *word, int value)
{
    RtfFont *font = rtf->now.to == RTF_TO_FONTS ? rtf_font(rtf, rtf->now.font, TRUE) : NULL;
    if (font == NULL)
        return;
    const char *charset = word->what == RTF_DO_FONT_PAGE ? rtf_code_page(value) : rtf_font_charset(value);
    if (charset != NULL)
        font->charset = charset;
    font->symbols = word->what == RTF_DO_FONT_CHARSET && value == 2;
}

/* --- what is said ----------------------------------------------------------------------------------------------- */

static PlaceKind
place_now(const RtfState *now)
{
    if (now->place == PLACE_ATTRIBUTE || now->place == PLACE_RAW)
        return now->place;
    return now->deleted ? PLACE_REVISION : now->hidden ? PLACE_HIDDEN : now->place;
}

/* The body, with what is hidden and deleted in it, or one of the places beside it. */
Story *
rtf_story(Rtf *rtf, PlaceKind home)
{
    if (home == PLACE_BODY)
        return &rtf->main;
    gboolean runs = home == PLACE_PAGE_HEADER || home == PLACE_PAGE_FOOTER;
    rtf->side.head = runs ? rtf->sections == 0 : rtf->main.head && home != PLACE_ATTRIBUTE;
    rtf->side.page = rtf->main.page;
    return &rtf->side;
}

/* A key's kind: where it goes, its place, its home, and whether the HTML in it has it too. */
#define KIND_TO(kind) ((RtfTo)((kind)&0xFF))
#define KIND_PLACE(kind) ((PlaceKind)((kind) >> 8 & 0xFF))
#define KIND_HOME(kind) ((PlaceKind)((kind) >> 16 & 0xFF))
#define KIND_NO_HTML (1u << 24)

static void
key_of(Rtf *rtf, RtfKey *key)
{
    const RtfState *now = &rtf->now;
    const RtfFont *font = rtf_font(rtf, now->font, FALSE);
    *key = (RtfKey){.kind = (guint)now->to | (guint)place_now(now) << 8 | (guint)now->place << 16 |
                            (now->html_off ? KIND_NO_HTML : 0),
                    .to = now->to == RTF_TO_FONTS ? (gpointer)font : (gpointer)now->value,
                    .charset = font != NULL && font->charset != NULL ? font->charset : rtf->charset,
                    .size = now->size,
                    .colour = now->colour < rtf->colours->len && now->colour > 0
                                  ? g_array_index(rtf->colours, guint32, now->colour)
                                  : FACE_NO_COLOUR};
}

static void
say_html(Rtf *rtf, const char *text, gsize length)
{
    rtf->html_over |= rtf->html->len + length > HTML_MAX;
    if (!rtf->html_over)
        g_string_append_len(rtf->html, text, (gssize)length);
}

static void
say_story(Rtf *rtf, const RtfKey *key, const char *text, gsize length)
{
    PlaceKind home = KIND_HOME(key->kind);
    Story *story = rtf_story(rtf, home);
    story->size = key->size;
    story->colour = key->colour;
    story_say(story, KIND_PLACE(key->kind), text, (gssize)length);
    if (rtf->html != NULL && home == PLACE_BODY && (key->kind & KIND_NO_HTML) == 0)
        say_html(rtf, text, length);
}

static void
on_say(const RtfKey *key, const char *text, gsize length, gpointer user)
{
    Rtf *rtf = user;
    RtfFont *font = KIND_TO(key->kind) == RTF_TO_FONTS ? key->to : NULL;
    GString *value = KIND_TO(key->kind) == RTF_TO_VALUE ? key->to : NULL;
    if (font != NULL && font->name->len + length < FONT_NAME_MAX)
        g_string_append_len(font->name, text, (gssize)strcspn(text, ";"));
    if (value != NULL && value->len + length <= VALUE_MAX)
        g_string_append_len(value, text, (gssize)length);
    else if (value != NULL || KIND_TO(key->kind) == RTF_TO_FORM ||
             (KIND_TO(key->kind) == RTF_TO_HTML && rtf->html == NULL))
        story_say(rtf_story(rtf, PLACE_RAW), PLACE_RAW, text, (gssize)length);
    if (KIND_TO(key->kind) == RTF_TO_STORY)
        say_story(rtf, key, text, length);
    if (KIND_TO(key->kind) == RTF_TO_HTML && rtf->html != NULL)
        say_html(rtf, text, length);
}

static void
on_doubt(const char *text, gsize length, gpointer user)
{
    Rtf *rtf = user;
    Story *story = rtf_story(rtf, PLACE_RAW);
    story_say(story, PLACE_RAW, text, (gssize)length);
    story_gap(story, PLACE_RAW, '\n');
}

const RtfTextEvents rtf_say_events = {on_say, on_doubt};

static gboolean
takes_text(const RtfState *now)
{
    return now->to != RTF_TO_COLOURS && now->to != RTF_TO_DATA;
}

void
rtf_say_character(Rtf *rtf, int code)
{
    char out[7] = "";
    RtfKey key;
    if (!takes_text(&rtf->now))
        return;
    out[g_unichar_to_utf8((gunichar)code, out)] = '\0';
    key_of(rtf, &key);
    rtf_text_utf8(rtf->text, &key, out);
}

/* What a symbol font shows for this code; FALSE: nothing that matters. */
gboolean
rtf_say_symbol(Rtf *rtf, const char *font, int code)
{
    RtfKey key;
    const char *shown = code < 0 ? ooxml_symbol(font, (guint)(code + 0x10000)) : ooxml_symbol(font, (guint)code);
    if (shown == NULL)
        return FALSE;
    key_of(rtf, &key);
    rtf_text_utf8(rtf->text, &key, shown);
    return TRUE;
}

void
rtf_say_bytes(Rtf *rtf, const guint8 *bytes, gsize length)
{
    RtfKey key;
    if (rtf->now.to == RTF_TO_DATA) {
        rtf_data_digits(rtf->now.data, bytes, length, sink_bytes_left(rtf->sink));
    } else if (rtf->now.to == RTF_TO_COLOURS) {
        for (gsize i = 0; i < length; i++)
            if (bytes[i] == ';' && rtf->colours->len < RTF_FONTS_MAX) {
                g_array_append_val(rtf->colours, rtf->mixing);
                rtf->mixing = 0;
            }
    } else if (length > 0) {
        key_of(rtf, &key);
        rtf_text_bytes(rtf->text, &key, bytes, length);
    }
}

void
rtf_say_hex(Rtf *rtf, guint8 byte)
{
    const RtfFont *font = rtf_font(rtf, rtf->now.font, FALSE);
    if (!takes_text(&rtf->now))
        return;
    if (font == NULL || !font->symbols || byte < 0x80 || !rtf_say_symbol(rtf, font->name->str, byte))
        rtf_say_bytes(rtf, &byte, 1);
}

void
rtf_say_unicode(Rtf *rtf, int value)
{
    RtfKey key;
    const RtfFont *font = rtf_font(rtf, rtf->now.font, FALSE);
    guint code = (guint)(value < 0 ? value + 0x10000 : value);
    rtf->to_skip = rtf->now.fallback;
    if (!takes_text(&rtf->now))
        return;
    if (font != NULL && code >= 0xF000 && code <= 0xF0FF && rtf_say_symbol(rtf, font->name->str, value))
        return;
    key_of(rtf, &key);
    rtf_text_unicode(rtf->text, &key, value);
}

/* --- lines and pages -------------------------------------------------------------------------------------------- */

void
rtf_end_line(Rtf *rtf)
{
    const RtfState *now = &rtf->now;
    if (now->to == RTF_TO_VALUE || now->to == RTF_TO_HTML) {
        rtf_say_character(rtf, '\n');
    } else if (now->to == RTF_TO_STORY) {
        rtf_text_flush(rtf->text);
        story_line(rtf_story(rtf, now->place), now->place);
        if (place_now(now) != now->place)
            story_gap(rtf_story(rtf, now->place), place_now(now), '\n');
        if (rtf->html != NULL && now->place == PLACE_BODY && !now->html_off)
            say_html(rtf, "\r\n", 2);
    }
}

void
rtf_leave_gap(Rtf *rtf, char gap)
{
    if (rtf->now.to != RTF_TO_STORY)
        return;
    rtf_text_flush(rtf->text);
    story_gap(rtf_story(rtf, rtf->now.place), place_now(&rtf->now), gap);
}

void
rtf_new_page(Rtf *rtf)
{
    if (rtf->now.to != RTF_TO_STORY || rtf->now.place != PLACE_BODY)
        return;
    rtf_leave_gap(rtf, '\n');
    if (!rtf->main.begun[PLACE_BODY])
        return;
    rtf->main.page++;
    rtf->main.head = FALSE;
}
