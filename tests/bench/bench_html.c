/* bench_html - MB/s of the HTML scanner on pages like those that letters carry; best of several runs. */
#include "config.h"
#include "html.h"
#include <stdio.h>
#include <string.h>
#include <time.h>

#define PAGE_BYTES (8 * 1000 * 1000)
#define RUNS 9

static gboolean
count(PlaceKind kind, const char *name, const char *text, gsize length, gpointer user)
{
    gsize *total = user;
    *total += length;
    return TRUE;
}

static gint64
cpu_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return now.tv_sec * G_USEC_PER_SEC + now.tv_nsec / 1000;
}

/* A sheet as newsletters have it: resets, rules for programs, for narrow windows, for dark ones. */
#define SHEET                                                                                                          \
    "body,table,td,a{-webkit-text-size-adjust:100%;-ms-text-size-adjust:100%}table,td{mso-table-lspace:0;mso-table-"   \
    "rspace:0}img{border:0;height:auto;line-height:100%;outline:none}body{margin:0!important;padding:0!important;"     \
    "width:100%!important;background-color:#f4f4f4}a[x-apple-data-detectors]{color:inherit!important;font-size:"       \
    "inherit!important}u + #body a{color:inherit}#MessageViewBody a{color:inherit}.pad{padding:1px}.btn a{color:"      \
    "#ffffff}.btn{background-color:#0066cc}.show-phone{display:none}div[style*='margin: 16px 0;']{margin:0!important}" \
    "p{margin:10px 0}h1{font-size:24px;color:#222222}.foot,.foot p{color:#888888;font-size:12px}@media screen and "    \
    "(max-width:600px){.wrap{width:100%!important}.cell{display:block!important;width:100%!important}.hide-phone{"     \
    "display:none!important}.show-phone{display:block!important}h1{font-size:20px!important}td.pad{padding:8px}}"      \
    "@media (prefers-color-scheme:dark){.wrap{background-color:#111111!important}h1,.foot p{color:#eeeeee!important}}" \
    "@media only screen and (min-width:601px){.half{width:50%!important}}"

static const struct {
    const char *name, *unit, *sheet;
} pages[] = {
    {"Chinese prose",
     "<p>函谷关在今河南省灵宝市境内，因其地处深险如函而得名，自古为兵家必争之地。关城东西两面皆山，中有通道一条，"
     "车不方轨，马不并辔。春天来了，山上的花都开了，来往的行人也多了起来，大家说说笑笑，十分热闹。</p>\n"},
    {"pictures",
     "<tr><td><img src=\"https://img.news.example/8d7f6a5b4c3d2e1f.png\" width=\"1\" height=\"1\" alt=\"\">&nbsp;"
     "&#26412;</td></tr>\n"},
    {"newsletter",
     "<table width=\"600\" cellpadding=\"0\" cellspacing=\"0\" border=\"0\" align=\"center\" style=\"border-collapse:"
     "collapse;margin:0 auto\"><tr><td align=\"left\" valign=\"top\" class=\"cell pad\" style=\"font-family:Arial,"
     "sans-serif;font-size:14px;line-height:20px;color:#333333;padding:10px 20px\"><a href=\"https://news.example/"
     "click?u=8d7f6a5b4c3d2e1f&amp;id=0123456789&amp;e=abcdef\" target=\"_blank\" style=\"color:#0066cc;"
     "text-decoration:none\"><span>Quarterly figures are out</span></a> and the annual meeting has been moved to the "
     "large hall on the second floor, please bring your badge.</td></tr></table>\n"},
    {"office letter",
     "<p class=MsoNormal style='mso-margin-top-alt:auto;margin-bottom:12.0pt;line-height:150%'><span lang=EN-US "
     "style='font-size:12.0pt;font-family:\"Times New Roman\",serif'>1</span><span style='font-size:12.0pt;"
     "font-family:宋体'>、各单位要认真组织学习，</span><span style='font-size:12.0pt;font-family:宋体;color:black'>"
     "按时报送材料。</span><span lang=EN-US style='font-size:12.0pt'><o:p>&nbsp;</o:p></span></p>\r\n"},
    {"with a sheet",
     "<table class=\"wrap\" width=\"600\" cellpadding=\"0\" cellspacing=\"0\" border=\"0\" align=\"center\"><tr><td "
     "class=\"cell pad\" align=\"left\" valign=\"top\" "
     "style=\"font-family:Arial,sans-serif;font-size:14px;color:#333333;"
     "padding:10px 20px\"><h1>Quarterly figures</h1><p>The annual meeting has been moved to the large hall on the "
     "second floor, please bring your badge.</p><div class=\"btn\"><a "
     "href=\"https://news.example/click?u=8d7f6a5b4c3d\" "
     "target=\"_blank\" style=\"text-decoration:none\">Read more</a></div></td></tr><tr><td class=\"foot\"><p>You get "
     "this letter because you asked for it.</p></td></tr></table>\n",
     SHEET},
    {"wide and narrow",
     "<table class=\"wrap\" width=\"600\"><tr><td class=\"cell pad\" "
     "style=\"font-family:Arial,sans-serif;font-size:14px\">"
     "<p class=\"hide-phone\">Quarterly figures are out and the annual meeting has been moved to the large hall on the "
     "second floor.</p><p class=\"show-phone\">Figures are out, the meeting moves to the large hall.</p><p>Please "
     "bring "
     "your badge, and tell the others who sit in your office, on your corridor, or on the floor below.</p><p>Those "
     "who come by bicycle find a stand behind the hall; the gate is open from eight to six.</p></td></tr></table>\n",
     SHEET},
    {"table of figures",
     "<table><tr><td>1</td><td>春</td><td>321</td><td>优</td></tr><tr><td>2</td><td>夏</td><td>98</td><td>良</td></tr>"
     "<tr><td>3</td><td>河南省灵宝市函谷关镇</td><td>12</td><td>优</td></tr></table>\n"},
};

int
main(int argc, char **argv)
{
    gsize bytes = argc > 1 ? g_ascii_strtoull(argv[1], NULL, 10) : PAGE_BYTES; /* for a profiler: bytes [page] */
    guint runs = argc > 1 ? 1 : RUNS;
    for (gsize i = 0; i < G_N_ELEMENTS(pages); i++) {
        if (argc > 2 && strcmp(argv[2], pages[i].name) != 0)
            continue;
        g_autoptr(GString) page = g_string_new("<html><head><style>");
        gint64 best = G_MAXINT64;
        gsize text = 0;
        g_string_append(page, pages[i].sheet != NULL ? pages[i].sheet : ".pad{padding:1px}");
        g_string_append(page, "</style></head><body>");
        while (page->len < bytes)
            g_string_append(page, pages[i].unit);
        for (guint run = 0; run < runs; run++) {
            gint64 before = cpu_us();
            g_autoptr(Html) html = html_new(count, &text);
            text = 0;
            for (gsize at = 0; at < page->len; at += 65536)
                html_push(html, page->str + at, MIN(65536, page->len - at));
            html_finish(html);
            best = MIN(best, cpu_us() - before);
        }
        printf("%-16s %7.0f MB/s   %5.1f %% of it text\n", pages[i].name, (double)page->len / (double)MAX(best, 1),
               100.0 * (double)text / (double)page->len);
    }
    return 0;
}
