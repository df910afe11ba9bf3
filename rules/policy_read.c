/* policy_read - policy.yaml to a Policy; every mistake of the file in one run. */
#include "config.h"
#include "crypto.h"
#include "policy_private.h"
#include <glib/gi18n.h>
#include <string.h>

#define REPLY_MAX 400 /* bytes: leaves room for the record id in one SMTP reply line of 512 */
#define ID_PATTERN "^[a-z][a-z0-9-]{0,39}$"

static gboolean
refuse(char **why_out, const char *why)
{
    *why_out = g_strdup(why);
    return FALSE;
}

static gboolean
check_id(const char *value, char **why_out)
{
    return g_regex_match_simple(ID_PATTERN, value, G_REGEX_DOLLAR_ENDONLY, 0) ||
           refuse(why_out, _("must be 1 to 40 small letters, digits and hyphens"));
}

static gboolean
check_rule(const char *value, char **why_out)
{
    return g_regex_match_simple("^[a-z0-9+-]{1,100}$", value, G_REGEX_DOLLAR_ENDONLY, 0) ||
           refuse(why_out, _("must be the name of a rule: small letters, digits, - and +"));
}

static gboolean
check_title(const char *value, char **why_out)
{
    return (*value != '\0' && strlen(value) <= 200 && strchr(value, '\n') == NULL) ||
           refuse(why_out, _("must be one line of at most 200 bytes"));
}

static gboolean
check_reply(const char *value, char **why_out)
{
    if (strlen(value) > REPLY_MAX)
        return refuse(why_out, _("must not be longer than 400 bytes"));
    return g_regex_match_simple("^5[0-9]{2} 5\\.[0-9]{1,3}\\.[0-9]{1,3} [ -~]*[!-~]$", value, G_REGEX_DOLLAR_ENDONLY,
                                0) ||
           refuse(why_out, _("must be \"5NN 5.N.N text\" in ASCII, like \"550 5.7.1 Refused\""));
}

static gboolean
check_address(const char *value, char **why_out)
{
    return g_regex_match_simple("^([^@\\s]*@)?\\.?([^@\\s.]+\\.)*[^@\\s.]+$|^[^@\\s]+@$", value, G_REGEX_DOLLAR_ENDONLY,
                                0) ||
           refuse(why_out, _("must be user@domain, user@ (at any domain), domain, or .domain (with all below it)"));
}

#define CHECK_WORD(name, type, parse, allowed)                                   \
    static gboolean check_##name(const char *value, char **why_out)              \
    {                                                                            \
        type found;                                                              \
        g_autofree char *why = g_strdup_printf(_("must be one of %s"), allowed); \
        return parse(value, &found) || refuse(why_out, why);                     \
    }

static gboolean
auth_parse(const char *word, AuthState *out)
{
    static const char *const WORDS[] = {"failed", "missing", "dmarc-reject"};
    for (guint i = 0; i < G_N_ELEMENTS(WORDS); i++)
        if (strcmp(word, WORDS[i]) == 0) {
            *out = (AuthState)i;
            return TRUE;
        }
    return FALSE;
}

CHECK_WORD(class, Class, class_parse, "mention, sensitive, foreign, trade, work, state")
CHECK_WORD(confidence, Confidence, confidence_parse, "mention, uncertain, confirmed")
CHECK_WORD(coverage, Coverage, coverage_parse, "complete, opaque, partial, unreadable")
CHECK_WORD(why, CoverageWhy, why_parse, "encrypted, unsupported, damaged, over-budget, reader-failed")
CHECK_WORD(auth, AuthState, auth_parse, "failed, missing, dmarc-reject")
CHECK_WORD(problem, guint, submitter_problem_parse,
           "password-weak, password-expired, unregistered, administrator, locked, suspended, closed, no-tls, no-auth, "
           "mechanism-weak, clear-password, sender-not-owned")
CHECK_WORD(action, Action, action_parse, "tag, alert, log, note-account")

static const YamlWord MODES[] = {
    {"inherit", ROW_MODE_INHERIT}, {"observe", ROW_MODE_OBSERVE}, {"enforce", ROW_MODE_ENFORCE}, {NULL, 0}};
static const YamlWord ANSWERS[] = {{"any", ANSWER_ANY},  {"no", ANSWER_NO},    {"yes", ANSWER_YES},
                                   {"false", ANSWER_NO}, {"true", ANSWER_YES}, {NULL, 0}};
/* tempfail is the gate's own answer to trouble, never a policy. */
static const YamlWord VERDICTS[] = {
    {"accept", VERDICT_ACCEPT}, {"hold", VERDICT_HOLD}, {"reject", VERDICT_REJECT}, {NULL, 0}};

#define TOP(field) G_STRUCT_OFFSET(struct Policy, field)
#define ROW(field) G_STRUCT_OFFSET(PolicyRow, field)
#define WHEN(field) G_STRUCT_OFFSET(PolicyWhen, field)
#define COLUMN(field) G_STRUCT_OFFSET(PolicyColumn, field)

static const YamlRow TOP_ROWS[] = {
    {.key = "version",
     .type = YAML_ROW_INT,
     .offset = TOP(version),
     .required = TRUE,
     .min = 1,
     .max = 1,
     .help_zh = "本文件格式的版本：1。",
     .help_en = "Version of this file's format: 1."},
    {.key = "exempt",
     .type = YAML_ROW_TEXTS,
     .offset = TOP(exempt),
     .check = check_address,
     .help_zh = "不受账号规则和发件人规则约束的地址（内容规则照常）：用户@域名、用户@、域名、.域名。空发件人总是在内。",
     .help_en = "Addresses that account and sender rows leave alone (content rows hold): user@domain, user@, domain, "
                ".domain. The null sender always is."},
    {.key = "rows",
     .type = YAML_ROW_NODE,
     .offset = TOP(rows_node),
     .required = TRUE,
     .help_zh = "策略各行：条件成立的各行中最严的裁决生效，动作相加。",
     .help_en = "The rows: of all whose conditions hold the strictest verdict wins, actions add up."},
    {NULL}};

static const YamlRow TITLE_ROWS[] = {{.key = "zh",
                                      .type = YAML_ROW_TEXT,
                                      .offset = ROW(title_zh),
                                      .required = TRUE,
                                      .check = check_title,
                                      .help_zh = "中文标题。",
                                      .help_en = "Chinese title."},
                                     {.key = "en",
                                      .type = YAML_ROW_TEXT,
                                      .offset = ROW(title_en),
                                      .required = TRUE,
                                      .check = check_title,
                                      .help_zh = "英文标题。",
                                      .help_en = "English title."},
                                     {NULL}};

static const YamlRow ROW_ROWS[] = {
    {.key = "id",
     .type = YAML_ROW_TEXT,
     .offset = ROW(id),
     .required = TRUE,
     .check = check_id,
     .help_zh = "行名；记录中为“方向-行名”，如 out-state。",
     .help_en = "Name; records say direction-name: out-state."},
    {.key = "title",
     .type = YAML_ROW_NODE,
     .offset = ROW(title_node),
     .required = TRUE,
     .help_zh = "标题：zh 和 en。",
     .help_en = "Title: zh and en."},
    {.key = "mode",
     .type = YAML_ROW_ENUM,
     .offset = ROW(mode),
     .fallback = "inherit",
     .words = MODES,
     .help_zh = "试运行、执行或随总设置；各方向可另定。",
     .help_en = "Observe, enforce, or as the settings say; a direction may say otherwise."},
    {.key = "when",
     .type = YAML_ROW_NODE,
     .offset = ROW(when_node),
     .required = TRUE,
     .help_zh = "条件，须全部成立。",
     .help_en = "Conditions; all must hold."},
    {.key = "out",
     .type = YAML_ROW_NODE,
     .offset = ROW(columns_node[DIRECTION_OUT]),
     .help_zh = "外发（有外部收件人）时。",
     .help_en = "When any recipient is outside."},
    {.key = "local",
     .type = YAML_ROW_NODE,
     .offset = ROW(columns_node[DIRECTION_LOCAL]),
     .help_zh = "内部往来时。",
     .help_en = "When all are inside."},
    {.key = "in",
     .type = YAML_ROW_NODE,
     .offset = ROW(columns_node[DIRECTION_IN]),
     .help_zh = "来自外部时。",
     .help_en = "When it comes from outside."},
    {NULL}};

static const YamlRow WHEN_ROWS[] = {{.key = "class",
                                     .type = YAML_ROW_TEXTS,
                                     .offset = WHEN(class_words),
                                     .check = check_class,
                                     .help_zh = "发现的类别之一。",
                                     .help_en = "One of the classes found."},
                                    {.key = "confidence",
                                     .type = YAML_ROW_TEXTS,
                                     .offset = WHEN(confidence_words),
                                     .check = check_confidence,
                                     .help_zh = "该类别的确信程度；缺省为 uncertain 和 confirmed。",
                                     .help_en = "How sure that class is; uncertain or confirmed if not said."},
                                    {.key = "rule",
                                     .type = YAML_ROW_TEXTS,
                                     .offset = WHEN(rules),
                                     .check = check_rule,
                                     .help_zh = "由这些规则之一发现（疑似或确定）。",
                                     .help_en = "One of these rules found something, uncertain or confirmed."},
                                    {.key = "exam",
                                     .type = YAML_ROW_ENUM,
                                     .offset = WHEN(exam),
                                     .fallback = "any",
                                     .words = ANSWERS,
                                     .help_zh = "密级标志是试卷标志（启用前等）。",
                                     .help_en = "The state-secret mark is an examination paper's."},
                                    {.key = "registered",
                                     .type = YAML_ROW_ENUM,
                                     .offset = WHEN(registered),
                                     .fallback = "any",
                                     .words = ANSWERS,
                                     .help_zh = "含登记文件的文字；与 class、confidence 同用时指该文件的类别。",
                                     .help_en = "Text of a registered paper; class and confidence beside it are asked "
                                                "of that paper."},
                                    {.key = "coverage",
                                     .type = YAML_ROW_TEXTS,
                                     .offset = WHEN(coverage_words),
                                     .check = check_coverage,
                                     .help_zh = "各部分中最差的检查完整度。",
                                     .help_en = "The worst coverage of all parts."},
                                    {.key = "why",
                                     .type = YAML_ROW_TEXTS,
                                     .offset = WHEN(why_words),
                                     .check = check_why,
                                     .help_zh = "未能完整检查的原因。",
                                     .help_en = "Why that part could not be read whole."},
                                    {.key = "malformed",
                                     .type = YAML_ROW_ENUM,
                                     .offset = WHEN(malformed),
                                     .fallback = "any",
                                     .words = ANSWERS,
                                     .help_zh = "邮件结构有问题，不同软件会读出不同内容。",
                                     .help_en = "Structure that readers disagree on."},
                                    {.key = "executable",
                                     .type = YAML_ROW_ENUM,
                                     .offset = WHEN(executable),
                                     .fallback = "any",
                                     .words = ANSWERS,
                                     .help_zh = "含可执行文件。",
                                     .help_en = "An executable among the parts."},
                                    {.key = "auto_forward",
                                     .type = YAML_ROW_ENUM,
                                     .offset = WHEN(auto_forward),
                                     .fallback = "any",
                                     .words = ANSWERS,
                                     .help_zh = "自动转发的邮件。",
                                     .help_en = "Forwarded automatically."},
                                    {.key = "auth",
                                     .type = YAML_ROW_TEXTS,
                                     .offset = WHEN(auth_words),
                                     .check = check_auth,
                                     .help_zh = "发件人认证（SPF、DKIM、DMARC）结果；仅收信方向。",
                                     .help_en = "Sender authentication (SPF, DKIM, DMARC); inbound only."},
                                    {.key = "account_problem",
                                     .type = YAML_ROW_TEXTS,
                                     .offset = WHEN(account_words),
                                     .check = check_problem,
                                     .help_zh = "发信账号的问题之一，如 password-expired。",
                                     .help_en = "One of the account's problems: password-expired."},
                                    {.key = "null_sender",
                                     .type = YAML_ROW_ENUM,
                                     .offset = WHEN(null_sender),
                                     .fallback = "any",
                                     .words = ANSWERS,
                                     .help_zh = "空发件人（退信等）。",
                                     .help_en = "The null sender (bounces)."},
                                    {.key = "sender",
                                     .type = YAML_ROW_TEXTS,
                                     .offset = WHEN(senders),
                                     .check = check_address,
                                     .help_zh = "发件人是其中之一。",
                                     .help_en = "The sender is one of these."},
                                    {.key = "recipient",
                                     .type = YAML_ROW_TEXTS,
                                     .offset = WHEN(recipients),
                                     .check = check_address,
                                     .help_zh = "任一收件人是其中之一。",
                                     .help_en = "Any recipient is one of these."},
                                    {NULL}};

static const YamlRow COLUMN_ROWS[] = {{.key = "verdict",
                                       .type = YAML_ROW_ENUM,
                                       .offset = COLUMN(verdict),
                                       .required = TRUE,
                                       .words = VERDICTS,
                                       .help_zh = "裁决。",
                                       .help_en = "The verdict."},
                                      {.key = "actions",
                                       .type = YAML_ROW_TEXTS,
                                       .offset = COLUMN(action_words),
                                       .check = check_action,
                                       .help_zh = "动作：标记、告警、记录、记入账号。",
                                       .help_en = "Actions: header, alert, log line, note on the account."},
                                      {.key = "mode",
                                       .type = YAML_ROW_ENUM,
                                       .offset = COLUMN(mode),
                                       .fallback = "inherit",
                                       .words = MODES,
                                       .help_zh = "仅本方向的模式。",
                                       .help_en = "The mode of this direction only."},
                                      {.key = "reply",
                                       .type = YAML_ROW_TEXT,
                                       .offset = COLUMN(reply),
                                       .check = check_reply,
                                       .help_zh = "拒收时的 SMTP 应答。",
                                       .help_en = "SMTP reply of a rejection."},
                                      {NULL}};

const YamlRow *
policy_rows(void)
{
    return TOP_ROWS;
}

const YamlRow *
policy_row_rows(void)
{
    return ROW_ROWS;
}

const YamlRow *
policy_when_rows(void)
{
    return WHEN_ROWS;
}

const YamlRow *
policy_column_rows(void)
{
    return COLUMN_ROWS;
}

static void
policy_row_free(gpointer data)
{
    PolicyRow *row = data;
    yaml_clear_rows(ROW_ROWS, row);
    yaml_clear_rows(TITLE_ROWS, row);
    yaml_clear_rows(WHEN_ROWS, &row->when);
    for (guint i = 0; i < POLICY_DIRECTIONS; i++)
        yaml_clear_rows(COLUMN_ROWS, &row->columns[i]);
    g_free(row);
}

void
policy_free(Policy *policy)
{
    if (policy == NULL)
        return;
    yaml_clear_rows(TOP_ROWS, policy);
    g_ptr_array_unref(policy->rows);
    g_free(policy->digest);
    g_free(policy);
}

/* --- words to bits ----------------------------------------------------------------------------------------------- */

#define BITS(words, type, parse, bits)                           \
    for (guint i_ = 0; words != NULL && i_ < words->len; i_++) { \
        type value_;                                             \
        if (parse(words->pdata[i_], &value_))                    \
            bits |= 1u << value_;                                \
    }

static void
when_settle(PolicyWhen *when)
{
    BITS(when->class_words, Class, class_parse, when->classes)
    BITS(when->confidence_words, Confidence, confidence_parse, when->confidences)
    BITS(when->coverage_words, Coverage, coverage_parse, when->coverages)
    BITS(when->why_words, CoverageWhy, why_parse, when->whys)
    BITS(when->auth_words, AuthState, auth_parse, when->auths)
    for (guint i = 0, bit; when->account_words != NULL && i < when->account_words->len; i++)
        if (submitter_problem_parse(when->account_words->pdata[i], &bit))
            when->account_problems |= bit;
    if (when->confidences == 0)
        when->confidences = 1u << CONFIDENCE_UNCERTAIN | 1u << CONFIDENCE_CONFIRMED;
}

static void
column_settle(PolicyColumn *column)
{
    for (guint i = 0; column->action_words != NULL && i < column->action_words->len; i++) {
        Action action;
        if (action_parse(column->action_words->pdata[i], &action))
            column->actions |= action;
    }
}

/* --- reading ----------------------------------------------------------------------------------------------------- */

static void
when_read(PolicyRow *row, const char *prefix, Problems *problems)
{
    const YamlNode *node = row->when_node;
    yaml_read_rows(node, WHEN_ROWS, prefix, &row->when, problems);
    if (node == NULL || yaml_kind(node) != YAML_MAP)
        return;
    if (yaml_length(node) == 0)
        yaml_problem(node, problems, prefix, _("has no condition: it would hold for every letter"));
    if (yaml_get(node, "confidence") != NULL && yaml_get(node, "class") == NULL && row->when.registered != ANSWER_YES)
        yaml_problem(node, problems, prefix, _("confidence needs a class"));
    for (guint i = 0; i < yaml_length(node); i++) {
        const YamlNode *value = yaml_value(node, i);
        if (yaml_kind(value) == YAML_LIST && yaml_length(value) == 0)
            yaml_problem(value, problems, prefix, _("%s: an empty list holds for no letter; leave the line out"),
                         yaml_key(node, i));
    }
    when_settle(&row->when);
}

static void
column_read(PolicyRow *row, Direction direction, const char *prefix, Problems *problems)
{
    const YamlNode *node = row->columns_node[direction];
    PolicyColumn *column = &row->columns[direction];
    if (node == NULL)
        return;
    yaml_read_rows(node, COLUMN_ROWS, prefix, column, problems);
    column->present = TRUE;
    column_settle(column);
    if (column->reply != NULL && column->verdict != VERDICT_REJECT)
        yaml_problem(yaml_get(node, "reply"), problems, prefix,
                     _("a reply goes with verdict: reject only (a held letter gets Postfix's own)"));
    if (direction != DIRECTION_IN && row->when.auths != 0)
        yaml_problem(node, problems, prefix, _("auth is known for mail from outside only: it has the column in alone"));
}

static void
row_read(PolicyRow *row, const YamlNode *node, guint number, Problems *problems)
{
    g_autofree char *place = g_strdup_printf("rows[%u]", number);
    yaml_read_rows(node, ROW_ROWS, place, row, problems);
    g_autofree char *prefix = row->id != NULL ? g_strconcat("rows.", row->id, NULL) : g_strdup(place);
    g_autofree char *title = g_strconcat(prefix, ".title", NULL);
    g_autofree char *when = g_strconcat(prefix, ".when", NULL);
    gboolean any = FALSE;
    row->line = yaml_line(node);
    if (yaml_kind(node) != YAML_MAP)
        return;
    if (row->title_node != NULL)
        yaml_read_rows(row->title_node, TITLE_ROWS, title, row, problems);
    if (row->when_node != NULL)
        when_read(row, when, problems);
    for (Direction i = 0; i < POLICY_DIRECTIONS; i++) {
        g_autofree char *column = g_strconcat(prefix, ".", direction_word(i), NULL);
        column_read(row, i, column, problems);
        any = any || row->columns[i].present;
    }
    if (!any)
        yaml_problem(node, problems, prefix, _("has no verdict: it needs out, local or in"));
}

static void
rows_read(Policy *policy, Problems *problems)
{
    const YamlNode *list = policy->rows_node;
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
    if (list == NULL)
        return;
    if (yaml_kind(list) != YAML_LIST) {
        yaml_problem(list, problems, "rows", _("must be a list of rows, each beginning with \"- id:\""));
        return;
    }
    for (guint i = 0; i < yaml_length(list); i++) {
        PolicyRow *row = g_new0(PolicyRow, 1);
        g_ptr_array_add(policy->rows, row);
        row_read(row, yaml_item(list, i), i + 1, problems);
        if (row->id != NULL && !g_hash_table_add(seen, row->id))
            yaml_problem(yaml_item(list, i), problems, "rows", _("there is a row \"%s\" already"), row->id);
    }
}

Policy *
policy_load(const char *path, Problems *problems)
{
    guint before = problems_count(problems);
    g_autoptr(YamlFile) file = yaml_load(path, problems);
    if (file == NULL)
        return NULL;
    g_autoptr(Policy) policy = g_new0(Policy, 1);
    policy->rows = g_ptr_array_new_with_free_func(policy_row_free);
    policy->digest = g_strdup(yaml_digest(file));
    if (yaml_root(file) == NULL)
        problems_add(problems, path, 0, 0, NULL, _("is empty: begin with the policy that ships"));
    else
        yaml_read_rows(yaml_root(file), TOP_ROWS, "", policy, problems);
    rows_read(policy, problems);
    return problems_count(problems) == before ? g_steal_pointer(&policy) : NULL;
}
