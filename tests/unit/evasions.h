/* evasions - letters made to slip past a reader, each with the mark MARK and the place where it must be found. */
#pragma once
#include <glib.h>

#define MARK "机密★10年"
#define HEAD "From: a@unit.example\nTo: b@outside.example\nSubject: report\n"
#define GBK_MARK               \
    "\xbb\xfa\xc3\xdc\xa1\xef" \
    "10\xc4\xea"
#define TEXT_OF(charset) HEAD "Content-Type: text/plain; charset=" charset "\nContent-Transfer-Encoding: 8bit\n\n"
#define SOME_GBK "\xb9\xd8\xd3\xda\xbd\xf8\xd2\xbb\xb2\xbd\xbc\xd3\xc7\xbf\xb9\xa4\xd7\xf7\xb5\xc4\xcd\xa8\xd6\xaa"
#define B64_UTF8 "5py65a+G4piFMTDlubQ="
#define HTML(page) HEAD "Content-Type: text/html; charset=utf-8\n\n" page "\n"

typedef struct {
    const char *name, *place, *letter; /* LF becomes CRLF, unless there is a CR in it */
    gssize length;                     /* 0: up to the first NUL */
} Evasion;

#define BYTES(literal) literal, sizeof literal - 1

static const Evasion evasions[] = {
    /* charsets */
    {"UTF-8", "body", TEXT_OF("utf-8") MARK "\n"},
    {"HZ", "body", TEXT_OF("hz-gb-2312") "~{;zC\\!o~}10~{Dj~}\n"},
    {"HZ without a label", "body", HEAD "\n~{;zC\\!o~}10~{Dj~}\n"},
    {"UTF-7", "body", TEXT_OF("unicode-1-1-utf-7") "+ZzpbxiYF-10+XnQ-\n"},
    {"UTF-7 without a label", "body", HEAD "\n+ZzpbxiYF-10+XnQ-\n"},
    {"ISO-2022-CN", "body",
     TEXT_OF("iso-2022-cn") "\x1b$)A\x0e;zC\\!o\x0f"
                            "10\x0e"
                            "Dj\x0f\n"},
    {"x-gbk", "body", TEXT_OF("x-gbk") SOME_GBK GBK_MARK "\n"},
    {"gb_2312-80", "body", TEXT_OF("gb_2312-80") SOME_GBK GBK_MARK "\n"},
    {"chinese", "body", TEXT_OF("chinese") SOME_GBK GBK_MARK "\n"},
    {"cp54936", "body", TEXT_OF("cp54936") SOME_GBK GBK_MARK "\n"},
    {"gb18030-2022", "body", TEXT_OF("gb18030-2022") SOME_GBK GBK_MARK "\n"},
    {"136", "body", TEXT_OF("136") SOME_GBK GBK_MARK "\n"},
    {"us-ascii on GBK", "body", TEXT_OF("us-ascii") SOME_GBK GBK_MARK "\n"},
    {"unknown label on GBK", "body", TEXT_OF("x-unknown") SOME_GBK GBK_MARK "\n"},
    {"unknown label on UTF-8", "body", TEXT_OF("x-unknown") MARK "\n"},
    {"iso-8859-1 on GBK", "body", TEXT_OF("iso-8859-1") SOME_GBK GBK_MARK "\n"},
    {"utf-8 on GBK", "body", TEXT_OF("utf-8") SOME_GBK GBK_MARK "\n"},
    {"big5 on GBK", "body", TEXT_OF("big5") SOME_GBK GBK_MARK "\n"},
    {"gb2312 on UTF-8", "body", TEXT_OF("gb2312") MARK "\n"},
    {"gb2312 with a four-byte character", "body", TEXT_OF("gb2312") "\x95\x32\x82\x36" SOME_GBK GBK_MARK "\n"},
    {"no label, GBK", "body", HEAD "\n" SOME_GBK GBK_MARK "\n"},
    {"NUL before the mark", "body", BYTES(TEXT_OF("utf-8") "a\0b " MARK "\n")},
    {"UTF-16 with a mark", "body",
     BYTES(TEXT_OF("utf-16le") "\xff\xfe\x3a\x67\xc6\x5b\x05\x26\x31\x00\x30\x00\x74\x5e")},

    /* headers */
    {"Subject in x-gbk", "subject", "From: a@b.c\nSubject: =?x-gbk?B?u/rD3KHvMTDE6g==?=\n\nx\n"},
    {"Subject in x-x-gb18030-2022", "subject", "From: a@b.c\nSubject: =?gb18030-2022?B?u/rD3KHvMTDE6g==?=\n\nx\n"},
    {"Subject in raw UTF-8", "subject", "From: a@b.c\nSubject: " MARK "\n\nx\n"},
    {"Subject in raw GBK", "subject", "From: a@b.c\nSubject: " SOME_GBK GBK_MARK "\n\nx\n"},
    {"Subject as us-ascii", "subject", "From: a@b.c\nSubject: =?us-ascii?B?" B64_UTF8 "?=\n\nx\n"},
    {"Subject as x-unknown", "subject",
     "From: a@b.c\nSubject: =?x-unknown?Q?=E6=9C=BA=E5=AF=86=E2=98=8510=E5=B9=B4?=\n\nx\n"},
    {"Subject cut inside a character", "subject",
     "From: a@b.c\nSubject: =?utf-8?Q?=E6=9C=BA=E5=AF?=\n =?utf-8?Q?=86=E2=98=8510=E5=B9=B4?=\n\nx\n"},
    {"Subject after a NUL", "raw", BYTES("From: a@b.c\nSubject: x\0" MARK "\n\nx\n")},
    {"second Subject", "subject", "From: a@b.c\nSubject: x\nSubject: " MARK "\n\nx\n"},
    {"display name", "display-name", "From: =?utf-8?B?" B64_UTF8 "?= <a@b.c>\n\nx\n"},
    {"display name of the third recipient", "display-name",
     "From: a@b.c\nTo: x@y.z, =?utf-8?B?5byg5LiJ?= <d@e.f>, \"" MARK "\" <g@h.i>\n\nx\n"},
    {"comment in an address", "header", "From: a@b.c (" MARK ")\n\nx\n"},
    {"header of one's own", "header", "From: a@b.c\nX-Note: =?utf-8?B?" B64_UTF8 "?=\n\nx\n"},
    {"line without a name among the headers", "raw", "From: a@b.c\n" MARK "\nSubject: s\n\nx\n"},
    {"Subject of a letter inside", "subject",
     HEAD "Content-Type: message/rfc822\n\nFrom: a@b.c\nSubject: =?utf-8?B?" B64_UTF8 "?=\n\nx\n"},

    /* file names */
    {"file name", "file-name",
     HEAD "Content-Type: application/pdf\nContent-Disposition: attachment; filename=\"" MARK ".pdf\"\n\n%PDF-1.4"},
    {"file name, RFC 2047", "file-name",
     HEAD "Content-Type: application/pdf; name=\"=?utf-8?B?" B64_UTF8 "?=\"\n\n%PDF-1.4"},
    {"file name, RFC 2231 in pieces", "file-name",
     HEAD "Content-Type: application/pdf\nContent-Disposition: attachment;\n filename*1*=%98%8510%E5%B9%B4.pdf;\n"
          " filename*0*=utf-8''%E6%9C%BA%E5%AF%86%E2\n\n%PDF-1.4"},
    {"file name in raw GBK", "file-name",
     HEAD "Content-Type: application/pdf\nContent-Disposition: attachment; filename=\"" SOME_GBK GBK_MARK
          ".pdf\"\n\n%PDF-1.4"},
    {"uuencoded file name", "file-name", HEAD "\nhello\nbegin 644 " MARK ".bin\n#0V%T\n`\nend\n"},

    /* transfer encodings */
    {"quoted-printable", "body",
     HEAD "Content-Transfer-Encoding: quoted-printable\n\n=E6=9C=BA=E5=AF=\n=86=E2=98=8510=E5=B9=B4\n"},
    {"base64 with padding in the middle", "body",
     HEAD "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\naGVsbG8=\n" B64_UTF8 "\n"},
    {"encoding with a comment", "body",
     HEAD "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: (x) base64 (y)\n\n" B64_UTF8 "\n"},
    {"unknown encoding that is base64", "body",
     HEAD "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: x-none\n\n"
          "5YWz5LqO6L+b5LiA5q2l5Yqg5by65bel5L2c55qE6YCa55+lIOacuuWvhuKYhTEw5bm0\n"},
    {"7bit that is base64", "body",
     HEAD "Content-Transfer-Encoding: 7bit\n\n5YWz5LqO6L+b5LiA5q2l5Yqg5by65bel5L2c55qE6YCa55+lIOacuuWvhuKYhTEw5bm0\n"},
    {"base64 that is text", "raw",
     HEAD "Content-Transfer-Encoding: base64\n\n" MARK
          " 关于进一步加强工作的通知 关于进一步加强工作的通知 关于进一步加强工作的通知\n"},
    {"first of two encodings", "body",
     HEAD "Content-Transfer-Encoding: base64\nContent-Transfer-Encoding: 7bit\n\n" B64_UTF8 "\n"},
    {"last of two encodings", "body",
     HEAD "Content-Transfer-Encoding: 7bit\nContent-Transfer-Encoding: base64\n\n" B64_UTF8 "\n"},
    {"uuencode in text", "body", HEAD "\nbegin 644 a.txt\n/YIRZY:^&XIB%,3#EN;0*\n`\nend\n"},
    {"base64 lines in text", "body",
     HEAD "\nplease decode:\n\n5YWz5LqO6L+b5LiA5q2l5Yqg5by65bel5L2c55qE6YCa55+lIOacuuWvhuKYhTEw5bm0\n\nthanks\n"},

    /* structure */
    {"multipart in base64", "body",
     HEAD "Content-Type: multipart/mixed; boundary=B\nContent-Transfer-Encoding: base64\n\n"
          "LS1CCkNvbnRlbnQtVHlwZTogdGV4dC9wbGFpbjsgY2hhcnNldD11dGYtOAoK5py65a+G4piFMTDlubQKLS1CLS0K\n"},
    {"letter in base64", "body",
     HEAD "Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n"
          "RnJvbTogYUBiLmMKU3ViamVjdDogeApUbzogYkBiLmMKCuacuuWvhuKYhTEw5bm0Cg==\n"},
    {"letter that calls itself a file", "body",
     HEAD "Content-Type: application/octet-stream; name=a.dat\nContent-Transfer-Encoding: base64\n\n"
          "RnJvbTogYUBiLmMKU3ViamVjdDogeApUbzogYkBiLmMKQ29udGVudC1UcmFuc2Zlci1FbmNvZGluZzogYmFzZTY0Cgo1cHk2NWErRzRwaUZN"
          "VERsdWJRPQo=\n"},
    {"other boundary", "body",
     HEAD "Content-Type: multipart/mixed; boundary=B\n\n--C\nContent-Type: text/plain; charset=utf-8\n"
          "Content-Transfer-Encoding: base64\n\n" B64_UTF8 "\n--C--\n"},
    {"no boundary", "body",
     HEAD "Content-Type: multipart/mixed\n\n--C\nContent-Type: text/plain; charset=utf-8\n"
          "Content-Transfer-Encoding: base64\n\n" B64_UTF8 "\n--C--\n"},
    {"second of two boundaries", "body",
     HEAD
     "Content-Type: multipart/mixed; boundary=A; boundary=B\n\n--A\n\nx\n--B\nContent-Type: text/plain; charset=utf-8\n"
     "Content-Transfer-Encoding: base64\n\n" B64_UTF8 "\n--B--\n--A--\n"},
    {"first of two types", "body",
     HEAD "Content-Type: multipart/mixed; boundary=B\nContent-Type: text/plain\n\n--B\nContent-Type: text/plain; "
          "charset=utf-8\n"
          "Content-Transfer-Encoding: base64\n\n" B64_UTF8 "\n--B--\n"},
    {"prologue", "outside", HEAD "Content-Type: multipart/mixed; boundary=B\n\n" MARK "\n--B\n\nx\n--B--\n"},
    {"epilogue", "outside", HEAD "Content-Type: multipart/mixed; boundary=B\n\n--B\n\nx\n--B--\n" MARK "\n"},
    {"bare CR", "body",
     "From: a@b.c\rSubject: x\rContent-Type: text/plain; charset=utf-8\rContent-Transfer-Encoding: base64\r\r" B64_UTF8
     "\r"},
    {"empty lines before the header", "body", "\n\nFrom: a@b.c\nContent-Transfer-Encoding: base64\n\n" B64_UTF8 "\n"},
    {"fragment of a letter", "body",
     HEAD "Content-Type: message/partial; id=x; number=1; total=2\n\nFrom: a@b.c\nSubject: x\nTo: c@d.e\n"
          "Content-Transfer-Encoding: base64\n\n" B64_UTF8 "\n"},
    {"no header at all", "body", MARK "\n"},

    /* kinds of text */
    {"HTML, spans between characters", "body",
     HEAD "Content-Type: text/html; charset=utf-8\n\n<p>机<span>密</span><b>★</b>10<i>年</i></p>\n"},
    {"HTML entities", "body", HEAD "Content-Type: text/html\n\n&#x673A;&#23494;&starf;10&#24180;\n"},
    {"HTML after its end", "body", HEAD "Content-Type: text/html; charset=utf-8\n\n<html>x</html>" MARK "\n"},
    {"HTML comment", "comment", HEAD "Content-Type: text/html; charset=utf-8\n\n<p>x<!-- " MARK " --></p>\n"},
    {"HTML alt text", "attribute", HEAD "Content-Type: text/html; charset=utf-8\n\n<img alt=\"" MARK "\">\n"},
    {"HTML hidden", "hidden",
     HEAD "Content-Type: text/html; charset=utf-8\n\n<p style=\"display:none\">" MARK "</p>\n"},
    {"HTML, junk that a rule in @media hides", "hidden",
     HTML("<style>@media screen{.x{display:none}}</style><p>机<b class=x>废话</b>密★10年</p>")},
    {"HTML, junk that is hidden on paper", "hidden",
     HTML("<style media=print>.x{display:none}</style><p>机<b class=x>废话</b>密★10年</p>")},
    {"HTML, junk that is hidden on telephones", "hidden",
     HTML("<style>@media (max-width:600px){.x{display:none!important}}</style><p>机<b class=x>废话</b>密★10年</p>")},
    {"HTML, junk that a rule with two classes hides", "body",
     HTML("<style>.a.x{display:none}</style><p>机<b class='x a'>废话</b>密★10年</p>")},
    {"HTML, junk that a rule about children hides", "body",
     HTML("<style>div>p .x{display:none}</style><div><p>机<i><b class=x>废话</b></i>密★10年</p></div>")},
    {"HTML, junk that a rule about attributes hides", "body",
     HTML("<style>b[data-a]{font-size:0}</style><p>机<b data-a>废话</b>密★10年</p>")},
    {"HTML, junk that a late rule hides", "hidden",
     HTML("<p>机<b class=x>废话</b>密★10年</p><style>.x{display:none}</style>")},
    {"HTML, junk outside the window", "hidden",
     HTML("<p>机<b style='position:absolute;left:-9999px'>废话</b>密★10年</p>")},
    {"HTML, junk without height", "hidden",
     HTML("<p>机<b style='display:block;max-height:0;overflow:hidden'>废话</b>密★10年</p>")},
    {"HTML, junk by a variable", "hidden",
     HTML("<style>:root{--a:none}.x{display:var(--a)}</style><p>机<b class=x>废话</b>密★10年</p>")},
    {"HTML, junk in the colour of the paper", "hidden",
     HTML("<style>body{background:#fff}.x{color:hsl(0,0%,100%)}</style><p>机<b class=x>废话</b>密★10年</p>")},
    {"HTML, hidden blocks of junk", "hidden",
     HTML("<style>@media screen{.x{display:none}}</style><div>机<div class=x>废<p>话<p>废<p>话</div>密★10年</div>")},
    {"HTML, a character that a rule shows again", "hidden",
     HTML("<style>.x,.y{display:none}@media screen{.x{display:inline}}</style><p>机<b class=y>废</b><b class=x>密</b>"
          "★10年</p>")},
    {"HTML, text of a rule", "hidden",
     HTML("<style>.x::before{content:'\\673A'}.y::after{content:'\\5BC6'}</style><p><b class=x></b><b class=y></b>★10年"
          "</p>")},
    {"HTML title", "title", HEAD "Content-Type: text/html; charset=utf-8\n\n<title>" MARK "</title>\n"},
    {"HTML called plain attachment", "body",
     HEAD "Content-Type: application/octet-stream; name=x.bin\n\n<!DOCTYPE "
          "html><html><body>机<b>密</b>★10年</body></html>\n"},
    {"HTML whose meta tells the truth", "body",
     HEAD "Content-Type: text/html; charset=iso-8859-1\n\n<meta charset=gbk><p>" GBK_MARK "</p>\n"},
    {"CSV attachment", "body", HEAD "Content-Type: text/csv; name=a.csv\n\na,b\n" MARK ",c\n"},
    {"text called a program", "body",
     HEAD "Content-Type: application/x-msdownload; name=a.exe\n\nsome words\n" MARK "\n"},
    {"text called a picture", "body", HEAD "Content-Type: image/png; name=a.png\n\nsome words\n" MARK "\n"},
    {"text called a signature", "body", HEAD "Content-Type: application/pgp-signature\n\nsome words\n" MARK "\n"},
    {"calendar, folded", "body",
     HEAD "Content-Type: text/calendar; charset=utf-8\n\nBEGIN:VCALENDAR\nSUMMARY:机密\n ★10\n 年\nEND:VCALENDAR\n"},
    {"XML", "body", HEAD "Content-Type: application/xml\n\n<?xml version=\"1.0\"?><a>机<b>密</b>★10年</a>\n"},
    {"XML attribute", "body", HEAD "Content-Type: application/xml\n\n<?xml version=\"1.0\"?><a b=\"" MARK "\"/>\n"},
    {"SVG", "body", HEAD "Content-Type: image/svg+xml\n\n<svg><text>机<tspan>密</tspan>★10年</text></svg>\n"},
    {"XML with Chinese names", "body",
     HEAD "Content-Type: application/xml\n\n<?xml version=\"1.0\"?><根><标题>" MARK "</标题></根>\n"},
    {"picture of data in SVG", "body",
     HEAD "Content-Type: image/svg+xml\n\n<svg><image href=\"data:text/plain;base64," B64_UTF8 "\"/></svg>\n"},
    {"data in HTML", "body",
     HEAD "Content-Type: text/html\n\n<p>x<a href=\"DATA:text/plain;charset=utf-8;base64,5py65a+G%0A4piF\n"
          "MTDlubQ%3D\">y</a>\n"},
    {"escaped data in HTML", "body",
     HEAD "Content-Type: text/html\n\n<a href='data:,%E6%9C%BA%E5%AF%86%E2%98%8510%E5%B9%B4'>x</a>\n"},
    {"data without an end", "body", HEAD "Content-Type: text/html\n\n<img src=data:;base64," B64_UTF8},
    {"calendar, attached", "body",
     HEAD "Content-Type: text/calendar; charset=utf-8\n\nBEGIN:VCALENDAR\nATTACH;ENCODING=BASE64;VALUE=BINARY:5py65a+\n"
          " G4piFMTDlubQ=\nEND:VCALENDAR\n"},
    {"card, parameters folded", "body",
     HEAD "Content-Type: text/vcard\n\nBEGIN:VCARD\nNOTE;CHARSET=\"a:b\";ENCOD\n ING=b:" B64_UTF8 "\nEND:VCARD\n"},
    {"card of old, base64", "body",
     HEAD "Content-Type: text/x-vcard\n\nBEGIN:VCARD\nNOTE;BASE64:\n " B64_UTF8 "\n\nEND:VCARD\n"},
    {"card, quoted-printable in GBK", "body",
     HEAD "Content-Type: text/x-vcard\nContent-Transfer-Encoding: base64\n\n"
          "QkVHSU46VkNBUkQNClZFUlNJT046Mi4xDQpOT1RFO0VOQ09ESU5HPVFVT1RFRC1QUklOVEFCTEU7Q0hB\n"
          "UlNFVD1HQks6PUJCPUZBPUMzPURDPUExPUVGMTA9DQo9QzQ9RUENCkVORDpWQ0FSRA0K\n"},
    {"quoted-printable that nobody declared", "body",
     HEAD "Content-Type: text/plain; charset=utf-8\n\n=E6=9C=BA=E5=AF=86=E2=98=8510=E5=B9=B4\n"},
    {"quoted-printable called 7bit", "body",
     HEAD "Content-Type: text/plain; charset=gbk\nContent-Transfer-Encoding: 7bit\n\n=BB=FA=C3=DC=A1=EF10=C4=EA\n"},
    {"delivery status", "body",
     HEAD "Content-Type: message/delivery-status\n\nReporting-MTA: dns; x\n\nDiagnostic-Code: " MARK "\n"},
};
