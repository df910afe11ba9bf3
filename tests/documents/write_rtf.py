"""Small RTF documents made by hand, and a flat OpenDocument text from which LibreOffice writes a real one."""
import struct

MARK = "机密★10年"


def unicode(text):
    """As Word writes it: signed 16-bit numbers, one byte of fallback each."""
    units = struct.unpack(f"<{len(text.encode('utf-16-le')) // 2}h", text.encode("utf-16-le"))
    return "".join(chr(unit) if 0 < unit < 128 else f"\\u{unit}?" for unit in units)


def coded(text, charset="gbk"):
    return "".join(f"\\'{byte:02x}" if byte > 127 else chr(byte) for byte in text.encode(charset))


def counted(data):
    return struct.pack("<I", len(data) + 1) + data + b"\0"


def package(name, data):
    """What the packager of Windows embeds, in an OLE 1 stream."""
    inner = (struct.pack("<H", 2) + name.encode("gbk") + b"\0C:\\a.txt\0" + struct.pack("<I", 0x30000) + counted(b"C:\\t\\a.txt") +
             struct.pack("<I", len(data)) + data)
    return struct.pack("<II", 0x501, 2) + counted(b"Package") + struct.pack("<III", 0, 0, len(inner)) + inner


PNG = ("89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360000002"
       "00000500010d0a2db40000000049454e44ae426082")
FONTS = (r"{\fonttbl{\f0\fnil\fcharset134 \'cb\'ce\'cc\'e5{\*\falt SimSun};}{\f1\fswiss\fcharset0 Arial;}{\f2\fnil\fcharset2 Wingdings;}"
         r"{\f3\fcharset136 Ming;}{\f4\fcharset128 Mincho;}{\f5\fcharset129 Batang;}}")
HEAD = r"{\rtf1\ansi\ansicpg936\deff0\uc1" + FONTS


def everything(file, mark, expect):
    def m(tag, place="body", say=unicode):
        return say(mark(tag, place, file))
    expect(file, "body", MARK + "halves")
    expect(file, "body", "甲\t" + MARK + "cell\n")
    expect(file, "body", "密级 ★★☑☐")
    expect(file, "body", "機密")
    expect(file, "body", "秘密")
    expect(file, "name", "附件.txt")
    expect(file, "cover", "complete none")
    text = (
        HEAD + r"{\colortbl;\red255\green0\blue0;}{\stylesheet{\s0 Normal;}{\*\cs10 \additive " + m("style", "attribute") + ";}}"
        r"{\info{\title " + m("title", "property") + r"}{\subject " + m("subject", "property", coded) + r"}{\company " + m("company", "property") +
        r"}{\doccomm " + m("comments", "property") + r"}{\keywords " + m("keywords", "property") + r"}{\creatim\yr2024\mo1\dy1}}"
        r"{\*\userprops{\propname " + unicode("密级") + r"}\proptype30{\staticval " + m("custom", "property") + r"}}"
        r"{\headerf " + m("first header", "page-header") + r"\par}{\header " + m("header", "page-header", coded) + r"\par}{\footer " +
        m("footer", "page-footer") + r"\par}\pard\cf1\fs44 " + m("unicode") + r"\par " + m("gbk", "body", coded) + r"\par "
        r"{\'bb}{\b\'fa}\'c3{\cf0\'dc}\'a1{\'ef}10\'c4\'eahalves\par"
        r"{\f3 " + coded("機密", "big5") + r"}\par{\f4 " + coded("秘密", "cp932") + r"}\par "
        r"{\v " + m("vanish", "hidden") + r"}{\deleted " + m("deleted", "revision") + r"}\revised " + m("inserted") + r"\par "
        r"{\footnote\pard\plain " + m("footnote", "note") + r"}{\footnote\ftnalt " + m("endnote", "note") + r"}"
        r"{\*\atnid z}{\*\atnauthor " + m("author", "attribute") + r"}\chatn{\*\annotation{\*\atnref 1}" + m("comment", "annotation") + r"}"
        r"{\shp{\*\shpinst{\sp{\sn wzDescription}{\sv " + m("alt", "alternative") + r"}}{\sp{\sn gtextUNICODE}{\sv " + m("word art", "text-box") +
        r"}}{\shptxt\pard " + m("box", "text-box") + r"\par}}{\shprslt{\*\do\dptxbx{\dptxbxtext " + m("old box", "text-box") + r"}}}}"
        r"{\*\bkmkstart " + m("bookmark", "attribute") + r"}{\*\unheardof " + m("unknown", "raw") + r"}"
        r"\par " + unicode("密级") + r" {\f2\'ab}{\field{\*\fldinst SYMBOL 171 \\f " + '"Wingdings"' + r" \\s 10}{\fldrslt}}"
        r"{\field{\*\fldinst{FORMCHECKBOX}{\*\formfield{\fftype1\ffres1{\*\ffname " + m("form", "attribute") + r"}}}}{\fldrslt}}"
        r"{\field{\*\fldinst{FORMCHECKBOX}{\*\formfield{\fftype1\ffres25\ffdefres0}}}{\fldrslt}}\par "
        r"{\field{\*\fldinst HYPERLINK " + '"http://outside.example/' + m("link", "attribute") + r'"}{\fldrslt ' + m("result") + r"}}\par "
        r"{\listtext 1.\tab}{\pntext " + m("number") + r"\tab}{\xe " + m("index", "hidden") + r"}\par"
        r"\trowd\cellx1000\cellx2000\pard\intbl " + unicode("甲") + r"\cell " + m("cell") + r"\cell\row\pard\plain "
        r"{\*\shppict{\pict{\*\picprop{\sp{\sn wzDescription}{\sv " + m("picture", "alternative") + r"}}}\pngblip " + PNG[:40] + "\n " + PNG[40:] +
        r"}}{\nonshppict{\pict\pngblip " + PNG + r"}}"
        r"{\object\objemb{\*\objclass Package}{\*\objdata " + package("附件.txt", mark("object", "bytes", file).encode()).hex() +
        r"}{\result " + m("object shown") + r"}}\page " + m("second page") + r"\sect{\header " + m("second header", "page-header") + r"}\par}")
    return text.encode("ascii")


def lying(file, mark, expect):
    """GBK in a document that calls itself Western, halves of characters in groups of their own."""
    text = r"{\rtf1\ansi\ansicpg1252{\fonttbl{\f0\fcharset0 Arial;}}\f0 " + coded(mark("lie", "body", file)) + r"\par {\'bb}{\'fa}{\'c3}{\'dc}" + \
        coded("文件，请于") + r"\par}"
    expect(file, "body", "机密文件，请于")
    expect(file, "cover", "complete none")
    return text.encode("ascii")


def raw_bytes(file, mark, expect):
    """UTF-8 as it is, behind a header that some programs accept, and a ZIP behind the end."""
    import io
    import zipfile
    behind = io.BytesIO()
    with zipfile.ZipFile(behind, "w") as archive:
        archive.writestr(zipfile.ZipInfo("后.txt", (2024, 1, 1, 0, 0, 0)), mark("behind", "bytes", file))
    return b"{\\rt" + ("{" + mark("raw", "body", file) + r"\par}}").encode() + b"\n" + behind.getvalue()


def of_html(file, mark, expect):
    return (HEAD + r"\fromhtml1 {\*\htmltag64 <html><body>}{\*\htmltag64 <p title=" + '"' + coded(MARK + "tag") + '"' + r">}\htmlrtf\par\htmlrtf0 " +
            coded(mark("html", "bytes", file)) + r"{\*\htmltag84 &nbsp;}\htmlrtf " + coded(mark("only rtf", "body", file)) +
            r"\htmlrtf0{\*\htmltag64 </body></html>}}").encode("ascii")


def binary(file, mark, expect):
    """\\bin in data, in text, and one that says that it never ends."""
    data = mark("binary", "bytes", file).encode()
    loose = mark("loose", "bytes", file).encode()
    expect(file, "cover", "partial damaged")
    return (rb"{\rtf1{\object{\*\objdata{\*\x 41}\bin%d " % len(data) + data + rb"}}\bin%d " % len(loose) + loose + rb"\bin2000000000 " + b"x" * 50)


def ordinary(file, mark, expect):
    expect(file, "body", "关于放假的通知")
    expect(file, "cover", "complete none")
    return (HEAD + unicode("关于放假的通知") + r"\par}").encode("ascii")


def damaged(file, mark, expect):
    expect(file, "body", MARK + "unicode")
    expect(file, "cover", "partial damaged")
    whole = everything("", lambda tag, place, file: MARK + tag, lambda *row: None)
    return whole[:len(whole) * 2 // 3]


def putting(make):
    return lambda kit, file: kit.put(file, make(file, kit.mark, kit.expect))


WRITERS = {file: putting(make) for file, make in (
    ("all.rtf", everything), ("lying.rtf", lying), ("raw.rtf", raw_bytes), ("html.rtf", of_html), ("bin.rtf", binary), ("ordinary.rtf", ordinary),
    ("damaged.rtf", damaged))}

NAMES = " ".join(f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{long}:1.0"' for short, long in (
    ("office", "office"), ("text", "text"), ("style", "style"), ("table", "table"), ("draw", "drawing"), ("svg", "svg-compatible"), ("meta", "meta"),
    ("fo", "xsl-fo-compatible"))) + ' xmlns:dc="http://purl.org/dc/elements/1.1/"'


def flat(file, mark):
    """A flat OpenDocument text with the mark in the places that LibreOffice takes along into RTF."""
    def m(tag, place="body"):
        return mark(tag, place, file)
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document {NAMES} office:version="1.3" office:mimetype="application/vnd.oasis.opendocument.text">'
        f'<office:meta><dc:title>{m("title", "property")}</dc:title><dc:subject>{m("subject", "property")}</dc:subject>'
        f'<meta:keyword>{m("keyword", "property")}</meta:keyword><meta:user-defined meta:name="a">{m("user", "property")}</meta:user-defined></office:meta>'
        '<office:styles><style:style style:name="Standard" style:family="paragraph"/></office:styles><office:automatic-styles>'
        '<style:page-layout style:name="pl"/><style:style style:name="H" style:family="text"><style:text-properties text:display="none"/></style:style>'
        '<style:style style:name="B" style:family="paragraph"><style:paragraph-properties fo:break-before="page"/></style:style>'
        '</office:automatic-styles><office:master-styles><style:master-page style:name="Standard" style:page-layout-name="pl">'
        f'<style:header><text:p>{m("header", "page-header")}</text:p></style:header><style:footer><text:p>{m("footer", "page-footer")}</text:p></style:footer>'
        f'</style:master-page></office:master-styles><office:body><office:text><text:p>{m("body")}</text:p>'
        f'<text:p>x<text:note text:note-class="footnote"><text:note-citation>1</text:note-citation><text:note-body><text:p>{m("note", "note")}</text:p></text:note-body>'
        f'</text:note><office:annotation><dc:creator>李</dc:creator><text:p>{m("comment", "annotation")}</text:p></office:annotation></text:p>'
        f'<text:p>x<text:span text:style-name="H">{m("hidden", "hidden")}</text:span></text:p>'
        f'<text:p><draw:frame text:anchor-type="paragraph" svg:width="5cm" svg:height="3cm"><draw:text-box><text:p>{m("frame", "text-box")}</text:p></draw:text-box></draw:frame></text:p>'
        '<table:table table:name="t"><table:table-column table:number-columns-repeated="2"/><table:table-row><table:table-cell><text:p>甲</text:p></table:table-cell>'
        f'<table:table-cell><text:p>{m("cell")}</text:p></table:table-cell></table:table-row></table:table>'
        f'<text:p text:style-name="B">{m("second page")}</text:p></office:text></office:body></office:document>')
