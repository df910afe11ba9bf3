"""OFD packages (GB/T 33190-2016) for the tests: the mark once in each place, and odd, damaged and encrypted ones.

`write_documents.py` calls the writers below with a Kit: where to put files, and what a reader must find in them.
"""
import struct
import zlib

MARK = "机密★10年"
NS = 'xmlns:ofd="http://www.ofdspec.org/2016"'
HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
PNG_HEAD = b"\x89PNG\r\n\x1a\n"


def png(red, green, blue):
    """One pixel."""
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    return (PNG_HEAD + chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)) +
            chunk(b"IDAT", zlib.compress(bytes((0, red, green, blue)))) + chunk(b"IEND", b""))


def width(character, size):
    """How far a character moves the pen."""
    return round(size if ord(character) > 0x2000 else size / 2, 3)


class Objects:
    """Objects of a page, with ids that rise."""

    def __init__(self, first=100):
        self.id = first

    def text(self, text, x, y, size=5.6, code="", inside="", **more):
        """A TextObject whose box stands at x, y; base line at y + size; `code`: attributes of TextCode."""
        self.id += 1
        step = f' DeltaX="{" ".join(str(width(c, size)) for c in text[:-1])}"' if not code and len(text) > 1 else ""
        look = "".join(f' {name}="{value}"' for name, value in more.items())
        return (f'<ofd:TextObject ID="{self.id}" Boundary="{x} {y} {size * len(text) + 2} {size * 1.5}" Font="3" Size="{size}"{look}>{inside}'
                f'<ofd:TextCode X="0" Y="{size}"{code or step}>{text}</ofd:TextCode></ofd:TextObject>')

    def letters(self, text, x, y, size=5.6, order=None):
        """Each character an object of its own, drawn in this order."""
        starts = [x + sum(width(c, size) for c in text[:i]) for i in range(len(text))]
        return "".join(self.text(text[i], starts[i], y, size) for i in (order or range(len(text))))


def page(body, templates="", layer=' Type="Body"', box="0 0 210 297", more=""):
    area = f"<ofd:Area><ofd:PhysicalBox>{box}</ofd:PhysicalBox></ofd:Area>" if box else ""
    return f'{HEAD}<ofd:Page {NS}>{area}{templates}<ofd:Content><ofd:Layer{layer} ID="2">{body}</ofd:Layer></ofd:Content>{more}</ofd:Page>'


def document(pages, common="", more="", base="Pages/Page_{}/Content.xml"):
    rows = "".join(f'<ofd:Page ID="{10 + i}" BaseLoc="{base.format(i)}"/>' for i in range(pages))
    return (f'{HEAD}<ofd:Document {NS}><ofd:CommonData><ofd:MaxUnitID>999</ofd:MaxUnitID><ofd:PageArea><ofd:PhysicalBox>0 0 210 297'
            f"</ofd:PhysicalBox></ofd:PageArea>{common}</ofd:CommonData><ofd:Pages>{rows}</ofd:Pages>{more}</ofd:Document>")


def root(*bodies):
    return f'{HEAD}<ofd:OFD {NS} DocType="OFD" Version="1.0">{"".join(f"<ofd:DocBody>{body}</ofd:DocBody>" for body in bodies)}</ofd:OFD>'


def body(info="", location="Doc_0/Document.xml", more=""):
    return f"<ofd:DocInfo><ofd:DocID>0</ofd:DocID>{info}</ofd:DocInfo><ofd:DocRoot>{location}</ofd:DocRoot>{more}"


def simple(*pages, location="Doc_0/Document.xml", base="Pages/Page_{}/Content.xml"):
    """The members of a package of these pages and nothing else."""
    return [("OFD.xml", root(body(location=location))), ("Doc_0/Document.xml", document(len(pages), base=base))] + \
        [(f"Doc_0/Pages/Page_{i}/Content.xml", content) for i, content in enumerate(pages)]


def der(tag, *content):
    data = b"".join(content)
    size = bytes([len(data)]) if len(data) < 128 else b"\x82" + struct.pack(">H", len(data)) if len(data) < 65536 else \
        b"\x83" + struct.pack(">I", len(data))[1:]
    return bytes([tag]) + size + data


def seal(words, picture):
    """SESeal (GB/T 38540): header, id, properties with the name, picture, signature."""
    head = der(0x30, der(0x16, b"ES"), der(2, b"\4"), der(0x16, b"maker"))
    named = der(0x30, der(2, b"\1"), der(0x0C, words.encode()), der(0x30, der(4, b"not a certificate")))
    shown = der(0x30, der(0x16, b"png"), der(4, picture), der(2, b"\x28"), der(2, b"\x28"))
    return der(0x30, der(0x30, head, der(0x16, b"0001"), named, shown), der(3, b"\0" + b"\7" * 64))


# --- the sample with everything -----------------------------------------------------------------------------------

def pages_of(m, o):
    first = page(
        o.text("000012", 20, 15) + o.text(m("head"), 20, 25, inside='<ofd:FillColor Value="255 0 0"/>') +
        # drawn out of order, each character an object
        o.letters(m("order"), 20, 60, order=(9, 8, 0, 2, 1, 3, 6, 5, 4, 7, 10)) +
        # fake bold: twice, a little aside
        o.letters(m("bold"), 20, 70) + o.letters(MARK + "bold", 20.2, 70) +
        # two halves of a line in two objects, the second first; size by CTM
        o.text("年half", 20 + 4 * 5.6, 80) + o.text("机密★10", 20, 80) + o.text(m("ctm"), 20, 90, size=1, CTM="5 0 0 5 0 0") +
        # one column from above, and one character each
        o.text(m("column"), 190, 40, code=' DeltaY="g 10 5.6"') +
        "".join(o.text(c, 180, 120 + 6 * i) for i, c in enumerate(m("tower"))) + "".join(o.text("一二三四五六七八九十正"[i], 172, 120 + 6 * i) for i in range(11)) +
        o.text(m("slanting", "text-box"), 60, 200, CTM="0.7 -0.7 0.7 0.7 0 0") +
        o.text(m("invisible", "hidden"), 20, 100, Visible="false") + o.text(m("alpha", "hidden"), 20, 110, Alpha="0") +
        o.text(m("white", "hidden"), 20, 120, inside='<ofd:FillColor Value="255 255 255"/>') +
        o.text(m("clear", "hidden"), 20, 125, inside='<ofd:FillColor Value="0 0 0" Alpha="0"/>') +
        o.text(m("off paper", "hidden"), 20, 400) +
        '<ofd:PathObject ID="90" Boundary="15 130 100 12" Fill="true"><ofd:FillColor Value="200 0 0"/><ofd:AbbreviatedData>M 0 0 L 100 0 L 100 12 '
        "L 0 12 C</ofd:AbbreviatedData></ofd:PathObject>" + o.text(m("banner"), 20, 130, inside='<ofd:FillColor Value="#FF #FF #FF"/>') +
        f'<ofd:TextObject ID="91" Boundary="20 145 50 10" Size="5"><ofd:Actions><ofd:Action Event="CLICK"><ofd:URI URI="http://outside.example/'
        f'{m("uri", "attribute")}"/></ofd:Action></ofd:Actions><ofd:TextCode X="0" Y="5" DeltaX="5 g 2 2.5">甲乙10</ofd:TextCode></ofd:TextObject>' +
        '<ofd:ImageObject ID="92" Boundary="150 250 20 20" ResourceID="7"/>',
        '<ofd:Template TemplateID="4" ZOrder="Background"/>')
    second = page(o.text(m("second page"), 20, 40) + f'<ofd:PageBlock>{o.text(m("block"), 20, 50)}</ofd:PageBlock>',
                  '<ofd:Template TemplateID="4" ZOrder="Background"/>')
    template = page(o.text(m("template head", "page-header"), 20, 5) + o.text(m("template foot", "page-footer"), 20, 285) +
                    o.text(m("template"), 20, 150), layer=' Type="Background"')
    return first, second, template


def lists_of(m, o):
    annotations = (f'{HEAD}<ofd:PageAnnot {NS}><ofd:Annot ID="50" Type="Stamp" Creator="张"><ofd:Remark>{m("remark", "annotation")}</ofd:Remark>'
                   f'<ofd:Appearance Boundary="100 20 50 20">{o.text(m("stamp", "annotation"), 0, 0)}</ofd:Appearance></ofd:Annot></ofd:PageAnnot>')
    resources = (f'{HEAD}<ofd:Res {NS} BaseLoc="Res"><ofd:Fonts><ofd:Font ID="3" FontName="宋体"><ofd:FontFile>f.ttf</ofd:FontFile></ofd:Font></ofd:Fonts>'
                 '<ofd:MultiMedias><ofd:MultiMedia ID="7" Type="Image"><ofd:MediaFile>a.png</ofd:MediaFile></ofd:MultiMedia></ofd:MultiMedias>'
                 f'<ofd:CompositeGraphicUnits><ofd:CompositeGraphicUnit ID="8" Width="50" Height="10"><ofd:Content>{o.text(m("unit", "text-box"), 0, 0)}'
                 "</ofd:Content></ofd:CompositeGraphicUnit></ofd:CompositeGraphicUnits></ofd:Res>")
    attachments = (f'{HEAD}<ofd:Attachments {NS}><ofd:Attachment ID="60" Name="{m("attached", "attribute")}" Format="txt"><ofd:FileLoc>Att/a.txt</ofd:FileLoc>'
                   "</ofd:Attachment></ofd:Attachments>")
    return annotations, resources, attachments


def everything(kit, file):
    def m(tag, place="body"):
        return kit.mark(tag, place, file)
    o = Objects()
    first, second, template = pages_of(m, o)
    annotations, resources, attachments = lists_of(m, o)
    kit.expect(file, "body", MARK + "half")
    info = "".join(f"<ofd:{name}>{m(name.lower(), 'property')}</ofd:{name}>" for name in ("Title", "Author", "Subject", "Abstract")) + \
        f'<ofd:Keywords><ofd:Keyword>{m("keyword", "property")}</ofd:Keyword></ofd:Keywords><ofd:CustomDatas><ofd:CustomData Name="密级">' + \
        f'{m("custom", "property")}</ofd:CustomData></ofd:CustomDatas>'
    common = ('<ofd:PublicRes>PublicRes.xml</ofd:PublicRes><ofd:TemplatePage ID="4" Name="t" BaseLoc="Tpls/Tpl_0/Content.xml"/>')
    more = (f'<ofd:Outlines><ofd:OutlineElem Title="{m("outline", "attribute")}"/></ofd:Outlines><ofd:Bookmarks><ofd:Bookmark Name="'
            f'{m("bookmark", "attribute")}"/></ofd:Bookmarks><ofd:Annotations>Annots/Annotations.xml</ofd:Annotations>'
            "<ofd:CustomTags>Tags/CustomTags.xml</ofd:CustomTags><ofd:Attachments>/Doc_0/Attachs/Attachments.xml</ofd:Attachments>"
            "<ofd:Extensions>Extensions.xml</ofd:Extensions>")
    signature = (f'{HEAD}<ofd:Signature {NS}><ofd:SignedInfo><ofd:Provider ProviderName="x"/><ofd:Seal><ofd:BaseLoc>/Doc_0/Signs/Sign_0/Seal.esl</ofd:BaseLoc>'
                 "</ofd:Seal></ofd:SignedInfo><ofd:SignedValue>SignedValue.dat</ofd:SignedValue></ofd:Signature>")
    inner = kit.zip_bytes(simple(page(o.text(m("seal page"), 5, 5))))
    other = page(o.text(m("other document"), 20, 40))
    old = page(o.text(m("old version"), 20, 40))
    version = f'{HEAD}<ofd:DocVersion {NS} ID="1"><ofd:FileList/><ofd:DocRoot>/Doc_0/Old.xml</ofd:DocRoot></ofd:DocVersion>'
    kit.expect(file, "bytes", m("attachment", "bytes"))
    kit.expect(file, "attribute", MARK + "seal name")
    kit.expect(file, "name", "seal")
    kit.expect(file, "cover", "complete none")
    members = [
        ("OFD.xml", root(body(info, more='<ofd:Versions><ofd:Version ID="1" Index="1" BaseLoc="Doc_0/Versions/v1.xml"/></ofd:Versions>'
                              "<ofd:Signatures>/Doc_0/Signs/Signatures.xml</ofd:Signatures>"), body(location="Doc_1\\document.XML"))),
        ("Doc_0/Document.xml", document(2, common, more)), ("Doc_0/PublicRes.xml", resources),
        ("Doc_0/Pages/Page_0/Content.xml", first), ("Doc_0/Pages/Page_1/Content.xml", second), ("Doc_0/Tpls/Tpl_0/Content.xml", template),
        ("Doc_0/Annots/Annotations.xml", f'{HEAD}<ofd:Annotations {NS}><ofd:Page PageID="10"><ofd:FileLoc>Page_0/Annotation.xml</ofd:FileLoc></ofd:Page></ofd:Annotations>'),
        ("Doc_0/Annots/Page_0/Annotation.xml", annotations), ("Doc_0/Attachs/Attachments.xml", attachments),
        ("Doc_0/Attachs/Att/a.txt", MARK + "attachment"),
        ("Doc_0/Tags/CustomTags.xml", f'{HEAD}<ofd:CustomTags {NS}><ofd:CustomTag NameSpace="x"><ofd:FileLoc>../Tags/tag.xml</ofd:FileLoc></ofd:CustomTag></ofd:CustomTags>'),
        ("Doc_0/Tags/tag.xml", f'{HEAD}<公文 密级="{m("tag", "bytes")}"/>'),
        ("Doc_0/Extensions.xml", f'{HEAD}<ofd:Extensions {NS}><ofd:Extension AppName="x" RefId="10"><ofd:Property Name="p">{m("extension", "attribute")}'
         "</ofd:Property></ofd:Extension></ofd:Extensions>"),
        ("Doc_0/Signs/Signatures.xml", f'{HEAD}<ofd:Signatures {NS}><ofd:Signature ID="1" BaseLoc="Sign_0/Signature.xml"/></ofd:Signatures>'),
        ("Doc_0/Signs/Sign_0/Signature.xml", signature), ("Doc_0/Signs/Sign_0/SignedValue.dat", der(0x30, der(4, seal("x", png(255, 0, 0))))),
        ("Doc_0/Signs/Sign_0/Seal.esl", seal(MARK + "seal name", inner)), ("Doc_0/Res/a.png", png(1, 2, 3)),
        ("Doc_0/Res/f.ttf", b"\0\1\0\0" + bytes(60)),
        ("Doc_1/Document.xml", document(1, base="../Doc_1/./page.xml")), ("Doc_1/page.xml", other),
        ("Doc_0/Versions/v1.xml", version), ("Doc_0/Old.xml", document(1, base="/Doc_0/oldpage.xml")), ("Doc_0/oldpage.xml", old),
        ("Doc_0/Lost/Content.xml", page(o.text(m("orphan", "hidden"), 20, 40))),
    ]
    kit.write_zip(file, members)


def layout(kit, file):
    """Size and colour of what stands in the head of the first page: by itself, by parameters, by a unit that is placed."""
    def red(text):
        kit.expect(file, "type", "160 ff0000 " + MARK + text)
        return MARK + text
    o = Objects()
    content = o.text(red("own"), 20, 20, size=5.644, inside='<ofd:FillColor Value="255 0 0"/>')
    content += o.text(red("matrix"), 20, 30, size=1, CTM="5.644 0 0 5.644 0 0", DrawParam="21") + o.text(red("inherited"), 20, 40, size=5.644, DrawParam="22")
    content += '<ofd:CompositeObject ID="80" Boundary="20 50 90 10" CTM="2 0 0 2 0 0" ResourceID="30"/>'
    content += '<ofd:CompositeObject ID="81" Boundary="20 60 90 10" ResourceID="31"/><ofd:CompositeObject ID="82" Boundary="20 70 90 10" ResourceID="33" Visible="false"/>'
    content += '<ofd:CompositeObject ID="83" Boundary="20 140 9 9" CTM="0 1 -1 0 0 0" ResourceID="34"/>'
    unit = '<ofd:CompositeGraphicUnit ID="{}" Width="90" Height="10"><ofd:Content>{}</ofd:Content></ofd:CompositeGraphicUnit>'
    units = unit.format(30, o.text(red("unit"), 0, 0, size=2.822, DrawParam="21"))
    units += unit.format(31, '<ofd:CompositeObject ID="84" Boundary="0 0 9 9" ResourceID="32"/><ofd:CompositeObject ID="85" Boundary="0 0 9 9" ResourceID="31"/>' +
                         '<ofd:CompositeObject ID="86" Boundary="0 0 9 9" CTM="2 0 0 2 0 0" ResourceID="30"/>')
    units += unit.format(32, o.text(kit.mark("later unit", "text-box", file), 0, 0)) + unit.format(33, o.text(kit.mark("unseen unit", "hidden", file), 0, 0))
    units += unit.format(34, o.text(kit.mark("standing", "body", file), 0, 0)) + unit.format(35, o.text(kit.mark("unused unit", "text-box", file), 0, 0))
    params = '<ofd:DrawParams><ofd:DrawParam ID="22" Relative="21"/><ofd:DrawParam ID="21" Relative="22"><ofd:FillColor Value="255 0 0"/></ofd:DrawParam></ofd:DrawParams>'
    of_page = f'{HEAD}<ofd:Res {NS}><ofd:CompositeGraphicUnits>{unit.format(40, o.text(kit.mark("unit of the page", "body", file), 0, 0))}</ofd:CompositeGraphicUnits></ofd:Res>'
    second = page('<ofd:CompositeObject ID="87" Boundary="20 40 9 9" ResourceID="40"/>', '<ofd:PageRes>Res.xml</ofd:PageRes>')
    other = page(o.text(MARK + "other document", 20, 20, size=5.644))
    kit.expect(file, "type", "160 - " + MARK + "other document")
    kit.expect(file, "cover", "complete none")
    kit.write_zip(file, [
        ("OFD.xml", root(body(), body(location="Doc_1/Document.xml"))),
        ("Doc_0/Document.xml", document(2, "<ofd:DocumentRes>DocumentRes.xml</ofd:DocumentRes>")),
        ("Doc_0/DocumentRes.xml", f"{HEAD}<ofd:Res {NS}>{params}<ofd:CompositeGraphicUnits>{units}</ofd:CompositeGraphicUnits></ofd:Res>"),
        ("Doc_0/Pages/Page_0/Content.xml", page(content)), ("Doc_0/Pages/Page_1/Content.xml", second), ("Doc_0/Pages/Page_1/Res.xml", of_page),
        ("Doc_1/Document.xml", document(1)), ("Doc_1/Pages/Page_0/Content.xml", other)])


# --- others -------------------------------------------------------------------------------------------------------

def ordinary(kit, file):
    o = Objects()
    kit.expect(file, "body", "关于放假的通知\n各处室：")
    kit.expect(file, "cover", "complete none")
    kit.write_zip(file, simple(page(o.text("关于放假的通知", 60, 40) + o.text("各处室：", 20, 60))))


def encrypted(kit, file):
    members = simple(page(""))
    members[-1] = (members[-1][0], bytes(range(1, 200)))
    kit.expect(file, "cover", "unreadable encrypted")
    kit.write_zip(file, members + [("Encryptions.xml", f'{HEAD}<ofd:Encryptions {NS}/>')])


def encrypted_entries(kit, file):
    """GM/T 0099: OFD.xml leads to the list of what is encrypted, whatever that is called."""
    kit.expect(file, "cover", "unreadable encrypted")
    listed = f'{HEAD}<ofd:OFD {NS} DocType="OFD" Version="1.1"><ofd:DocBody>{body(more="<ofd:Encryptions>/sec.xml</ofd:Encryptions>")}</ofd:DocBody></ofd:OFD>'
    kit.write_zip(file, [("OFD.xml", listed), ("sec.xml", f'{HEAD}<ofd:Encryptions {NS}><ofd:EncryptInfo ID="1"/></ofd:Encryptions>'),
                         ("Doc_0/Document.xml", bytes(range(1, 250)))])


def lost_page(kit, file):
    kit.expect(file, "body", kit.mark("kept", "body", file))
    kit.expect(file, "cover", "partial damaged")
    kit.write_zip(file, simple(page(Objects().text(MARK + "kept", 20, 40)), page(""))[:-1])


def cut_page(kit, file):
    """The XML of the page ends in the middle."""
    kit.expect(file, "body", kit.mark("first", "body", file))
    kit.expect(file, "cover", "partial damaged")
    whole = page(Objects().text(MARK + "first", 20, 40) + "x" * 50)
    kit.write_zip(file, simple(whole[:-60]))


def curves(kit, file):
    """Text drawn as curves: nothing to read, and that must be told."""
    path = '<ofd:PathObject ID="9" Boundary="0 0 9 9"><ofd:AbbreviatedData>M 0 0 L 1 1</ofd:AbbreviatedData></ofd:PathObject>'
    kit.expect(file, "cover", "partial unsupported")
    kit.write_zip(file, simple(page(path * 60)))


def meaningless(kit, file):
    """A font whose codes are its own."""
    kit.expect(file, "cover", "partial unsupported")
    kit.write_zip(file, simple(page(Objects().text("".join(chr(0xE000 + i) for i in range(20)), 20, 40))))


def picture(kit, file):
    kit.expect(file, "name", "Doc_0/Res/scan.png")
    kit.expect(file, "cover", "complete none")
    kit.write_zip(file, simple(page('<ofd:ImageObject ID="9" Boundary="0 0 210 297" ResourceID="7"/>')) + [("Doc_0/Res/scan.png", png(9, 9, 9))])


WRITERS = {
    "all.ofd": everything, "layout.ofd": layout, "encrypted-entries.ofd": encrypted_entries, "ordinary.ofd": ordinary, "encrypted.ofd": encrypted, "lost-page.ofd": lost_page, "cut-page.ofd": cut_page,
    "curves.ofd": curves, "meaningless.ofd": meaningless, "scan.ofd": picture,
}
