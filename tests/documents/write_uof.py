"""UOF (GB/T 20916-2007: version 1 is one XML file, version 2 a ZIP) and XPS for the tests, by hand: no program here writes them.

`write_documents.py` calls the writers below with itself: where to put files, and what a reader must find in them.
"""
import base64
import struct
import zlib

MARK = "机密★10年"
NAMES = " ".join(f'xmlns:{short}="http://schemas.uof.org/cn/2003/{long}"' for short, long in
                 (("uof", "uof"), ("字", "uof-wordproc"), ("表", "uof-spreadsheet"), ("演", "uof-slideshow"), ("图", "graph")))


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


PNG = (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)) + chunk(b"IDAT", zlib.compress(b"\0\1\2\3")) +
       chunk(b"IEND", b""))


class Tags:
    """Names of elements and attributes: in version 2 they end in a number."""

    def __init__(self, number=""):
        self.number = number

    def el(self, name, inside="", **attributes):
        prefix = name.split(":")[0]
        told = "".join(f' {prefix}:{key}{self.number}="{value}"' for key, value in attributes.items())
        return f"<{name}{self.number}{told}>{inside}</{name}{self.number}>"

    def run(self, text, look=""):
        return self.el("字:句", (self.el("字:句属性", look) if look else "") + self.el("字:文本串", text))

    def par(self, *runs):
        return self.el("字:段落", "".join(runs))


def text_body(t, m):
    deleted = (t.el("字:修订开始", 标识符="r1", 类型="delete") + t.run(m("deleted", "revision")) + t.el("字:修订结束", 开始标识引用="r1"))
    section = t.el("字:分节", t.el("字:节属性", t.el("字:页眉", t.el("字:奇数页页眉", t.par(t.run(m("header", "page-header"))))) +
                               t.el("字:页脚", t.el("字:奇数页页脚", t.par(t.run(m("footer", "page-footer")))))))
    cells = t.el("字:单元格", t.par(t.run("甲"))) + t.el("字:单元格", t.par(t.run(m("cell"))))
    return (section + t.par(t.run("机密", t.el("字:字体", 字号="22.0", 颜色="#ff0000")), t.run("★10年split")) + t.par(deleted) +
            t.par(t.run(m("hidden", "hidden"), t.el("字:隐藏文字", 值="true")), t.run(m("shown"))) +
            t.par(t.run(m("body")) + t.el("字:句", t.el("字:脚注", t.par(t.run(m("footnote", "note")))))) +
            t.el("字:文字表", t.el("字:行", cells)))


def styled(kit, file):
    """Size and colour by the styles of paragraphs and runs, by what these are based on."""
    def m(kind, tag):
        kit.expect(file, "type", f"{kind} {MARK}{tag}")
        return MARK + tag
    t = Tags()

    def style(name, base="", kind="uof:段落式样", **font):
        about = t.el("字:句属性", t.el("字:字体", **font)) if kind == "uof:段落式样" else t.el("字:字体", **font)
        return f'<{kind} 字:标识符="{name}" 字:名称="{name}" 字:基式样引用="{base}">{about}</{kind}>'

    def par(name, *runs):
        return t.el("字:段落", t.el("字:段落属性", 式样引用=name) + "".join(runs))

    def worn(text, name, look=""):
        return t.el("字:句", t.el("字:句属性", look, 式样引用=name) + t.el("字:文本串", text))
    styles = (style("正文", "正文", 字号="16") + style("红头", "正文", 字号="42", 颜色="#ff0000") + style("红字", "正文", 颜色="#ff0000") +
              style("蓝", "", "uof:句式样", 颜色="#0000ff"))
    body = (par("正文", t.run(m("160 -", "plain"))) + par("红头", t.run(m("420 ff0000", "head"))) + par("红字", t.run(m("160 ff0000", "red"))) +
            par("红头", worn(m("420 0000ff", "letters"), "蓝")) + par("红头", worn(m("90 ff0000", "own"), "", t.el("字:字体", 字号="9"))) + par("无", t.run(m("0 -", "nobody"))))
    kit.put(file, (f'<?xml version="1.0" encoding="UTF-8"?><uof:UOF {NAMES} uof:language="cn" uof:version="1.0"><uof:式样集>{styles}</uof:式样集>'
                   f'<uof:文字处理><字:主体>{body}</字:主体></uof:文字处理></uof:UOF>').encode())


def meta(t, m, name="uof:元数据"):
    return t.el(name, t.el("uof:标题", m("title", "property")) + t.el("uof:关键字集", t.el("uof:关键字", m("keyword", "property"))) +
                t.el("uof:用户自定义元数据集", t.el("uof:用户自定义元数据", m("custom", "property"), 名称="密级")))


def text_one(kit, file, encoding="UTF-8"):
    """Version 1: a text."""
    def m(tag, place="body"):
        return kit.mark(tag, place, file)
    t = Tags()
    kit.expect(file, "body", MARK + "split")
    objects = t.el("uof:对象集", t.el("图:图形", t.el("图:文本内容", t.par(t.run(m("box", "text-box"))))) +
                   t.el("uof:其他对象", t.el("uof:数据", base64.b64encode(PNG).decode())))
    notes = t.el("字:公用处理规则", t.el("字:批注集", t.el("字:批注", t.par(t.run(m("comment", "annotation"))), 作者="张")))
    unknown = t.el("uof:扩展区", t.el("uof:扩展", m("extension", "attribute")))
    content = (f'<?xml version="1.0" encoding="{encoding}"?>\n<uof:UOF {NAMES} uof:language="cn" uof:version="1.0">' + meta(t, m) + objects +
               t.el("uof:文字处理", notes + t.el("字:主体", text_body(t, m))) + unknown + "</uof:UOF>")
    kit.expect(file, "cover", "complete none")
    (kit.OUT / file).write_bytes(content.encode(encoding))


def sheet_one(kit, file):
    """Version 1: a spreadsheet with a hidden sheet and a hidden row."""
    def m(tag, place="body"):
        return kit.mark(tag, place, file)
    t = Tags()

    def sheet(rows, **attributes):
        return t.el("表:工作表", t.el("表:工作表内容", rows), **attributes)

    def row(text, **attributes):
        return t.el("表:行", t.el("表:单元格", t.el("表:数据", t.run(text))), **attributes)
    kit.expect(file, "sheet-name", MARK + "sheet")
    kit.expect(file, "cover", "complete none")
    edge = t.el("表:工作表属性", t.el("表:页面设置", t.el("表:页眉页脚", t.par(t.run(m("header", "page-header"))), 位置="headercenter") +
                                t.el("表:页眉页脚", t.par(t.run(m("footer", "page-footer"))), 位置="footercenter")))
    book = (sheet(edge + row(m("cell")) + row(m("row", "hidden"), 隐藏="true"), 名称=MARK + "sheet") +
            sheet(row(m("hidden sheet", "hidden")), 名称="二", 隐藏="true"))
    (kit.OUT / file).write_text(f'<?xml version="1.0" encoding="UTF-8"?>\n<uof:UOF {NAMES}>' + meta(t, m) +
                                t.el("uof:电子表格", t.el("表:主体", book)) + "</uof:UOF>", "utf-8")


def slides_one(kit, file):
    """Version 1: a presentation."""
    def m(tag, place="body"):
        return kit.mark(tag, place, file)
    t = Tags()
    kit.expect(file, "cover", "complete none")
    slide = t.el("演:幻灯片", t.el("图:文本内容", t.par(t.run(m("slide", "text-box")))) +
                 t.el("演:幻灯片备注", t.par(t.run(m("notes", "note")))), 名称="一")
    hidden = t.el("演:幻灯片", t.el("图:文本内容", t.par(t.run(m("hidden slide", "hidden")))), 显示="false")
    master = t.el("演:母版集", t.el("演:母版", t.par(t.run(m("master", "page-header")))))
    (kit.OUT / file).write_text(f'<?xml version="1.0" encoding="UTF-8"?>\n<uof:UOF {NAMES}>' + meta(t, m) +
                                t.el("uof:演示文稿", t.el("演:主体", master + t.el("演:幻灯片集", slide + hidden))) + "</uof:UOF>", "utf-8")


def text_two(kit, file):
    """Version 2: a ZIP."""
    def m(tag, place="body"):
        return kit.mark(tag, place, file)
    t = Tags("_4A1F")
    head = '<?xml version="1.0" encoding="UTF-8"?>\n'

    def part(name, inside):
        return f"{head}<{name} {NAMES}>{inside}</{name}>"
    kit.expect(file, "body", MARK + "split")
    kit.expect(file, "name", "data/a.png")
    kit.expect(file, "cover", "complete none")
    kit.write_zip(file, [
        ("uof.xml", part("uof:UOF_0000", "")), ("_meta/meta.xml", meta(t, m).replace("<uof:元数据_4A1F", f"{head}<uof:元数据_4A1F {NAMES}", 1)),
        ("content.xml", part("字:文字处理文档_4225", text_body(t, m))),
        ("rules.xml", part("字:公用处理规则_B665", t.el("字:批注集", t.el("字:批注", t.par(t.run(m("comment", "annotation"))))))),
        ("graphics.xml", part("图:图形集_7C00", t.el("图:图形", t.el("图:文本", t.el("图:内容", t.par(t.run(m("box", "text-box")))))))),
        ("unknown.xml", part("图:新", m("unknown", "attribute"))), ("data/a.png", PNG)])


def cut(kit, file):
    t = Tags()
    content = f'<?xml version="1.0" encoding="UTF-8"?>\n<uof:UOF {NAMES}>' + t.par(t.run(kit.mark("first", "body", file))) + t.par(t.run("后文"))
    kit.expect(file, "cover", "partial damaged")
    (kit.OUT / file).write_text(content, "utf-8")


# --- XPS ----------------------------------------------------------------------------------------------------------

def xps(kit, file):
    def m(tag, place="body"):
        return kit.mark(tag, place, file)
    ns = 'xmlns="http://schemas.microsoft.com/xps/2005/06"'

    def glyphs(text, x, y, **more):
        told = "".join(f' {name}="{value}"' for name, value in more.items())
        return f'<Glyphs OriginX="{x}" OriginY="{y}" FontRenderingEmSize="16" UnicodeString="{text}"{told}/>'
    page = (f'<FixedPage Width="793" Height="1122" {ns}>' + glyphs("★10年split", 96, 100) + glyphs("机密", 64, 100) +
            f'<Canvas RenderTransform="1,0,0,1,0,200">{glyphs("{}" + m("canvas"), 64, 100)}</Canvas>' + glyphs(m("clear", "hidden"), 64, 400, Fill="#00000000") +
            glyphs("".join(f"&#x{ord(c):x};" for c in m("spaced")), 64, 500, Indices=";" * 3 + ",100") +
            f'<Path FixedPage.NavigateUri="http://outside.example/{m("uri", "attribute")}" AutomationProperties.Name="{m("alt", "alternative")}"/></FixedPage>')
    kit.expect(file, "body", MARK + "split")
    kit.expect(file, "cover", "complete none")
    kit.write_zip(file, [
        ("[Content_Types].xml", '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'),
        ("_rels/.rels", '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r" '
         'Type="http://schemas.microsoft.com/xps/2005/06/fixedrepresentation" Target="/FixedDocSeq.fdseq"/></Relationships>'),
        ("FixedDocSeq.fdseq", f'<FixedDocumentSequence {ns}><DocumentReference Source="Documents/1/FixedDoc.fdoc"/></FixedDocumentSequence>'),
        ("Documents/1/FixedDoc.fdoc", f'<FixedDocument {ns}><PageContent Source="Pages/1.fpage"/></FixedDocument>'),
        ("Documents/1/Pages/1.fpage", page),
        ("Documents/1/Pages/lost.fpage", f'<FixedPage {ns}>{glyphs(m("lost", "hidden"), 64, 100)}</FixedPage>')])


WRITERS = {"styled.uot": styled, 
    "one.uot": text_one, "gb18030.uot": lambda kit, file: text_one(kit, file, "GB18030"), "one.uos": sheet_one, "one.uop": slides_one,
    "two.uot": text_two, "cut.uot": cut, "all.xps": xps,
}
