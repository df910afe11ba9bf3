/* marking-star - what joins level and term: ★, another sign that stands for it, or nothing. */
#include "config.h"
#include "marking-parts.h"

#define WIDE_GAP 2   /* blanks between two cells of a line */
#define DASHES_MAX 4 /* an em dash folds to two hyphens, and Chinese writes two of them */

#define SCANNED_STARS "大太女友妇娘袁古木文广雪妈支塘码×xk+#"

static void
check_limit(Mark *mark)
{
    guint years = mark->level == LEVEL_TOP_SECRET ? 30 : mark->level == LEVEL_HIGHLY_SECRET ? 20 : 10;

    if (mark->level < LEVEL_SECRET)
        return;
    mark->term_over_limit = (mark->term_unit == TERM_YEARS && mark->term_number > years) ||
                            (mark->term_unit == TERM_MONTHS && mark->term_number > years * 12) ||
                            (mark->term_unit == TERM_DAYS && mark->term_number > years * 366);
}

static void
term_forget(Mark *mark)
{
    mark->term_unit = TERM_NONE;
    mark->term_number = 0;
    mark->term[0] = mark->condition[0] = '\0';
    mark->exam = FALSE;
}

/* Narrow cells: the term has a line of its own below the star. */
static int
next_line_term(const Window *window, int index, Mark *mark)
{
    int end = term_read(window, index, FALSE, mark);

    int rest = end >= 0 ? window_skip(window, end, 8) : -1;
    CharKind after = end >= 0 ? window_kind(window, rest) : CHAR_OTHER;

    if (after == CHAR_LINE || after == CHAR_OPEN || rest - end >= WIDE_GAP)
        return end;
    term_forget(mark);
    return -1;
}

/* Spaces, light separators and slashes that somebody put beside a star: 机密·★·10年. */
static int
skip_light(const Window *window, int index)
{
    int end = index + 3;

    while (index < end && (window_kind(window, index) == CHAR_SPACE || window_kind(window, index) == CHAR_SEPARATOR ||
                           window_one_of(window, index, "/\\")))
        index++;
    return index;
}

/* Real stars at `index`. Gives the end of the mark, or -1 if there is no star that counts. */
static int
real_star(const Window *window, int index, Mark *mark, guint *traits)
{
    guint stars = 0;
    int end = -1, i = index;
    gboolean ascii = window_char(window, i) == U'*';

    while (stars < 9 && (window_kind(window, i) == CHAR_STAR || window_char(window, i) == U'*')) {
        ascii = ascii && window_char(window, i) == U'*';
        stars++;
        end = i + 1;
        i = window_skip(window, end, 2);
    }
    if (stars == 0 || (ascii && stars > 1))
        return -1;
    int term = term_read(window, end, TRUE, mark);
    if (term < 0 && !ascii)
        term = term_read(window, skip_light(window, end), TRUE, mark);
    if (term < 0 && !ascii && window_kind(window, window_skip(window, end, 4)) == CHAR_LINE)
        term = next_line_term(window, window_skip(window, end, 4) + 1, mark);
    if (ascii && term < 0)
        return -1;
    mark->star_count = stars;
    mark->star = stars == 1 || term >= 0;
    if (stars > 1)
        *traits |= TRAIT_DECORATED;
    return term >= 0 ? term : mark->star ? end : index;
}

/* What a scan may have made of ★: any one character that does not begin a term; 六10年 is none, 六年 is. */
static gboolean
is_scanned_star(const Window *window, int index)
{
    CharKind kind = window_kind(window, index);
    gunichar next = window_char(window, window_skip(window, index + 1, 2));
    gboolean number = window_one_of(window, index, "一二三四五六七八九十廿卅") && (next < U'0' || next > U'9');

    return window->scan && !number && !window_one_of(window, index, "长永半级") &&
           (kind == CHAR_HAN || kind == CHAR_LETTER || kind == CHAR_OTHER || kind == CHAR_SEPARATOR);
}

/* 机密女 and nothing else on the line. */
static int
lone_star(const Window *window, int index, Mark *mark, guint *traits)
{
    gboolean line = window_kind(window, window_skip(window, index + 1, 8)) == CHAR_LINE;

    if (!window->scan || !line || !window_one_of(window, index, SCANNED_STARS))
        return -1;
    mark->star = TRUE;
    *traits |= TRAIT_STAR_DOUBTFUL;
    return index + 1;
}

/* 机密·10年, 机密▲长期; for scans also 机密大10年. */
static int
other_star(const Window *window, int index, Mark *mark, guint *traits)
{
    gboolean separator = window_one_of(window, index, "·•・‧∙⋅▲△◆◇※●■○◎");
    gboolean doubtful = window_one_of(window, index, SCANNED_STARS) || is_scanned_star(window, index);
    int end;

    if (!separator && !doubtful)
        return -1;
    end = term_read(window, index + 1, separator || window->scan, mark);
    if (!separator && mark->term_unit == TERM_EVENT && !mark->exam)
        end = -1; /* 机密文件归档前 */
    gboolean event = end >= 0 && mark->term_unit == TERM_EVENT;
    if (event && window_kind(window, end) != CHAR_LINE && window_kind(window, end) != CHAR_SPACE)
        end = -1;
    if (end < 0 || (doubtful && !term_ends_here(window, end))) {
        term_forget(mark);
        return -1;
    }
    mark->star = TRUE;
    if (doubtful)
        *traits |= TRAIT_STAR_DOUBTFUL;
    return end;
}

/* 机密(公开发布前): the bracket holds the event and nothing else. */
static int
bracketed_event(const Window *window, int open, Mark *mark)
{
    int end = window_kind(window, open) == CHAR_OPEN ? term_read(window, open + 1, TRUE, mark) : -1;

    if (end >= 0 && window_kind(window, window_skip(window, end, 2)) == CHAR_CLOSE)
        return window_skip(window, end, 2) + 1;
    term_forget(mark);
    return -1;
}

/* 机密10年, 机密(10年), 秘密,保密期限3年, 秘密--6个月. */
static int
bare_term(const Window *window, int index, Mark *mark, guint *traits)
{
    static const char *const names[] = {"保密期限", "期限", NULL};
    int i = index, end, named, dashes = 0;

    for (; dashes < DASHES_MAX && window_one_of(window, i, "-—_"); dashes++)
        i++;
    if (dashes > 0 || window_one_of(window, i, ",，、;；:：（(/|"))
        i = window_skip(window, dashes > 0 ? i : i + 1, 2);
    named = window_match_any(window, i, names);
    if (named >= 0)
        i = window_one_of(window, named, ":：为是") ? named + 1 : named;
    else if (window_one_of(window, index, ",，、;；:："))
        return -1;
    end = term_read(window, i, FALSE, mark);
    if (end < 0 && named < 0)
        end = bracketed_event(window, index, mark);
    /* Without its label a date or some days are more likely something else: 机密 3日内. */
    if (end >= 0 && named < 0 && (mark->term_unit == TERM_DATE || mark->term_unit == TERM_DAYS)) {
        term_forget(mark);
        return -1;
    }
    if (end >= 0)
        *traits |= TRAIT_TERM_BARE;
    return end;
}

int
star_read(const Window *window, int after, Mark *mark, guint *traits)
{
    int i = window_skip(window, after, 4), end;

    /* A narrow table cell may push the star to the next line. */
    if (window_kind(window, i) == CHAR_LINE && window_kind(window, window_skip(window, i + 1, 4)) == CHAR_STAR)
        i = window_skip(window, i + 1, 4);
    if (window_kind(window, skip_light(window, after)) == CHAR_STAR)
        i = skip_light(window, after);
    end = real_star(window, i, mark, traits);
    if (end == i)
        end = after; /* ★★★: no part of a mark */
    if (end < 0)
        end = other_star(window, i, mark, traits);
    if (end < 0)
        end = bare_term(window, i, mark, traits);
    if (end < 0)
        end = lone_star(window, i, mark, traits);
    check_limit(mark);
    return end < 0 ? after : end;
}
