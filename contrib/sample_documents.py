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
