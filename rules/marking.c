/* marking - the grammar of secrecy marks: from an anchor to the forms that hold and what stands around them.
 *
 * The pieces are in marking-term (star and term), marking-box, marking-left (label, sentence) and marking-around. */
#include "config.h"
#include "marking.h"
#include "marking-parts.h"

#define LONG_WORD 3 /* characters: the ends of two other words do not make it by chance */

typedef struct {
    Window window;
    Mark *mark;
    guint traits, forms;
    int begin, end;  /* of the mark, growing as its parts are read */
    int word_end;    /* after the level word and 级 */
    gboolean broken; /* a line end inside the word */
    gboolean boxed;  /* each of its characters in brackets */
    int characters;  /* of the word, without what stands between them */
} Reader;

/* --- the word ------------------------------------------------------------------------------- */

/* The last character of a longer word may have something beside it. */
static gboolean
stands_alone_on_line(const Window *window, int index, gboolean last)
{
    int before = index - 1, after = index + 1;

    while (window_kind(window, before) == CHAR_SPACE || window_one_of(window, before, ">|"))
        before--;
    while (window_kind(window, after) == CHAR_SPACE || window_one_of(window, after, "|"))
        after++;
    return window_kind(window, before) == CHAR_LINE &&
           (window_kind(window, after) == CHAR_LINE || (last && after > index + 1));
}

/* ][ between two characters: [机][密] */
static gboolean
is_bracket_pair(const Window *window, int index)
{
    return window_kind(window, index) == CHAR_CLOSE && window_kind(window, index + 1) == CHAR_OPEN;
}

static gboolean
is_word_kind(CharKind kind)
{
    return kind == CHAR_HAN || kind == CHAR_LETTER || kind == CHAR_DIGIT;
}

/* What stands between the characters of the word: nothing, up to eight spaces, up to three separators, or line ends.
 * FALSE if they do not belong together. */
static gboolean
gaps_read(Reader *reader)
{
    Window *window = &reader->window;
    gboolean column = TRUE;

    for (int i = window->from; i < window->to; i++) {
        int spaces = 0, others = 0, lines = 0, begin = i;
        for (; i < window->to; i++) {
            CharKind kind = window_kind(window, i);
            if (is_word_kind(kind))
                break;
            spaces += kind == CHAR_SPACE;
            lines += kind == CHAR_LINE;
            others += kind != CHAR_SPACE && kind != CHAR_LINE;
            if (is_bracket_pair(window, i)) {
                reader->boxed = TRUE;
                i++;
                continue;
            }
            if (kind == CHAR_COLON || window_one_of(window, i, "、;；。!！?？(（)）□☐"))
                return FALSE;
        }
        if (others > 3 || spaces > 8 + 8 * lines || lines > 3)
            return FALSE;
        if (i > begin)
            reader->traits |= TRAIT_SPACED;
        reader->broken |= lines > 0;
        reader->characters++;
        column = column && stands_alone_on_line(window, i, reader->characters >= LONG_WORD && i + 1 >= window->to);
    }
    window->vertical = reader->broken && column;
    if (window->vertical)
        reader->traits |= TRAIT_VERTICAL;
    return TRUE;
}

/* Words that end in the first character of a level word, or begin with 密: 计算机|密码, 拒绝|密集, 神秘|密室. */
static gboolean
is_across_words(const Window *window)
{
    static const char *const before_ji = "算随司手飞时危契动相印单关投耳收录客专战转登务端终真拖重主打传复唤扫耕纺";
    static const char *const before_jue = "杜拒谢断隔灭回弃空禁根自悬卓";
    static const char *const before_mi = "神奥便诡隐";
    static const char *const after_mi = "码钥切集度封布植匙接闭林谋匝麻宗";
    int before = window_skip_back(window, window->from - 1, 0), after = window->to;
    gunichar first = window_char(window, window->from);

    if (window->vertical) {
        before = window_skip_back(window, before, 1);
        after = window_skip(window, after, 1);
    }
    if (window_one_of(window, after, after_mi))
        return TRUE;
    return (first == U'机' && window_one_of(window, before, before_ji)) ||
           (first == U'绝' && window_one_of(window, before, before_jue)) ||
           (first == U'秘' && window_one_of(window, before, before_mi));
}

/* 国家秘密 工作秘密 商业机密 私人秘密: another thing than a level, unless 国家 of a sentence. */
static gboolean
is_compound(const Window *window)
{
    static const char *const owners[] = {"工作", "商业", "个人", "私人", "技术", "行业",
                                         "家族", "经营", "警务", "审判", NULL};

    return window_match_any_back(window, window->from, owners) >= 0;
}

static gboolean
is_latin(gunichar c)
{
    return c < 0x80 && g_ascii_isalnum((char)c);
}

/* A Latin word does not begin or end inside another. */
static gboolean
is_whole(const Window *window)
{
    gboolean before = is_latin(window_char(window, window->from)) && is_latin(window_char(window, window->from - 1));
    gboolean after = is_latin(window_char(window, window->to - 1)) && is_latin(window_char(window, window->to));

    return !before && !after;
}

static gboolean
word_read(Reader *reader, gboolean level_word)
{
    Window *window = &reader->window;

    reader->begin = window->from;
    reader->word_end = window->to;
    gboolean joined = gaps_read(reader);
    if (!level_word)
        return is_whole(window);
    if (!joined || is_across_words(window))
        return FALSE;
    int grade = window_skip(window, window->to, 2);
    if (window_char(window, grade) == U'级')
        reader->word_end = grade + 1;
    if (reader->boxed && window_kind(window, reader->begin - 1) == CHAR_OPEN &&
        window_kind(window, reader->word_end) == CHAR_CLOSE) {
        reader->begin--;
        reader->word_end++;
    }
    return TRUE;
}

/* --- the forms ------------------------------------------------------------------------------ */

static void
form_add(Reader *reader, MarkForm form)
{
    reader->forms |= 1u << form;
}

static gboolean
is_field_end(const Window *window, int index)
{
    CharKind kind = window_kind(window, index);

    if (kind == CHAR_OPEN && window_one_of(window, window_skip(window, index + 1, 2), "含及以或")) /* (含)以下 */
        return FALSE;
    return kind != CHAR_HAN && kind != CHAR_LETTER && kind != CHAR_DIGIT && kind != CHAR_OTHER &&
           !window_one_of(window, index, "/");
}

static void
field_read(Reader *reader)
{
    int begin = reader->begin;

    switch (label_read(&reader->window, reader->begin, &begin)) {
    case LABEL_CHANGED:
        reader->traits |= TRAIT_CHANGED;
        reader->mark->voided = TRUE;
        form_add(reader, MARK_FORM_FIELD);
        break;
    case LABEL_LINE_BEFORE:
        reader->traits |= TRAIT_FIELD_BREAK;
        /* fall through */
    case LABEL_SAME_LINE:
        if (is_field_end(&reader->window, reader->end))
            form_add(reader, MARK_FORM_FIELD);
        break;
    case LABEL_NONE:
        if (grid_label_read(&reader->window, reader->begin, reader->word_end, reader->end)) {
            reader->traits |= TRAIT_FIELD_BREAK;
            form_add(reader, MARK_FORM_FIELD);
        }
        break;
    }
}

static void
tick_read(Reader *reader)
{
    switch (box_read(&reader->window, reader->begin, reader->end, &reader->begin, &reader->end)) {
    case BOX_TICKED:
        form_add(reader, MARK_FORM_TICKED);
        reader->traits &= ~(guint)TRAIT_LISTED; /* the others of the row are not ticked */
        break;
    case BOX_EMPTY:
        reader->traits |= TRAIT_BOX_EMPTY;
        break;
    case BOX_NONE:
        break;
    }
}

/* Re: Fwd: 转发: before a Subject. */
static gboolean
is_subject_start(const Window *window, int index)
{
    static const char *const prefixes[] = {
        "re:", "fw:", "fwd:", "回复:", "转发:", "答复:", "re：", "回复：", "转发：", "答复：", NULL};

    for (int guard = 0; guard < 8; guard++) {
        index = window_skip_back(window, index - 1, 6) + 1;
        if (window_kind(window, index - 1) == CHAR_LINE)
            return TRUE;
        int before = window_match_any_back(window, index, prefixes);
        if (before < 0)
            return FALSE;
        index = before;
    }
    return FALSE;
}

static gboolean
is_extension(const Window *window, int index)
{
    int letters = 0;

    if (window_char(window, index) != U'.')
        return FALSE;
    while (letters < 6 &&
           (window_kind(window, index + 1) == CHAR_LETTER || window_kind(window, index + 1) == CHAR_DIGIT)) {
        index++;
        letters++;
    }
    return letters > 0 && (window_kind(window, index + 1) == CHAR_LINE || window_char(window, index + 1) == U'.');
}

/* In a paragraph: from the left edge, numbers of paragraphs skipped. */
static gboolean
is_paragraph_start(const Window *window, int index)
{
    int i = index;

    while (i > index - 12 && i > 0) {
        CharKind kind = window_kind(window, i - 1);
        if (kind != CHAR_SPACE && kind != CHAR_DIGIT && kind != CHAR_SEPARATOR && window_char(window, i - 1) != U'、' &&
            !window_one_of(window, i - 1, ">一二三四五六七八九十"))
            break;
        i--;
    }
    return window_kind(window, i - 1) == CHAR_LINE;
}

static void
bracket_read(Reader *reader, MarkingPlace place)
{
    const Window *window = &reader->window;
    int open = window_skip_back(window, reader->begin - 1, 2), close = window_skip(window, reader->end, 2);

    if (window_kind(window, open) != CHAR_OPEN || open < 0 || window_kind(window, close) != CHAR_CLOSE ||
        close >= window->length || window_one_of(window, open, "「『"))
        return;
    gboolean start = place == MARKING_SUBJECT ? is_subject_start(window, open) : is_paragraph_start(window, open);
    gboolean end = window_kind(window, window_skip(window, close + 1, 8)) == CHAR_LINE;
    if (window_char(window, close + 1) == U'级') /* (机密)级文件: a gap that somebody filled in */
        return;
    if (start || end || place != MARKING_TEXT) {
        form_add(reader, MARK_FORM_BRACKETED);
        reader->begin = open;
        reader->end = close + 1;
        reader->traits |= line_read(window, open, close + 1);
    }
}

/* 机密_方案.pdf, 方案-秘密.doc, Subject: 机密:关于…… */
static void
prefix_read(Reader *reader, MarkingPlace place)
{
    const Window *window = &reader->window;
    CharKind left = window_kind(window, reader->begin - 1), right = window_kind(window, reader->end);
    gboolean start = place == MARKING_SUBJECT ? is_subject_start(window, reader->begin) : left == CHAR_LINE;
    /* Between spaced characters a space cuts nothing: 国 家 秘 密. */
    gboolean spaced = (reader->traits & TRAIT_SPACED) != 0 && window_kind(window, reader->begin - 2) == CHAR_HAN;
    gboolean cut_right = right == CHAR_SEPARATOR || right == CHAR_SPACE || right == CHAR_COLON || right == CHAR_OPEN;
    gboolean cut_left = left == CHAR_SEPARATOR || (left == CHAR_SPACE && !spaced) || left == CHAR_CLOSE;
    gboolean end = right == CHAR_LINE || is_extension(window, reader->end);

    /* 秘密: begins many a headline; 机密 and 绝密 hardly one. */
    if (place == MARKING_SUBJECT && start && !end && reader->mark->level == LEVEL_SECRET &&
        (right == CHAR_COLON || right == CHAR_SPACE) &&
        window_match(window, window_skip(window, reader->end + 1, 3), "关于") < 0 &&
        reader->mark->term_unit == TERM_NONE)
        return;
    if ((start && (cut_right || is_extension(window, reader->end))) || (cut_left && end) ||
        (place == MARKING_NAME && cut_left && cut_right)) {
        form_add(reader, MARK_FORM_BRACKETED);
        reader->traits |= TRAIT_PREFIX;
    }
}

static void
forms_read(Reader *reader, MarkingPlace place)
{
    Window *window = &reader->window;
    Mark *mark = reader->mark;
    SentenceKind sentence;

    if (mark->star)
        form_add(reader, MARK_FORM_STAR);
    tick_read(reader);
    if ((reader->traits & TRAIT_BOX_EMPTY) == 0)
        field_read(reader);
    if ((reader->forms & ~(1u << MARK_FORM_STAR)) == 0 && (reader->traits & TRAIT_BOX_EMPTY) == 0) {
        bracket_read(reader, place);
        if (place != MARKING_TEXT && (reader->forms & (1u << MARK_FORM_BRACKETED)) == 0)
            prefix_read(reader, place);
    }
    sentence = sentence_read(window, reader->begin, reader->end, mark->level);
    if (sentence == SENTENCE_STATES)
        form_add(reader, MARK_FORM_SENTENCE);
    else if (sentence == SENTENCE_NEGATED)
        reader->traits |= TRAIT_NEGATED;
    if (reader->forms != 0) /* its form says more than the cell */
        reader->traits &= ~(guint)TRAIT_CELL;
    if ((reader->traits & (TRAIT_ALONE | TRAIT_APART | TRAIT_CELL)) != 0 && !mark->star &&
        (reader->traits & (TRAIT_BOX_EMPTY | TRAIT_DECORATED)) == 0)
        form_add(reader, MARK_FORM_ALONE);
}

static MarkForm
strongest(guint forms)
{
    static const MarkForm order[] = {MARK_FORM_STAR,  MARK_FORM_SENTENCE,  MARK_FORM_TICKED,
                                     MARK_FORM_FIELD, MARK_FORM_BRACKETED, MARK_FORM_ALONE};

    for (guint i = 0; i < G_N_ELEMENTS(order); i++)
        if ((forms & (1u << order[i])) != 0)
            return order[i];
    return MARK_FORM_NONE;
}

/* A word with a gap inside that touches other text is two words (随 机密 码, 计算机<line>密码), unless the grammar
 * holds it together. */
static gboolean
is_held_together(const Reader *reader)
{
    guint strong = 1u << MARK_FORM_STAR | 1u << MARK_FORM_SENTENCE | 1u << MARK_FORM_FIELD | 1u << MARK_FORM_TICKED;
    gboolean bracketed = (reader->forms & (1u << MARK_FORM_BRACKETED)) != 0 && (reader->traits & TRAIT_PREFIX) == 0;

    if ((reader->traits & TRAIT_SPACED) == 0 || (reader->forms & strong) != 0 || bracketed)
        return TRUE;
    if ((reader->traits & TRAIT_VERTICAL) != 0)
        return TRUE;
    if (reader->broken && reader->characters >= LONG_WORD && (reader->traits & TRAIT_ALONE) != 0)
        return TRUE; /* wrapped by a narrow page */
    return !reader->broken && (reader->traits & (TRAIT_GLUED_BEFORE | TRAIT_GLUED_AFTER)) == 0;
}

static void
line_bounds(const Reader *reader, MarkReading *reading)
{
    const Window *window = &reader->window;
    int begin = MAX(reader->begin, 0), end = MIN(reader->end, window->length);

    reading->line_from = window->at[window_line_begin(window, begin)];
    reading->line_to = window->at[window_line_end(window, end)];
}

gboolean
marking_read(const char *text, gsize length, gsize from, gsize to, Level level, MarkingPlace place,
             MarkReading *reading_out)
{
    Reader reader = {.mark = &reading_out->mark};
    gboolean level_word = level >= LEVEL_SECRET;

    *reading_out = (MarkReading){.mark = {.level = level}};
    if (!window_fill(&reader.window, text, length, from, to) || !word_read(&reader, level_word))
        return FALSE;
    reader.window.scan = place == MARKING_SCAN;
    place = place == MARKING_SCAN ? MARKING_TEXT : place;
    reader.end = star_read(&reader.window, reader.word_end, reader.mark, &reader.traits);
    reader.traits |= line_read(&reader.window, reader.begin, reader.end);
    reader.traits |= surroundings_read(&reader.window, reader.begin, reader.end, reader.mark);
    if (!level_word || !is_compound(&reader.window))
        forms_read(&reader, place);
    if (level_word && !is_held_together(&reader))
        return FALSE;
    if (reader.forms != 0 && voided_read(&reader.window, reader.begin, reader.end))
        reader.mark->voided = TRUE;
    reader.mark->form = strongest(reader.forms);
    reader.mark->from = reader.window.at[MAX(reader.begin, 0)];
    reader.mark->to = reader.window.at[MIN(reader.end, reader.window.length)];
    reading_out->forms = reader.forms;
    reading_out->traits = reader.traits;
    line_bounds(&reader, reading_out);
    return TRUE;
}
