"""More of OOXML and OpenDocument: what styles hide, parts that few documents have, hidden columns and slides. Made by hand.

`write_documents.py` calls the writers below with itself: its helpers, where to put files, what a reader must find in them.
"""
MARK = "机密★10年"


def styled(kit, file):
    """What is hidden by a style, by what that is based on, and what a style shows again."""
    def m(tag, place="body"):
        return kit.mark(tag, place, file)

    def style(kind, name, look, base="", more=""):
        based = f'<w:basedOn w:val="{base}"/>' if base else ""
        return f'<w:style w:type="{kind}" w:styleId="{name}"{more}>{based}<w:rPr>{look}</w:rPr></w:style>'

    def par(name, *runs):
        return f'<w:p><w:pPr><w:pStyle w:val="{name}"/></w:pPr>{"".join(runs)}</w:p>'
    styles = (f'{kit.XML}<w:styles {kit.W}><w:docDefaults><w:rPrDefault><w:rPr><w:sz w:val="21"/></w:rPr></w:rPrDefault></w:docDefaults>' +
              style("paragraph", "Normal", "", more=' w:default="1"') + style("paragraph", "Gone", "<w:vanish/>") +
              style("paragraph", "GoneToo", '<w:sz w:val="44"/>', "Gone") + style("character", "Away", "<w:vanish/>") +
              style("character", "Back", '<w:vanish w:val="0"/>') + style("paragraph", "A", "<w:vanish/>", "B") + style("paragraph", "B", "", "A") + "</w:styles>")
    box = par("Gone", kit.run(m("box", "hidden"))) + kit.paragraph(kit.run(m("box shown", "text-box")))
    body = [par("Gone", kit.run(m("paragraph", "hidden"))), par("GoneToo", kit.run(m("ancestor", "hidden"))),
            kit.paragraph(kit.run(m("character", "hidden"), '<w:rStyle w:val="Away"/>'), kit.run(m("beside"))),
            par("Gone", kit.run(m("shown again"), '<w:rStyle w:val="Back"/>'), kit.run(m("hidden again", "hidden"))),
            par("Gone", kit.run(m("shown by itself"), '<w:vanish w:val="false"/>')), par("A", kit.run(m("circle", "hidden"))),
            kit.paragraph(f"<w:r><w:pict><v:textbox><w:txbxContent>{box}</w:txbxContent></v:textbox></w:pict></w:r>", kit.run(m("behind"))),
            par("Unknown", kit.run(m("unknown style"))), '<w:altChunk r:id="rId3"/>',
            '<w:sdt><w:sdtPr><w:placeholder><w:docPart w:val="x"/></w:placeholder><w:dropDownList><w:listItem w:displayText="' +
            m("choice", "attribute") + '" w:value="1"/></w:dropDownList></w:sdtPr><w:sdtContent>' + kit.paragraph(kit.run(m("control"))) +
            "</w:sdtContent></w:sdt>"]
    glossary = f'{kit.XML}<w:glossaryDocument {kit.W}><w:docParts><w:docPart><w:docPartBody>' + kit.paragraph(kit.run(m("glossary"))) + \
        "</w:docPartBody></w:docPart></w:docParts></w:glossaryDocument>"
    custom = f'{kit.XML}<公文 密级="{m("custom attribute", "attribute")}">{m("custom part", "property")}</公文>'
    chunk = f"<html><body>{m('chunk', 'bytes')}</body></html>"
    kit.expect(file, "cover", "complete none")
    kit.write_zip(file, [kit.WORD, kit.TOP("word/document.xml"),
                         ("word/document.xml", f'{kit.XML}<w:document {kit.W_ALL}><w:body>{"".join(body)}</w:body></w:document>'),
                         ("word/_rels/document.xml.rels", kit.rels(("rId1", "styles", "styles.xml", ""), ("rId2", "glossaryDocument", "glossary/document.xml", ""),
                                                                   ("rId3", "aFChunk", "afchunk1.html", ""), ("rId4", "customXml", "../customXml/item1.xml", ""))),
                         ("word/styles.xml", styles), ("word/glossary/document.xml", glossary), ("word/afchunk1.html", chunk),
                         ("customXml/item1.xml", custom)])


def book(kit, file):
    """Hidden columns, external links, pivot caches, threaded comments, lists of a validation."""
    def m(tag, place="body"):
        return kit.mark(tag, place, file)
    ns = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'

    def cell(name, text):
        return f'<c r="{name}" t="inlineStr"><is><t>{text}</t></is></c>'
    sheet = (f'{kit.XML}<worksheet {ns}><cols><col min="2" max="3" hidden="1"/></cols><sheetData><row r="1">{cell("A1", m("column a"))}'
             f'{cell("B1", m("column b", "hidden"))}{cell("C1", m("column c", "hidden"))}{cell("D1", m("column d"))}</row>'
             f'<row r="2"><c t="inlineStr"><is><t>{m("no name")}</t></is></c></row></sheetData>'
             f'<dataValidations><dataValidation prompt="{m("prompt", "attribute")}"><formula1>"{m("list", "attribute")},b"</formula1></dataValidation>'
             '</dataValidations></worksheet>')
    threaded = (f'{kit.XML}<ThreadedComments xmlns="http://schemas.microsoft.com/office/spreadsheetml/2018/threadedcomments">'
                f'<threadedComment ref="A1"><text>{m("threaded", "annotation")}</text></threadedComment></ThreadedComments>')
    external = (f'{kit.XML}<externalLink {ns}><externalBook><sheetNames><sheetName val="{m("external sheet", "attribute")}"/></sheetNames><sheetDataSet>'
                f'<sheetData><row><cell><v>{m("external", "property")}</v></cell></row></sheetData></sheetDataSet></externalBook></externalLink>')
    pivot = (f'{kit.XML}<pivotCacheDefinition {ns}><cacheFields><cacheField name="x"><sharedItems><s v="{m("pivot", "attribute")}"/></sharedItems>'
             "</cacheField></cacheFields></pivotCacheDefinition>")
    chart = (f'{kit.XML}<c:chartSpace xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart" xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main">'
             f'<c:title><a:p><a:r><a:t>{m("chart title", "text-box")}</a:t></a:r></a:p></c:title><c:pt><c:v>{m("series", "text-box")}</c:v></c:pt></c:chartSpace>')
    kit.expect(file, "cover", "complete none")
    kit.write_zip(file, [kit.SHEETS, kit.TOP("xl/workbook.xml"),
                         ("xl/workbook.xml", f'{kit.XML}<workbook {ns} xmlns:r="{kit.OFFICE}"><sheets><sheet name="一" sheetId="1" r:id="rId1"/></sheets>'
                          f'<definedNames><definedName name="{m("defined", "attribute")}">一!$A$1</definedName></definedNames></workbook>'),
                         ("xl/_rels/workbook.xml.rels", kit.rels(("rId1", "worksheet", "worksheets/sheet1.xml", ""))),
                         ("xl/worksheets/sheet1.xml", sheet),
                         ("xl/worksheets/_rels/sheet1.xml.rels", kit.rels(("rId1", "threadedComment", "../threadedComments/t1.xml", ""))),
                         ("xl/threadedComments/t1.xml", threaded), ("xl/externalLinks/e1.xml", external),
                         ("xl/pivotCache/p1.xml", pivot), ("xl/charts/chart1.xml", chart)])


def slides(kit, file):
    """Modern comments; a diagram, whose text is there twice."""
    def m(tag, place="body"):
        return kit.mark(tag, place, file)
    names = kit.P
    text = "<p:cSld><p:spTree><p:sp><p:txBody><a:p><a:r><a:t>{}</a:t></a:r></a:p></p:txBody></p:sp></p:spTree></p:cSld>"
    modern = (f'{kit.XML}<p188:cmLst xmlns:p188="http://schemas.microsoft.com/office/powerpoint/2018/8/main" {names}><p188:cm><p188:txBody><a:p><a:r>'
              f'<a:t>{m("modern", "annotation")}</a:t></a:r></a:p></p188:txBody></p188:cm></p188:cmLst>')
    data = (f'{kit.XML}<dgm:dataModel xmlns:dgm="http://schemas.openxmlformats.org/drawingml/2006/diagram" {names}><dgm:ptLst><dgm:pt><dgm:t><a:p><a:r>'
            f'<a:t>{m("diagram", "text-box")}</a:t></a:r></a:p></dgm:t></dgm:pt></dgm:ptLst></dgm:dataModel>')
    drawn = (f'{kit.XML}<dsp:drawing xmlns:dsp="http://schemas.microsoft.com/office/drawing/2008/diagram" {names}><dsp:txBody><a:p><a:r><a:t>{MARK}diagram</a:t>'
             f'</a:r></a:p><a:p><a:r><a:t>{m("only drawn", "text-box")}</a:t></a:r></a:p></dsp:txBody></dsp:drawing>')
    kit.expect(file, "cover", "complete none")
    kit.write_zip(file, [kit.SLIDES, kit.TOP("ppt/presentation.xml"),
                         ("ppt/presentation.xml", f'{kit.XML}<p:presentation {names}><p:sldIdLst><p:sldId id="256" r:id="rId2"/></p:sldIdLst></p:presentation>'),
                         ("ppt/_rels/presentation.xml.rels", kit.rels(("rId1", "slideMaster", "slideMasters/m.xml", ""), ("rId2", "slide", "slides/slide1.xml", ""))),
                         ("ppt/slides/slide1.xml", f'{kit.XML}<p:sld {names}>{text.format(m("slide"))}</p:sld>'),
                         ("ppt/slides/_rels/slide1.xml.rels", kit.rels(("rId1", "comments", "../comments/modernComment_1.xml", ""))),
                         ("ppt/comments/modernComment_1.xml", modern), ("ppt/diagrams/data1.xml", data), ("ppt/diagrams/drawing1.xml", drawn),
                         ("ppt/slideMasters/m.xml", f'{kit.XML}<p:sldMaster {names}>{text.format(m("master", "page-header"))}</p:sldMaster>')])


def slide_levels(kit, file):
    """Size and colour that text has from presentation, master, layout, its shape and the theme; names of sections."""
    def fill(kind, value, more=""):
        return f'<a:solidFill><a:{kind}Clr val="{value}">{more}</a:{kind}Clr></a:solidFill>'

    def level(number, size, inside=""):
        return f'<a:lvl{number}pPr><a:defRPr sz="{size}">{inside}</a:defRPr></a:lvl{number}pPr>'

    def shape(text, holder="", lists="", look="", level_="", body=""):
        run = f'<a:r><a:rPr{look}</a:rPr><a:t>{text}</a:t></a:r>' if look else f"<a:r><a:t>{text}</a:t></a:r>"
        return (f'<p:sp><p:nvSpPr><p:nvPr>{holder and f"<p:ph {holder}/>"}</p:nvPr></p:nvSpPr><p:txBody><a:bodyPr>{body}</a:bodyPr>'
                f'<a:lstStyle>{lists}</a:lstStyle><a:p>{level_ and f"""<a:pPr lvl="{level_}"/>"""}{run}</a:p></p:txBody></p:sp>')

    def m(kind, tag):
        kit.expect(file, "type", f"{kind} {MARK}{tag}")
        return MARK + tag
    tree = "<p:cSld><p:spTree>{}</p:spTree></p:cSld>"
    slide = (shape(m("440 ff0000", "title"), 'type="ctrTitle"') + shape(m("280 00b050", "second level"), 'idx="1"', level_="1") +
             shape(m("320 0000ff", "layout"), 'idx="1"') + shape(m("150 -", "its shape"), 'idx="1"', level(1, 1500, fill("scheme", "accent1", '<a:lumMod val="50000"/>'))) +
             shape(m("180 111111", "plain")) + shape(m("140 c00000", "theme"), look=f' sz="1400">{fill("scheme", "accent2")}') +
             shape(m("180 111111", "outline"), look=f'><a:ln>{fill("srgb", "FF0000")}</a:ln>') + shape(m("180 111111", "marked"), look='><a:highlight><a:srgbClr val="FF0000"/></a:highlight>') +
             shape(m("160 0000ff", "shrunk"), 'idx="1"', body='<a:normAutofit fontScale="50000"/>') + shape(m("90 222222", "date"), 'type="dt" idx="10"'))
    layout = shape("", 'type="ctrTitle"') + shape("", 'idx="1"', level(1, 3200, fill("srgb", "0000FF")) + level(2, 2800)) + shape("", 'type="dt" idx="10"')
    master = shape("", 'type="title"', level(1, 4400)) + shape("", 'type="body" idx="1"', level(1, 2000)) + shape("", 'type="dt" idx="2"', level(1, 900))
    styles = (f'<p:titleStyle>{level(1, 4000, fill("srgb", "FF0000"))}</p:titleStyle><p:bodyStyle>{level(1, 3000)}{level(2, 2900, fill("srgb", "00B050"))}</p:bodyStyle>'
              f'<p:otherStyle>{level(1, 1700, fill("srgb", "222222"))}</p:otherStyle>')
    section = ('<p:extLst><p:ext><p14:sectionLst xmlns:p14="http://schemas.microsoft.com/office/powerpoint/2010/main"><p14:section '
               f'name="{kit.mark("section", "attribute", file)}"/></p14:sectionLst></p:ext></p:extLst>')
    theme = ('<a:theme xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"><a:themeElements><a:clrScheme name="x"><a:dk1><a:sysClr val="windowText" '
             'lastClr="000000"/></a:dk1><a:lt1><a:srgbClr val="111111"/></a:lt1><a:accent2><a:srgbClr val="C00000"/></a:accent2></a:clrScheme></a:themeElements></a:theme>')
    kit.expect(file, "cover", "complete none")
    names = kit.P
    kit.write_zip(file, [kit.SLIDES, kit.TOP("ppt/presentation.xml"),
                         ("ppt/presentation.xml", f'{kit.XML}<p:presentation {names}><p:sldIdLst><p:sldId id="256" r:id="rId2"/></p:sldIdLst><p:defaultTextStyle>'
                          f'{level(1, 1800, fill("scheme", "tx1"))}</p:defaultTextStyle>{section}</p:presentation>'),
                         ("ppt/_rels/presentation.xml.rels", kit.rels(("rId1", "slideMaster", "slideMasters/m.xml", ""), ("rId2", "slide", "slides/slide1.xml", ""))),
                         ("ppt/slides/slide1.xml", f"{kit.XML}<p:sld {names}>{tree.format(slide)}</p:sld>"),
                         ("ppt/slides/_rels/slide1.xml.rels", kit.rels(("rId1", "slideLayout", "../slideLayouts/l.xml", ""))),
                         ("ppt/slideLayouts/l.xml", f"{kit.XML}<p:sldLayout {names}>{tree.format(layout)}</p:sldLayout>"),
                         ("ppt/slideLayouts/_rels/l.xml.rels", kit.rels(("rId1", "slideMaster", "../slideMasters/m.xml", ""))),
                         ("ppt/slideMasters/m.xml", f'{kit.XML}<p:sldMaster {names}>{tree.format(master)}<p:clrMap bg1="dk1" tx1="lt1"/><p:txStyles>{styles}</p:txStyles></p:sldMaster>'),
                         ("ppt/slideMasters/_rels/m.xml.rels", kit.rels(("rId1", "theme", "../theme/t.xml", ""))), ("ppt/theme/t.xml", kit.XML + theme)])


def sheet_columns(kit, file):
    """OpenDocument: hidden columns, repeated ones too."""
    def cell(text, more=""):
        return f"<table:table-cell{more}><text:p>{text}</text:p></table:table-cell>"
    kit.odf(file, "spreadsheet", lambda m: (
        '<table:table table:name="一"><table:table-column/><table:table-column table:number-columns-repeated="2" table:visibility="collapse"/><table:table-column/>'
        f'<table:table-row>{cell(m("a"))}{cell(m("b", "hidden"))}<table:covered-table-cell/>{cell(m("d"))}</table:table-row>'
        f'<table:table-row><table:table-cell table:number-columns-repeated="2"/>{cell(m("c", "hidden"))}{cell(m("d again"))}</table:table-row></table:table>'))


def slide_hidden(kit, file):
    """OpenDocument: a slide that is not shown."""
    kit.odf(file, "presentation", lambda m: (
        f'<draw:page draw:name="p" draw:style-name="dp1"><draw:frame><draw:text-box><text:p>{m("slide")}</text:p></draw:text-box></draw:frame></draw:page>'
        f'<draw:page draw:name="q" draw:style-name="dp2"><draw:frame><draw:text-box><text:p>{m("hidden slide", "hidden")}</text:p></draw:text-box></draw:frame></draw:page>'),
        '<style:style style:name="dp1" style:family="drawing-page"><style:drawing-page-properties presentation:visibility="visible"/></style:style>'
        '<style:style style:name="dp2" style:family="drawing-page"><style:drawing-page-properties presentation:visibility="hidden"/></style:style>')


WRITERS = {"styled.docx": styled, "columns.xlsx": book, "modern.pptx": slides, "levels.pptx": slide_levels, "columns.ods": sheet_columns, "hidden.odp": slide_hidden}
