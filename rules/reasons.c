/* reasons - the texts of reasons: those of the grammar, and those that packs bring along. */
#include "config.h"
#include "reasons.h"
#include "finding.h"

typedef struct {
    const char *id, *zh, *en;
} ReasonRow;

static const ReasonRow rows[] = {
    {"level+star+period", "密级、★和保密期限俱全", "level, star and period"},
    {"level+star", "密级和★", "level and star"},
    {"doubtful-star", "★或密级的字形可疑，其余齐备", "a look-alike in the mark, the rest is complete"},
    {"exam-mark", "考试试卷的标志", "mark of an examination paper"},
    {"level-alone", "密级单独成行", "level alone on a line"},
    {"level-field", "密级栏", "field that names the level"},
    {"level-ticked", "勾选的密级", "ticked level"},
    {"level-bracketed", "括注的密级", "level in brackets"},
    {"level-prefix", "主题或文件名以密级分隔", "level set apart in a Subject or file name"},
    {"level-sentence", "写明本件密级的语句", "sentence that states the level of this text"},
    {"words-star", "内部标志误用★", "star on a mark that is no state secret"},
    {"words-alone", "标志用语单独成行", "words of a mark alone on a line"},
    {"words-field", "栏目中的标志用语", "words of a mark in a field"},
    {"words-bracketed", "括注的标志用语", "words of a mark in brackets"},
    {"words-sentence", "写明本件性质的语句", "sentence that states what this text is"},
    {"words-found", "出现规则所列用语", "words of the rule"},
    {"word-only", "仅提及", "mentioned only"},
    {"declassified", "已解密或密级已变更", "declassified, or its level was changed"},
    {"term-over-limit", "期限超过该密级上限", "term longer than the level allows"},
    {"hidden-text", "隐藏的文字", "hidden text"},
    {"registered-text", "与登记文件文字相同", "the text of a registered paper"},
    {"registered-most", "含登记文件大部分文字", "most of the text of a registered paper"},
    {"registered-excerpt", "摘录登记文件", "an excerpt of a registered paper"},
    {"registered-mark-missing", "登记文件的标志不见了", "the mark of the registered paper is missing"},
    {"registered-mark-lower", "标志低于登记的密级", "the mark is lower than the registered level"},
    {"history", "多日累计发往同一邮箱", "letters like it to the same mailbox over days"},
    {"condition", "条件成立", "the condition holds"},
    {"floor", "密级、★、期限俱全，不低于待审", "level, star and period: never below review"},
};

G_LOCK_DEFINE_STATIC(registry);
static GHashTable *registry; /* interned id -> ReasonRow *, never freed */

static const ReasonRow *
row_find(const char *id)
{
    const ReasonRow *row = NULL;

    for (guint i = 0; i < G_N_ELEMENTS(rows); i++)
        if (g_str_equal(rows[i].id, id))
            return &rows[i];
    G_LOCK(registry);
    if (registry != NULL)
        row = g_hash_table_lookup(registry, id);
    G_UNLOCK(registry);
    return row;
}

const char *
reasons_register(const char *id, const char *text_zh, const char *text_en)
{
    const char *name = g_intern_string(id);

    G_LOCK(registry);
    if (registry == NULL)
        registry = g_hash_table_new(g_str_hash, g_str_equal);
    ReasonRow *row = g_hash_table_lookup(registry, name);
    if (row == NULL) {
        row = g_new0(ReasonRow, 1);
        g_hash_table_insert(registry, (gpointer)name, row);
    }
    *row = (ReasonRow){name, g_intern_string(text_zh), g_intern_string(text_en)};
    G_UNLOCK(registry);
    return name;
}

char *
reason_line(const Reason *reason, gboolean chinese)
{
    const char *text = reason_text(reason->id, chinese);

    if (reason->near == REASON_CHARACTERS)
        return g_strdup_printf(chinese ? "%s（相距 %u 字）" : "%s (%u characters apart)", text, reason->distance);
    if (reason->near == REASON_LINES)
        return g_strdup_printf(chinese ? "%s（相隔 %u 行）" : "%s (%u lines apart)", text, reason->distance);
    if (reason->found > 0)
        return g_strdup_printf(chinese ? "%s（%u 个）" : "%s (%u found)", text, reason->found);
    return g_strdup(text);
}

const char *
reason_text(const char *id, gboolean chinese)
{
    const ReasonRow *row = row_find(id);

    if (row == NULL)
        return id;
    return chinese ? row->zh : row->en;
}
