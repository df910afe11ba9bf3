/* rtf - one pass: groups, words, bytes. */
#include "config.h"
#include "rtf.h"
#include "rtf_state.h"
#include <string.h>

#define SIZE_FIRST 120 /* tenths of a point */

/* --- words ------------------------------------------------------------------------------------------------------ */

static void
plain_look(RtfState *now, int font)
{
    now->hidden = now->deleted = FALSE;
    now->size = SIZE_FIRST;
    now->colour = 0;
    now->font = font;
}

static void
on_look(Rtf *rtf, const RtfWord *word, int value, gboolean on)
{
    RtfState *now = &rtf->now;
    switch (word->what) {
    case RTF_DO_PLAIN:
        plain_look(now, rtf->font_first);
        break;
    case RTF_DO_FONT:
        now->font = value;
        if (now->to == RTF_TO_FONTS)
            rtf_font(rtf, value, TRUE);
        break;
    case RTF_DO_SIZE:
        now->size = (guint)CLAMP(value, 0, 3276) * 5;
        break;
    case RTF_DO_COLOUR:
        now->colour = (guint)MAX(value, 0);
        break;
    case RTF_DO_HIDDEN:
        now->hidden = on;
        break;
    case RTF_DO_DELETED:
        now->deleted = on;
        break;
    case RTF_DO_HTML_OFF:
        now->html_off = on;
        break;
    case RTF_DO_FALLBACK:
        now->fallback = (guint)CLAMP(value, 0, 64);
        break;
    case RTF_DO_PICTURE:
        if (now->data != NULL)
            now->data->picture = (RtfPicture)word->argument;
        break;
    default:
        break;
    }
}

static void
on_document(Rtf *rtf, const RtfWord *word, int value)
{
    const char *charset = NULL;
    switch (word->what) {
    case RTF_DO_CODE_PAGE:
        charset = rtf_code_page(value);
        break;
    case RTF_DO_CHARSET:
        charset = rtf_code_page(word->argument);
        break;
    case RTF_DO_FONT_FIRST:
        rtf->font_first = rtf->now.font = value;
        break;
    case RTF_DO_FONT_CHARSET:
    case RTF_DO_FONT_PAGE:
        rtf_set_font_charset(rtf, word, value);
        break;
    case RTF_DO_SHARE:
        rtf->mixing |= (guint32)CLAMP(value, 0, 255) << word->argument;
        break;
    case RTF_DO_FROM_HTML:
        if (rtf->html == NULL)
            rtf->html = g_string_new(NULL);
        break;
    case RTF_DO_FORM_TYPE:
        rtf->form.type = value;
        break;
    case RTF_DO_FORM_RESULT:
        rtf->form.result = value;
        break;
    case RTF_DO_FORM_DEFAULT:
        rtf->form.first = value;
        break;
    default:
        break;
    }
    if (charset != NULL)
        rtf->charset = charset;
}

static gboolean
is_destination(const RtfWord *word)
{
    return word->what >= RTF_DO_STORY && word->what <= RTF_DO_FORM;
}

static void
on_word(Rtf *rtf, const RtfToken *token)
{
    const RtfWord *word = rtf_word_find(token->word);
    gboolean star = rtf->now.star, on = !token->has_value || token->value != 0;
    rtf->now.star = FALSE;
    if (word == NULL) {
        if (star)
            rtf_open_destination(rtf, NULL);
        return;
    }
    if (is_destination(word)) {
        if (word->what != RTF_DO_PASS)
            rtf_open_destination(rtf, word);
        return;
    }
    switch (word->what) {
    case RTF_DO_SAY:
        rtf_say_character(rtf, word->argument);
        break;
    case RTF_DO_PARAGRAPH:
        rtf_end_line(rtf);
        break;
    case RTF_DO_GAP:
        rtf_leave_gap(rtf, (char)word->argument);
        break;
    case RTF_DO_SECTION:
        rtf_new_page(rtf);
        rtf->sections += rtf->now.to == RTF_TO_STORY;
        break;
    case RTF_DO_PAGE:
        if (on)
            rtf_new_page(rtf);
        break;
    case RTF_DO_UNICODE:
        rtf_say_unicode(rtf, token->value);
        break;
    default:
        on_look(rtf, word, token->value, on);
        on_document(rtf, word, token->value);
    }
}

static void
on_symbol(Rtf *rtf, guint8 byte)
{
    switch (byte) {
    case '*':
        rtf->now.star = TRUE;
        break;
    case '~':
        rtf_say_character(rtf, 0xA0);
        break;
    case '_':
        rtf_say_character(rtf, '-');
        break;
    case '\r':
    case '\n':
        rtf_end_line(rtf);
        break;
    case '\t':
        rtf_say_character(rtf, '\t');
        break;
    case '\\':
    case '{':
    case '}':
    case '\'':
        rtf_say_bytes(rtf, &byte, 1);
        break;
    default: /* \- \: \| ...: nothing that is seen */
        break;
    }
}

/* --- the file --------------------------------------------------------------------------------------------------- */

static void
end_loose(Rtf *rtf)
{
    if (rtf->loose != NULL)
        rtf_data_tell(rtf->loose, rtf->seen, rtf->sink, rtf->part);
    g_clear_pointer(&rtf->loose, rtf_data_free);
}

static void
on_bin(Rtf *rtf, const RtfToken *token)
{
    RtfData *data = rtf->now.to == RTF_TO_DATA ? rtf->now.data : rtf->loose;
    if (data == NULL)
        data = rtf->loose = rtf_data_new(RTF_DATA_OTHER);
    rtf_data_bytes(data, token->bytes, token->length, sink_bytes_left(rtf->sink));
}

static void
on_bytes(Rtf *rtf, const RtfToken *token)
{
    gsize skipped = MIN(rtf->to_skip, token->length);
    for (gsize i = 0; i < skipped; i++)
        rtf_text_fallback(rtf->text, token->bytes[i]);
    rtf->to_skip -= (guint)skipped;
    rtf_say_bytes(rtf, token->bytes + skipped, token->length - skipped);
}

static void
on_token(Rtf *rtf, const RtfToken *token)
{
    switch (token->kind) {
    case RTF_OPEN:
        rtf_open_group(rtf);
        break;
    case RTF_CLOSE:
        rtf_close_group(rtf);
        break;
    case RTF_WORD:
        rtf->to_skip -= rtf->to_skip > 0;
        on_word(rtf, token);
        break;
    case RTF_SYMBOL:
        rtf->to_skip -= rtf->to_skip > 0;
        on_symbol(rtf, token->byte);
        break;
    case RTF_HEX:
        if (rtf->to_skip > 0) {
            rtf_text_fallback(rtf->text, token->byte);
            rtf->to_skip--;
        } else {
            rtf_say_hex(rtf, token->byte);
        }
        break;
    case RTF_BYTES:
        on_bytes(rtf, token);
        break;
    case RTF_BIN:
        on_bin(rtf, token);
        break;
    case RTF_END:
    default:
        break;
    }
}

/* -1: none. */
static gssize
find_ink(const guint8 *bytes, gsize length)
{
    for (gsize i = 0; i < length; i++)
        if (bytes[i] != 0 && !g_ascii_isspace(bytes[i]))
            return (gssize)i;
    return -1;
}

/* What lies behind the last brace: programs do not show it. */
static void
tell_rest(Rtf *rtf, Source *source)
{
    guint8 piece[4096];
    gint64 at = rtf_tokens_at(&rtf->tokens), length = source_length(source);
    gssize got = 0;
    if (length < 0) { /* a stream: as text, what cannot be read a second time */
        RtfToken token;
        rtf->now.place = PLACE_OUTSIDE;
        rtf->now.to = RTF_TO_STORY;
        for (rtf_tokens_next(&rtf->tokens, &token); token.kind != RTF_END; rtf_tokens_next(&rtf->tokens, &token))
            if (token.kind == RTF_BYTES)
                rtf_say_bytes(rtf, token.bytes, token.length);
        rtf_text_finish(rtf->text);
        return;
    }
    for (; (got = source_read(source, at, piece, sizeof piece)) > 0; at += got) {
        gssize ink = find_ink(piece, (gsize)got);
        if (ink < 0)
            continue;
        g_autoptr(Source) rest = source_part(source, at + ink, length);
        sink_object(rtf->sink, rtf->part, "", 0, rest);
        return;
    }
}

static void
tell_html(Rtf *rtf)
{
    if (rtf->html_over)
        sink_cover(rtf->sink, rtf->part, COVERAGE_PARTIAL, WHY_OVER_BUDGET);
    if (rtf->html->len == 0 || !sink_spend(rtf->sink, (gint64)rtf->html->len))
        return;
    g_string_prepend(rtf->html, "\xEF\xBB\xBF"); /* whatever charset it names: that of the letter it was in */
    g_autoptr(GBytes) bytes = g_bytes_new(rtf->html->str, rtf->html->len);
    g_autoptr(Source) source = source_of_bytes(bytes);
    sink_object(rtf->sink, rtf->part, "", 0, source);
}

/* FALSE: it is damaged. */
static gboolean
read_all(Rtf *rtf)
{
    RtfToken token;
    do {
        rtf_tokens_next(&rtf->tokens, &token);
        if (token.kind != RTF_BIN)
            end_loose(rtf);
        on_token(rtf, &token);
    } while (token.kind != RTF_END && !rtf->ended && !sink_stopped(rtf->sink));
    gboolean whole = rtf->ended && !rtf_tokens_damaged(&rtf->tokens);
    rtf->deeper = 0;
    while (rtf->states->len > 0)
        rtf_close_group(rtf);
    rtf_text_finish(rtf->text);
    return whole;
}

static void
begin(Rtf *rtf, Source *source, Sink *sink, guint part)
{
    rtf->sink = sink;
    rtf->part = part;
    rtf_tokens_begin(&rtf->tokens, source);
    rtf->text = rtf_text_new(&rtf_say_events, rtf);
    story_begin(&rtf->main, sink, part, NULL, 1);
    story_begin(&rtf->side, sink, part, NULL, 1);
    rtf->main.head = TRUE;
    rtf->states = g_array_new(FALSE, FALSE, sizeof(RtfState));
    rtf->fonts = g_hash_table_new_full(g_direct_hash, g_direct_equal, NULL, rtf_font_free);
    rtf->colours = g_array_new(FALSE, FALSE, sizeof(guint32));
    rtf->charset = rtf_code_page(1252);
    rtf->seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    rtf->now.place = PLACE_BODY;
    rtf->now.fallback = 1;
    plain_look(&rtf->now, 0);
}

static void
end(Rtf *rtf)
{
    rtf_text_free(rtf->text);
    rtf_data_free(rtf->loose);
    g_array_unref(rtf->states);
    g_hash_table_unref(rtf->fonts);
    g_array_unref(rtf->colours);
    g_hash_table_unref(rtf->seen);
    g_free(rtf->shape_name);
    g_free(rtf->class);
    if (rtf->html != NULL)
        g_string_free(rtf->html, TRUE);
    g_free(rtf);
}

gboolean
rtf_run(Source *source, Sink *sink, guint part)
{
    Rtf *rtf = g_new0(Rtf, 1);
    begin(rtf, source, sink, part);
    gboolean whole = read_all(rtf);
    if (rtf->html != NULL)
        tell_html(rtf);
    if (rtf->ended && !sink_stopped(sink))
        tell_rest(rtf, source);
    end(rtf);
    return whole;
}
