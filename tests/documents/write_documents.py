#!/usr/bin/python3
"""Writes one small document of each format, the mark once in each place of it; always the same bytes.

usage: write_documents.py DIRECTORY

DIRECTORY/expected.tsv then tells what a reader must find: file, place (a word of text/segment.h, or "bytes": content of
an object inside, "name": its name, "cover": coverage and why of the whole), the text.
"""
import gzip
import io
import pathlib
import struct
import sys
import zipfile
import zlib

sys.dont_write_bytecode = True
import write_archives  # noqa: E402
import write_closed  # noqa: E402
import write_ofd  # noqa: E402
import write_ole  # noqa: E402
import write_packages  # noqa: E402
import write_pdf  # noqa: E402
import write_letters  # noqa: E402
import write_pictures  # noqa: E402
import write_rtf  # noqa: E402
import write_uof  # noqa: E402

MARK = "机密★10年"
EXPECTED = []
OUT = pathlib.Path(".")


def mark(tag, place, file):
    EXPECTED.append((file, place, MARK + tag))
    return MARK + tag


def expect(file, place, text):
    EXPECTED.append((file, place, text))


def zip_bytes(members, stored=("mimetype",)):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as package:
        for name, content in members:
            info = zipfile.ZipInfo(name, (2024, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_STORED if name in stored else zipfile.ZIP_DEFLATED
            package.writestr(info, content.encode() if isinstance(content, str) else content)
    return buffer.getvalue()


def write_zip(file, members, stored=("mimetype",)):
    (OUT / file).write_bytes(zip_bytes(members, stored))


XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
PNG = bytes.fromhex("89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360000002"
                    "00000500010d0a2db40000000049454e44ae426082")
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def rels(*rows):
    body = "".join(f'<Relationship Id="{i}" Type="{OFFICE}/{kind}" Target="{target}"{more}/>' for i, kind, target, more in rows)
    return f'{XML}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{body}</Relationships>'


def properties(file):
    core = (f'{XML}<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" '
            f'xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>{mark("title", "property", file)}</dc:title>'
            f'<cp:keywords>{mark("keywords", "property", file)}</cp:keywords></cp:coreProperties>')
    app = (f'{XML}<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/extended-properties">'
           f'<Company>{mark("company", "property", file)}</Company></Properties>')
    custom = (f'{XML}<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/custom-properties" '
              f'xmlns:vt="http://schemas.openxmlformats.org/officeDocument/2006/docPropsVTypes"><property pid="2" name="密级">'
              f'<vt:lpwstr>{mark("custom", "property", file)}</vt:lpwstr></property></Properties>')
    return [("docProps/core.xml", core), ("docProps/app.xml", app), ("docProps/custom.xml", custom)]


TOP = lambda target: ("_rels/.rels", rels(("rId1", "officeDocument", target, ""), ("rId2", "core-properties", "docProps/core.xml", "")))
def types(**parts):
    """Parts by name ("word_document") and the last words of their content types."""
    rows = "".join(f'<Override PartName="/{name.replace("__", "/")}.xml" ContentType="application/vnd.openxmlformats-officedocument.{kind}+xml"/>'
                   for name, kind in parts.items())
    return ("[Content_Types].xml", f'{XML}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
            '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            f'<Default Extension="xml" ContentType="application/xml"/>{rows}</Types>')


WORD = types(word__document="wordprocessingml.document.main", word__header1="wordprocessingml.header",
             word__footer1="wordprocessingml.footer", word__footnotes="wordprocessingml.footnotes",
             word__endnotes="wordprocessingml.endnotes", word__comments="wordprocessingml.comments",
             word__numbering="wordprocessingml.numbering")
SHEETS = types(xl__workbook="spreadsheetml.sheet.main", xl__worksheets__sheet1="spreadsheetml.worksheet",
               xl__worksheets__sheet2="spreadsheetml.worksheet", xl__sharedStrings="spreadsheetml.sharedStrings",
               xl__comments1="spreadsheetml.comments", xl__drawings__drawing1="drawing")
SLIDES = types(ppt__presentation="presentationml.presentation.main", ppt__slides__slide1="presentationml.slide",
               ppt__slides__slide2="presentationml.slide", ppt__slideMasters__slideMaster1="presentationml.slideMaster",
               ppt__slideLayouts__slideLayout1="presentationml.slideLayout", ppt__notesSlides__notesSlide1="presentationml.notesSlide")
W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
W_ALL = (f'{W} xmlns:r="{OFFICE}" xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" '
         'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
         'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" xmlns:v="urn:schemas-microsoft-com:vml" '
         'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape" '
         'xmlns:w14="http://schemas.microsoft.com/office/word/2010/wordml"')


def run(text, look=""):
    return f'<w:r>{"<w:rPr>" + look + "</w:rPr>" if look else ""}<w:t xml:space="preserve">{text}</w:t></w:r>'


def paragraph(*runs):
    return f"<w:p>{''.join(runs)}</w:p>"


def docx(file):
    def m(tag, place="body"):
        return mark(tag, place, file)
    expect(file, "body", MARK + "split")
    box = paragraph(run(m("box", "text-box")))
    expect(file, "body", "甲\t乙\n丙\t丁")
    expect(file, "body", "密级 ☑ ☐ ☒ ★")
    expect(file, "attribute", "MERGEFIELD")
    body = [
        paragraph(run("机", '<w:sz w:val="44"/><w:color w:val="FF0000"/>'), run("密", "<w:b/>"), run("★10"), run("年split")),
        "<w:tbl><w:tr><w:tc>" + paragraph(run("甲")) + "</w:tc><w:tc>" + paragraph(run("乙")) + "</w:tc></w:tr><w:tr><w:tc>" +
        paragraph(run("丙")) + "</w:tc><w:tc>" + paragraph(run("丁")) + "</w:tc></w:tr></w:tbl>",
        paragraph(run(m("table"))),
        paragraph('<w:del w:id="1" w:author="a"><w:r><w:delText>' + m("deleted", "revision") + "</w:delText></w:r></w:del>"),
        paragraph('<w:ins w:id="2" w:author="a">' + run(m("inserted")) + "</w:ins>"),
        paragraph(run(m("vanish", "hidden"), "<w:vanish/>"), run("shown", '<w:vanish w:val="0"/>')),
        paragraph('<w:hyperlink r:id="rId9">' + run(m("link")) + "</w:hyperlink>"),
        paragraph(f'<w:r><mc:AlternateContent><mc:Choice Requires="wps"><w:drawing><wp:inline><wp:docPr id="1" name="n" '
                  f'descr="{m("alt", "alternative")}"/><wps:txbx><w:txbxContent>{box}</w:txbxContent></wps:txbx></wp:inline>'
                  f'</w:drawing></mc:Choice><mc:Fallback><w:pict><v:textbox><w:txbxContent>{box}</w:txbxContent></v:textbox>'
                  "</w:pict></mc:Fallback></mc:AlternateContent></w:r>"),
        paragraph('<w:r><mc:AlternateContent><mc:Choice Requires="x"/><mc:Fallback><w:pict><v:textbox><w:txbxContent>' +
                  paragraph(run(m("fallback", "text-box"))) + "</w:txbxContent></v:textbox></w:pict></mc:Fallback>"
                  "</mc:AlternateContent></w:r>"),
        paragraph(run("密级 "), '<w:r><w:fldChar w:fldCharType="begin"><w:ffData><w:checkBox><w:checked/></w:checkBox></w:ffData>'
                  '</w:fldChar></w:r>', run(" "), '<w:r><w:fldChar w:fldCharType="begin"><w:ffData><w:checkBox><w:default '
                  'w:val="0"/></w:checkBox></w:ffData></w:fldChar></w:r>', run(" "),
                  '<w:r><w:sym w:font="Wingdings" w:char="F0FD"/></w:r>', run(" "),
                  '<w:r><w:sym w:font="Wingdings" w:char="F0AB"/></w:r>'),
        paragraph("<w:r><w:instrText> MERGEFIELD x </w:instrText></w:r>", run(m("field"))),
        paragraph("<w:sdt><w:sdtPr><w14:checkbox><w14:checked w14:val=\"1\"/></w14:checkbox></w:sdtPr><w:sdtContent>" +
                  run("☒" + m("control")) + "</w:sdtContent></w:sdt>"),
        '<w:sectPr><w:headerReference w:type="default" r:id="rId3"/><w:footerReference w:type="default" r:id="rId4"/></w:sectPr>',
    ]
    watermark = (f'<w:r><w:pict><v:shape><v:textpath string="{m("watermark", "text-box")}"/></v:shape></w:pict></w:r>')
    header = f'{XML}<w:hdr {W_ALL}>{paragraph(run(m("header", "page-header")), watermark)}</w:hdr>'
    footer = f'{XML}<w:ftr {W_ALL}>{paragraph(run(m("footer", "page-footer")))}</w:ftr>'
    notes = f'{XML}<w:footnotes {W}><w:footnote w:id="1">{paragraph(run(m("footnote", "note")))}</w:footnote></w:footnotes>'
    ends = f'{XML}<w:endnotes {W}><w:endnote w:id="1">{paragraph(run(m("endnote", "note")))}</w:endnote></w:endnotes>'
    comments = f'{XML}<w:comments {W}><w:comment w:id="1" w:author="张">{paragraph(run(m("comment", "annotation")))}</w:comment></w:comments>'
    numbering = f'{XML}<w:numbering {W}><w:lvl><w:lvlText w:val="{m("numbering", "attribute")}%1"/></w:lvl></w:numbering>'
    inner = OUT / "inner.zip"
    write_zip("inner.zip", [("附件.txt", m("embedded", "bytes"))])
    expect(file, "name", "附件.txt")
    expect(file, "name", "word/media/image1.png")
    expect(file, "property", MARK + "left")
    members = [WORD, TOP("word/document.xml"),
               ("word/document.xml", f'{XML}<w:document {W_ALL}><w:body>{"".join(body)}</w:body></w:document>'),
               ("word/_rels/document.xml.rels", rels(
                   ("rId3", "header", "header1.xml", ""), ("rId4", "footer", "footer1.xml", ""),
                   ("rId5", "footnotes", "footnotes.xml", ""), ("rId6", "endnotes", "endnotes.xml", ""),
                   ("rId7", "comments", "comments.xml", ""), ("rId8", "numbering", "numbering.xml", ""),
                   ("rId9", "hyperlink", "http://outside.example/" + m("target", "attribute"), ' TargetMode="External"'))),
               ("word/header1.xml", header), ("word/footer1.xml", footer), ("word/footnotes.xml", notes),
               ("word/endnotes.xml", ends), ("word/comments.xml", comments), ("word/numbering.xml", numbering),
               ("word/embeddings/inner.zip", inner.read_bytes()), ("word/media/image1.png", PNG),
               ("customXml/item1.xml", f"{XML}<a><b>{MARK}left</b></a>")] + properties(file)
    inner.unlink()
    expect(file, "cover", "complete none")
    write_zip(file, members)


S = f'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="{OFFICE}"'


def xlsx(file):
    def m(tag, place="body"):
        return mark(tag, place, file)
    expect(file, "sheet-name", MARK + "sheet")
    expect(file, "body", f"{MARK}shared\t{MARK}inline\t42\n")
    workbook = (f'{XML}<workbook {S}><sheets><sheet name="{MARK}sheet" sheetId="1" r:id="rId1"/>'
                f'<sheet name="second" sheetId="2" state="hidden" r:id="rId2"/></sheets><definedNames>'
                f'<definedName name="x">"{m("defined", "attribute")}"</definedName></definedNames></workbook>')
    strings = (f'{XML}<sst {S}><si><t>{MARK}shared</t></si><si><r><t>机密</t></r><r><t>★10年rich</t></r></si>'
               f'<si><t>{m("unused", "hidden")}</t></si></sst>')
    expect(file, "body", MARK + "rich")
    sheet = (f'{XML}<worksheet {S}><sheetData><row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="inlineStr"><is><t>{MARK}inline</t>'
             f'</is></c><c r="C1"><v>42</v></c></row><row r="2"><c r="A2" t="s"><v>1</v></c><c r="B2" t="str"><f>"{MARK}for"&amp;"mula"</f>'
             f'<v>{m("result")}</v></c></row><row r="3" hidden="1"><c r="A3" t="inlineStr"><is><t>{m("row", "hidden")}</t></is></c></row>'
             f'</sheetData><dataValidations><dataValidation prompt="{m("prompt", "attribute")}"/></dataValidations>'
             f'<headerFooter><oddHeader>&amp;C&amp;"SimSun"&amp;16{m("header", "page-header")}</oddHeader>'
             f'<oddFooter>&amp;L{m("footer", "page-footer")}</oddFooter></headerFooter></worksheet>')
    expect(file, "attribute", f'"{MARK}for"&"mula"')
    second = f'{XML}<worksheet {S}><sheetData><row><c t="inlineStr"><is><t>{m("hidden sheet", "hidden")}</t></is></c></row></sheetData></worksheet>'
    comments = f'{XML}<comments {S}><commentList><comment ref="A1"><text><r><t>{m("comment", "annotation")}</t></r></text></comment></commentList></comments>'
    threads = f'{XML}<ThreadedComments><threadedComment><text>{m("thread", "annotation")}</text></threadedComment></ThreadedComments>'
    drawing = (f'{XML}<xdr:wsDr xmlns:xdr="x" xmlns:a="a"><xdr:sp><xdr:cNvPr id="1" name="n" descr="{m("alt", "alternative")}"/>'
               f'<xdr:txBody><a:p><a:r><a:t>{m("box", "text-box")}</a:t></a:r></a:p></xdr:txBody></xdr:sp></xdr:wsDr>')
    expect(file, "cover", "complete none")
    write_zip(file, [SHEETS, TOP("xl/workbook.xml"), ("xl/workbook.xml", workbook), ("xl/sharedStrings.xml", strings),
                     ("xl/_rels/workbook.xml.rels", rels(("rId1", "worksheet", "worksheets/sheet1.xml", ""),
                                                         ("rId2", "worksheet", "/xl/worksheets/sheet2.xml", ""),
                                                         ("rId3", "sharedStrings", "sharedStrings.xml", ""))),
                     ("xl/worksheets/sheet1.xml", sheet), ("xl/worksheets/sheet2.xml", second),
                     ("xl/worksheets/_rels/sheet1.xml.rels", rels(("rId1", "comments", "../comments1.xml", ""),
                                                                  ("rId2", "drawing", "../drawings/drawing1.xml", ""))),
                     ("xl/comments1.xml", comments), ("xl/threadedComments/threadedComment1.xml", threads),
                     ("xl/drawings/drawing1.xml", drawing), ("xl/printerSettings/printerSettings1.bin", b"\1\0\2\0" * 50)] + properties(file))


P = f'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main" xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" xmlns:r="{OFFICE}"'


def pptx(file):
    def m(tag, place="body"):
        return mark(tag, place, file)

    def slide(root, *texts, more=""):
        def shape(group):
            runs = "".join(f'<a:r><a:rPr sz="4400"/><a:t>{t}</a:t></a:r>' for t in group)
            return f"<p:sp><p:txBody><a:p>{runs}</a:p></p:txBody></p:sp>"
        shapes = "".join(map(shape, texts))
        return f'{XML}<p:{root} {P}{more}><p:cSld><p:spTree>{shapes}</p:spTree></p:cSld></p:{root}>'
    table = "<a:tbl><a:tr><a:tc><a:p><a:r><a:t>甲</a:t></a:r></a:p></a:tc><a:tc><a:p><a:r><a:t>" + m("cell") + "</a:t></a:r></a:p></a:tc></a:tr></a:tbl>"
    expect(file, "body", "甲\t" + MARK + "cell")
    expect(file, "body", MARK + "split\n" + MARK + "two")
    first = slide("sld", ("机密", "★10年split"), (m("two"),)).replace("</p:spTree>", f'<p:graphicFrame><p:cNvPr id="9" name="t" '
                  f'descr="{m("alt", "alternative")}"/>{table}</p:graphicFrame></p:spTree>')
    expect(file, "cover", "complete none")
    write_zip(file, [SLIDES, TOP("ppt/presentation.xml"),
                     ("ppt/presentation.xml", f'{XML}<p:presentation {P}><p:sldIdLst><p:sldId id="256" r:id="rId2"/><p:sldId id="257" '
                      'r:id="rId3"/></p:sldIdLst></p:presentation>'),
                     ("ppt/_rels/presentation.xml.rels", rels(("rId1", "slideMaster", "slideMasters/slideMaster1.xml", ""),
                                                              ("rId2", "slide", "slides/slide1.xml", ""),
                                                              ("rId3", "slide", "slides/slide2.xml", ""))),
                     ("ppt/slides/slide1.xml", first),
                     ("ppt/slides/slide2.xml", slide("sld", (m("hidden slide", "hidden"),), more=' show="0"')),
                     ("ppt/slides/_rels/slide1.xml.rels", rels(("rId1", "notesSlide", "../notesSlides/notesSlide1.xml", ""))),
                     ("ppt/notesSlides/notesSlide1.xml", slide("notes", (m("notes", "note"),))),
                     ("ppt/slideMasters/slideMaster1.xml", slide("sldMaster", (m("master", "page-header"),))),
                     ("ppt/slideLayouts/slideLayout1.xml", slide("sldLayout", (m("layout", "page-header"),))),
                     ("ppt/comments/comment1.xml", f'{XML}<p:cmLst {P}><p:cm authorId="0"><p:text>{m("comment", "annotation")}</p:text></p:cm></p:cmLst>')]
              + properties(file))


def xml_names(*names):
    return " ".join(f'xmlns:{n}="urn:oasis:names:tc:opendocument:xmlns:{n}:1.0"' for n in names)


NAMES = xml_names("office", "text", "table", "style", "meta", "presentation", "number") + \
    (' xmlns:draw="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0"'
     ' xmlns:svg="urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0" xmlns:xlink="http://www.w3.org/1999/xlink"'
     ' xmlns:fo="urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0" xmlns:dc="http://purl.org/dc/elements/1.1/"'
     ' xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"')


def odf(file, kind, body, automatic="", styles="", extra=(), encrypted=False):
    def m(tag, place="body"):
        return mark(tag, place, file)
    manifest = (f'{XML}<manifest:manifest {NAMES}><manifest:file-entry manifest:full-path="/" '
                f'manifest:media-type="application/vnd.oasis.opendocument.{kind}"/>' +
                ("<manifest:file-entry manifest:full-path=\"content.xml\"><manifest:encryption-data/></manifest:file-entry>" if encrypted else "") +
                "</manifest:manifest>")
    if encrypted:
        expect(file, "cover", "unreadable encrypted")
        write_zip(file, [("mimetype", f"application/vnd.oasis.opendocument.{kind}"), ("META-INF/manifest.xml", manifest),
                         ("content.xml", zlib.compress(b"x" * 99))])
        return
    meta = (f'{XML}<office:document-meta {NAMES}><office:meta><dc:title>{m("title", "property")}</dc:title>'
            f'<meta:user-defined meta:name="密级">{m("user", "property")}</meta:user-defined></office:meta></office:document-meta>')
    root = {"text": "text", "spreadsheet": "spreadsheet", "presentation": "presentation", "graphics": "drawing"}[kind]
    content = (f'{XML}<office:document-content {NAMES}><office:automatic-styles>{automatic}</office:automatic-styles>'
               f"<office:body><office:{root}>{body(m)}</office:{root}></office:body></office:document-content>")
    styles = f'{XML}<office:document-styles {NAMES}>{styles(m) if styles else ""}</office:document-styles>'
    expect(file, "cover", "complete none")
    write_zip(file, [("mimetype", f"application/vnd.oasis.opendocument.{kind}"), ("META-INF/manifest.xml", manifest),
                     ("content.xml", content), ("styles.xml", styles), ("meta.xml", meta), ("layout-cache", b"\0\1\2"),
                     ("Pictures/a.png", PNG)] + list(extra))


def odt_body(m):
    return (f'<text:tracked-changes><text:changed-region><text:deletion><office:change-info><dc:creator>张</dc:creator></office:change-info>'
            f'<text:p>{m("deleted", "revision")}</text:p></text:deletion></text:changed-region></text:tracked-changes>'
            f'<text:p text:style-name="Big">机<text:span text:style-name="T1">密★</text:span>10年split</text:p>'
            f'<text:p>{m("body")}<text:s/><office:annotation><dc:creator>李</dc:creator><text:p>{m("comment", "annotation")}</text:p></office:annotation>'
            f'<text:note><text:note-citation>1</text:note-citation><text:note-body><text:p>{m("footnote", "note")}</text:p></text:note-body></text:note></text:p>'
            f'<text:p><text:span text:style-name="Hid">{m("hidden span", "hidden")}</text:span></text:p>'
            f'<text:p><text:hidden-text text:string-value="{m("field", "hidden")}"/></text:p>'
            f'<text:section text:display="none"><text:p>{m("section", "hidden")}</text:p></text:section>'
            f'<text:p><draw:frame svg:width="5cm" svg:height="3cm"><draw:text-box><text:p>{m("box", "text-box")}</text:p></draw:text-box><svg:title>{m("alt", "alternative")}</svg:title>'
            f'<svg:desc>{m("desc", "alternative")}</svg:desc></draw:frame></text:p>'
            f'<text:p><draw:custom-shape><text:p>{m("shape", "text-box")}</text:p></draw:custom-shape></text:p>'
            '<table:table table:name="t"><table:table-column table:number-columns-repeated="2"/><table:table-row><table:table-cell><text:p>甲</text:p></table:table-cell>'
            f'<table:table-cell><text:p>{m("cell")}</text:p></table:table-cell></table:table-row></table:table>')


def odt(file):
    expect(file, "body", MARK + "split")
    expect(file, "body", "甲\t" + MARK + "cell")
    expect(file, "bytes", MARK + "inside")
    odf(file, "text", odt_body,
        '<style:style style:name="Hid" style:family="text"><style:text-properties text:display="none"/></style:style>',
        lambda m: f'<office:styles><style:style style:name="Big"><style:text-properties fo:font-size="22pt" fo:color="#FF0000"/></style:style>'
                  f'</office:styles><office:master-styles><style:master-page><style:header><text:p>{m("header", "page-header")}</text:p>'
                  f'</style:header><style:footer><text:p>{m("footer", "page-footer")}</text:p></style:footer></style:master-page></office:master-styles>',
        [("Objects/附件.txt", MARK + "inside"), ("Object 1/content.xml", f"{XML}<office:document-content {NAMES}><office:body>"
          f"<text:p>{mark('object', 'body', file)}</text:p></office:body></office:document-content>")])


def ods(file):
    expect(file, "sheet-name", MARK + "sheet")
    odf(file, "spreadsheet", lambda m:
        f'<table:table table:name="{MARK}sheet"><table:table-row><table:table-cell><text:p>{m("cell")}</text:p><office:annotation>'
        f'<text:p>{m("comment", "annotation")}</text:p></office:annotation></table:table-cell></table:table-row>'
        f'<table:table-row table:visibility="collapse"><table:table-cell><text:p>{m("row", "hidden")}</text:p></table:table-cell></table:table-row></table:table>'
        f'<table:table table:name="2" table:style-name="ta2"><table:table-row><table:table-cell><text:p>{m("hidden sheet", "hidden")}</text:p></table:table-cell></table:table-row></table:table>',
        '<style:style style:name="ta2" style:family="table"><style:table-properties table:display="false"/></style:style>')


def odp(file):
    odf(file, "presentation", lambda m:
        f'<presentation:footer-decl presentation:name="f">{m("footer", "page-footer")}</presentation:footer-decl>'
        f'<draw:page draw:name="p" draw:master-page-name="m"><draw:frame svg:width="5cm" svg:height="3cm"><draw:text-box><text:p>{m("slide")}</text:p></draw:text-box></draw:frame>'
        f'<presentation:notes><draw:frame svg:width="5cm" svg:height="3cm"><draw:text-box><text:p>{m("notes", "note")}</text:p></draw:text-box></draw:frame></presentation:notes></draw:page>',
        styles=lambda m: f'<office:master-styles><style:master-page style:name="m"><draw:frame svg:width="5cm" svg:height="3cm"><draw:text-box><text:p>{m("master", "page-header")}'
                         '</text:p></draw:text-box></draw:frame></style:master-page></office:master-styles>')


def odg(file):
    odf(file, "graphics", lambda m: f'<draw:page><draw:rect><text:p>{m("shape")}</text:p></draw:rect></draw:page>')


def epub(file):
    expect(file, "bytes", "机密★10年book")
    write_zip(file, [("mimetype", "application/epub+zip"), ("OEBPS/a.xhtml", f'{XML}<html xmlns="http://www.w3.org/1999/xhtml"><body>机密★10年book</body></html>')])


# --- archives ---------------------------------------------------------------------------------------------------

def put(file, content):
    (OUT / file).write_bytes(content)


def rar4(file, encrypted=False):
    """RAR 2.9, stored: marker, archive header, one file, end."""
    data, name = (MARK + "rar").encode(), "机密.txt"
    expect(file, "name", "密.txt" if encrypted else name)
    if encrypted:
        name = "密.txt"
    elif not encrypted:
        expect(file, "bytes", MARK + "rar")

    def block(kind, flags, body, after=b""):
        head = struct.pack("<BHH", kind, flags, 7 + len(body)) + body
        return struct.pack("<H", zlib.crc32(head) & 0xFFFF) + head + after
    ascii_name = name.encode()
    body = struct.pack("<IIBIIBBHI", len(data), len(data), 3, zlib.crc32(data), 0x58210000, 29, 0x30, len(ascii_name), 0o100644) + ascii_name
    put(file, b"Rar!\x1a\x07\0" + block(0x73, 0, b"\0" * 6) + block(0x74, 0x8000 | (4 if encrypted else 0), body, data) + block(0x7B, 0x4000, b""))


def rar5(file):
    data, name = (MARK + "rar").encode(), "机密.txt".encode()
    expect(file, "name", "机密.txt")
    expect(file, "bytes", MARK + "rar")

    def v(n):
        out = b""
        while True:
            out += bytes([n & 0x7F | (0x80 if n > 0x7F else 0)])
            n >>= 7
            if n == 0:
                return out

    def block(body, after=b""):
        head = v(len(body)) + body
        return struct.pack("<I", zlib.crc32(head)) + head + after
    entry = (v(2) + v(2) + v(len(data)) + v(4) + v(len(data)) + v(0o100644) + struct.pack("<I", zlib.crc32(data)) + v(0) + v(1) + v(len(name)) + name)
    put(file, b"Rar!\x1a\x07\1\0" + block(v(1) + v(0) + v(0)) + block(entry, data) + block(v(5) + v(0) + v(0)))


def cab(file):
    data, name = (MARK + "cab").encode(), "机密.txt".encode("gbk") + b"\0"
    expect(file, "name", "机密.txt")
    expect(file, "bytes", MARK + "cab")
    folder_at, file_at = 36, 36 + 8
    data_at = file_at + 16 + len(name)
    whole = data_at + 8 + len(data)
    head = struct.pack("<4sIIIIIBBHHHHH", b"MSCF", 0, whole, 0, file_at, 0, 3, 1, 1, 1, 0, 1, 0)
    put(file, head + struct.pack("<IHH", data_at, 1, 0) + struct.pack("<IIHHHH", len(data), 0, 0, 0x5821, 0, 0x20) + name +
        struct.pack("<IHH", 0, len(data), len(data)) + data)


def crc16(data):
    crc = 0
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0xA001 if crc & 1 else 0)
    return crc


def lzh(file):
    data, name = (MARK + "lzh").encode(), "机密.txt".encode("gbk")
    expect(file, "name", "机密.txt")
    expect(file, "bytes", MARK + "lzh")
    body = b"-lh0-" + struct.pack("<IIIBB", len(data), len(data), 0x58210000, 0x20, 0) + bytes([len(name)]) + name + struct.pack("<H", crc16(data))
    put(file, bytes([len(body), sum(body) & 0xFF]) + body + data + b"\0")


def zip_gbk(file):
    """A name in GBK without the flag for UTF-8, as Windows writes it."""
    write_zip(file, [("xxxxxxxx.txt", MARK + "zip")])
    expect(file, "name", "机密文件.txt")
    expect(file, "bytes", MARK + "zip")
    put(file, (OUT / file).read_bytes().replace(b"xxxxxxxx", "机密文件".encode("gbk")))


def nested(file):
    write_zip("inner.docx", [WORD, TOP("word/document.xml"), ("word/document.xml", f"{XML}<w:document {W}><w:body>" +
                             paragraph(run(mark("nested", "body", file))) + "</w:body></w:document>")])
    inner = (OUT / "inner.docx").read_bytes()
    (OUT / "inner.docx").unlink()
    write_zip("inner.zip", [("a/b.docx", inner)])
    put(file, gzip.compress((OUT / "inner.zip").read_bytes(), mtime=0))
    (OUT / "inner.zip").unlink()
    expect(file, "name", "a/b.docx")


def ordinary(file):
    """Nothing to find, and everything read."""
    write_zip(file, [WORD, TOP("word/document.xml"), ("word/document.xml", f"{XML}<w:document {W}><w:body>" +
                     paragraph(run("关于放假的通知")) + "</w:body></w:document>")])
    expect(file, "body", "关于放假的通知")
    expect(file, "cover", "complete none")


def damaged(file):
    docx("whole.docx")
    EXPECTED[:] = [row for row in EXPECTED if row[0] != "whole.docx"]
    whole = (OUT / "whole.docx").read_bytes()
    (OUT / "whole.docx").unlink()
    put(file, whole[:len(whole) * 2 // 3])
    expect(file, "cover", "partial damaged")


def pdf(file):
    def m(tag, place="body"):
        text = MARK + tag
        if place != "none":
            expect(file, place, text)
        return text
    put(file, write_pdf.everything(m).bytes())
    expect(file, "body", "机密★十年ｇｂｋ")
    expect(file, "body", "☑ 加急")
    expect(file, "body", "☐ 公开")
    expect(file, "name", "附注.txt")
    expect(file, "name", "附件.txt")
    expect(file, "cover", "complete none")


def pictures():
    with io.BytesIO() as buffer:
        with zipfile.ZipFile(buffer, "w") as package:
            package.writestr(zipfile.ZipInfo("机密.txt", (2024, 1, 1, 0, 0, 0)), MARK + "behind")
        zipped = buffer.getvalue()
    for file, content, rows in write_pictures.samples(zipped):
        put(file, content)
        for place, text in rows:
            expect(file, place, text)


WRITERS = {
    "all.docx": docx, "all.xlsx": xlsx, "all.pptx": pptx, "all.odt": odt, "all.ods": ods, "all.odp": odp, "all.odg": odg,
    "all.epub": epub, "encrypted.odt": lambda file: odf(file, "text", None, encrypted=True), "four.rar": rar4,
    "locked.rar": lambda file: rar4(file, True), "five.rar": rar5, "a.cab": cab, "a.lzh": lzh, "gbk.zip": zip_gbk,
    "nested.zip.gz": nested, "ordinary.docx": ordinary, "damaged.docx": damaged,
    "all.pdf": pdf,
}


def main():
    global OUT
    if len(sys.argv) != 2:
        sys.exit(__doc__.strip())
    OUT = pathlib.Path(sys.argv[1])
    OUT.mkdir(parents=True, exist_ok=True)
    for file, write in WRITERS.items():
        write(file)
    pictures()
    for module in (write_archives, write_closed, write_ofd, write_ole, write_packages, write_rtf, write_letters,
                   write_uof):
        for file, write in module.WRITERS.items():
            write(sys.modules[__name__], file)
    escape = {ord("\t"): "\\t", ord("\n"): "\\n"}
    (OUT / "expected.tsv").write_text("".join("\t".join((file, place, text.translate(escape))) + "\n" for file, place, text in EXPECTED), "utf-8")


if __name__ == "__main__":
    main()
