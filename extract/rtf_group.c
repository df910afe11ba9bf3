/* rtf_group - a stack of states, and what each destination does when it opens and ends. */
#include "config.h"
#include "rtf_state.h"
#include <string.h>

#define DEPTH_MAX 1000 /* groups in groups; deeper ones share a state */

/* --- destinations ----------------------------------------------------------------------------------------------- */

static PlaceKind
place_of_shape(const char *name)
{
    if (g_str_has_prefix(name, "gtext"))
        return PLACE_TEXT_BOX;
    return strcmp(name, "wzDescription") == 0 || strcmp(name, "wzName") == 0 ? PLACE_ALTERNATIVE : PLACE_ATTRIBUTE;
}

static void
close_value(RtfState *now)
{
    if (now->owner && now->value != NULL)
        g_string_free(now->value, TRUE);
    if (now->owner)
        rtf_data_free(now->data);
    now->value = NULL;
    now->data = NULL;
}

/* The check box of a form: whether it is ticked is said by nothing else. */
static void
show_box(Rtf *rtf)
{
    int result = rtf->form.result == 25 ? rtf->form.first : rtf->form.result;
    if (rtf->form.type == 1)
        rtf_say_character(rtf, result == 1 ? 0x2611 : 0x2610);
    rtf->form.type = 0;
}

/* SYMBOL 171 \f "Wingdings": what the field shows stands nowhere else. */
static void
show_field(Rtf *rtf, const char *said)
{
    guint64 code;
    char *end;
    show_box(rtf);
    while (g_ascii_isspace(*said))
        said++;
    if (g_ascii_strncasecmp(said, "SYMBOL ", 7) != 0)
        return;
    code = g_ascii_strtoull(said + 7, &end, 0);
    const char *font = strstr(end, "\\f");
    g_autofree char *name = font != NULL ? g_strdup(font + 2) : g_strdup("");
    g_strstrip(g_strdelimit(name, "\"", ' '));
    char *switches = strchr(name, '\\');
    if (switches != NULL)
        *switches = '\0';
    g_strchomp(name);
    if (code < 0x110000 && !rtf_say_symbol(rtf, name, (int)code) && g_unichar_validate((gunichar)code) && code > 0)
        rtf_say_character(rtf, (int)code);
}

static gboolean
says_something(const char *text)
{
    for (; *text != '\0'; text++)
        if (g_ascii_isalpha(*text) || (guint8)*text >= 0x80)
            return TRUE;
    return FALSE;
}

/* In the group around the destination that ended. */
static void
say_value(Rtf *rtf, const RtfWord *word, PlaceKind place, const char *text)
{
    Story *side = rtf_story(rtf, PLACE_ATTRIBUTE);
    switch (word->what) {
    case RTF_DO_PROPERTY:
        story_alone(side, PLACE_PROPERTY, word->name, text);
        break;
    case RTF_DO_USER_NAME:
        story_alone(side, PLACE_PROPERTY, "custom", text);
        break;
    case RTF_DO_SHAPE_NAME:
        g_free(rtf->shape_name);
        rtf->shape_name = g_strdup(text);
        if (!g_str_is_ascii(text))
            story_alone(side, PLACE_ATTRIBUTE, NULL, text);
        break;
    case RTF_DO_SHAPE_VALUE:
        if (says_something(text)) {
            story_say(rtf_story(rtf, place), place, text, -1);
            story_gap(&rtf->side, place, '\n');
        }
        break;
    case RTF_DO_CLASS:
        g_free(rtf->class);
        rtf->class = g_strdup(text);
        story_alone(side, PLACE_ATTRIBUTE, NULL, text);
        break;
    default:
        story_say(side, PLACE_ATTRIBUTE, text, -1);
        story_gap(side, PLACE_ATTRIBUTE, '\n');
    }
}

/* What the group in hand opened ends. What a field shows is said by rtf_close_group(), in the group around. */
static void
finish_destination(Rtf *rtf)
{
    RtfState *now = &rtf->now;
    if (!now->owner)
        return;
    rtf_text_flush(rtf->text);
    if (now->to == RTF_TO_DATA)
        rtf_data_tell(now->data, rtf->seen, rtf->sink, rtf->part);
    else if (now->to == RTF_TO_VALUE)
        say_value(rtf, now->opened, now->place, now->value->str);
    else if (now->to == RTF_TO_STORY)
        story_line(rtf_story(rtf, now->place), now->place);
    close_value(now);
    now->owner = FALSE;
}

/* From here to the end of the group. */
void
rtf_open_destination(Rtf *rtf, const RtfWord *word)
{
    RtfState *now = &rtf->now;
    finish_destination(rtf);
    now->value = NULL; /* of a group around */
    now->data = NULL;
    now->opened = word;
    now->owner = TRUE;
    now->to = RTF_TO_STORY;
    switch (word != NULL ? word->what : RTF_DO_NOTHING) {
    case RTF_DO_STORY:
        now->place = (PlaceKind)word->argument;
        if (now->place == PLACE_NOTE || now->place == PLACE_ANNOTATION)
            rtf->side.begun[now->place] = FALSE;
        break;
    case RTF_DO_FONTS:
        now->to = RTF_TO_FONTS;
        break;
    case RTF_DO_COLOURS:
        now->to = RTF_TO_COLOURS;
        break;
    case RTF_DO_HTML:
        now->to = RTF_TO_HTML;
        break;
    case RTF_DO_DATA:
        now->to = RTF_TO_DATA;
        now->data = rtf_data_new((RtfDataKind)word->argument);
        now->data->class = word->argument == RTF_DATA_OBJECT ? g_strdup(rtf->class) : NULL;
        break;
    case RTF_DO_FORM:
        now->to = RTF_TO_FORM;
        rtf->form.type = rtf->form.result = rtf->form.first = 0;
        break;
    case RTF_DO_PROPERTY:
    case RTF_DO_USER_NAME:
    case RTF_DO_FIELD:
    case RTF_DO_SHAPE_NAME:
    case RTF_DO_SHAPE_VALUE:
    case RTF_DO_CLASS:
        now->to = RTF_TO_VALUE;
        now->value = g_string_new(NULL);
        if (word->what == RTF_DO_SHAPE_VALUE)
            now->place = place_of_shape(rtf->shape_name != NULL ? rtf->shape_name : "");
        break;
    default:
        now->place = PLACE_RAW;
        break;
    }
}

/* --- groups ----------------------------------------------------------------------------------------------------- */

void
rtf_open_group(Rtf *rtf)
{
    rtf->to_skip = 0;
    if (rtf->states->len >= DEPTH_MAX) {
        rtf->deeper++;
        sink_cover(rtf->sink, rtf->part, COVERAGE_PARTIAL, WHY_OVER_BUDGET);
        return;
    }
    g_array_append_val(rtf->states, rtf->now);
    rtf->now.owner = rtf->now.star = FALSE;
}

void
rtf_close_group(Rtf *rtf)
{
    RtfState *now = &rtf->now;
    rtf->to_skip = 0;
    if (rtf->deeper > 0) {
        rtf->deeper--;
        return;
    }
    if (rtf->states->len == 0)
        return;
    g_autofree char *field = NULL;
    if (now->owner && now->to == RTF_TO_VALUE && now->opened->what == RTF_DO_FIELD) {
        rtf_text_flush(rtf->text);
        field = g_strdup(now->value->str);
    }
    finish_destination(rtf);
    *now = g_array_index(rtf->states, RtfState, rtf->states->len - 1);
    g_array_set_size(rtf->states, rtf->states->len - 1);
    if (field != NULL)
        show_field(rtf, field);
    rtf->ended |= rtf->states->len == 0;
}
