#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "html.h"
#include <string.h>

/* What a page gives, written as one string: BODY text first, then "|H:hidden|C:comment|A.alt:text|T:title". */
typedef struct {
    GString *body, *hidden, *rest;
    guint pieces, stop_after;
    gsize longest;
} Gathered;

static gboolean
gather(PlaceKind kind, const char *name, const char *text, gsize length, gpointer user)
{
    Gathered *gathered = user;
    gathered->longest = MAX(gathered->longest, length);
    assert_true(g_utf8_validate(text, (gssize)length, NULL));
    if (kind == PLACE_BODY)
        g_string_append_len(gathered->body, text, (gssize)length);
    else if (kind == PLACE_ATTRIBUTE)
        g_string_append_printf(gathered->rest, "|A.%s:%.*s", name, (int)length, text);
    else
        g_string_append_printf(gathered->rest, "|%c:%.*s",
                               kind == PLACE_HIDDEN    ? 'H'
                               : kind == PLACE_COMMENT ? 'C'
                               : kind == PLACE_TITLE   ? 'T'
                                                       : '?',
                               (int)length, text);
    return ++gathered->pieces != gathered->stop_after;
}

/* Scans text pushed as [0,first), then in steps. */
static char *
scan_in_steps(const char *text, gsize length, gsize first, gsize step)
{
    Gathered gathered = {g_string_new(NULL), NULL, g_string_new(NULL)};
    g_autoptr(Html) html = html_new(gather, &gathered);
    assert_true(html_push(html, text, first));
    for (gsize at = first; at < length; at += step)
        assert_true(html_push(html, text + at, MIN(step, length - at)));
    assert_true(html_finish(html));
    assert_true(gathered.longest <= 64 * 1024);
    g_string_append_len(gathered.body, gathered.rest->str, (gssize)gathered.rest->len);
    g_string_free(gathered.rest, TRUE);
    return g_string_free(gathered.body, FALSE);
}

/* The same page in every way to cut it in two, and byte by byte, gives the same. */
static void
assert_scan(const char *text, const char *expected)
{
    gsize length = strlen(text);
    for (gsize first = 0; first <= length; first++) {
        g_autofree char *seen = scan_in_steps(text, length, first, MAX(length, 1));
        if (g_strcmp0(seen, expected) != 0)
            print_message("cut at %zu of %s\n", first, text);
        assert_string_equal(seen, expected);
    }
    g_autofree char *seen = scan_in_steps(text, length, 0, 1);
    assert_string_equal(seen, expected);
}

typedef struct {
    const char *text, *expected;
} Case;

static void
assert_cases(const Case *cases, gsize count)
{
    for (gsize i = 0; i < count; i++)
        assert_scan(cases[i].text, cases[i].expected);
}

static void
test_html_joins_characters_over_inline_markup(void **state)
{
    static const Case cases[] = {
        {"机<span>密</span>", "机密"},
        {"机<!-- x -->密", "机密|C:x"},
        {"机<wbr>密", "机密"},
        {"<b>机</b><i>密</i>★<font face=\"宋体\">10</font>年", "机密★10年"},
        {"机&#8203;密", "机\xE2\x80\x8B密"},
        {"机<o:p></o:p>密", "机密"},
        {"机<?php x ?>密", "机密|C:php x ?"},
        {"机</>密", "机密"},
        {"机\0密", "机"},
        {"<ruby>机<rt>jī</rt>密<rt>mì</rt></ruby>", "机密|H:机jī密mì"},
        {"<![CDATA[机密]]>", "机密]]>"},
    };
    assert_cases(cases, G_N_ELEMENTS(cases));
}

static void
test_html_marks_lines_of_somebody_else(void **state)
{
    static const Case cases[] = {
        {"<p>a</p><blockquote>b<br>c<p>d</p></blockquote>e", "a\n> b\n> c\n> d\ne"},
        {"<blockquote type=cite><blockquote>a</blockquote>b</blockquote>c", "> a\n> b\nc"},
        {"a<div class=\"gmail_quote\">b<div>c</div></div>d", "a\n> b\n> c\nd"},
        {"a<div class=\"quote\">b</div>", "a\nb"},
        {"a<div id=isReplyContent>b", "a\n> b"},
        {"<blockquote>机<br>密<br>★<br>10年</blockquote>", "> 机\n> 密\n> ★\n> 10年"},
        {"<blockquote><table><tr><td>密级</td><td>机密</td></tr></table></blockquote>a", "> 密级\t机密\na"},
        {"a<blockquote></blockquote>b", "a\nb"},
    };
    assert_cases(cases, G_N_ELEMENTS(cases));
}

static void
test_html_drops_nul(void **state)
{
    static const char text[] = "机\0密<p title='a\0b'>x&#0;y<!-- a\0b -->";
    g_autofree char *seen = scan_in_steps(text, sizeof text - 1, 0, sizeof text);
    assert_string_equal(seen, "机密\nxy|A.title:ab|C:ab");
}

static void
test_html_lines_cells_rows(void **state)
{
    static const Case cases[] = {
        {"<p>a</p><p>b</p>", "a\nb"},
        {"a<br>b<br/><br>c", "a\nb\n\nc"},
        {"<div>a<div>b</div></div>c", "a\nb\nc"},
        {"机<br>密<br>★<br>10<br>年", "机\n密\n★\n10\n年"},
        {"<table><tr><td>密级</td><td>机密</td></tr><tr><th>a<th>b</table>c", "密级\t机密\na\tb\nc"},
        {"<table><tr><td><p class=MsoNormal>密级</p></td><td><p>机密</p></td></tr></table>", "密级\t机密"},
        {"<table><tr><td></td><td><br></td><td>c</td></tr><tr><td>d</td></table>", "\t\tc\nd"},
        {"<ul><li>a<li>b</ul>", "a\nb"},
        {"<select><option>a<option selected>b</select>c", "a\nb\nc"},
        {"a  \n\t b ", "a b"},
        {"a <b> c</b>", "a c"},
        {" <p> a </p> ", "a"},
        {"<pre>a  b\n  c\r\nd</pre>", "a  b\n  c\nd"},
        {"<textarea>a\n b</textarea>", "a\n b"},
        {"<div style='white-space: pre-line'>机\n密</div>", "机\n密"},
        {"a<hr>b", "a\nb"},
        {"a&nbsp;&nbsp;b", "a\xC2\xA0\xC2\xA0"
                           "b"},
        {"a&#32;&#10;b", "a b"},
        {"<q>机密</q>", "“机密”"},
        {"<bdo dir=rtl>密机</bdo>x", "\xE2\x80\xAE密机\xE2\x80\xACx"},
    };
    assert_cases(cases, G_N_ELEMENTS(cases));
}

/* Columns of lone characters beside others are read downwards too, behind their table. */
static void
test_html_columns(void **state)
{
    static const Case cases[] = {
        {"<table><tr><td>机<td>附件一<tr><td>密<td>附件二的名称<tr><td>★<td>x<tr><td>10年<td>y</table>z",
         "机\t附件一\n密\t附件二的名称\n★\tx\n10年\ty\n\n\n\n机\n密\n★\n10年\n\n\n\nz"},
        /* from right to left, two columns */
        {"<table><tr><td>文<td>机<tr><td>件<td>密</table>", "文\t机\n件\t密\n\n\n\n文\n件\n\n\n\n机\n密"},
        /* a level in one cell, its term below */
        {"<table><tr><td>机密<td>关于会议<tr><td>★10年<td>的通知文件</table>",
         "机密\t关于会议\n★10年\t的通知文件\n\n\n\n机密\n★10年"},
        /* cells that fill several rows or columns */
        {"<table><tr><td rowspan=2>很长的一格文字<td>机<tr><td>密<td>x</table>",
         "很长的一格文字\t机\n密\tx\n\n\n\n机\n密"},
        {"<table><tr><td colspan=2>很长的一格文字<td>机<tr><td>a<td>b<td>密</table>",
         "很长的一格文字\t机\na\tb\t密\n\n\n\n机\n密"},
        /* cells with markup, empty ones, a longer one between */
        {"<table><tr><td><p><b>机</b></p></td><td>a<tr><td><td>b<tr><td> 密&nbsp;<td>c</table>",
         "机\ta\n\tb\n密\xC2\xA0\tc\n\n\n\n机\n密"},
        {"<table><tr><td>机<td>a<tr><td>一段很长的文字<td>b<tr><td>密<td>c</table>", "机\ta\n一段很长的文字\tb\n密\tc"},
        /* tables in tables */
        {"<table><tr><td>甲<td><table><tr><td>机<td>a<tr><td>密<td>b</table><tr><td>乙</table>",
         "甲\n机\ta\n密\tb\n\n\n\n机\n密\n\n\n\n乙\n\n\n\n甲\n乙"},
        /* ordinary tables */
        {"<table><tr><td>机<tr><td>密</table>", "机\n密"},
        {"<table><tr><td>a<td>1<tr><td>b<td>2</table>", "a\t1\nb\t2"},
        {"<table><tr><td>张三<td>李四<tr><td>王五<td>赵六</table>", "张三\t李四\n王五\t赵六"},
    };
    assert_cases(cases, G_N_ELEMENTS(cases));
    g_autoptr(GString) wide = g_string_new("<table>");
    for (guint row = 0; row < 300; row++) {
        g_string_append(wide, "<tr>");
        for (guint column = 0; column < 40; column++)
            g_string_append(wide, row == 150 ? "<td>机" : row == 151 ? "<td>密" : "<td>天");
    }
    g_autofree char *seen = scan_in_steps(wide->str, wide->len, 0, 1000);
    assert_non_null(strstr(seen, "天\n机\n密\n天"));
    assert_true(strlen(seen) < 3 * wide->len);
}

static void
test_html_entities(void **state)
{
    static const Case cases[] = {
        {"&#26426;&#x5BC6;&starf;&bigstar;", "机密★★"},
        {"&#26426&#x5bc6 &#X673A;", "机密 机"},
        {"&lt;b&gt;&amp;&quot;", "<b>&\""},
        {"&amp;lt;", "&lt;"},
        {"&copy2 &notit; &notin; &ampx", "©2 ¬it; ∉ &x"},
        {"&nosuch; &; &#; &#x; & b &", "&nosuch; &; &#; &#x; & b &"},
        {"&#128; &#xD800; &#x110000; &#99999999999999999999;", "€ \xEF\xBF\xBD \xEF\xBF\xBD \xEF\xBF\xBD"},
        {"&CounterClockwiseContourIntegral;&CounterClockwiseContourIntegralx;", "∳&CounterClockwiseContourIntegralx;"},
        {"&#000000000000000000000026426;", "机"},
        {"&NotEqualTilde;", "\xE2\x89\x82\xCC\xB8"},
        {"a&ZeroWidthSpace;b", "a\xE2\x80\x8B"
                               "b"},
        {"&a&b&lt", "&a&b<"},
        {"&am<b>p;</b>", "&amp;"},
    };
    assert_cases(cases, G_N_ELEMENTS(cases));
}

static void
test_html_hidden_text_is_kept_apart(void **state)
{
    static const Case cases[] = {
        {"<div style=\"display:none\">机密</div>b", "b|H:机密\nb"},
        {"<div style='DISPLAY : None !important'>x</div>", "|H:x"},
        {"<p style='visibility:hidden'>x</p><p>y", "y|H:x"},
        {"<span style='font-size:0px'>x</span>", "|H:x"},
        {"<span style='font-size:0.5em'>x</span>", "x"},
        {"<span style='opacity:0'>x</span>", "|H:x"},
        {"<span style='opacity:0.9'>x</span>", "x"},
        {"<span style='mso-hide:all'>x</span>", "|H:x"},
        {"<p style='color:red' style='display:none'>x</p>", "x"},
        {"<p style='display:none'>x</p><p style='display:none'>y</p><p style='display:flex'>z</p>", "z|H:x\ny"},
        {"<p style='color:#fff' bgcolor=white>x</p>", "|H:x"},
        {"<p hidden>x</p>y", "y|H:x\ny"},
        {"<template>x<b>y</b></template><p>z", "z|H:xy"},
        {"<span style='display:none/**/'>x</span>", "|H:x"},
        {"<span style='display&#58;none'>x</span>", "|H:x"},
        {"<body bgcolor=#ffffff><font color=white>x</font>y", "y|H:xy"},
        {"<div style='background:#123 no-repeat'><p style='color:#112233'>x</p>y</div>", "y|H:x\ny"},
        {"<div style='background:url(a.png) #fff'><p style='color:#fff'>x</p></div>", "x"},
        {"<font color=#fefefe>x</font>", "|H:x"},
        {"<td background=a.png><font color=white>x</font>", "x"},
        {"<span style='color:transparent'>x</span>", "|H:x"},
        {"<div style='visibility:hidden'>x<b style='visibility:visible'>y</b></div>", "y|H:xy"},
        {"<div style='display:none'><b style='display:block'>y</b></div>", "|H:y"},
        {"<div style='font-size:0'>x<b style='font-size:12px'>y</b></div>", "y|H:xy"},
        /* shown and hidden characters on one line are also given together */
        {"机<span style='display:none'>密</span>★10年<p>x", "机★10年\nx|H:机密★10年"},
        {"机<div style='display:none'>x</div>密", "机密|H:机x\n密"},
        {"<p>a</p><p hidden>b</p><p>c</p>", "a\nc|H:b"},
        {"<b hidden>机</b><b hidden>密</b>", "|H:机密"},
        /* an unclosed hidden element loses nothing */
        {"<span hidden>a<p>b", "|H:a\nb"},
        {"<div><span hidden>a</div>b", "b|H:a"},
        {"<p hidden>a<p>b", "b|H:a"},
        {"<p hidden><b>a<p>b", "b|H:a"},
        {"<input hidden>x<img hidden>y", "xy"},
        {"<noscript>x</noscript>", "x"},
    };
    assert_cases(cases, G_N_ELEMENTS(cases));
}

static void
test_html_hidden_by_style_sheet(void **state)
{
    static const Case cases[] = {
        {"<style>.x{display:none}</style><p class='a x'>a</p><p class=y>b</p>", "b|H:.x{display:none}|H:a"},
        {"<style><!-- #i , p.h { color: red; visibility:hidden } --></style><p id=i>a<p class=h>b<div class=h>c",
         "c|H:<!-- #i , p.h { color: red; visibility:hidden } -->|H:a\nb"},
        {"<style>/*x*/u{opacity:0}</style><u>a</u>", "|H:/*x*/u{opacity:0}|H:a"},
        /* what is not surely hidden is visible */
        {"<style>@media print{.x{display:none}}</style><p class=x>a", "a|H:@media print{.x{display:none}}"},
        {"<style>div .x{display:none}</style><p class=x>a", "a|H:div .x{display:none}"},
        {"<style>.x{display:none}.x{display:block}</style><p class=x>a", "a|H:.x{display:none}.x{display:block}"},
        {"<style>.x{display:none}</style><p class=x style='display:block'>a", "a|H:.x{display:none}"},
        {"<style>.t{font-size:14px}</style><div style='font-size:0'><b class=t>a</b>", "a|H:.t{font-size:14px}"},
        {"<style>.b{background:#900}</style><a class=b style='color:#fff'>a", "a|H:.b{background:#900}"},
    };
    assert_cases(cases, G_N_ELEMENTS(cases));
}

static void
test_html_comments_and_declarations(void **state)
{
    static const Case cases[] = {
        {"<!DOCTYPE html><?xml version='1.0'?>a", "a"},
        {"<!--[if mso]><b>机</b>密<![endif]-->a", "a|C:[if mso]>机密"},
        {"<![if !mso]>a<![endif]>", "a"},
        {"<!-->a-->b", "a-->b"},
        {"<!--->a", "a"},
        {"<!--a--!>b", "b|C:a"},
        {"<!--a--b->c-->d", "d|C:a--b->c"},
        {"<!机密>a</机密>b<?机密>", "ab|C:机密|C:机密|C:机密"},
        {"<!--&#26426;&#23494;-->", "|C:机密"},
        {"<!-- <img alt='x'> -->", "|A.alt:x"},
        {"<!-x>a", "a|C:-x"},
    };
    assert_cases(cases, G_N_ELEMENTS(cases));
}

static void
test_html_attributes(void **state)
{
    static const Case cases[] = {
        {"<img alt='机密' src=a.png TITLE=\"b &amp; c\">", "|A.alt:机密|A.title:b & c"},
        {"<input value=x placeholder = y>", "|A.value:x|A.placeholder:y"},
        {"<meta content='a'><p aria-label=b data-q=c>", "|A.content:a|A.aria-label:b|A.data-*:c"},
        {"<a href='http://x/?a=1&b=2'>y</a>", "y"},
        {"<a href='http://x/机密.doc'>y</a>", "y|A.href:http://x/机密.doc"},
        {"<a href='&#26426;'>y</a>", "y|A.href:机"},
        {"<font face='宋体' class='甲' lang=x>y</font>", "y"},
        {"<iframe srcdoc='&lt;b>机&lt;/b>密&lt;p>a'></iframe>", "|A.srcdoc:机密\na"},
        {"<p data-x='<b>机</b>密'>", "|A.data-*:机密"},
        {"<p title='  '>a", "a"},
        /* text that strayed into a tag */
        {"<p 机密 class=x>a", "a|A.other:机密"},
        {"<a href='x><b>机</b>密</a><a href='y'>z</a>", "z|A.href:x>机密<a href="},
        {"<a =x=y title=z>b", "b|A.title:z"},
        {"<a title=it's>b", "b|A.title:it's"},
        {"<a title='a>b'/>c", "c|A.title:a>b"},
    };
    assert_cases(cases, G_N_ELEMENTS(cases));
}

static void
test_html_boxes(void **state)
{
    static const Case cases[] = {
        {"<input type=checkbox>绝密<input checked type='checkbox'>机密", "☐绝密☑机密"},
        {"<input type=radio>a<input type=RADIO checked=''>b<input type=text>", "○a◉b"},
        {"<input type=checkbox checked style='display:none'>x", "x|H:☑x"},
    };
    assert_cases(cases, G_N_ELEMENTS(cases));
}

static void
test_html_symbol_fonts(void **state)
{
    static const Case cases[] = {
        {"<span style='font-family:Wingdings'>þ</span>机密<font face=\"Wingdings\">o</font>秘密", "☑机密□秘密"},
        {"<span style='mso-x:y;font-family:\"Wingdings 2\",serif'>R<b>&pound;</b></span>R", "☑□R"},
        {"机密<span style='font-family:Wingdings'>&laquo;</span>10年", "机密★10年"},
        {"<span style='font-family:Wingdings'>\xEF\x83\xBE&#61694;<i style='font-family:宋体'>o</i> &lt;机</span>",
         "☑☑o <机"},
        {"<font face='Wingdings 3'>o</font><font face=Arial>o</font>", "oo"},
    };
    assert_cases(cases, G_N_ELEMENTS(cases));
}

static void
test_html_title_script_style(void **state)
{
    static const Case cases[] = {
        {"<title>机<b>密</b></title>a", "a|T:机密"},
        {"<title>机密<body>a", "a|T:机密"},
        {"<head><title>t</head>a", "a|T:t"},
        {"<script>if (a<b) '</scrip' x</script>a", "a|H:if (a<b) '</scrip' x"},
        {"<SCRIPT src=x></Script >a", "a"},
        {"<style>a</styles></style/>b", "b|H:a</styles>"},
    };
    assert_cases(cases, G_N_ELEMENTS(cases));
}

static void
test_html_malformed_loses_nothing(void **state)
{
    static const Case cases[] = {
        {"a</html>b</body>c", "a\nb\nc"},
        {"a < b <3 <机密> x<", "a < b <3 <机密> x<"},
        {"<a href=\"机密", "<a href=\"机密"},
        {"<a href=\"x>机<b>密</b>", "机密"},
        {"a<!-- 机<b>密</b>", "a 机密"},
        {"a<!-- 机密", "a 机密"},
        {"<style>机<b>密</b>", "机密"},
        {"<script>x<!-- 机密", "x 机密"},
        {"<p title=机密", "<p title=机密"},
        {"a<p", "a<p"},
        {"a</", "a</"},
        {"a<!", "a<!"},
        {"a<?机密", "a<?机密"},
        {"<a '<a '<a '<a '", "<a '<a '<a '<a '"},
        {"</p></table></td>a", "a"},
        {"<div <p>a", "a|A.other:<p"},
    };
    assert_cases(cases, G_N_ELEMENTS(cases));
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

/* What is found must not depend on the pushes, whatever the length. */
static void
assert_long(const char *before, const char *what, guint times, const char *after, const char *wanted)
{
    g_autofree char *text = repeated(before, what, times, after);
    gsize length = strlen(text);
    g_autofree char *whole = scan_in_steps(text, length, length, 1);
    g_autofree char *bytes = scan_in_steps(text, length, 0, 1);
    g_autofree char *odd = scan_in_steps(text, length, 1, 4093);
    assert_non_null(strstr(whole, wanted));
    assert_string_equal(whole, bytes);
    assert_string_equal(whole, odd);
}

static void
test_html_long_tokens_in_bounded_pieces(void **state)
{
    assert_long("", "机密文", 30000, "尾", "文尾");
    assert_long("<p title='", "甲乙", 40000, "机密'>机密尾", "甲乙机密");
    assert_long("<img src='data:", "abcd", 40000, "' alt='机密'>x", "|A.alt:机密");
    assert_long("<img src=data:", "abcd", 40000, " alt='机密'>x", "|A.alt:机密");
    assert_long("<!--", "甲<b>乙</b>", 20000, "机密-->x", "机密");
    assert_long("<!--", "甲乙", 40000, "机密", "机密");
    assert_long("<script>", "甲<乙", 40000, "机密</script>x", "机密");
    assert_long("<style>", "a{b:c}", 40000, "机密", "机密");
    assert_long("<p ", "a=b ", 40000, "title=机密>x", "|A.title:机密");
    assert_long("<p ", "甲乙 ", 40000, "机密>x", "机密");
    assert_long("<", "abcd", 40000, " title=机密>x", "机密");
    assert_long("<a href=\"", "<b>甲</b>", 40000, "机密", "机密");
    assert_long("<?", "甲乙", 40000, "机密>x", "机密");
    assert_long("<p style='display:none'>", "甲乙", 40000, "机密</p>x", "机密");
    assert_long("", "<!---->&&amp;<p>a<p hidden>b</p>", 5000, "机密", "机密");
}

/* A mark at the very place where a long value is cut is in one of the pieces. */
static void
test_html_cut_values_overlap(void **state)
{
    for (guint shift = 0; shift < 30; shift++) {
        g_autofree char *text = repeated("<p title='", "x", 65526 - 10 - shift, "机密★10年");
        g_autofree char *more = repeated(text, "y", 1000, "'>");
        g_autofree char *seen = scan_in_steps(more, strlen(more), 0, 1000);
        assert_non_null(strstr(seen, "机密★10年"));
    }
}

static void
test_html_hostile_shapes_take_linear_time(void **state)
{
    static const char *const shapes[] = {"<div>",   "<b><i>",   "<a t='",     "<!--",       "</x>",          "<td>",
                                         "&",       "&#1",      "<p hidden>", "<![CDATA[",  "<title>",       "<style>",
                                         "<table>", "</table>", "<a <b",      "<a b='c' '", "<a t=\"<a t='", "]]>"};
    gint64 before = g_get_monotonic_time();
    for (gsize i = 0; i < G_N_ELEMENTS(shapes); i++) {
        g_autofree char *text = repeated("<style>.x{display:none}</style>", shapes[i], 20000, "机密");
        g_autofree char *seen = scan_in_steps(text, strlen(text), 0, 65536);
        assert_non_null(strstr(seen, "密"));
    }
    assert_true(g_get_monotonic_time() - before < 20 * G_USEC_PER_SEC); /* quadratic would take minutes */
}

static void
test_html_depth_is_bounded_and_visible(void **state)
{
    g_autofree char *deep = repeated("", "<div>", 1000, "<p style='display:none'>机密</p>x");
    g_autofree char *seen = scan_in_steps(deep, strlen(deep), 0, 1000);
    assert_string_equal(seen, "机密\nx");
}

static void
test_html_sink_stops(void **state)
{
    Gathered gathered = {g_string_new(NULL), NULL, g_string_new(NULL), 0, 1};
    g_autoptr(Html) html = html_new(gather, &gathered);
    const char *text = "<p title=a>b<p title=c>d";
    assert_false(html_push(html, text, strlen(text)));
    assert_false(html_push(html, text, strlen(text)));
    assert_false(html_finish(html));
    assert_int_equal(gathered.pieces, 1);
    g_string_free(gathered.body, TRUE);
    g_string_free(gathered.rest, TRUE);
}

static void
test_html_declared_charset(void **state)
{
    static const struct {
        const char *text;
        gsize length;
        const char *expected;
    } cases[] = {
        {"<html><meta charset=GBK>", 0, "GBK"},
        {"<META http-equiv=Content-Type content=\"text/html; charset=gb2312\">", 0, "gb2312"},
        {"<?xml version='1.0' encoding=\"Big5\"?>", 0, "Big5"},
        {"<meta name=x content='about charset'><meta charset = 'hz-gb-2312'>", 0, "hz-gb-2312"},
        {"<p>charset=x", 0, NULL},
        {"", 0, NULL},
        {"\xFF\xFE<\0h\0", 6, "UTF-16"},
        {"\xFE\xFF\0<", 4, "UTF-16"},
        {"<\0h\0t\0m\0", 8, "UTF-16LE"},
        {"\xEF\xBB\xBF<meta charset=gbk>", 0, "UTF-8"},
        {"<meta charset", 0, NULL},
        {"<meta charset=", 0, NULL},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        gsize length = cases[i].length > 0 ? cases[i].length : strlen(cases[i].text);
        g_autofree guint8 *exact = g_memdup2(cases[i].text, length);
        g_autofree char *seen = html_declared_charset(exact, length);
        if (cases[i].expected == NULL)
            assert_null(seen);
        else
            assert_string_equal(seen, cases[i].expected);
    }
}

static void
test_html_unescape(void **state)
{
    gsize length;
    g_autofree char *seen = html_unescape("&#26426;&amp&starf;&x", 21, &length);
    assert_string_equal(seen, "机&★&x");
    assert_int_equal(length, strlen(seen));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_html_joins_characters_over_inline_markup),
        cmocka_unit_test(test_html_marks_lines_of_somebody_else),
        cmocka_unit_test(test_html_drops_nul),
        cmocka_unit_test(test_html_lines_cells_rows),
        cmocka_unit_test(test_html_columns),
        cmocka_unit_test(test_html_entities),
        cmocka_unit_test(test_html_hidden_text_is_kept_apart),
        cmocka_unit_test(test_html_hidden_by_style_sheet),
        cmocka_unit_test(test_html_comments_and_declarations),
        cmocka_unit_test(test_html_attributes),
        cmocka_unit_test(test_html_boxes),
        cmocka_unit_test(test_html_symbol_fonts),
        cmocka_unit_test(test_html_title_script_style),
        cmocka_unit_test(test_html_malformed_loses_nothing),
        cmocka_unit_test(test_html_long_tokens_in_bounded_pieces),
        cmocka_unit_test(test_html_cut_values_overlap),
        cmocka_unit_test(test_html_hostile_shapes_take_linear_time),
        cmocka_unit_test(test_html_depth_is_bounded_and_visible),
        cmocka_unit_test(test_html_sink_stops),
        cmocka_unit_test(test_html_declared_charset),
        cmocka_unit_test(test_html_unescape),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
