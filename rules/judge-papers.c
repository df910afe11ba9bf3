/* judge-papers - registered papers to findings: the rule "registered-paper", which no pack holds.
 *
 * The finding has class and level of the paper, whatever stands on the copy; what stands there and is less than what
 * was registered is a reason of its own. */
#include "config.h"
#include "judge-parts.h"

#define RULE "registered-paper"
#define PAPERS_TOLD 5 /* of a letter; the others are told by these */

#define SCORE_TEXT 110
#define SCORE_MOST 85
#define SCORE_EXCERPT 70
#define SCORE_NO_MARK 10
#define TEXT_PERCENT 85 /* of it, and so many characters, are the paper for certain */
#define TEXT_FOUND 200
#define MOST_PERCENT 50

void
judge_set_papers(Judge *judge, const Papers *papers, const FingerprintKey *key)
{
    paper_search_free(judge->papers);
    judge->papers = papers != NULL && papers_count(papers) > 0 ? paper_search_new(papers, key) : NULL;
}

void
judge_file(Judge *judge, guint part, const guint8 digest[CRYPTO_DIGEST_SIZE])
{
    if (judge->papers != NULL)
        paper_search_file(judge->papers, part, digest);
}

static void
reason_add(Finding *finding, const char *id, int score)
{
    Reason reason = {id, score};
    g_array_append_val(finding->reasons, reason);
    finding->score += score;
}

/* The highest level that a mark gives the part itself. */
static Level
marked_level(const Judge *judge, guint part)
{
    Level level = LEVEL_NONE;
    for (guint i = 0; i < judge->findings->len; i++) {
        const Finding *finding = g_ptr_array_index(judge->findings, i);
        if (finding->part == part && finding->paper.number == 0 && finding->class > CLASS_MENTION)
            level = MAX(level, finding->level);
    }
    return level;
}

static void
score_match(const Judge *judge, const PaperMatch *match, Finding *finding)
{
    gboolean text = match->equal || (match->percent >= TEXT_PERCENT && match->found >= TEXT_FOUND);
    if (text)
        reason_add(finding, "registered-text", SCORE_TEXT);
    else if (match->percent >= MOST_PERCENT)
        reason_add(finding, "registered-most", SCORE_MOST);
    else
        reason_add(finding, "registered-excerpt", SCORE_EXCERPT);
    Level marked = marked_level(judge, match->part);
    if (match->paper->level > marked)
        reason_add(finding, marked == LEVEL_NONE ? "registered-mark-missing" : "registered-mark-lower", SCORE_NO_MARK);
    finding->confidence = finding->score >= SCORE_CONFIRMED ? CONFIDENCE_CONFIRMED : CONFIDENCE_UNCERTAIN;
}

/* A copy has the term of its paper; 10年, 6个月, 30天 are compared, anything else counts as the longest. */
static void
take_term(const char *term, Mark *mark)
{
    char *unit = NULL;
    guint64 number = g_ascii_strtoull(term, &unit, 10);
    g_strlcpy(mark->term, term, sizeof mark->term);
    mark->term_unit = *term == '\0'                    ? TERM_NONE
                      : g_str_has_prefix(unit, "年")   ? TERM_YEARS
                      : g_str_has_prefix(unit, "个月") ? TERM_MONTHS
                      : g_str_has_prefix(unit, "天")   ? TERM_DAYS
                                                       : TERM_LONG;
    mark->term_number = (guint)MIN(number, 1000);
}

static void
report(Judge *judge, const PaperMatch *match)
{
    Finding *finding = finding_new();
    finding->rule = g_intern_static_string(RULE);
    finding->class = match->paper->class;
    finding->level = finding->mark.level = match->paper->level;
    finding->part = match->part;
    finding->place = match->place;
    finding->line = match->line;
    finding->from = match->from;
    finding->to = match->to;
    finding->excerpt = g_strdup(match->excerpt);
    take_term(match->paper->term, &finding->mark);
    finding->paper.number = match->paper->number;
    finding->paper.percent = match->percent;
    finding->paper.run = match->run;
    g_strlcpy(finding->paper.label, match->paper->label, sizeof finding->paper.label);
    score_match(judge, match, finding);
    if (finding_is_wanted(judge, finding->class, finding->score))
        finding_keep(judge, finding);
    else
        finding_free(finding);
}

void
papers_report(Judge *judge)
{
    if (judge->papers == NULL)
        return;
    g_autoptr(GPtrArray) matches = paper_search_end(judge->papers, judge->now_us);
    for (guint i = 0; i < MIN(matches->len, PAPERS_TOLD); i++)
        report(judge, g_ptr_array_index(matches, i));
}
