"""Small documents and archives, made by hand: for quickstart and the flow tests. Each function gives bytes."""
import io
import zipfile
from xml.sax.saxutils import escape

WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
SHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'


class GbkName(zipfile.ZipInfo):
    """A member whose name is in GBK without the flag that says UTF-8, as old Chinese programs write it."""

    def _encodeFilenameFlags(self):     # noqa: N802: the method of zipfile that must be replaced
        return self.filename.encode("gbk"), self.flag_bits & ~0x800


def zip_of(members, gbk=False):
    """members: (name, bytes) pairs."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            entry = (GbkName if gbk else zipfile.ZipInfo)(name, (2026, 1, 5, 9, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, data)
    return buffer.getvalue()


def locked_zip(name="plan.txt", size=200):
    """A zip whose only member says that it is encrypted: nobody can look inside."""
    data = bytearray(zip_of([(name, bytes(range(256))[:size] * 2)]))
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    return bytes(data)


def _relations(rows):
    inner = "".join(f'<Relationship Id="r{i}" Type="{RELATIONS}/{kind}" Target="{target}"/>' for i, (kind, target) in enumerate(rows, 1))
    return f'{HEAD}<Relationships xmlns="{PACKAGE}/relationships">{inner}</Relationships>'


def _types(rows):
    inner = "".join(f'<Override PartName="{name}" ContentType="application/vnd.openxmlformats-officedocument.{kind}+xml"/>'
                    for name, kind in rows)
    return (f'{HEAD}<Types xmlns="{PACKAGE}/content-types">'
            '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            f'<Default Extension="xml" ContentType="application/xml"/>{inner}</Types>')


def _paragraphs(lines):
    return "".join(f"<w:p><w:r><w:t>{escape(line)}</w:t></w:r></w:p>" for line in lines)


def docx(body, header=()):
    """A text of paragraphs, with lines in its running header."""
    members = [("[Content_Types].xml", _types([("/word/document.xml", "wordprocessingml.document.main"),
                                               ("/word/header1.xml", "wordprocessingml.header")])),
               ("_rels/.rels", _relations([("officeDocument", "word/document.xml")])),
               ("word/_rels/document.xml.rels", _relations([("header", "header1.xml")])),
               ("word/document.xml", f'{HEAD}<w:document xmlns:w="{WORD}" xmlns:r="{RELATIONS}"><w:body>{_paragraphs(body)}'
                                     '<w:sectPr><w:headerReference w:type="default" r:id="r1"/></w:sectPr></w:body></w:document>'),
               ("word/header1.xml", f'{HEAD}<w:hdr xmlns:w="{WORD}">{_paragraphs(header)}</w:hdr>')]
    return zip_of([(name, text.encode()) for name, text in members])


def ofd(lines, size=5.6):
    """One A4 page, a line each; every line a text object, as an OFD writer sets it."""
    name = 'xmlns:ofd="http://www.ofdspec.org/2016"'
    objects = ""
    for number, line in enumerate(lines):
        steps = " ".join(str(size if ord(character) > 0x2000 else size / 2) for character in line[:-1])
        objects += (f'<ofd:TextObject ID="{number + 10}" Boundary="25 {25 + 10 * number} 160 9" Font="3" Size="{size}">'
                    f'<ofd:TextCode X="0" Y="{size}" DeltaX="{steps}">{escape(line)}</ofd:TextCode></ofd:TextObject>')
    box = "<ofd:PhysicalBox>0 0 210 297</ofd:PhysicalBox>"
    members = [("OFD.xml", f'{HEAD}<ofd:OFD {name} DocType="OFD" Version="1.0"><ofd:DocBody><ofd:DocInfo><ofd:DocID>0</ofd:DocID></ofd:DocInfo>'
                           "<ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody></ofd:OFD>"),
               ("Doc_0/Document.xml", f"{HEAD}<ofd:Document {name}><ofd:CommonData><ofd:MaxUnitID>99</ofd:MaxUnitID><ofd:PageArea>{box}</ofd:PageArea>"
                                      '</ofd:CommonData><ofd:Pages><ofd:Page ID="1" BaseLoc="Pages/Page_0/Content.xml"/></ofd:Pages></ofd:Document>'),
               ("Doc_0/Pages/Page_0/Content.xml", f"{HEAD}<ofd:Page {name}><ofd:Area>{box}</ofd:Area><ofd:Content>"
                                                  f'<ofd:Layer ID="2" Type="Body">{objects}</ofd:Layer></ofd:Content></ofd:Page>')]
    return zip_of([(name, text.encode()) for name, text in members])


def xlsx(rows, name="Sheet1"):
    """One sheet; rows of cells, all of them shared strings."""
    strings, lines = [], []
    for number, row in enumerate(rows, 1):
        cells = ""
        for column, text in enumerate(row):
            cells += f'<c r="{chr(65 + column)}{number}" t="s"><v>{len(strings)}</v></c>'
            strings.append(text)
        lines.append(f'<row r="{number}">{cells}</row>')
    shared = "".join(f"<si><t>{escape(text)}</t></si>" for text in strings)
    members = [("[Content_Types].xml", _types([("/xl/workbook.xml", "spreadsheetml.sheet.main"),
                                               ("/xl/worksheets/sheet1.xml", "spreadsheetml.worksheet"),
                                               ("/xl/sharedStrings.xml", "spreadsheetml.sharedStrings")])),
               ("_rels/.rels", _relations([("officeDocument", "xl/workbook.xml")])),
               ("xl/_rels/workbook.xml.rels", _relations([("worksheet", "worksheets/sheet1.xml"),
                                                          ("sharedStrings", "sharedStrings.xml")])),
               ("xl/workbook.xml", f'{HEAD}<workbook xmlns="{SHEET}" xmlns:r="{RELATIONS}"><sheets>'
                                   f'<sheet name="{escape(name)}" sheetId="1" r:id="r1"/></sheets></workbook>'),
               ("xl/worksheets/sheet1.xml", f'{HEAD}<worksheet xmlns="{SHEET}"><sheetData>{"".join(lines)}</sheetData></worksheet>'),
               ("xl/sharedStrings.xml", f'{HEAD}<sst xmlns="{SHEET}" count="{len(strings)}" uniqueCount="{len(strings)}">{shared}</sst>')]
    return zip_of([(name, text.encode()) for name, text in members])


def pdf(lines, size=16):
    """One page of lines in a font that is not in the file: its codes mean what a predefined character map says."""
    text = "".join(f"BT /F {size} Tf 90 {770 - 30 * number} Td <{line.encode('utf-16-be').hex()}> Tj ET\n" for number, line in enumerate(lines))
    font = ("<</Type/Font/Subtype/Type0/BaseFont/STSong-Light/Encoding/UniGB-UTF16-H/DescendantFonts[<</Type/Font/Subtype/CIDFontType0"
            "/BaseFont/STSong-Light/CIDSystemInfo<</Registry(Adobe)/Ordering(GB1)/Supplement 4>>/DW 1000/W[1 95 500]/FontDescriptor<</Type/FontDescriptor"
            "/FontName/STSong-Light/Flags 4/FontBBox[0 -200 1000 900]/ItalicAngle 0/Ascent 880/Descent -120/CapHeight 880/StemV 80>>>>]>>")
    objects = ["<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Count 1/Kids[3 0 R]>>",
               "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>",
               f"<</Length {len(text)}>>stream\n{text}endstream", font]
    out, table = b"%PDF-1.7\n", "0000000000 65535 f \n"
    for number, content in enumerate(objects, 1):
        table += f"{len(out):010d} 00000 n \n"
        out += f"{number} 0 obj\n{content}\nendobj\n".encode()
    return out + f"xref\n0 {len(objects) + 1}\n{table}trailer<</Size {len(objects) + 1}/Root 1 0 R>>\nstartxref\n{len(out)}\n%%EOF\n".encode()
