/* html_match - steps of selectors against open elements. */
#include "config.h"
#include "html_sheet.h"
#include <string.h>

#define TRIES_MAX 2000 /* of one row at one element; beyond that it may match */

typedef enum { MISS, MAYBE, MATCH } Verdict;

static Verdict
name_verdict(const HtmlName *wanted, const HtmlName *name)
{
    return wanted->fold != name->fold ? MISS : wanted->exact != name->exact ? MAYBE : MATCH;
}

static Verdict
nth_verdict(const HtmlStep *step, const HtmlNode *node)
{
    gint64 steps, beyond = (gint64)node->nth - step->nth_first;
    if (step->nth_first == 0 && step->nth_step == 0)
        return MATCH;
    if (node->nth == 0)
        return MAYBE;
    if (step->nth_step == 0)
        return beyond == 0 ? MATCH : MISS;
    steps = beyond / step->nth_step;
    return steps >= 0 && steps * step->nth_step == beyond ? MATCH : MISS;
}

static Verdict
step_verdict(const HtmlStep *step, const HtmlNode *node)
{
    Verdict found = step->vague ? MAYBE : MATCH;
    if (step->given && node->tag == 0)
        return MATCH;
    if (step->tag != 0 && step->tag != node->tag)
        return MISS;
    if (step->id.fold != 0)
        found = MIN(found, node->late ? MAYBE : name_verdict(&step->id, &node->id));
    if ((step->tests & node->tests) != step->tests)
        return node->late ? MAYBE : MISS;
    for (guint i = 0; i < HTML_STEP_NAMES && step->classes[i].fold != 0; i++) {
        Verdict class = node->crowded ? MAYBE : MISS;
        for (guint j = 0; j < node->names && class != MATCH; j++)
            class = MAX(class, name_verdict(&step->classes[i], &node->classes[j]));
        found = MIN(found, class);
    }
    return MIN(found, nth_verdict(step, node));
}

static guint64
name_bit(guint32 name)
{
    return name == 0 ? 0 : G_GUINT64_CONSTANT(1) << (name * 2654435769u >> 26);
}

guint64
html_step_bits(const HtmlStep *step)
{
    guint64 bits = step->given ? 0 : name_bit(step->tag) | name_bit(step->id.fold);
    for (guint i = 0; i < HTML_STEP_NAMES; i++)
        bits |= name_bit(step->classes[i].fold);
    return bits;
}

guint64
html_node_bits(const HtmlNode *node)
{
    guint64 bits = name_bit(node->tag) | name_bit(node->id.fold);
    for (guint i = 0; i < node->names; i++)
        bits |= name_bit(node->classes[i].fold);
    return node->tag == 0 ? 0 : bits;
}

typedef struct {
    const HtmlFamily *family;
    const HtmlStep *steps;
    guint count, tries;
} Search;

static gboolean
is_tbody(const HtmlNode *node)
{
    return node->tag == html_hash("tbody", 5);
}

/* Whether what stands left of steps[at] is met by the family of the element at `depth`. */
static Verdict
left_verdict(Search *search, guint at, guint depth)
{
    const HtmlFamily *family = search->family;
    const HtmlStep *left = &search->steps[at + 1];
    Verdict best = MISS;
    if (at + 1 == search->count)
        return MATCH;
    if (search->tries++ > TRIES_MAX || !family->nodes_known)
        return MAYBE;
    switch (search->steps[at].join) {
    case '+':
        if (family->before[depth].tag == 0)
            return MISS;
        best = step_verdict(left, &family->before[depth]);
        /* Of the elder's own elder nothing is known. */
        return at + 2 < search->count && best != MISS && (left->join == '+' || left->join == '~')
                   ? MAYBE
                   : MIN(best, left_verdict(search, at + 1, depth));
    case '~':
        best = depth > 0 && (family->nodes[depth - 1].elders & left->bits) == left->bits ? MAYBE : MISS;
        return best == MISS ? MISS : MIN(best, left_verdict(search, at + 1, depth));
    case '>':
        if (depth == 0)
            return left->given ? left_verdict(search, at + 1, depth) : MISS;
        if (is_tbody(&family->nodes[--depth]) && depth > 0)
            depth--;
        best = step_verdict(left, &family->nodes[depth]);
        return best == MISS ? MISS : MIN(best, left_verdict(search, at + 1, depth));
    default:
        if ((family->nodes[depth].above & left->bits) != left->bits)
            return MISS;
        while (depth > 0 && best != MATCH) {
            Verdict here = step_verdict(left, &family->nodes[--depth]);
            search->tries++;
            if (here != MISS)
                best = MAX(best, MIN(here, left_verdict(search, at + 1, depth)));
        }
        return best;
    }
}

guint
html_selector_match(HtmlSheet *sheet, const HtmlRow *row, const HtmlFamily *family)
{
    const HtmlStep *steps = &sheet->step[row->step];
    Search search = {family, steps, row->steps, 0};
    Verdict verdict = step_verdict(steps, &family->nodes[family->depth]);
    if (verdict != MISS && row->steps > 1)
        verdict = MIN(verdict, left_verdict(&search, 0, family->depth));
    sheet->effort += 1 + search.tries;
    return verdict == MISS ? 0 : verdict == MAYBE ? row->readings & HTML_OTHERS : row->readings;
}

/* --- attributes ---------------------------------------------------------- */

static gboolean
has_word(const char *value, gsize length, const HtmlTest *test)
{
    while (length > 0) {
        gsize word = 0;
        while (word < length && !g_ascii_isspace(value[word]))
            word++;
        if (word == test->length && word > 0 && memcmp(value, test->value, word) == 0)
            return TRUE;
        word += word < length;
        value += word;
        length -= word;
    }
    return FALSE;
}

static gboolean
test_holds(const HtmlTest *test, const char *value, gsize length)
{
    if (test->how == 0)
        return TRUE;
    if (test->how == '=')
        return length == test->length && memcmp(value, test->value, length) == 0;
    if (test->how == '~')
        return has_word(value, length, test);
    if (length < test->length || test->length == 0)
        return FALSE;
    if (test->how == '*')
        return memmem(value, length, test->value, test->length) != NULL;
    if (test->how == '$')
        return memcmp(value + length - test->length, test->value, test->length) == 0;
    return memcmp(value, test->value, test->length) == 0 &&
           (test->how == '^' || length == test->length || value[test->length] == '-');
}

void
html_sheet_test(const HtmlSheet *sheet, guint32 name, const char *value, gsize length, HtmlNode *node)
{
    for (guint i = 0; i < sheet->tests; i++)
        if (sheet->test[i].name == name && test_holds(&sheet->test[i], value, length))
            node->tests |= 1u << i;
}
