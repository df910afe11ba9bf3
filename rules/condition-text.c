/* condition-text - conditions in words. */
#include "config.h"
#include "condition-text.h"
#include "data.h"
#include "finding.h"
#include "places.h"
#include <string.h>

#define WORDS_SHOWN 3
#define WORD_BYTES 36

static const struct {
    const char *zh, *en;
} DATA_TEXTS[] = {
    [DATA_CN_IDENTITY] = {"居民身份证号", "identity numbers"},
    [DATA_CN_IDENTITY_OLD] = {"15 位身份证号", "identity numbers of 15 digits"},
    [DATA_BANK_CARD] = {"银行卡号", "bank card numbers"},
    [DATA_CREDIT_CODE] = {"统一社会信用代码", "unified social credit codes"},
    [DATA_PHONE] = {"手机号", "mobile numbers"},
    [DATA_LANDLINE] = {"固定电话", "telephone numbers"},
    [DATA_PASSPORT] = {"护照号", "passport numbers"},
    [DATA_TRAVEL_PERMIT] = {"往来通行证号", "travel permits"},
    [DATA_EMAIL] = {"电子邮箱地址", "mail addresses"},
    [DATA_FREEMAIL] = {"公共邮箱地址", "public mailboxes"},
};
G_STATIC_ASSERT(G_N_ELEMENTS(DATA_TEXTS) == DATA_COUNT);

/* The first words of a list, so that a reader knows which is meant. */
static void
words_sample(const YamlNode *list, const char *comma, GString *out)
{
    guint count = yaml_kind(list) == YAML_LIST ? yaml_length(list) : 0;

    for (guint i = 0; i < MIN(count, WORDS_SHOWN); i++) {
        const YamlNode *item = yaml_item(list, i);
        while (yaml_kind(item) == YAML_LIST && yaml_length(item) > 0)
            item = yaml_item(item, 0);
        const char *word = yaml_scalar(item, NULL);
        if (word == NULL)
            continue;
        const char *end =
            strlen(word) <= WORD_BYTES ? word + strlen(word) : g_utf8_find_prev_char(word, word + WORD_BYTES);
        g_string_append(out, i > 0 ? comma : "");
        g_string_append_len(out, word, end - word);
    }
    if (count > WORDS_SHOWN)
        g_string_append(out, comma[0] == ',' ? " ..." : "等");
}

static void
data_sample(guint kinds, GString *zh, GString *en)
{
    for (guint i = 0; i < DATA_COUNT; i++) {
        if ((kinds & 1u << i) == 0)
            continue;
        g_string_append_printf(zh, "%s%s", zh->len > 0 ? "、" : "", DATA_TEXTS[i].zh);
        g_string_append_printf(en, "%s%s", en->len > 0 ? ", " : "", DATA_TEXTS[i].en);
    }
}

static void
places_sample(const Places *places, GString *zh, GString *en)
{
    g_autofree char *text = places_text(places);

    g_string_append_printf(zh, "有文字的位置：%s", text);
    g_string_append_printf(en, "text in: %s", text);
}

/* Of a pack with mistakes. */
static const char *
name_of(const char *name)
{
    return name != NULL ? name : "?";
}

void
condition_reason(const Condition *condition, GString *zh_out, GString *en_out)
{
    switch (condition->kind) {
    case CONDITION_WORDS:
        g_string_append(zh_out, "用语：");
        words_sample(condition->words, "、", zh_out);
        g_string_append(en_out, "words: ");
        words_sample(condition->words, ", ", en_out);
        break;
    case CONDITION_EXPRESSIONS:
        g_string_append(zh_out, "符合表达式的文字");
        g_string_append(en_out, "text that matches an expression");
        break;
    case CONDITION_LIST:
        g_string_append_printf(zh_out, "词表 %s 中的词", name_of(condition->list));
        g_string_append_printf(en_out, "words of the list %s", name_of(condition->list));
        break;
    case CONDITION_DATA:
        data_sample(condition->data, zh_out, en_out);
        break;
    case CONDITION_EXACT:
        g_string_append_printf(zh_out, "精确数据表 %s 中的数据", name_of(condition->exact));
        g_string_append_printf(en_out, "exact data of %s", name_of(condition->exact));
        break;
    case CONDITION_MARK:
        g_string_append(zh_out, "国家秘密标志");
        g_string_append(en_out, "a state-secret mark");
        break;
    case CONDITION_RULE:
        g_string_append_printf(zh_out, "规则 %s 的命中", name_of(condition->rule_id));
        g_string_append_printf(en_out, "a finding of the rule %s", name_of(condition->rule_id));
        break;
    case CONDITION_PRESENT:
        places_sample(&condition->present, zh_out, en_out);
        break;
    case CONDITION_NEAR:
        g_string_append(zh_out, "彼此相邻");
        g_string_append(en_out, "near one another");
        break;
    default:
        break;
    }
}

/* --- the tree ------------------------------------------------------------------------------- */

static void
numbers_show(const Condition *condition, GString *out)
{
    if (condition->kind == CONDITION_ANY && condition->at_least > 1)
        g_string_append_printf(out, " at_least %d", (int)condition->at_least);
    if (condition->kind == CONDITION_SUM)
        g_string_append_printf(out, " threshold %d", (int)condition->threshold);
    if (condition->within > 0)
        g_string_append_printf(out, " within %d", (int)condition->within);
    if (condition->lines > 0)
        g_string_append_printf(out, " lines %d", (int)condition->lines);
    if (condition->count > 1)
        g_string_append_printf(out, " count %d", (int)condition->count);
    if (condition->times > 1)
        g_string_append_printf(out, " times %d", (int)condition->times);
    if (condition->weight != 1)
        g_string_append_printf(out, " weight %d", (int)condition->weight);
    if (condition->score != 0)
        g_string_append_printf(out, " score %+d", (int)condition->score);
}

static void
names_show(const char *what, const GPtrArray *names, GString *out)
{
    for (guint i = 0; names != NULL && i < names->len; i++)
        g_string_append_printf(out, "%s%s", i == 0 ? what : ", ", (const char *)g_ptr_array_index(names, i));
}

/* Which marks: those of all levels and forms are not named. */
static void
mark_show(const Condition *condition, GString *out)
{
    names_show(" level ", condition->level_names, out);
    names_show(" form ", condition->form_names, out);
    g_string_append_printf(out, " of %d and more", (int)condition->mark_score);
}

void
condition_show(const Condition *condition, guint depth, gboolean chinese, GString *out)
{
    const char *text = condition->reason != NULL ? reason_text(condition->reason, chinese) : NULL;

    gboolean plain = text != NULL && condition_is_leaf(condition);
    g_string_append_printf(out, "%*s%s", (int)depth * 2, "", plain ? text : condition_word(condition->kind));
    if (text != NULL && !plain && condition->kind != CONDITION_NEAR)
        g_string_append_printf(out, ": %s", text);
    numbers_show(condition, out);
    if (condition->kind == CONDITION_MARK)
        mark_show(condition, out);
    if (condition->own_places) {
        g_autofree char *where = places_describe(&condition->places, &condition->except);
        g_string_append_printf(out, " [%s]", where);
    }
    g_string_append_c(out, '\n');
    for (guint i = 0; condition->children != NULL && i < condition->children->len; i++)
        condition_show(g_ptr_array_index(condition->children, i), depth + 1, chinese, out);
}
