#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "marking.h"
#include <string.h>

#define STAR (1u << MARK_FORM_STAR)
#define ALONE (1u << MARK_FORM_ALONE)
#define FIELD (1u << MARK_FORM_FIELD)
#define TICKED (1u << MARK_FORM_TICKED)
#define BRACKETED (1u << MARK_FORM_BRACKETED)
#define SENTENCE (1u << MARK_FORM_SENTENCE)

/* The n-th level word of a text, separators allowed between its characters, as the scanner would report it. */
static gboolean
find_anchor(const char *text, guint skip, gsize *from, gsize *to, Level *level)
{
    static const char *const firsts[] = {"绝", "机", "秘"};
    static const Level levels[] = {LEVEL_TOP_SECRET, LEVEL_HIGHLY_SECRET, LEVEL_SECRET};

    for (const char *p = text; *p != '\0'; p = g_utf8_next_char(p)) {
        for (guint i = 0; i < G_N_ELEMENTS(firsts); i++) {
            if (!g_str_has_prefix(p, firsts[i]))
                continue;
            const char *q = p + strlen(firsts[i]);
            while (*q != '\0' && (strchr(" \n._->", *q) != NULL || g_str_has_prefix(q, "·")))
                q = g_utf8_next_char(q);
            if (!g_str_has_prefix(q, "密") || skip-- > 0)
                continue;
            *from = (gsize)(p - text);
            *to = (gsize)(q - text) + strlen("密");
            *level = levels[i];
            return TRUE;
        }
    }
    return FALSE;
}

static gboolean
read_nth(const char *text, guint nth, MarkingPlace place, MarkReading *reading)
{
    gsize from = 0, to = 0;
    Level level = LEVEL_NONE;

    if (!find_anchor(text, nth, &from, &to, &level))
        fail_msg("no level word in «%s»", text);
    return marking_read(text, strlen(text), from, to, level, place, reading);
}

typedef struct {
    const char *text;
    Level level;
    const char *term, *condition;
    TermUnit unit;
    guint number;
} StarCase;

static void
test_marking_read_star_and_term(void **state)
{
    static const StarCase cases[] = {
        {"绝密★30年", LEVEL_TOP_SECRET, "30年", "", TERM_YEARS, 30},
        {"机密★20年", LEVEL_HIGHLY_SECRET, "20年", "", TERM_YEARS, 20},
        {"秘密★1年", LEVEL_SECRET, "1年", "", TERM_YEARS, 1},
        {"机密 ★ 三年", LEVEL_HIGHLY_SECRET, "3年", "", TERM_YEARS, 3},
        {"机 密 ★ 1 0 年", LEVEL_HIGHLY_SECRET, "10年", "", TERM_YEARS, 10},
        {"机密★十年", LEVEL_HIGHLY_SECRET, "10年", "", TERM_YEARS, 10},
        {"机密★二十年", LEVEL_HIGHLY_SECRET, "20年", "", TERM_YEARS, 20},
        {"机密★十五年", LEVEL_HIGHLY_SECRET, "15年", "", TERM_YEARS, 15},
        {"秘密★员园年", LEVEL_SECRET, "10年", "", TERM_YEARS, 10},
        {"机密级★5年", LEVEL_HIGHLY_SECRET, "5年", "", TERM_YEARS, 5},
        {"秘密★6个月", LEVEL_SECRET, "6个月", "", TERM_MONTHS, 6},
        {"秘密★6月", LEVEL_SECRET, "6个月", "", TERM_MONTHS, 6},
        {"秘密★半年", LEVEL_SECRET, "6个月", "", TERM_MONTHS, 6},
        {"秘密★一年半", LEVEL_SECRET, "18个月", "", TERM_MONTHS, 18},
        {"秘密★30天", LEVEL_SECRET, "30天", "", TERM_DAYS, 30},
        {"绝密★长期", LEVEL_TOP_SECRET, "长期", "", TERM_LONG, 0},
        {"机密★永久", LEVEL_HIGHLY_SECRET, "长期", "", TERM_LONG, 0},
        {"机密★2027年12月31日", LEVEL_HIGHLY_SECRET, "2027-12-31", "", TERM_DATE, 0},
        {"机密★2027-12-31", LEVEL_HIGHLY_SECRET, "2027-12-31", "", TERM_DATE, 0},
        {"机密★2027.1.5", LEVEL_HIGHLY_SECRET, "2027-01-05", "", TERM_DATE, 0},
        {"机密★20271231", LEVEL_HIGHLY_SECRET, "2027-12-31", "", TERM_DATE, 0},
        {"机密★二〇二七年十二月", LEVEL_HIGHLY_SECRET, "2027-12", "", TERM_DATE, 0},
        {"秘密★2026年10月1日前", LEVEL_SECRET, "2026-10-01", "", TERM_DATE, 0},
        {"机密★会议开始前", LEVEL_HIGHLY_SECRET, "", "会议开始前", TERM_EVENT, 0},
        {"秘密★公布前", LEVEL_SECRET, "", "公布前", TERM_EVENT, 0},
        {"秘密★工程竣工前", LEVEL_SECRET, "", "工程竣工前", TERM_EVENT, 0},
        {"秘密★2026年高考结束前", LEVEL_SECRET, "", "2026年高考结束前", TERM_EVENT, 0},
        {"机密★", LEVEL_HIGHLY_SECRET, "", "", TERM_NONE, 0},
        {"绝密级★", LEVEL_TOP_SECRET, "", "", TERM_NONE, 0},
        {"机密*10年", LEVEL_HIGHLY_SECRET, "10年", "", TERM_YEARS, 10},
        {"机密·★·10年", LEVEL_HIGHLY_SECRET, "10年", "", TERM_YEARS, 10},
        {"机密-★-10年", LEVEL_HIGHLY_SECRET, "10年", "", TERM_YEARS, 10},
        {"机密_★_长期", LEVEL_HIGHLY_SECRET, "长期", "", TERM_LONG, 0},
        {"机密·10年", LEVEL_HIGHLY_SECRET, "10年", "", TERM_YEARS, 10},
        {"机密▲长期", LEVEL_HIGHLY_SECRET, "长期", "", TERM_LONG, 0},
        {"机密●5年", LEVEL_HIGHLY_SECRET, "5年", "", TERM_YEARS, 5},
        {"> 机\n> 密\n> ★\n> 1\n> 0\n> 年", LEVEL_HIGHLY_SECRET, "10年", "", TERM_YEARS, 10},
        {"第4页 共4页  机密★\n10年     某部", LEVEL_HIGHLY_SECRET, "10年", "", TERM_YEARS, 10},
        {"机密★1o年", LEVEL_HIGHLY_SECRET, "10年", "", TERM_YEARS, 10},
        {"机密*lo年", LEVEL_HIGHLY_SECRET, "10年", "", TERM_YEARS, 10},
        {"秘密 · 10 年", LEVEL_SECRET, "10年", "", TERM_YEARS, 10},
        {"机\n密\n★\n1\n0\n年", LEVEL_HIGHLY_SECRET, "10年", "", TERM_YEARS, 10},
        {"机密\n★5年", LEVEL_HIGHLY_SECRET, "5年", "", TERM_YEARS, 5},
        {"秘密★会议结束后自行解密", LEVEL_SECRET, "", "会议结束后", TERM_EVENT, 0},
        {"现将机密★10年文件转发", LEVEL_HIGHLY_SECRET, "10年", "", TERM_YEARS, 10},
    };

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        MarkReading r;
        if (!read_nth(cases[i].text, 0, MARKING_TEXT, &r))
            fail_msg("«%s»: no mark", cases[i].text);
        if ((r.forms & STAR) == 0 || r.mark.form != MARK_FORM_STAR || !r.mark.star || r.mark.level != cases[i].level ||
            r.mark.term_unit != cases[i].unit || strcmp(r.mark.term, cases[i].term) != 0 ||
            strcmp(r.mark.condition, cases[i].condition) != 0 || r.mark.term_number != cases[i].number)
            fail_msg("«%s»: form %d level %d unit %d number %u term «%s» condition «%s»", cases[i].text, r.mark.form,
                     r.mark.level, r.mark.term_unit, r.mark.term_number, r.mark.term, r.mark.condition);
    }
}

typedef struct {
    const char *text;
    guint nth;
    MarkingPlace place;
    guint forms;  /* exactly these */
    guint traits; /* these at least */
} FormCase;

static void
run_forms(const FormCase *cases, guint count)
{
    for (guint i = 0; i < count; i++) {
        const FormCase *c = &cases[i];
        MarkReading r;
        if (!read_nth(c->text, c->nth, c->place, &r))
            fail_msg("«%s»: no word", c->text);
        if (r.forms != c->forms || (r.traits & c->traits) != c->traits)
            fail_msg("«%s»: forms 0x%x, not 0x%x; traits 0x%x, wanted 0x%x", c->text, r.forms, c->forms, r.traits,
                     c->traits);
    }
}

static void
test_marking_read_alone(void **state)
{
    static const FormCase cases[] = {
        {"机 密", 0, MARKING_TEXT, ALONE, TRAIT_ALONE | TRAIT_SPACED},
        {"绝  密", 0, MARKING_TEXT, ALONE, 0},
        {"秘密", 0, MARKING_TEXT, ALONE, 0},
        {"> 机密\n> 特急", 0, MARKING_TEXT, ALONE, 0},
        {"机密  特急", 0, MARKING_TEXT, ALONE, TRAIT_URGENT},
        {"秘密 加急", 0, MARKING_TEXT, ALONE, TRAIT_URGENT},
        {"000012 机密", 0, MARKING_TEXT, ALONE, TRAIT_COPY_NUMBER},
        {"绝密级", 0, MARKING_TEXT, ALONE, 0},
        {"前文\n\n  机密  \n\n后文", 0, MARKING_TEXT, ALONE, 0},
        {"机\n密", 0, MARKING_TEXT, ALONE, TRAIT_VERTICAL},
        {"> 机\n> 密\n>\n> 某某局", 0, MARKING_TEXT, ALONE, TRAIT_VERTICAL},
        {"机密 严禁上传至任何网盘", 0, MARKING_TEXT, ALONE, TRAIT_HANDLING},
        {"机密，会议结束后请交会务组统一销毁", 0, MARKING_TEXT, ALONE, TRAIT_HANDLING},
        {"机密 阅后还请交流心得体会，谢谢大家", 0, MARKING_TEXT, 0, 0},
        {"机密，会后讨论", 0, MARKING_TEXT, 0, 0},
        {"机密，未经批准不要外传吧", 0, MARKING_TEXT, 0, 0},
        {"机密 请勿入内", 0, MARKING_TEXT, 0, 0},
        {"文号\t某发\t机密\t特急", 0, MARKING_TEXT, ALONE, TRAIT_CELL},
        {"| 甲 | 机密 | 乙 |", 0, MARKING_TEXT, ALONE, TRAIT_CELL},
        {"甲 机密 乙", 0, MARKING_TEXT, 0, 0},
        {"《秘密》", 0, MARKING_TEXT, 0, TRAIT_TITLED},
        {"一、秘密", 0, MARKING_TEXT, 0, 0},
        {"机密【jīmì】", 0, MARKING_TEXT, 0, 0},
        {"绝密(电视剧)", 0, MARKING_TEXT, 0, 0},
        {"秘密、机密、绝密", 0, MARKING_TEXT, 0, TRAIT_LISTED},
        {"秘密、机密、绝密", 1, MARKING_TEXT, 0, TRAIT_LISTED},
        {"秘密、机密、绝密", 2, MARKING_TEXT, 0, TRAIT_LISTED},
        {"“机密”", 0, MARKING_TEXT, 0, TRAIT_QUOTED},
        {"机密！", 0, MARKING_TEXT, 0, 0},
        {"机密★★★(三星难度)", 0, MARKING_TEXT, 0, TRAIT_DECORATED},
    };
    run_forms(cases, G_N_ELEMENTS(cases));
}

static void
test_marking_read_field(void **state)
{
    static const FormCase cases[] = {
        {"密级:机密", 0, MARKING_TEXT, FIELD, 0},
        {"密      级:机密", 0, MARKING_TEXT, FIELD, 0},
        {"文件属性:机密", 0, MARKING_TEXT, FIELD, 0},
        {"知悉范围:机密", 0, MARKING_TEXT, 0, 0},
        {"机密(公开发布前)", 0, MARKING_TEXT, ALONE, TRAIT_TERM_BARE | TRAIT_ALONE},
        {"机密(公开发布前)印发", 0, MARKING_TEXT, 0, 0},
        {"秘密--6个月", 0, MARKING_TEXT, ALONE, TRAIT_TERM_BARE | TRAIT_ALONE},
        {"机密!", 0, MARKING_TEXT, ALONE, TRAIT_ALONE},
        {"秘密!", 0, MARKING_TEXT, 0, 0},
        {"密  级: 秘密★3年", 0, MARKING_TEXT, FIELD | STAR, 0},
        {"密级及保密期限:机密★10年", 0, MARKING_TEXT, FIELD | STAR, 0},
        {"紧急程度:加急    密级:机密★3年", 0, MARKING_TEXT, FIELD | STAR, TRAIT_RIGHT_EDGE},
        {"涉密等级：秘密", 0, MARKING_TEXT, FIELD, 0},
        {"密级：秘密  期限：三年", 0, MARKING_TEXT, FIELD, 0},
        {"文件密级:【机密】", 0, MARKING_TEXT, FIELD, 0},
        {"密级\t机密\t份数\t3", 0, MARKING_TEXT, FIELD, 0},
        {"密级\n机密\n份数\n3", 0, MARKING_TEXT, FIELD | ALONE, TRAIT_FIELD_BREAK},
        {"密级（保密期限）：机密", 0, MARKING_TEXT, FIELD, 0},
        {"密级(请打√) 机密", 0, MARKING_TEXT, FIELD, 0},
        {"密别：秘密    期限：三年", 0, MARKING_TEXT, FIELD, 0},
        {"涉密标识：机密", 0, MARKING_TEXT, FIELD, 0},
        {"文件标识\t秘密\t份数\t3", 0, MARKING_TEXT, FIELD, 0},
        {"标识：秘密", 0, MARKING_TEXT, FIELD, 0},
        {"甲\t标识\t秘密\t乙", 0, MARKING_TEXT, FIELD, 0},
        {"| 标识 | 机密 |", 0, MARKING_TEXT, FIELD, 0},
        {"保密级别            机密", 0, MARKING_TEXT, FIELD | ALONE, TRAIT_APART},
        {"密级\n：秘密        等级：加急", 0, MARKING_TEXT, FIELD, 0},
        {"密\n级\n：\n秘\n密        等级：加急", 0, MARKING_TEXT, FIELD | ALONE, TRAIT_FIELD_BREAK},
        {"| 密\n级\n机\n密 | 缓急 |", 0, MARKING_TEXT, FIELD, TRAIT_FIELD_BREAK},
        {"商品标识:秘密花园", 0, MARKING_TEXT, 0, 0},
        {"颜色标识 机密", 0, MARKING_TEXT, 0, 0},
        {"保密期限：机密", 0, MARKING_TEXT, 0, 0},
        {"密级:绝密/机密/秘密(请选择)", 0, MARKING_TEXT, 0, TRAIT_LISTED},
        {"密级:机密文件管理", 0, MARKING_TEXT, 0, TRAIT_GLUED_AFTER},
        {"密级分为:机密", 0, MARKING_TEXT, 0, 0},
        {"密级变更:机密→秘密", 0, MARKING_TEXT, FIELD, TRAIT_CHANGED},
    };
    run_forms(cases, G_N_ELEMENTS(cases));
}

/* A label above its value: rows of cells under each other. */
static void
test_marking_read_field_below_its_label(void **state)
{
    static const FormCase cases[] = {
        {"文号\t密级\t份数\n〔2026〕3号\t机密\t5\n\n关于", 0, MARKING_TEXT, FIELD, TRAIT_FIELD_BREAK},
        {"密级\t保密期限\t紧急程度\n机密\t10年\t特急", 0, MARKING_TEXT, FIELD | ALONE, TRAIT_FIELD_BREAK},
        {"| 编号 | 密级： | 份号 |\n| 3 | 【秘密】 | 07 |\n\n正文", 0, MARKING_TEXT, FIELD, TRAIT_FIELD_BREAK},
        {"发文字号        文件密级      签发人\n某发3号         机密级        李某\n\n各单位：", 0, MARKING_TEXT, FIELD,
         TRAIT_FIELD_BREAK},
        {"文号\t密级\t份数\n\n某发3号\t机密★5年\t5", 0, MARKING_TEXT, FIELD | STAR, TRAIT_FIELD_BREAK},
        {"密级\t期限\n机密\t10年\n缓急\t份数\t页数\n特急\t3\t12", 0, MARKING_TEXT, FIELD | ALONE, TRAIT_FIELD_BREAK},
        /* another column, or rows that do not fit together */
        {"文号\t密级\t份数\n机密\t3\t5", 0, MARKING_TEXT, ALONE, 0},
        {"文号\t密级\t份数\n某发3号\t5\t机密", 0, MARKING_TEXT, ALONE, 0},
        {"文号\t密级\t份数\t页数\n某发3号\t机密\t5", 0, MARKING_TEXT, ALONE, TRAIT_CELL},
        {"文号\t密级\t份数\n\n\n\n某发3号\t机密\t5", 0, MARKING_TEXT, ALONE, TRAIT_CELL},
        /* registers: of papers, of persons, of things */
        {"序号\t密级\t份数\n1\t机密\t5", 0, MARKING_TEXT, ALONE, TRAIT_CELL},
        {"文号\t密级\t份数\n某发3号\t机密\t5\n某发4号\t秘密\t2", 0, MARKING_TEXT, ALONE, TRAIT_CELL},
        {"文号\t密级\t份数\n某发3号\t机密\t5\n某发4号\t秘密\t2", 1, MARKING_TEXT, ALONE, TRAIT_CELL},
        {"姓名\t涉密等级\t岗位\n张三\t机密\t秘书", 0, MARKING_TEXT, ALONE, TRAIT_CELL},
        {"文件名称\t密级\t保密期限\n年度计划\t机密\t10年", 0, MARKING_TEXT, ALONE, TRAIT_CELL},
        {"文号\t原密级\t份数\n某发3号\t机密\t5", 0, MARKING_TEXT, ALONE, TRAIT_CELL},
        {"文号\t密级变更\t份数\n某发3号\t机密\t5", 0, MARKING_TEXT, ALONE, TRAIT_CELL},
        {"文号\t密级标注方法\t份数\n某发3号\t机密\t5", 0, MARKING_TEXT, ALONE, TRAIT_CELL},
        {"文号\t密级\t份数\n某发3号\t机密文件管理\t5", 0, MARKING_TEXT, 0, 0},
        {"密级\t期限\n绝密\t30年\n机密\t20年\n秘密\t10年", 0, MARKING_TEXT, ALONE, 0},
    };
    run_forms(cases, G_N_ELEMENTS(cases));
}

static void
test_marking_read_scan(void **state)
{
    static const struct {
        const char *text;
        gboolean star; /* in a scan; nowhere else */
        const char *term;
    } cases[] = {
        {"机密妇10年", TRUE, "10年"},
        {"机密文10年", TRUE, "10年"},
        {"机 密 汝 2 0 年", TRUE, "20年"},
        {"机密v5年", TRUE, "5年"},
        {"秘密女6个月", TRUE, "6个月"},
        {"机密女]0年", TRUE, "10年"},
        {"机密女z年", TRUE, "2年"},
        {"机密女1o生", TRUE, "10年"},
        {"绝密妇长期", TRUE, "长期"},
        {"绝密友启用前", TRUE, ""},
        {"机密女", TRUE, ""},
        {"机密件", FALSE, ""},
        {"机密文件归档前", FALSE, ""},
        {"机密文件10年内归档", FALSE, ""},
        {"机密级10年", FALSE, "10年"},
        {"机密女士10年前", FALSE, ""},
        {"机密六10年", TRUE, "10年"},
        {"机密六年", FALSE, "6年"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        MarkReading r = {0};
        gboolean read = read_nth(cases[i].text, 0, MARKING_SCAN, &r);
        if ((read && r.mark.star) != cases[i].star || (cases[i].star && strcmp(r.mark.term, cases[i].term) != 0))
            fail_msg("«%s»: star %d, term «%s»", cases[i].text, r.mark.star, r.mark.term);
        if (cases[i].star && (r.traits & TRAIT_STAR_DOUBTFUL) == 0)
            fail_msg("«%s»: the star is not doubtful", cases[i].text);
    }
    MarkReading r;
    assert_true(read_nth("机密女", 0, MARKING_TEXT, &r));
    assert_false(r.mark.star);
    assert_true(read_nth("机密汝10年", 0, MARKING_TEXT, &r));
    assert_false(r.mark.star);
}

static void
test_marking_read_ticked(void **state)
{
    static const FormCase cases[] = {
        {"☑机密", 0, MARKING_TEXT, TICKED | ALONE, 0},
        {"■秘密", 0, MARKING_TEXT, TICKED | ALONE, 0},
        {"√绝密", 0, MARKING_TEXT, TICKED | ALONE, 0},
        {"[x] 机密", 0, MARKING_TEXT, TICKED, 0},
        {"□绝密 ☑机密 □秘密", 0, MARKING_TEXT, 0, TRAIT_BOX_EMPTY},
        {"□绝密 ☑机密 □秘密", 1, MARKING_TEXT, TICKED, 0},
        {"□绝密 ☑机密 □秘密", 2, MARKING_TEXT, 0, TRAIT_BOX_EMPTY},
        {"□绝密 ☒机密 □秘密", 1, MARKING_TEXT, TICKED, 0},
        {"☐绝密 ☒机密 ☑公开", 1, MARKING_TEXT, 0, TRAIT_BOX_EMPTY},
        {"密级:□绝密 □机密 □秘密 ☑公开", 2, MARKING_TEXT, 0, TRAIT_BOX_EMPTY},
        {"密级 □绝密 ☑机密", 0, MARKING_TEXT, 0, TRAIT_BOX_EMPTY},
        {"密级 □绝密 ☑机密", 1, MARKING_TEXT, TICKED, 0},
        {"绝密□ 机密☑ 秘密□", 0, MARKING_TEXT, 0, TRAIT_BOX_EMPTY},
        {"绝密□ 机密☑ 秘密□", 1, MARKING_TEXT, TICKED, 0},
        {"绝密□ 机密☑ 秘密□", 2, MARKING_TEXT, 0, TRAIT_BOX_EMPTY},
        {"绝密( ) 机密(√) 秘密( )", 1, MARKING_TEXT, TICKED, 0},
        {"秘密 ☑公开", 0, MARKING_TEXT, 0, 0},
        {"○绝密 ○机密 ○秘密 ●公开", 2, MARKING_TEXT, 0, TRAIT_BOX_EMPTY},
        {"[ ] 绝密 [ ] 机密", 1, MARKING_TEXT, 0, TRAIT_BOX_EMPTY},
        {"☐绝密 ☐机密 ☐秘密 ☒非密", 2, MARKING_TEXT, 0, TRAIT_BOX_EMPTY},
        {"■绝密 ■机密 ■秘密", 1, MARKING_TEXT, 0, TRAIT_LISTED},
        {"口绝密 口机密", 0, MARKING_TEXT, 0, TRAIT_BOX_EMPTY},
    };
    run_forms(cases, G_N_ELEMENTS(cases));
}

static void
test_marking_read_bracketed(void **state)
{
    static const FormCase cases[] = {
        {"(机密)据有关方面反映", 0, MARKING_TEXT, BRACKETED, 0},
        {"【秘密★5年】第三部分", 0, MARKING_TEXT, BRACKETED | STAR, 0},
        {"三、(秘密)总体部署", 0, MARKING_TEXT, BRACKETED, 0},
        {"文中(机密)一词", 0, MARKING_TEXT, 0, 0},
        {"分为(秘密、机密、绝密)三级", 1, MARKING_TEXT, 0, TRAIT_LISTED},
        {"[秘密]关于工作的报告.doc", 0, MARKING_NAME, BRACKETED, 0},
        {"关于工作的请示(秘密).wps", 0, MARKING_NAME, BRACKETED, 0},
        {"机密_部署.pdf", 0, MARKING_NAME, BRACKETED, TRAIT_PREFIX},
        {"部署-机密.pdf", 0, MARKING_NAME, BRACKETED, TRAIT_PREFIX},
        {"秘密花园.pdf", 0, MARKING_NAME, 0, TRAIT_GLUED_AFTER},
        {"机密计算白皮书.pdf", 0, MARKING_NAME, 0, 0},
        {"保密知识考试(绝密机密秘密).docx", 1, MARKING_NAME, 0, TRAIT_LISTED},
        {"绝密逃亡.2024.mp4", 0, MARKING_NAME, 0, 0},
        {"[机密]关于会议的通知", 0, MARKING_SUBJECT, BRACKETED, 0},
        {"re: fwd: [机密]关于会议的通知", 0, MARKING_SUBJECT, BRACKETED, 0},
        {"转发:机密 会议方案", 0, MARKING_SUBJECT, BRACKETED, TRAIT_PREFIX},
    };
    run_forms(cases, G_N_ELEMENTS(cases));
}

static void
test_marking_read_sentence(void **state)
{
    static const FormCase cases[] = {
        {"本文件属机密级国家秘密", 0, MARKING_TEXT, SENTENCE, 0},
        {"内含秘密级国家秘密,请按规定管理", 0, MARKING_TEXT, SENTENCE, 0},
        {"本材料定为秘密,保密期限3年", 0, MARKING_TEXT, SENTENCE, TRAIT_TERM_BARE},
        {"此件为机密件,阅后退回", 0, MARKING_TEXT, SENTENCE, 0},
        {"以下内容为机密级", 0, MARKING_TEXT, SENTENCE, 0},
        {"本材料属于国家秘密。", 0, MARKING_TEXT, SENTENCE, 0},
        {"收到后请按机密级文件管理", 0, MARKING_TEXT, SENTENCE, 0},
        {"本招标文件不属于国家秘密", 0, MARKING_TEXT, 0, TRAIT_NEGATED},
        {"如果本文件属于机密级,则应登记", 0, MARKING_TEXT, 0, TRAIT_NEGATED},
        {"该文件属于机密级的,应当登记", 0, MARKING_TEXT, 0, 0},
        {"绝密级国家秘密是最重要的国家秘密", 0, MARKING_TEXT, 0, 0},
        {"高考试题属于绝密级国家秘密", 0, MARKING_TEXT, 0, 0},
        {"公布前属秘密事项,任何人不得泄露", 0, MARKING_TEXT, 0, 0},
        {"本邮件可能含有机密信息", 0, MARKING_TEXT, 0, 0},
        {"这是我们之间的秘密", 0, MARKING_TEXT, 0, 0},
    };
    run_forms(cases, G_N_ELEMENTS(cases));
}

static void
test_marking_read_surroundings(void **state)
{
    static const FormCase cases[] = {
        {"“绝密★长期”表明该载体属于绝密级", 0, MARKING_TEXT, STAR, TRAIT_QUOTED},
        {"例如机密★5年", 0, MARKING_TEXT, STAR, TRAIT_EXAMPLE},
        {"〔密级★保密期限,如:机密★1年;非涉密删除本行〕", 0, MARKING_TEXT, STAR, TRAIT_EXAMPLE},
        {"labels = [\"秘密★3年\",\"机密★5年\",\"绝密★10年\"]", 0, MARKING_TEXT, STAR, TRAIT_LISTED | TRAIT_QUOTED},
        {"labels = [\"秘密★3年\",\"机密★5年\",\"绝密★10年\"]", 2, MARKING_TEXT, STAR, TRAIT_LISTED},
        {"\"方案\",\"机密★10年\",\"3份\"", 0, MARKING_TEXT, STAR, 0},
        {"应标注为( ) A.机密10年 B.机密★ C.机密★10年", 2, MARKING_TEXT, STAR, TRAIT_OPTION},
        {"《绝密★行动》影评", 0, MARKING_TEXT, STAR, TRAIT_TITLED},
        {"秘密★花园咖啡馆10年店庆", 0, MARKING_TEXT, STAR, TRAIT_GLUED_AFTER},
        {"★绝密★独家爆料", 0, MARKING_TEXT, STAR, TRAIT_DECORATED},
        {"机密★3年 指人专办", 0, MARKING_TEXT, STAR, TRAIT_ALONE | TRAIT_HANDLING},
    };
    run_forms(cases, G_N_ELEMENTS(cases));
}

static void
test_marking_read_csv_field_is_no_quotation(void **state)
{
    MarkReading r;
    assert_true(read_nth("\"方案\",\"机密★10年\",\"3份\"", 0, MARKING_TEXT, &r));
    assert_false(r.traits & TRAIT_QUOTED);
}

static void
test_marking_read_voided(void **state)
{
    static const char *const voided[] = {"机密★10年(已解密)", "机密★10年\n已解密", "密级变更:机密→秘密"};
    MarkReading r;

    for (guint i = 0; i < G_N_ELEMENTS(voided); i++) {
        assert_true(read_nth(voided[i], 0, MARKING_TEXT, &r));
        if (!r.mark.voided)
            fail_msg("«%s» is not voided", voided[i]);
    }
    assert_true(read_nth("机密★10年\n请勿解密", 0, MARKING_TEXT, &r));
    assert_false(r.mark.voided);
}

static void
test_marking_read_examination(void **state)
{
    static const char *const exams[] = {"绝密★启用前", "机密★启用前", "绝密★考试结束前", "机密★启封前"};
    MarkReading r;

    for (guint i = 0; i < G_N_ELEMENTS(exams); i++) {
        assert_true(read_nth(exams[i], 0, MARKING_TEXT, &r));
        if (!r.mark.exam || r.mark.term_unit != TERM_EVENT)
            fail_msg("«%s» is no examination", exams[i]);
    }
    assert_true(read_nth("机密★会议开始前", 0, MARKING_TEXT, &r));
    assert_false(r.mark.exam);
}

static void
test_marking_read_refuses_parts_of_other_words(void **state)
{
    static const char *const texts[] = {
        "随机密码",        "计算机密码",     "拒绝密码登录", "杜绝密集聚集",   "司机密切配合", "神秘密码",
        "密码机密钥",      "计算机\n密码",   "手机 密码",    "谢绝\n密切接触", "打印机密码",   "手\n机\n密\n码",
        "登录计算机,密码", "飞机、密林深处", "相机:密封圈",  "拒绝 密码",
    };

    for (guint i = 0; i < G_N_ELEMENTS(texts); i++) {
        MarkReading r;
        gsize from = 0, to = 0;
        const char *p = strstr(texts[i], "机"), *q = strstr(texts[i], "绝"), *s = strstr(texts[i], "秘");
        Level level = p != NULL ? LEVEL_HIGHLY_SECRET : q != NULL ? LEVEL_TOP_SECRET : LEVEL_SECRET;
        p = p != NULL ? p : q != NULL ? q : s;
        from = (gsize)(p - texts[i]);
        to = (gsize)(strstr(p, "密") - texts[i]) + strlen("密");
        if (marking_read(texts[i], strlen(texts[i]), from, to, level, MARKING_TEXT, &r))
            fail_msg("«%s»: a level was seen", texts[i]);
    }
}

static void
test_marking_read_term_limits(void **state)
{
    MarkReading r;
    assert_true(read_nth("秘密★30年", 0, MARKING_TEXT, &r));
    assert_true(r.mark.term_over_limit);
    assert_true(read_nth("绝密★30年", 0, MARKING_TEXT, &r));
    assert_false(r.mark.term_over_limit);
    assert_true(read_nth("机密★240个月", 0, MARKING_TEXT, &r));
    assert_false(r.mark.term_over_limit);
}

static void
test_marking_read_gives_the_place_of_the_mark(void **state)
{
    const char *text = "附件:\n  机 密 ★ 10 年 \n完";
    MarkReading r;
    assert_true(read_nth(text, 0, MARKING_TEXT, &r));
    g_autofree char *found = g_strndup(text + r.mark.from, r.mark.to - r.mark.from);
    assert_string_equal(found, "机 密 ★ 10 年");
}

static void
test_mark_term_days_compares(void **state)
{
    Mark years = {.level = LEVEL_SECRET, .term_unit = TERM_YEARS, .term_number = 3};
    Mark months = {.level = LEVEL_SECRET, .term_unit = TERM_MONTHS, .term_number = 18};
    Mark none = {.level = LEVEL_TOP_SECRET};
    assert_true(mark_term_days(&years) > mark_term_days(&months));
    assert_int_equal(mark_term_days(&none), 30 * 365);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_marking_read_star_and_term),
        cmocka_unit_test(test_marking_read_alone),
        cmocka_unit_test(test_marking_read_field),
        cmocka_unit_test(test_marking_read_field_below_its_label),
        cmocka_unit_test(test_marking_read_scan),
        cmocka_unit_test(test_marking_read_ticked),
        cmocka_unit_test(test_marking_read_bracketed),
        cmocka_unit_test(test_marking_read_sentence),
        cmocka_unit_test(test_marking_read_surroundings),
        cmocka_unit_test(test_marking_read_csv_field_is_no_quotation),
        cmocka_unit_test(test_marking_read_voided),
        cmocka_unit_test(test_marking_read_examination),
        cmocka_unit_test(test_marking_read_refuses_parts_of_other_words),
        cmocka_unit_test(test_marking_read_term_limits),
        cmocka_unit_test(test_marking_read_gives_the_place_of_the_mark),
        cmocka_unit_test(test_mark_term_days_compares),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
