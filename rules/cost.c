/* cost - patterns are compiled again in groups: those of one rule, and all others. */
#include "config.h"
#include "cost.h"
#include "ruleset-parts.h"
#include <string.h>

#define TEXT_ROUNDS 400

/* Whether the rule would lose something without this pattern. A named list serves several rules. */
static gboolean
belongs(const Ruleset *ruleset, guint pattern, guint rule)
{
    const Target *target = &g_array_index(ruleset->targets, Target, pattern);
    if (target->kind <= TARGET_EXPRESSION)
        return target->owner == rule;
    if (target->kind != TARGET_SOURCE)
        return FALSE;
    const Source *source = ruleset_source(ruleset, target->owner);
    for (guint i = 0; i < source->leaves->len; i++)
        if (ruleset_leaf(ruleset, g_array_index(source->leaves, guint, i))->rule == rule)
            return TRUE;
    return FALSE;
}

typedef struct {
    const Ruleset *ruleset;
    guint rule;
    gboolean others;
    CostPatterns *count;
} Choice;

static gboolean
is_chosen(guint id, ScanKind kind, gpointer user)
{
    const Choice *choice = user;
    gboolean own = belongs(choice->ruleset, id, choice->rule);
    if (own && choice->count != NULL) {
        choice->count->words += kind == SCAN_LITERAL;
        choice->count->expressions += kind == SCAN_EXPRESSION;
    }
    return own != choice->others;
}

static gboolean
is_any(guint id, ScanKind kind, gpointer user)
{
    return TRUE;
}

gsize
cost_databases(const Ruleset *ruleset, double *seconds_out)
{
    return scan_cost(ruleset->scanner, is_any, NULL, seconds_out);
}

void
cost_patterns(const Ruleset *ruleset, guint rule, gboolean without, CostPatterns *cost_out)
{
    double seconds;
    Choice own = {ruleset, rule, FALSE, cost_out}, others = {ruleset, rule, TRUE, NULL};
    *cost_out = (CostPatterns){.saved = -1};
    cost_out->bytes = scan_cost(ruleset->scanner, is_chosen, &own, &cost_out->seconds);
    if (without)
        cost_out->saved = MAX(
            (gssize)(cost_databases(ruleset, &seconds) - scan_cost(ruleset->scanner, is_chosen, &others, &seconds)), 0);
}

char *
cost_text(void)
{
    static const char *const lines[] = {
        "各位同事：周三下午两点在三楼会议室讨论食堂改造，请带上上月的意见汇总。",
        "附件是今年第三季度办公用品采购清单，共四十二项，合计一万八千余元。",
        "昨天夜里下了一场雨，院子里的桂花落了一地，扫起来还带着香气。",
        "Hi all, the meeting on Thursday moves to 10:30; please bring last week's figures and the new floor plan.",
        "请张工确认二号机组的检修时间，另外轴承的型号是否与去年一致？",
        "订单号 20260815-0032 已发货，预计三天内送达，签收时请当面验货。",
        "我把报告的第二部分改了改，主要是图三和表五，你看看还有没有问题。",
        "> 收到，周五前给你答复。差旅报销的单据还缺两张发票。",
        "The build failed again on line 214; could you look at the parser before lunch? Thanks.",
        "本周培训内容：电梯安全、消防演练、新版考勤系统的使用方法。",
        "小区物业通知：十二月一日起调整停车收费，月租车位每月三百元。",
        "此致\n敬礼\n\n综合科 李明\n电话 010-5555 0199",
    };
    GString *text = g_string_new(NULL);
    guint32 seed = 7;
    for (guint round = 0; round < TEXT_ROUNDS; round++)
        for (gsize i = 0; i < G_N_ELEMENTS(lines); i++) {
            seed = seed * 1664525 + 1013904223;
            g_string_append(text, lines[(seed >> 16) % G_N_ELEMENTS(lines)]);
            g_string_append_c(text, '\n');
        }
    return g_string_free(text, FALSE);
}
