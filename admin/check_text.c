/* The verdict first, then why, then what could not be read. Foreign text is made harmless for a terminal. */
#include "config.h"
#include "check_text.h"
#include "log.h"
#include "print.h"
#include <glib/gi18n.h>

#define LABEL_WIDTH 12
#define FOREIGN_MAX 400
#define FINDINGS_SHOWN 20

typedef struct {
    const Message *message;
    const Policy *policy;
    GString *text;
    gboolean chinese, colour;
} Block;

static const char *
class_text(Class class)
{
    static const char *const texts[] = {
        N_("nothing found"), N_("speaks of secrecy only"),  N_("sensitive data"), N_("foreign classification mark"),
        N_("trade secret"),  N_("work secret or internal"), N_("state secret"),
    };
    return _(texts[class]);
}

static const char *
verdict_text(Verdict verdict)
{
    static const char *const texts[] = {N_("accept"), N_("hold for review"), N_("reject"), N_("temporary failure")};
    return _(texts[verdict]);
}

static const char *
coverage_text(Coverage coverage)
{
    static const char *const texts[] = {N_("read completely"), N_("no text by nature"), N_("read in part"),
                                        N_("not readable")};
    return _(texts[coverage]);
}

static const char *
why_text(CoverageWhy why)
{
    static const char *const texts[] = {"",
                                        N_("encrypted"),
                                        N_("no reader for this format yet"),
                                        N_("damaged"),
                                        N_("over the limits"),
                                        N_("its reader failed")};
    return why == WHY_NONE ? "" : _(texts[why]);
}

static const char *
direction_text(Direction direction)
{
    static const char *const texts[] = {N_("outbound"), N_("local"), N_("inbound")};
    return _(texts[direction]);
}

static const char *
action_text(guint bit)
{
    static const char *const texts[] = {N_("tag"), N_("alert"), N_("log"), N_("note the account")};
    return _(texts[bit]);
}

static const char *
place_text(const Finding *finding)
{
    static const char *const texts[] = {
        N_("Subject"),
        N_("header"),
        N_("display name"),
        N_("file name"),
        N_("text"),
        N_("hidden text"),
        N_("comment"),
        N_("attribute"),
        N_("title"),
        N_("outside of the parts"),
        N_("undecoded bytes"),
        N_("page header"),
        N_("page footer"),
        N_("note"),
        N_("annotation"),
        N_("text box"),
        N_("deleted text"),
        N_("property"),
        N_("alternative text"),
        N_("sheet name"),
        N_("label"),
    };
    G_STATIC_ASSERT(G_N_ELEMENTS(texts) == PLACE_COUNT);
    PlaceKind kind = finding->place.kind;
    if (kind == PLACE_BODY && finding->header_zone)
        return _("first lines");
    return (guint)kind < G_N_ELEMENTS(texts) ? _(texts[kind]) : "";
}

static void
label(Block *block, const char *name)
{
    g_string_append_printf(block->text, "  %s", name);
    for (guint width = print_width(name); width < LABEL_WIDTH; width++)
        g_string_append_c(block->text, ' ');
}

static void
styled(Block *block, PrintStyle style, const char *text)
{
    if (block->colour)
        g_string_append(block->text, print_style_begin(style));
    g_string_append(block->text, text);
    if (block->colour)
        g_string_append(block->text, print_style_end(style));
}

static void
foreign(Block *block, PrintStyle style, const char *bytes)
{
    g_autofree char *safe = log_foreign(bytes, -1, FOREIGN_MAX);
    styled(block, style, safe);
}

static void
verdict_line(Block *block)
{
    static const PrintStyle styles[] = {PRINT_GOOD, PRINT_WARN, PRINT_BAD, PRINT_WARN};
    const Decision *decision = &block->message->decision;
    label(block, _("verdict"));
    styled(block, styles[decision->verdict], verdict_text(decision->verdict));
    for (guint bit = 0; bit < 4; bit++)
        if ((decision->actions & 1u << bit) != 0)
            g_string_append_printf(block->text, _(", %s"), action_text(bit));
    if (decision->mode == MODE_OBSERVE && decision->verdict != VERDICT_ACCEPT)
        g_string_append(block->text, _(" (observe mode: the letter would pass)"));
    g_string_append_c(block->text, '\n');
}

static void
class_line(Block *block)
{
    const Message *message = block->message;
    label(block, _("class"));
    g_string_append(block->text, class_text(message->class));
    if (message->level > LEVEL_NONE)
        g_string_append_printf(block->text, _(", %s"),
                               block->chinese ? level_word_zh(message->level) : level_word(message->level));
    if (message->term != NULL)
        g_string_append_printf(block->text, _(", %s"), message->term);
    if (message->confidence >= CONFIDENCE_UNCERTAIN)
        g_string_append_printf(block->text, _(", %s"),
                               message->confidence == CONFIDENCE_CONFIRMED ? _("confirmed") : _("uncertain"));
    g_string_append_c(block->text, '\n');
}

static void
way_line(Block *block)
{
    const Envelope *envelope = &block->message->envelope;
    label(block, _("direction"));
    g_string_append_printf(block->text, "%s: ", direction_text(block->message->direction));
    foreign(block, PRINT_PLAIN, envelope->sender[0] == '\0' ? "<>" : envelope->sender);
    g_string_append(block->text, " → ");
    if (envelope->recipients->len == 0)
        g_string_append(block->text, _("nobody named"));
    else
        foreign(block, PRINT_PLAIN, g_ptr_array_index(envelope->recipients, 0));
    if (envelope->recipients->len > 1)
        g_string_append_printf(block->text, _(" and %u more"), envelope->recipients->len - 1);
    g_string_append_c(block->text, '\n');
    if (!block->message->auto_forward)
        return;
    label(block, _("forwarded"));
    g_string_append(block->text, _("by a machine: "));
    for (guint i = 0; i < block->message->forward_evidence->len; i++) {
        g_string_append(block->text, i > 0 ? "; " : "");
        foreign(block, PRINT_PLAIN, g_ptr_array_index(block->message->forward_evidence, i));
    }
    g_string_append_c(block->text, '\n');
}

/* Only what somebody said of it: the register, or the command line. */
static void
account_line(Block *block)
{
    const Message *message = block->message;
    const Envelope *envelope = &message->envelope;
    const char *between = "";
    if (envelope->account == NULL)
        return;
    label(block, _("account"));
    foreign(block, PRINT_PLAIN, envelope->auth_user != NULL ? envelope->auth_user : "-");
    g_string_append_printf(block->text, " (%s, %s): ", submitter_source_word(envelope->account->source),
                           submitter_stage_word(envelope->account->stage));
    for (guint bit = 1; bit <= SUBMITTER_PROBLEMS_ALL; bit <<= 1)
        if ((message->account_problems & bit) != 0) {
            g_string_append_printf(block->text, "%s%s", between, submitter_problem_word(bit));
            between = ", ";
        }
    g_string_append(block->text, *between == '\0' ? _("nothing wrong\n") : "\n");
}

static void
row_text(Block *block, const char *row)
{
    const char *title = row == NULL ? NULL : policy_title(block->policy, row, block->chinese);
    g_string_append(block->text, row == NULL ? _("none applies") : row);
    if (title != NULL)
        g_string_append_printf(block->text, " (%s)", title);
    g_string_append_c(block->text, '\n');
}

static void
policy_lines(Block *block)
{
    const Decision *decision = &block->message->decision;
    label(block, _("policy row"));
    row_text(block, decision->row);
    if (decision->observed_row != NULL) {
        label(block, _("observed"));
        g_string_append_printf(block->text, "%s: ", verdict_text(decision->observed));
        row_text(block, decision->observed_row);
    }
    if (decision->reply == NULL)
        return;
    label(block, _("SMTP reply"));
    g_string_append_printf(block->text, "%s\n", decision->reply);
}

static void
finding_lines(Block *block, const Finding *finding, guint number)
{
    const Part *part = message_part(block->message, finding->part);
    g_string_append_printf(block->text, "  %u. ", number);
    foreign(block, PRINT_STRONG, finding->excerpt == NULL ? "" : finding->excerpt);
    g_string_append_printf(block->text, _("  %s, score %d%s\n"), finding->rule, finding->score,
                           finding->observe ? _(" (rule only observes)") : "");
    g_string_append(block->text, "     ");
    if (finding->part > 0 && part != NULL) {
        g_string_append_printf(block->text, _("part "));
        foreign(block, PRINT_PLAIN, part->path);
        g_string_append(block->text, _(", "));
    }
    g_string_append(block->text, place_text(finding));
    if (finding->place.page > 0)
        g_string_append_printf(block->text, _(", page %u"), finding->place.page);
    if (finding->line > 0 && finding->place.kind >= PLACE_BODY)
        g_string_append_printf(block->text, _(", line %u"), finding->line);
    g_string_append_c(block->text, '\n');
    if (finding->paper.number > 0) {
        g_string_append_printf(block->text, _("     same text as registered paper %u"), finding->paper.number);
        if (*finding->paper.label != '\0') {
            g_string_append(block->text, " (");
            foreign(block, PRINT_PLAIN, finding->paper.label);
            g_string_append(block->text, ")");
        }
        g_string_append_printf(block->text, _(", %u %% of it; longest passage about %u characters\n"),
                               finding->paper.percent, finding->paper.run);
    }
    for (guint i = 0; finding->reasons != NULL && i < finding->reasons->len; i++) {
        const Reason *reason = &g_array_index(finding->reasons, Reason, i);
        g_autofree char *line = reason_line(reason, block->chinese);
        g_string_append_printf(block->text, "     %+4d  %s\n", reason->score, line);
    }
}

static void
coverage_lines(Block *block)
{
    const Message *message = block->message;
    label(block, _("coverage"));
    g_string_append(block->text, coverage_text(message->coverage));
    if (message->why != WHY_NONE)
        g_string_append_printf(block->text, ": %s", why_text(message->why));
    g_string_append_c(block->text, '\n');
    for (guint i = 0; i < message->parts->len; i++) {
        const Part *part = message_part(message, i);
        if (part->coverage < COVERAGE_PARTIAL)
            continue;
        g_string_append(block->text, "    ");
        foreign(block, PRINT_WARN, part->path);
        g_string_append(block->text, "  ");
        foreign(block, PRINT_PLAIN, part->type);
        g_string_append_printf(block->text, "  %s: %s\n", coverage_text(part->coverage), why_text(part->why));
    }
}

char *
check_text(const Message *message, const Policy *policy, const char *file, gboolean chinese, gboolean colour)
{
    Block block = {message, policy, g_string_new(NULL), chinese, colour};
    guint count = message->findings->len;
    foreign(&block, PRINT_STRONG, file);
    g_string_append_c(block.text, '\n');
    verdict_line(&block);
    class_line(&block);
    way_line(&block);
    account_line(&block);
    policy_lines(&block);
    coverage_lines(&block);
    if (count > 0)
        g_string_append_printf(block.text, "  %s\n", _("found"));
    for (guint i = 0; i < MIN(count, FINDINGS_SHOWN); i++)
        finding_lines(&block, g_ptr_array_index(message->findings, i), i + 1);
    if (count > FINDINGS_SHOWN)
        g_string_append_printf(block.text, _("  ... and %u more; --json shows all\n"), count - FINDINGS_SHOWN);
    return g_string_free(block.text, FALSE);
}
