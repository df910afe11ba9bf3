/* Text that style sheets hide: what the page shows in the first reading, and what in others. */
#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "html.h"
#include "html_sheet.h"
#include <string.h>

typedef struct {
    GString *body, *hidden;
    gsize other; /* bytes of hidden text */
} Gathered;

static gboolean
gather(PlaceKind kind, const char *name, const char *text, gsize length, gpointer user)
{
    Gathered *gathered = user;
    assert_true(g_utf8_validate(text, (gssize)length, NULL));
    assert_true(length <= 64 * 1024);
    if (kind == PLACE_ATTRIBUTE)
        return TRUE;
    g_string_append_len(kind == PLACE_BODY ? gathered->body : gathered->hidden, text, (gssize)length);
    if (kind != PLACE_BODY)
        g_string_append_c(gathered->hidden, '|');
    return TRUE;
}

static void
scan(const char *text, gsize length, gsize step, Gathered *gathered)
{
    g_autoptr(Html) html = html_new(gather, gathered);
    *gathered = (Gathered){g_string_new(NULL), g_string_new(NULL), 0};
    for (gsize at = 0; at < length; at += step)
        assert_true(html_push(html, text + at, MIN(step, length - at)));
    assert_true(html_finish(html));
}

static void
scanned_clear(Gathered *gathered)
{
    g_string_free(gathered->body, TRUE);
    g_string_free(gathered->hidden, TRUE);
}

/* Whatever the pushes, as one last text too. */
static void
scan_all_ways(const char *text, Gathered *gathered)
{
    gsize length = strlen(text);
    scan(text, length, length, gathered);
    for (gsize step = 1; step < 9; step += 3) {
        Gathered cut;
        scan(text, length, step, &cut);
        assert_string_equal(cut.body->str, gathered->body->str);
        assert_string_equal(cut.hidden->str, gathered->hidden->str);
        scanned_clear(&cut);
    }
    Gathered last = {g_string_new(NULL), g_string_new(NULL), 0};
    g_autoptr(Html) html = html_new(gather, &last);
    assert_true(html_finish_with(html, text, length));
    assert_string_equal(last.body->str, gathered->body->str);
    assert_string_equal(last.hidden->str, gathered->hidden->str);
    scanned_clear(&last);
}

typedef struct {
    const char *css, *text;
} Case;

/* The first reading and the one that is given beside it. */
static void
assert_readings(const Case *cases, gsize count, const char *body, const char *hidden)
{
    for (gsize i = 0; i < count; i++) {
        Gathered gathered;
        g_autofree char *text = g_strdup_printf("<html><head><style>%s</style></head><body><p>%s</p></body></html>",
                                                cases[i].css, cases[i].text);
        scan_all_ways(text, &gathered);
        if (body != NULL && strcmp(gathered.body->str, body) != 0)
            print_message("%s\n", text);
        if (body != NULL)
            assert_string_equal(gathered.body->str, body);
        if (hidden != NULL && strstr(gathered.hidden->str, hidden) == NULL)
            print_message("%s\nhidden: %s\n", text, gathered.hidden->str);
        if (hidden != NULL)
            assert_non_null(strstr(gathered.hidden->str, hidden));
        else if (cases[i].css[0] != '\0' &&
                 strchr(gathered.hidden->str, '|') != gathered.hidden->str + gathered.hidden->len - 1) {
            print_message("%s\nhidden: %s\n", text, gathered.hidden->str);
            fail();
        }
        scanned_clear(&gathered);
    }
}

#define JUNK "机<span class=x>废</span>密★10年"
#define IN(a, b) a JUNK b

static void
test_rules_that_certainly_hide(void **state)
{
    static const Case cases[] = {
        {".x{display:none}", JUNK},
        {"span.x{display:none}", JUNK},
        {".a.x{display:none}", "机<span class='x a'>废</span>密★10年"},
        {".a.b.c.x{display:none}", "机<span class='x a b c'>废</span>密★10年"},
        {"p .x{display:none}", JUNK},
        {"p > .x{display:none}", JUNK},
        {"body > p>.x{display:none}", JUNK},
        {"html body .x{display:none}", JUNK},
        {".a .b .x{display:none}", "<i class=a><b class=b><u>" JUNK "</u></b></i>"},
        {".a > .b .x{display:none}", "<i class=a><b class=b><b class=b>" JUNK "</b></b></i>"},
        {"#i .x{display:none}", IN("<b id=i>", "</b>")},
        {"b#i>span.x{display:none}", IN("<b id=i>", "</b>")},
        {"[data-h]{display:none}", "机<span data-h>废</span>密★10年"},
        {"span[data-h=\"1\"]{display:none}", "机<span data-h=1>废</span>密★10年"},
        {"span[lang|=en]{display:none}", "机<span lang=en-US>废</span>密★10年"},
        {"[class~=x]{display:none}", "机<span class='y x'>废</span>密★10年"},
        {"[class^=hi]{display:none}", "机<span class='hidden'>废</span>密★10年"},
        {"[class$=en]{display:none}", "机<span class='hidden'>废</span>密★10年"},
        {"[class*=dd]{display:none}", "机<span class='hidden'>废</span>密★10年"},
        {"i + .x{display:none}", "机<i></i><span class=x>废</span>密★10年"},
        {"u:first-child{display:none}", "机<u>废</u>密<u>★</u>10年"},
        {"u:nth-child(2){display:none}", "<u>机</u><u>废</u><u>密★10年</u>"},
        {"u:nth-child(odd){display:none}", "<b>机</b><b>密</b><u>废</u><b>★10年</b><u>废</u>"},
        {"u:nth-child(2n){display:none}", "<u>机</u><u>废</u><u>密★10年</u>"},
        {"u:nth-child(-n+1){display:none}", "<u>废</u><u>机密★10年</u>"},
        {".x{display:none!important}", "机<span class=x style='display:inline'>废</span>密★10年"},
        {".x{display:none!important}.x{display:inline}", JUNK},
        {"span.x{display:none}.x{display:inline}", JUNK},
        {"#i{display:none}.x{display:inline}", "机<span class=x id=i>废</span>密★10年"},
        {".x{display:inline;display:none}", JUNK},
        {".x{d\\69splay:n\\6f ne}", JUNK},
        {".\\78 {display:none}", JUNK},
        {".sm\\:x{display:none}", "机<span class='sm:x'>废</span>密★10年"},
        {".x{opacity:.01}", JUNK},
        {".x{opacity:1%}", JUNK},
        {".x{filter:opacity(0)}", JUNK},
        {".x{font-size:1px}", JUNK},
        {".x{font-size:.5pt}", JUNK},
        {".x{font:0/0 a}", JUNK},
        {"body{background:#fff}.x{color:#fff}", JUNK},
        {".x{color:rgba(0,0,0,0)}", JUNK},
        {".x{color:hsla(120,50%,50%,0)}", JUNK},
        {".x{color:rgb(0 0 0 / 1%)}", JUNK},
        {".x{color:hsl(0,0%,100%)}", JUNK},
        {"p{background:hsl(210,50%,40%)}.x{color:#336699}", JUNK},
        {"p{background:rgb(20%,40%,60%)}.x{color:#369}", JUNK},
        {".x{color:#0000}", JUNK},
        {".a{display:none}.x{font-size:0}.a{display:inline}", JUNK},
        {"q{content:'}'}.x{display:none}", JUNK},
        {"a:hover{display:inline}.x{display:none}", JUNK},
        {".x{display:none}", "机<span class='&#120;'>废</span>密★10年"},
        {".x{display:none}", "机<br class=x>密★10年"},
    };
    assert_readings(cases, G_N_ELEMENTS(cases), "机密★10年", "|");
}

/* Each reading is given, so that the mark is found whatever the reader's program does. */
static void
test_rules_that_may_hide_are_read_both_ways(void **state)
{
    static const Case cases[] = {
        {"@media screen{.x{display:none}}", JUNK},
        {"@media all{.x{display:none}}", JUNK},
        {"@media only screen and (max-width:600px){.x{display:none}}", JUNK},
        {"@media (min-width:600px){.x{display:none}}", JUNK},
        {"@media (width<=600px){.x{display:none}}", JUNK},
        {"@media print{.x{display:none}}", JUNK},
        {"@media not print{.x{display:none}}", JUNK},
        {"@media speech, screen{.x{display:none}}", JUNK},
        {"@media (prefers-color-scheme:dark){.x{display:none}}", JUNK},
        {"@media (orientation:landscape){.x{display:none}}", JUNK},
        {"@media screen{@media (min-width:1px){.x{display:none}}}", JUNK},
        {"@supports (display:grid){.x{display:none}}", JUNK},
        {"@layer a{.x{display:none}}", JUNK},
        {"p{& .x{display:none}}", JUNK},
        {"p{.x{display:none}}", JUNK},
        {"span{color:red;&.x{display:none}}", JUNK},
        {"p{@media screen{font-size:0}} span{font-size:12px}", "x"},
        {"i ~ .x{display:none}", "机<i></i><b></b><span class=x>废</span>密★10年"},
        {".x:not(.y){display:none}", JUNK},
        {":is(.x,.z){display:none}", JUNK},
        {".x:last-of-type{display:none}", JUNK},
        {".X{display:none}", JUNK},
        {"[data-h='A' i]{display:none}", "机<span data-h=a>废</span>密★10年"},
        {":root{--d:none}.x{display:var(--d)}", JUNK},
        {".x{position:absolute;left:-9999px}", JUNK},
        {".x{position:fixed;top:-200em;left:0}", JUNK},
        {".x{position:absolute}.x{left:-9999px}", JUNK},
        {".x{position:absolute;clip:rect(0,0,0,0)}", JUNK},
        {".x{position:absolute;clip:rect(1px 1px 1px 1px)}", JUNK},
        {".x{clip-path:inset(50%)}", JUNK},
        {".x{clip-path:circle(0)}", JUNK},
        {".x{-webkit-clip-path:polygon(0 0,0 0,0 0)}", JUNK},
        {".x{text-indent:-9999px}", JUNK},
        {".x{margin-left:-9999px}", JUNK},
        {".x{max-height:0;overflow:hidden}", JUNK},
        {".x{height:0px;overflow:hidden}", JUNK},
        {".x{width:1px;height:1px;overflow:hidden}", JUNK},
        {".x{max-width:0;overflow-x:hidden}", JUNK},
        {".x{line-height:0;overflow:hidden}", JUNK},
        {".x{transform:scale(0)}", JUNK},
        {".x{transform:rotate(3deg) scale(1,0)}", JUNK},
        {".x{transform:translateX(-9999px)}", JUNK},
        {".x{scale:0}", JUNK},
        {".x{zoom:.01}", JUNK},
        {"b{background:#fff}.x{color:#fff}", JUNK},
        {"u{background:var(--a)}", "机<font color=white>废</font>密★10年"},
        {"", "机<span style='position:absolute;left:-9999px'>废</span>密★10年"},
        {"", "机<span style='display:var(--a);--a:none'>废</span>密★10年"},
        {"", "机<span style='max-height:0;overflow:hidden'>废</span>密★10年"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++)
        if (strcmp(cases[i].text, "x") != 0)
            assert_readings(&cases[i], 1, "机废密★10年", "机密★10年");
}

static void
test_rules_that_do_not_hide(void **state)
{
    static const Case cases[] = {
        {".x:hover{display:none}", JUNK},
        {".y{display:none}", JUNK},
        {"b .x{display:none}", JUNK},
        {"body > .x{display:none}", JUNK},
        {"p.y .x{display:none}", JUNK},
        {"b > .x{display:none}", "<b><i>" JUNK "</i></b>"},
        {"b + .x{display:none}", "机<b></b><i></i><span class=x>废</span>密★10年"},
        {"u:nth-child(2){display:none}", "机<u>废</u>密★10年"},
        {"[data-h=b]{display:none}", "机<span data-h=a>废</span>密★10年"},
        {".x{display:none}.x{display:inline}", JUNK},
        {".x{display:none}", "机<span class=x style='display:inline'>废</span>密★10年"},
        {".x{display:none}#i{display:inline}", "机<span class=x id=i>废</span>密★10年"},
        {".x{font-size:12px;opacity:.5}", JUNK},
        {".x{line-height:1;overflow:hidden}", JUNK},
        {".x{height:0}", JUNK},
        {".x{left:-9999px}", JUNK},
        {".x{position:relative;left:-3px;text-indent:-2em}", JUNK},
        {".x{clip-path:inset(0)}", JUNK},
        {".x{transform:rotate(0deg) scale(1.0)}", JUNK},
        {".x{transform:translate(0,-50%)}", JUNK},
        {".x{margin-left:-12px}", JUNK},
        {".x{color:#333}p{background:#fff}", JUNK},
        {".x{color:#fff}p{background:#036}", JUNK},
        {".x{color:rgba(0,0,0,.8)}", JUNK},
        {"@font-face{font-family:x;src:url(a)}@keyframes k{from{opacity:0}to{opacity:1}}", JUNK},
        {"@media speech{.x{display:none}}", JUNK},
        {"@media (max-width:100px){.x{display:none}}", JUNK},
        {"@supports not (display:block){.x{display:none}}", JUNK},
        {".x::before{display:none}", JUNK},
        {".x{display:var(--a)}", JUNK},
        {".x{display:none", "机废密★10年"},
    };
    assert_readings(cases, G_N_ELEMENTS(cases), "机废密★10年", NULL);
    static const Case details = {"", "机<details><summary>废</summary>密</details>★10年"};
    assert_readings(&details, 1, "机\n废\n密\n★10年", NULL);
}

/* What a rule under a condition shows again. */
static void
test_rules_that_show_again(void **state)
{
    static const Case cases[] = {
        {".x{display:none}@media screen{.x{display:inline}}", "机<b class=y>废</b><span class=x>密</span>★10年"},
        {".y{display:none}.x{display:none}@media screen{.x{display:inline}}",
         "机<b class=y>废</b><span class=x>密</span>★10年"},
        {"@media (max-width:600px){.x{display:inline!important}.y{display:none}}",
         "机<b class=y>废</b><span class=x style='display:none'>密</span>★10年"},
    };
    assert_readings(&cases[1], 1, "机★10年", "机密★10年");
    assert_readings(&cases[2], 1, "机废★10年", "机密★10年");
    assert_readings(cases, 1, "机废★10年", "机废密★10年");
}

/* Blocks of text that are hidden stand between what belongs together. */
static void
test_hidden_blocks_between(void **state)
{
    static const Case cases[] = {
        {"@media screen{.x{display:none}}", "机<div class=x>废<p>废</p>废</div>密★10年"},
        {"div .x{display:none}", "机<table><tr><td class=y>密★10年</table>"},
    };
    Gathered gathered;
    g_autofree char *text = g_strdup_printf("<style>%s</style>%s", cases[0].css, cases[0].text);
    scan_all_ways(text, &gathered);
    assert_string_equal(gathered.body->str, "机\n废\n废\n废\n密★10年");
    assert_non_null(strstr(gathered.hidden->str, "|机密★10年"));
    scanned_clear(&gathered);
}

/* A rule about what was open before the rule was read. */
static void
test_sheets_inside_of_what_they_are_about(void **state)
{
    static const char *const pages[] = {
        "<style>.a .b{display:none}</style>机<div class=y><style>.y .x{display:none}</style>密<p>" JUNK,
        "a<div class=y><style>.y .x{display:none}</style><p>" JUNK,
    };
    static const char *const before[] = {
        "<html class=y><head><style>.y .x{display:none}</style><body><p>" JUNK,
        "<html><body class=y><style>.a .b{display:none}</style><div class=y><style>body.y>.y "
        ".x{display:none}</style><p>" JUNK,
    };
    static const char *const outside[] = {
        "<html><head><style>.y .x{display:none}</style><body><p>" JUNK,
        "<html><body class=z><div><style>.y .x{display:none}</style><p>" JUNK,
    };
    for (gsize i = 0; i < G_N_ELEMENTS(before); i++) {
        Gathered gathered, other;
        scan_all_ways(before[i], &gathered);
        assert_string_equal(gathered.body->str, "机密★10年");
        scan_all_ways(outside[i], &other);
        assert_string_equal(other.body->str, "机废密★10年");
        assert_null(strstr(other.hidden->str, "机密★10年"));
        scanned_clear(&gathered);
        scanned_clear(&other);
    }
    for (gsize i = 0; i < G_N_ELEMENTS(pages); i++) {
        Gathered gathered;
        scan_all_ways(pages[i], &gathered);
        assert_non_null(strstr(gathered.body->str, "机废密★10年"));
        assert_non_null(strstr(gathered.hidden->str, "机密★10年"));
        scanned_clear(&gathered);
    }
}

/* Rules hold for what stands before them too. */
static void
test_late_sheets(void **state)
{
    static const char *const pages[] = {
        "<p>" JUNK "</p><style>.x{display:none}</style>",
        "<p>" JUNK "</p><style>p .x{display:none}</style><p>x",
        "<style>.y{display:none}</style><p>" JUNK "</p><style>p > .x{position:absolute;left:-9999px}</style>",
        "<p>" JUNK "</p><style media=print>.x{display:none}</style>",
        "<p>" JUNK "</p><p>x<style>.x{display:none",
    };
    for (gsize i = 0; i < G_N_ELEMENTS(pages); i++) {
        Gathered gathered;
        scan_all_ways(pages[i], &gathered);
        assert_non_null(strstr(gathered.body->str, "机废密★10年"));
        if (i < 4)
            assert_non_null(strstr(gathered.hidden->str, "机密★10年"));
        scanned_clear(&gathered);
    }
}

static void
test_generated_content(void **state)
{
    static const Case cases[] = {
        {"p::before{content:'机密★10年'}", "x"},
        {"p:after{content:\"\\673A\\5BC6\\2605 10\\5E74\"}", "x"},
        {".a:before{content:'机'}.b:before{content:'密'}", "<i class=a></i><i class=b></i>★10年"},
        {".a:after{content:'密' '★'}", "<i class=a>机</i>10年"},
        {"@media screen{.a:after{content:'密★'}}", "<i class=a>机</i>10年"},
    };
    assert_readings(cases, G_N_ELEMENTS(cases), NULL, "机密★10年");
    static const Case quiet[] = {
        {"p::before{content:''}", "x"},
        {"p::before{content:' '}", "x"},
        {"p::before{content:'\\e900'}", "x"},
        {".y::before{content:'z'}", "x"},
        {"p{display:none}p::before{content:none}", "<p style='display:block'>x"},
    };
    assert_readings(quiet, 4, "x", NULL);
}

static void
test_media_of_the_element(void **state)
{
    static const struct {
        const char *media;
        guint readings;
    } cases[] = {
        {"", HTML_OTHERS},
        {"all", HTML_OTHERS},
        {"screen", 1u << 1 | 1u << 2},
        {"print", 1u << 3},
        {"not print", 1u << 1 | 1u << 2},
        {"only screen and (max-width: 600px)", 1u << 2},
        {"screen and (max-device-width:37.5em) and (orientation: portrait)", 1u << 2},
        {"(min-width:601px)", 1u << 1 | 1u << 3},
        {"screen and (min-width:601px), print", 1u << 1 | 1u << 3},
        {"(prefers-color-scheme: dark)", 1u << 2},
        {"(-webkit-min-device-pixel-ratio:0)", HTML_OTHERS},
        {"speech", 0},
        {"((((", HTML_OTHERS},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        if (html_media(cases[i].media, strlen(cases[i].media)) != cases[i].readings)
            print_message("%s\n", cases[i].media);
        assert_int_equal(html_media(cases[i].media, strlen(cases[i].media)), cases[i].readings);
    }
    Gathered gathered;
    scan_all_ways("<style media='screen'>.x{display:none}</style>" JUNK, &gathered);
    assert_string_equal(gathered.body->str, "机废密★10年");
    assert_non_null(strstr(gathered.hidden->str, "机密★10年"));
    scanned_clear(&gathered);
}

static char *
repeated(const char *before, const char *what, guint times, const char *after)
{
    GString *text = g_string_new(before);
    while (times-- > 0)
        g_string_append(text, what);
    g_string_append(text, after);
    return g_string_free(text, FALSE);
}

/* A rule that lies where a long sheet is cut, a mark where a long text is. */
static void
test_long_sheets_and_texts(void **state)
{
    for (guint shift = 0; shift < 12; shift++) {
        Gathered gathered;
        g_autofree char *sheet =
            repeated("<style>", "/*xxxxxxxx*/", 5460 + shift, "@media screen{.x{display:none}}</style>");
        g_autofree char *text = repeated(sheet, "甲", 21840 + shift, JUNK "<p>乙");
        scan(text, strlen(text), 7001, &gathered);
        assert_non_null(strstr(gathered.body->str, "机废密★10年"));
        assert_non_null(strstr(gathered.hidden->str, "甲机密★10年\n乙"));
        scanned_clear(&gathered);
    }
}

/* Only what is near the difference is given again. */
static void
test_other_readings_are_short(void **state)
{
    Gathered gathered;
    g_autofree char *before =
        repeated("<style>@media (max-width:600px){.x{display:none}}</style>", "<p>甲乙丙丁</p>", 2000, "");
    g_autofree char *text = repeated(before, "<p class=x>x</p>", 1, "");
    g_autofree char *whole = repeated(text, "<p>甲乙丙丁</p>", 2000, "");
    scan(whole, strlen(whole), 60000, &gathered);
    assert_true(gathered.hidden->len > 600 && gathered.hidden->len < 1400);
    scanned_clear(&gathered);
    /* an element that holds no text makes no difference */
    g_autofree char *empty = repeated(before, "<p class=x><b></b> </p><p>甲乙丙丁</p>", 10, "");
    scan(empty, strlen(empty), 60000, &gathered);
    assert_true(gathered.hidden->len < 100);
    scanned_clear(&gathered);
}

static void
test_hostile_sheets_take_bounded_time(void **state)
{
    static const struct {
        const char *css, *text;
    } cases[] = {
        {".x{display:none}", "<b class=x>"},
        {"b b b b b b b i{display:none}", "<b><i></i>"},
        {"b b b b b b b i{display:none}", "<i>a</i>"},
        {"b~b~b~b{display:none}", "<b></b>"},
        {"b:nth-child(3n+1)>b+b{display:none}", "<b>a"},
        {"*{display:none}", "<b>a</b>"},
        {"[a]{display:none}", "<b a>a</b>"},
        {"@media screen{", "<b>a</b>"},
        {"a{b{", "<b>a</b>"},
        {"a:not(", "<b>a</b>"},
        {"(;", "<b style='a:(;a:(;'>a</b>"},
        {".x::before{content:'abc'}", "<b class=x></b>"},
        {"\"", "<b>a</b>"},
        {"--a:none;", "<b style='--a:var(--a)'>a</b>"},
        {"@media ((((,((", "<b>a</b>"},
    };
    gint64 before = g_get_monotonic_time();
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        Gathered gathered;
        g_autofree char *css = repeated("<style>", cases[i].css, 4000, "</style>");
        g_autofree char *text = repeated(css, cases[i].text, 20000, "机密");
        gint64 start = g_get_monotonic_time();
        scan(text, strlen(text), 65536, &gathered);
        assert_non_null(strstr(gathered.body->str[0] != '\0' ? gathered.body->str : gathered.hidden->str, "机密"));
        scanned_clear(&gathered);
        if (g_get_monotonic_time() - start > 2 * G_USEC_PER_SEC)
            print_message("%s %s: %.1f s\n", cases[i].css, cases[i].text,
                          (double)(g_get_monotonic_time() - start) / 1e6);
    }
    assert_true(g_get_monotonic_time() - before < 40 * G_USEC_PER_SEC);
}

static gboolean
is_complete(const char *text)
{
    Gathered gathered = {g_string_new(NULL), g_string_new(NULL), 0};
    g_autoptr(Html) html = html_new(gather, &gathered);
    html_push(html, text, strlen(text));
    html_finish(html);
    scanned_clear(&gathered);
    return html_complete(html);
}

/* Rules that are too many to be applied are told. */
static void
test_over_a_bound(void **state)
{
    g_autofree char *some = repeated("<style>", ".x{display:none}", 4000, "</style>" JUNK);
    g_autofree char *many = repeated("<style>", ".x{display:none}", 5000, "</style>" JUNK);
    g_autofree char *steps = repeated("<style>", "b b b b .x{display:none}", 2000, "</style>" JUNK);
    g_autofree char *effort = repeated(some, "<b class=x>a</b>", 3000, "");
    g_autofree char *late =
        repeated("<p>", "<!-- a comment of about forty characters -->", 120000, "<style>.x{display:none}</style>");
    assert_true(is_complete(some));
    assert_false(is_complete(many));
    assert_false(is_complete(steps));
    assert_false(is_complete(effort));
    assert_true(is_complete(late)); /* nothing stood before it */
    memcpy(late, "<p>a", 4);
    assert_false(is_complete(late));
    assert_true(is_complete(JUNK));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rules_that_certainly_hide),
        cmocka_unit_test(test_rules_that_may_hide_are_read_both_ways),
        cmocka_unit_test(test_rules_that_do_not_hide),
        cmocka_unit_test(test_rules_that_show_again),
        cmocka_unit_test(test_hidden_blocks_between),
        cmocka_unit_test(test_sheets_inside_of_what_they_are_about),
        cmocka_unit_test(test_late_sheets),
        cmocka_unit_test(test_generated_content),
        cmocka_unit_test(test_media_of_the_element),
        cmocka_unit_test(test_long_sheets_and_texts),
        cmocka_unit_test(test_other_readings_are_short),
        cmocka_unit_test(test_over_a_bound),
        cmocka_unit_test(test_hostile_sheets_take_bounded_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
