"""Real files of the old office formats: flat OpenDocument written here, with the mark once in each place, converted by
LibreOffice. Rows are those of write_documents.py: file, place, text."""
import base64
import os
import shutil
import struct
import subprocess
import zlib

MARK = "机密★10年"
NAMES = ('xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" '
         'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:draw="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0" '
         'xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0" xmlns:fo="urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0" '
         'xmlns:svg="urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0" xmlns:dc="http://purl.org/dc/elements/1.1/" '
         'xmlns:meta="urn:oasis:names:tc:opendocument:xmlns:meta:1.0" xmlns:xlink="http://www.w3.org/1999/xlink" '
         'xmlns:presentation="urn:oasis:names:tc:opendocument:xmlns:presentation:1.0" '
         'xmlns:of="urn:oasis:names:tc:opendocument:xmlns:of:1.2" xmlns:form="urn:oasis:names:tc:opendocument:xmlns:form:1.0"')
SIZE = 'svg:width="6cm" svg:height="2cm" svg:x="3cm" svg:y="3cm"'


def picture():
    """A PNG of 8 by 8 pixels with a text chunk, so that it can be told that it was passed on."""
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    rows = b"".join(b"\0" + bytes([x * 30 % 256, 80, 160] * 8) for x in range(8))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 8, 8, 8, 2, 0, 0, 0)) +
            chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


def flat(kind, content, styles="", automatic="", master="", head=""):
    return (f'<?xml version="1.0" encoding="UTF-8"?><office:document {NAMES} office:version="1.3" '
            f'office:mimetype="application/vnd.oasis.opendocument.{kind}">{head}<office:styles>{styles}</office:styles>'
            f'<office:automatic-styles>{automatic}</office:automatic-styles><office:master-styles>{master}</office:master-styles>'
            f'<office:body><office:{kind}>{content}</office:{kind}></office:body></office:document>')


def meta(m):
    return (f'<office:meta><dc:title>{m("title", "property")}</dc:title><dc:subject>{m("subject", "property")}</dc:subject>'
            f'<meta:keyword>{m("keywords", "property")}</meta:keyword><dc:description>{m("remark", "property")}</dc:description>'
            f'<meta:user-defined meta:name="密级">{m("custom", "property")}</meta:user-defined></office:meta>')


def image():
    return (f'<draw:frame draw:name="p" {SIZE} text:anchor-type="as-char"><draw:image><office:binary-data>'
            f'{base64.b64encode(picture()).decode()}</office:binary-data></draw:image></draw:frame>')


LOOKS = ('<style:style style:name="Hid" style:family="text"><style:text-properties text:display="none"/></style:style>'
         '<style:style style:name="Big" style:family="text"><style:text-properties fo:font-size="22pt" fo:color="#ff0000"/></style:style>'
         '<style:style style:name="Gr" style:family="graphic"><style:graphic-properties fo:border="0.1pt solid #000000"/></style:style>')
PAGE = '<style:page-layout style:name="pl"><style:header-style/><style:footer-style/></style:page-layout>'


def text_document(m):
    deleted = m("deleted", "revision")
    body = (f'<text:tracked-changes><text:changed-region text:id="c1"><text:deletion><office:change-info><dc:creator>甲</dc:creator>'
            f'<dc:date>2024-01-01T00:00:00</dc:date></office:change-info><text:p>{deleted}</text:p></text:deletion></text:changed-region></text:tracked-changes>'
            f'<text:p>机<text:span text:style-name="Big">密★</text:span>10年split ☒</text:p>'
            f'<text:p>前<text:change text:change-id="c1"/>后</text:p>'
            f'<text:p>{m("body")}<office:annotation><dc:creator>李</dc:creator><text:p>{m("comment", "annotation")}</text:p></office:annotation>'
            f'<text:note text:note-class="footnote"><text:note-citation>1</text:note-citation><text:note-body><text:p>{m("footnote", "note")}</text:p></text:note-body></text:note>'
            f'<text:note text:note-class="endnote"><text:note-citation>i</text:note-citation><text:note-body><text:p>{m("endnote", "note")}</text:p></text:note-body></text:note></text:p>'
            f'<text:p>a<text:span text:style-name="Hid">{m("vanish", "hidden")}</text:span>b</text:p>'
            f'<text:p><draw:frame draw:style-name="Gr" text:anchor-type="paragraph" {SIZE}><draw:text-box><text:p>{m("box", "text-box")}</text:p></draw:text-box></draw:frame>文</text:p>'
            f'<text:p><draw:custom-shape text:anchor-type="paragraph" {SIZE}><text:p>{m("shape", "text-box")}</text:p>'
            '<draw:enhanced-geometry xmlns:draw="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0" draw:type="rectangle"/></draw:custom-shape>形</text:p>'
            f'<text:p>{image()}</text:p>'
            f'<text:p><text:a xlink:type="simple" xlink:href="http://outside.example/x">{m("link")}</text:a></text:p>'
            f'<table:table table:name="t"><table:table-column table:number-columns-repeated="2"/><table:table-row><table:table-cell><text:p>甲</text:p></table:table-cell>'
            f'<table:table-cell><text:p>{m("cell")}</text:p></table:table-cell></table:table-row><table:table-row><table:table-cell><text:p>丙</text:p></table:table-cell>'
            f'<table:table-cell><text:p>丁</text:p></table:table-cell></table:table-row></table:table><text:p>{m("last")}</text:p>')
    master = (f'<style:master-page style:name="Standard" style:page-layout-name="pl"><style:header><text:p>{m("header", "page-header")}</text:p></style:header>'
              f'<style:footer><text:p>{m("footer", "page-footer")}</text:p></style:footer></style:master-page>')
    return flat("text", body, automatic=PAGE + LOOKS, master=master, head=meta(m))


def sheets(m):
    automatic = ('<style:style style:name="shown" style:family="table" style:master-page-name="Default"><style:table-properties table:display="true"/></style:style>'
                 '<style:style style:name="gone" style:family="table" style:master-page-name="Default"><style:table-properties table:display="false"/></style:style>')
    body = (f'<table:table table:name="{MARK}sheet" table:style-name="shown"><table:shapes><draw:custom-shape {SIZE}><text:p>{m("box", "text-box")}</text:p>'
            f'<draw:enhanced-geometry draw:type="rectangle"/></draw:custom-shape>{image()}</table:shapes>'
            f'<table:table-row><table:table-cell office:value-type="string"><text:p>{m("cell")}</text:p></table:table-cell>'
            f'<table:table-cell office:value-type="string"><text:p>甲</text:p><office:annotation><text:p>{m("comment", "annotation")}</text:p></office:annotation></table:table-cell>'
            f'<table:table-cell office:value-type="float" office:value="42"><text:p>42</text:p></table:table-cell></table:table-row>'
            f'<table:table-row table:visibility="collapse"><table:table-cell office:value-type="string"><text:p>{m("row", "hidden")}</text:p></table:table-cell></table:table-row>'
            f'<table:table-row><table:table-cell office:value-type="string"><text:p>机密<text:span>★10年rich</text:span></text:p></table:table-cell>'
            f'<table:table-cell table:formula="of:=&quot;{MARK}for&quot;&amp;&quot;mula&quot;" office:value-type="string" office:string-value="{MARK}formula"><text:p>{MARK}formula</text:p></table:table-cell></table:table-row>'
            f'<table:table-row><table:table-cell office:value-type="string"><text:p>{"很长的文字" * 3000}{m("long")}</text:p></table:table-cell></table:table-row></table:table>'
            f'<table:table table:name="second" table:style-name="gone"><table:table-row><table:table-cell office:value-type="string"><text:p>{m("hidden sheet", "hidden")}</text:p></table:table-cell></table:table-row></table:table>'
            f'<table:named-expressions><table:named-expression table:name="名" table:base-cell-address="$second.$A$1" table:expression="&quot;{m("defined", "attribute")}&quot;"/></table:named-expressions>')
    master = (f'<style:master-page style:name="Default" style:page-layout-name="pl"><style:header><text:p>{m("header", "page-header")}</text:p></style:header>'
              f'<style:footer><text:p>{m("footer", "page-footer")}</text:p></style:footer></style:master-page>')
    return flat("spreadsheet", body, automatic=PAGE + automatic, master=master, head=meta(m))


def slides(m):
    def page(name, texts, notes="", style=""):
        shapes = "".join(f'<draw:frame {SIZE}><draw:text-box><text:p>{text}</text:p></draw:text-box></draw:frame>' for text in texts)
        note = f'<presentation:notes><draw:frame presentation:class="notes" {SIZE}><draw:text-box><text:p>{notes}</text:p></draw:text-box></draw:frame></presentation:notes>' if notes else ""
        return shapes, note, f'<draw:page draw:name="{name}" draw:master-page-name="m"{style}>'
    first = page("1", [m("slide"), MARK + "two"], m("notes", "note"))
    table = (f'<draw:frame {SIZE}><table:table><table:table-column/><table:table-column/><table:table-row><table:table-cell><text:p>甲</text:p></table:table-cell>'
             f'<table:table-cell><text:p>{m("cell")}</text:p></table:table-cell></table:table-row></table:table></draw:frame>')
    comment = f'<office:annotation svg:x="1cm" svg:y="1cm"><dc:creator>李</dc:creator><dc:date>2024-01-01T00:00:00</dc:date><text:p>{m("comment", "annotation")}</text:p></office:annotation>'
    second = page("2", [m("hidden slide", "hidden")], style=' draw:style-name="dp2"')
    body = (f'<presentation:footer-decl presentation:name="f">{m("footer", "page-footer")}</presentation:footer-decl>' +
            first[2].replace(">", ' draw:style-name="dp1" presentation:use-footer-name="f">') + comment + first[0] + table + image() + first[1] + "</draw:page>" +
            second[2] + second[0] + second[1] + "</draw:page>")
    automatic = ('<style:style style:name="dp1" style:family="drawing-page"><style:drawing-page-properties presentation:display-footer="true"/></style:style>'
                 '<style:style style:name="dp2" style:family="drawing-page"><style:drawing-page-properties presentation:visibility="hidden"/></style:style>'
                 '<style:page-layout style:name="pl"><style:page-layout-properties fo:page-width="28cm" fo:page-height="21cm"/></style:page-layout>')
    master = (f'<style:master-page style:name="m" style:page-layout-name="pl"><draw:frame {SIZE}><draw:text-box><text:p>{m("master", "page-header")}</text:p></draw:text-box></draw:frame></style:master-page>')
    return flat("presentation", body, automatic=automatic, master=master, head=meta(m))


# what no single mark tells
ALSO = {"fodt": [("body", MARK + "split ☒"), ("body", "甲\t" + MARK + "cell"), ("cover", "complete none")],
        "fods": [("body", MARK + "rich"), ("attribute", MARK + "for"), ("sheet-name", MARK + "sheet"), ("cover", "complete none")],
        "fodp": [("body", MARK + "two"), ("cover", "complete none")]}
SOURCES = {"fodt": text_document, "fods": sheets, "fodp": slides}
TARGETS = {"fodt": ("doc",), "fods": ("xls",), "fodp": ("ppt",)}


def convert(directory, seconds=120):
    """Writes real.doc, real.xls, real.ppt; gives their rows. Nothing without LibreOffice."""
    office = shutil.which("soffice")
    rows = []
    if not office:
        return rows
    for source, write in SOURCES.items():
        said = list(ALSO[source])

        def mark(tag, place="body", said=said):
            said.append((place, MARK + tag))
            return MARK + tag
        (directory / f"real.{source}").write_text(write(mark), "utf-8")
        for target in TARGETS[source]:
            subprocess.run([office, "--headless", "--convert-to", target, "--outdir", directory, directory / f"real.{source}"],
                           capture_output=True, check=False, timeout=seconds, env={**os.environ, "HOME": str(directory)})
            if (directory / f"real.{target}").exists():
                rows += [(f"real.{target}", place, text) for place, text in said]
    return rows
