/* uof_text - what an element is tells its name without the number behind it: "段落" of 字:段落_416B. */
#include "config.h"
#include "uof_text.h"
#include "uof_look.h"
#include <string.h>

#define DATA_MIN 64                 /* characters of base64: less is a word */
#define DATA_MAX (64 * 1024 * 1024) /* characters of base64 */

typedef enum {
    K_OTHER,
    K_TEXT,
    K_RUN,
    K_PARAGRAPH,
    K_SPACE,
    K_TAB,
    K_BREAK,
    K_PAGE_BREAK,
    K_CELL,
    K_ROW,
    K_SHEET,
    K_SLIDE,
    K_STREAM, /* a place with a text of its own */
    K_EDGE,   /* header or footer of a sheet: an attribute tells which */
    K_HIDE,
    K_FONT,
    K_STYLE, /* defined */
    K_RUN_LOOK,
    K_PARAGRAPH_LOOK,
    K_REVISION,
    K_REVISION_END,
    K_PROPERTIES,
    K_DATA,
} Kind;

static const struct {
    const char *name;
    Kind kind;
    PlaceKind place;
} ELEMENTS[] = {
    {"文本串", K_TEXT, 0},
    {"句", K_RUN, 0},
    {"段落", K_PARAGRAPH, 0},
    {"空格符", K_SPACE, 0},
    {"制表符", K_TAB, 0},
    {"换行符", K_BREAK, 0},
    {"分页符", K_PAGE_BREAK, 0},
    {"单元格", K_CELL, 0},
    {"行", K_ROW, 0},
    {"工作表", K_SHEET, 0},
    {"幻灯片", K_SLIDE, 0},
    {"页眉", K_STREAM, PLACE_PAGE_HEADER},
    {"首页页眉", K_STREAM, PLACE_PAGE_HEADER},
    {"奇数页页眉", K_STREAM, PLACE_PAGE_HEADER},
    {"偶数页页眉", K_STREAM, PLACE_PAGE_HEADER},
    {"页脚", K_STREAM, PLACE_PAGE_FOOTER},
    {"首页页脚", K_STREAM, PLACE_PAGE_FOOTER},
    {"奇数页页脚", K_STREAM, PLACE_PAGE_FOOTER},
    {"偶数页页脚", K_STREAM, PLACE_PAGE_FOOTER},
    {"母版", K_STREAM, PLACE_PAGE_HEADER},
    {"脚注", K_STREAM, PLACE_NOTE},
    {"尾注", K_STREAM, PLACE_NOTE},
    {"幻灯片备注", K_STREAM, PLACE_NOTE},
    {"批注", K_STREAM, PLACE_ANNOTATION},
    {"文本内容", K_STREAM, PLACE_TEXT_BOX},
    {"文本", K_STREAM, PLACE_TEXT_BOX},
    {"页眉页脚", K_EDGE, 0},
    {"隐藏文字", K_HIDE, 0},
    {"是否隐藏文字", K_HIDE, 0},
    {"字体", K_FONT, 0},
    {"段落式样", K_STYLE, 0},
    {"句式样", K_STYLE, 0},
    {"句属性", K_RUN_LOOK, 0},
    {"段落属性", K_PARAGRAPH_LOOK, 0},
    {"修订开始", K_REVISION, 0},
    {"修订结束", K_REVISION_END, 0},
    {"元数据", K_PROPERTIES, 0},
    {"数据", K_DATA, 0},
};

typedef struct {
    Kind kind;
    PlaceKind place;
    gboolean hidden, properties;
} Level;

struct UofText {
    Sink *sink;
    guint part;
    Story story;
    gboolean main_part;
    guint depth, pages, deletions;
    Level levels[XML_DEPTH_MAX + 2];
    GHashTable *revisions; /* ids of open deletions */
    UofStyles *styles;
    UofLook paragraph, run; /* in hand */
    char *sheet, *property; /* names of those in hand */
    GString *words;         /* of the element in hand */
};

/* --- names with a number behind them ---------------------------------------------------------------------------- */

static gboolean
is_named(const char *name, const char *word)
{
    gsize length = strlen(word);
    return strncmp(name, word, length) == 0 && (name[length] == '\0' || name[length] == '_');
}

static gsize
element_of(const char *name)
{
    for (gsize i = 0; i < G_N_ELEMENTS(ELEMENTS); i++)
        if (is_named(name, ELEMENTS[i].name))
            return i + 1;
    return 0;
}

static const char *
value_of(const XmlElement *element, const char *word)
{
    for (guint i = 0; i < element->count; i++)
        if (is_named(element->attributes[i].name, word))
            return element->attributes[i].value;
    return "";
}

static gboolean
is_true(const char *value)
{
    return strcmp(value, "true") == 0 || strcmp(value, "1") == 0 || strcmp(value, "on") == 0;
}

/* --- elements --------------------------------------------------------------------------------------------------- */

static PlaceKind
place_now(const UofText *text)
{
    const Level *level = &text->levels[text->depth];
    if (text->deletions > 0)
        return PLACE_REVISION;
    return level->hidden ? PLACE_HIDDEN : level->place;
}

static void
begin_stream(UofText *text, Level *level, PlaceKind place)
{
    if (place == PLACE_TEXT_BOX && level->place != PLACE_BODY)
        return;
    level->place = place;
    text->story.begun[place] = FALSE;
    text->story.gap[place] = 0;
}

static void
begin_page(UofText *text, Level *level, const XmlElement *element, gboolean sheet)
{
    const char *hidden = value_of(element, "隐藏"), *shown = value_of(element, "显示");
    level->hidden |= is_true(hidden) || is_true(value_of(element, "是否隐藏")) || strcmp(shown, "false") == 0 ||
                     strcmp(value_of(element, "是否显示"), "false") == 0;
    text->pages++;
    text->story.page = MIN(text->pages, WIRE_PARTS_MAX);
    text->story.head = text->pages == 1;
    text->story.lines = 0;
    if (!sheet)
        return;
    g_free(text->sheet);
    text->sheet = g_strdup(value_of(element, "名称"));
    text->story.name = text->sheet;
    memset(text->story.begun, 0, sizeof text->story.begun);
    story_alone(&text->story, PLACE_SHEET_NAME, NULL, text->sheet);
}

static gboolean
around(const UofText *text, Kind kind)
{
    for (guint i = text->depth; i > 0; i--)
        if (text->levels[i].kind == kind)
            return TRUE;
    return FALSE;
}

static void
on_font(UofText *text, const XmlElement *element)
{
    const char *colour = value_of(element, "颜色");
    double size = g_ascii_strtod(value_of(element, "字号"), NULL);
    UofLook *look = uof_styles_defining(text->styles);
    if (look == NULL)
        look = around(text, K_RUN) ? &text->run : &text->paragraph;
    if (size > 0 && size < 2000)
        look->size = (guint)(size * 10);
    if (colour[0] == '#' && strlen(colour) == 7)
        look->colour = (guint32)(g_ascii_strtoull(colour + 1, NULL, 16) & 0xFFFFFF);
}

static void
wear(UofText *text)
{
    gboolean run = around(text, K_RUN);
    text->story.size = run ? text->run.size : text->paragraph.size;
    text->story.colour = run ? text->run.colour : text->paragraph.colour;
}

/* The properties of a paragraph or a run name its style; of a definition, those of its text say nothing new. */
static void
on_look(UofText *text, Kind kind, const XmlElement *element)
{
    if (uof_styles_defining(text->styles) != NULL)
        return;
    gboolean run = kind == K_RUN_LOOK && around(text, K_RUN);
    uof_styles_wear(text->styles, value_of(element, "式样引用"), run ? &text->run : &text->paragraph);
    if (kind == K_PARAGRAPH_LOOK)
        text->run = text->paragraph;
}

static void
on_revision(UofText *text, const XmlElement *element, gboolean end)
{
    const char *id = value_of(element, end ? "开始标识引用" : "标识符");
    if (!end && strcmp(value_of(element, "类型"), "delete") == 0 && g_hash_table_size(text->revisions) < 100000)
        g_hash_table_add(text->revisions, g_strdup(id));
    else if (end)
        g_hash_table_remove(text->revisions, id);
    text->deletions = g_hash_table_size(text->revisions);
}

static void
hide_run(UofText *text)
{
    for (guint i = text->depth; i > 0; i--)
        if (text->levels[i].kind == K_RUN) {
            text->levels[i].hidden = TRUE;
            return;
        }
}

static void
begin_kind(UofText *text, Level *level, const XmlElement *element, PlaceKind place)
{
    switch (level->kind) {
    case K_STREAM:
        begin_stream(text, level, place);
        break;
    case K_EDGE:
        begin_stream(text, level,
                     strstr(value_of(element, "位置"), "footer") != NULL ? PLACE_PAGE_FOOTER : PLACE_PAGE_HEADER);
        break;
    case K_SHEET:
    case K_SLIDE:
        begin_page(text, level, element, level->kind == K_SHEET);
        break;
    case K_ROW:
        level->hidden |= is_true(value_of(element, "隐藏")) || is_true(value_of(element, "是否隐藏"));
        break;
    case K_PARAGRAPH:
        text->paragraph = (UofLook){.colour = FACE_NO_COLOUR};
        break;
    case K_RUN:
        text->run = text->paragraph;
        wear(text);
        break;
    case K_STYLE:
        uof_styles_define(text->styles, value_of(element, "标识符"), value_of(element, "基式样引用"));
        break;
    case K_RUN_LOOK:
    case K_PARAGRAPH_LOOK:
        on_look(text, level->kind, element);
        wear(text);
        break;
    case K_FONT:
        on_font(text, element);
        wear(text);
        break;
    case K_HIDE:
        if (is_true(value_of(element, "值")))
            hide_run(text);
        break;
    case K_REVISION:
    case K_REVISION_END:
        on_revision(text, element, level->kind == K_REVISION_END);
        break;
    case K_PROPERTIES:
        level->properties = TRUE;
        break;
    default:
        break;
    }
}

static void
on_mark(UofText *text, Kind kind)
{
    if (kind == K_SPACE || kind == K_TAB)
        story_say(&text->story, place_now(text), kind == K_TAB ? "\t" : " ", 1);
    else if (kind == K_BREAK)
        story_gap(&text->story, place_now(text), '\n');
    else if (kind == K_PAGE_BREAK && text->main_part && text->story.page > 0 && text->story.page < WIRE_PARTS_MAX) {
        text->story.page++;
        text->story.head = FALSE;
    }
}

static void
tell_attributes(UofText *text, const XmlElement *element)
{
    for (guint i = 0; i < element->count; i++) {
        const XmlAttribute *attribute = &element->attributes[i];
        if (g_str_is_ascii(attribute->value) || strstr(attribute->name, "字体") != NULL)
            continue;
        story_say(&text->story, PLACE_ATTRIBUTE, attribute->value, (gssize)attribute->length);
        story_gap(&text->story, PLACE_ATTRIBUTE, '\n');
    }
}

static void
on_start(const XmlElement *element, gpointer user)
{
    UofText *text = user;
    gsize row = element_of(element->name);
    Level *level = &text->levels[text->depth + 1];
    *level = text->levels[text->depth++];
    level->kind = row > 0 ? ELEMENTS[row - 1].kind : K_OTHER;
    if (text->depth == 1 && is_named(element->name, "元数据"))
        level->properties = TRUE;
    g_string_truncate(text->words, 0);
    begin_kind(text, level, element, row > 0 ? ELEMENTS[row - 1].place : PLACE_BODY);
    on_mark(text, level->kind);
    if (element->count > 0)
        tell_attributes(text, element);
    if (level->properties && value_of(element, "名称")[0] != '\0') {
        g_free(text->property);
        text->property = g_strdup(value_of(element, "名称"));
    }
}

/* An object: a picture, another document. FALSE: it is no base64. */
static gboolean
give_data(UofText *text)
{
    if (text->words->len < DATA_MIN || strspn(text->words->str, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                                                "0123456789+/= \t\r\n") != text->words->len)
        return FALSE;
    gsize length;
    guint8 *bytes = g_base64_decode(text->words->str, &length);
    if (!sink_spend(text->sink, (gint64)length)) {
        g_free(bytes);
        return TRUE;
    }
    g_autoptr(GBytes) own = g_bytes_new_take(bytes, length);
    g_autoptr(Source) source = source_of_bytes(own);
    sink_object(text->sink, text->part, "", 0, source);
    return TRUE;
}

static void
end_words(UofText *text, const Level *level, const char *name)
{
    GString *words = text->words;
    g_strstrip(words->str);
    words->len = strlen(words->str);
    if (words->len == 0 || (level->kind == K_DATA && give_data(text)))
        return;
    if (level->kind == K_HIDE && is_true(words->str))
        hide_run(text);
    else if (level->properties) {
        static const char *const known[][2] = {{"标题", "title"},       {"主题", "subject"},    {"关键字", "keywords"},
                                               {"摘要", "description"}, {"作者", "author"},     {"创建者", "creator"},
                                               {"分类", "category"},    {"公司名称", "company"}};
        const char *property = is_named(name, "用户自定义元数据") && text->property != NULL ? text->property : name;
        for (gsize i = 0; i < G_N_ELEMENTS(known); i++)
            if (is_named(name, known[i][0]))
                property = known[i][1];
        story_alone(&text->story, PLACE_PROPERTY, property, words->str);
    } else if (!g_str_is_ascii(words->str)) {
        story_say(&text->story, PLACE_ATTRIBUTE, words->str, (gssize)words->len);
        story_gap(&text->story, PLACE_ATTRIBUTE, '\n');
    }
}

static void
on_end(const char *name, gpointer user)
{
    UofText *text = user;
    if (text->depth == 0)
        return;
    PlaceKind place = place_now(text);
    const Level *level = &text->levels[text->depth];
    end_words(text, level, name);
    if (level->kind == K_PARAGRAPH)
        story_line(&text->story, place);
    else if (level->kind == K_STYLE)
        uof_styles_end(text->styles);
    else if (level->kind == K_CELL || level->kind == K_ROW)
        story_gap(&text->story, place, level->kind == K_CELL ? '\t' : '\n');
    text->depth--;
    g_string_truncate(text->words, 0);
}

static void
on_text(const char *string, gsize length, gpointer user)
{
    UofText *text = user;
    if (text->levels[text->depth].kind == K_TEXT) {
        g_autofree char *own = g_strdelimit(g_strndup(string, length), "\r\n", ' ');
        story_say(&text->story, place_now(text), own, (gssize)strlen(own));
    } else if (text->words->len + length <= DATA_MAX)
        g_string_append_len(text->words, string, (gssize)length);
    else
        sink_cover(text->sink, text->part, COVERAGE_PARTIAL, WHY_OVER_BUDGET);
}

const XmlEvents UOF_EVENTS = {on_start, on_end, on_text, NULL};

UofText *
uof_text_new(Sink *sink, guint part, gboolean main_part)
{
    UofText *text = g_new0(UofText, 1);
    text->sink = sink;
    text->part = part;
    text->main_part = main_part;
    text->words = g_string_new(NULL);
    text->revisions = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    text->styles = uof_styles_new();
    text->paragraph = text->run = (UofLook){.colour = FACE_NO_COLOUR};
    text->levels[0].place = PLACE_BODY;
    story_begin(&text->story, sink, part, NULL, main_part ? 1 : 0);
    text->story.head = main_part;
    return text;
}

void
uof_text_free(UofText *text)
{
    if (text == NULL)
        return;
    g_hash_table_unref(text->revisions);
    uof_styles_free(text->styles);
    g_string_free(text->words, TRUE);
    g_free(text->sheet);
    g_free(text->property);
    g_free(text);
}
