"""Small PDF documents made by hand: one for each place that text can be in, ordinary and hostile ones.

Objects are given as text or bytes; a stream as (dictionary, bytes). Text is shown in UTF-16 codes by a predefined
character map (UniGB-UTF16-H), so that no font is needed to read it.
"""
import zlib

FONT = ("<</Type/Font/Subtype/Type0/BaseFont/STSong-Light/Encoding/%s/DescendantFonts[<</Type/Font/Subtype/CIDFontType0"
        "/BaseFont/STSong-Light/CIDSystemInfo<</Registry(Adobe)/Ordering(%s)/Supplement 4>>/DW 1000"
        "/FontDescriptor<</Type/FontDescriptor/FontName/STSong-Light/Flags 4/FontBBox[0 -200 1000 900]/ItalicAngle 0"
        "/Ascent 880/Descent -120/CapHeight 880/StemV 80>>>>]>>")
SONG = FONT % ("UniGB-UTF16-H", "GB1")


class Pdf:
    """Objects by number; 1 is the catalog, 2 the page tree, 3 the font."""

    def __init__(self):
        self.objects = {}
        self.pages = []
        self.catalog = ""
        self.info = None
        self.next = 4
        self.objects[3] = SONG

    def add(self, content, number=None):
        if number is None:
            number, self.next = self.next, self.next + 1
        self.objects[number] = content
        return number

    def stream(self, data, more="", packed=True):
        data = data.encode() if isinstance(data, str) else data
        if packed:
            data, more = zlib.compress(data), more + "/Filter/FlateDecode"
        return self.add((more, data))

    def page(self, content, more="", fonts="", resources="", box="0 0 595 842"):
        number = self.stream(content)
        self.pages.append(self.add(f"<</Type/Page/Parent 2 0 R/MediaBox[{box}]/Contents {number} 0 R"
                                   f"/Resources<</Font<</F 3 0 R{fonts}>>{resources}>>{more}>>"))
        return self.pages[-1]

    def objects_as_bytes(self):
        self.objects[1] = f"<</Type/Catalog/Pages 2 0 R{self.catalog}>>"
        self.objects.setdefault(2, f"<</Type/Pages/Count {len(self.pages)}/Kids[{' '.join(f'{n} 0 R' for n in self.pages)}]>>")
        for number, content in sorted(self.objects.items()):
            if isinstance(content, tuple):
                more, data = content
                content = f"<</Length {len(data)}{more}>>stream\n".encode() + data + b"\nendstream"
            yield number, content.encode() if isinstance(content, str) else content

    def bytes(self):
        out, places = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"), {}
        for number, content in self.objects_as_bytes():
            places[number] = len(out)
            out += b"%d 0 obj\n" % number + content + b"\nendobj\n"
        size, start = max(places) + 1, len(out)
        out += b"xref\n0 %d\n0000000000 65535 f \n" % size
        for number in range(1, size):
            out += b"%010d 00000 %s \n" % (places.get(number, 0), b"n" if number in places else b"f")
        info = f"/Info {self.info} 0 R" if self.info else ""
        return bytes(out + f"trailer<</Size {size}/Root 1 0 R{info}>>\nstartxref\n{start}\n%%EOF\n".encode())


def codes(text, charset="utf-16-be"):
    return "<" + text.encode(charset).hex() + ">"


def string(text):
    """A text string: UTF-16 with its mark."""
    return "<feff" + text.encode("utf-16-be").hex() + ">"


def show(text, x=72, y=700, size=16, look="", font="F", charset="utf-16-be", matrix="1 0 0 1"):
    return f"BT {look} /{font} {size} Tf {matrix} {x} {y} Tm {codes(text, charset)} Tj ET\n"


def letters(text, places, size=16, matrix="1 0 0 1"):
    """Each letter its own text object, at its own place."""
    return "".join(show(letter, x, y, size, matrix=matrix) for letter, (x, y) in zip(text, places))


def page_of(content, **more):
    pdf = Pdf()
    pdf.page(content, **more)
    return pdf


MARK = "机密★10年"


def everything(m):
    """m(tag, place) gives the mark for a place and notes that it is expected."""
    pdf = Pdf()
    for number, (name, encoding, ordering) in enumerate((("gbk", "GBK-EUC-H", "GB1"), ("ucs", "UniGB-UCS2-H", "GB1"), ("gbp", "GBKp-EUC-H", "GB1"),
                                                         ("big", "UniCNS-UTF16-H", "CNS1"), ("etn", "ETen-B5-H", "CNS1"))):
        pdf.add(FONT % (encoding, ordering), 100 + number)
    pdf.next = 200
    fonts = "/GBK 100 0 R/UCS 101 0 R/GBP 102 0 R/BIG 103 0 R/ETN 104 0 R"
    content = show(m("top", "body"), y=770, size=22, look="1 0 0 rg")
    content += "0 0 0 rg " + show(m("running", "page-header"), y=815, size=9) + show(m("foot", "page-footer"), y=20, size=9)
    content += show("机密★十年gbk", y=740, font="GBK", charset="gbk") + show(m("ucs", "body"), y=720, font="UCS")
    content += show(m("gbkp", "body"), y=700, font="GBP", charset="gbk")
    content += show(m("invisible", "body"), y=680, look="3 Tr") + "BT 0 Tr ET\n"
    content += show(m("white", "body"), y=660, look="1 1 1 rg") + "0 0 0 rg\n"
    pdf.page(content, fonts=fonts, more="/Annots[150 0 R 151 0 R 152 0 R 153 0 R 154 0 R 155 0 R 156 0 R 157 0 R 158 0 R 159 0 R]")
    field = "/Type/Annot/Subtype/Widget/P 201 0 R/F 4"
    pdf.add(f"<</Type/Annot/Subtype/Text/Rect[0 0 20 20]/Contents{string(m('comment', 'annotation'))}/T{string(m('author', 'annotation'))}"
            f"/Subj{string(m('subject', 'annotation'))}/Popup 160 0 R>>", 150)
    pdf.add(f"<</Type/Annot/Subtype/FreeText/Rect[0 0 90 20]/DA(/F 9 Tf)/Contents{string(m('free', 'annotation'))}>>", 151)
    pdf.add(f"<</Type/Annot/Subtype/Stamp/Rect[0 0 90 20]/Name/Confidential/Contents{string(m('stamp', 'annotation'))}>>", 152)
    pdf.add(f"<</Type/Annot/Subtype/Link/Rect[0 0 90 20]/A<</S/URI/URI(https://example.org/?t={m('', 'none').encode().hex()})>>>>", 153)
    pdf.add(f"<<{field}/FT/Tx/Rect[100 600 300 620]/T(name)/TU{string('密级')}/V{string(m('field', 'body'))}>>", 154)
    pdf.add(f"<<{field}/FT/Btn/Rect[100 560 115 575]/T(box1)/TU{string('加急')}/V/On/AS/On/AP<</N<</On 161 0 R/Off 161 0 R>>>>>>", 155)
    pdf.add(f"<<{field}/FT/Btn/Rect[100 540 115 555]/T(box2)/TU{string('公开')}/V/Off/AS/Off/AP<</N<</On 161 0 R/Off 161 0 R>>>>>>", 156)
    pdf.add(f"<<{field}/FT/Ch/Ff 131072/Rect[100 500 300 520]/T(choice)/Opt[{string('公开')}{string(m('choice', 'body'))}]/V{string(MARK + 'choice')}>>", 157)
    pdf.add(f"<</Type/Annot/Subtype/FileAttachment/Rect[0 0 9 9]/FS<</Type/Filespec/F(pinned.txt)/UF{string('附注.txt')}/EF<</F 162 0 R>>>>>>", 158)
    pdf.add(f"<</Type/Annot/Subtype/Highlight/Rect[0 0 9 9]/QuadPoints[0 9 9 9 0 0 9 0]/Contents{string(m('highlight', 'annotation'))}>>", 159)
    pdf.add("<</Type/Annot/Subtype/Popup/Rect[0 0 90 90]/Parent 150 0 R>>", 160)
    pdf.add(("/Type/XObject/Subtype/Form/BBox[0 0 15 15]", b""), 161)
    pdf.add(("/Type/EmbeddedFile", m("pinned", "bytes").encode()), 162)
    pdf.add(("/Type/EmbeddedFile", m("attached", "bytes").encode()), 163)
    pdf.add(f"<</Type/Filespec/F(a.txt)/UF{string('附件.txt')}/Desc{string(m('description', 'attribute'))}/EF<</F 163 0 R>>>>", 164)
    pdf.add(f"<</Title{string(m('chapter', 'attribute'))}/Parent 166 0 R/Dest[201 0 R/Fit]>>", 165)
    pdf.add("<</First 165 0 R/Last 165 0 R/Count 1>>", 166)
    xmp = ('<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf='
           '"http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:dc="http://purl.org/dc/elements/1.1/"><rdf:Description><dc:title>'
           f'{m("xmp", "property")}</dc:title></rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>')
    pdf.add(("/Type/Metadata/Subtype/XML", xmp.encode()), 167)
    pdf.add(f"<</Type/OCG/Name{string(m('layer', 'attribute'))}>>", 168)
    pdf.info = pdf.add(f"<</Title{string(m('title', 'property'))}/Subject{string(m('about', 'property'))}/Keywords{string(m('keywords', 'property'))}"
                       f"/Author{string(m('writer', 'property'))}/Custom{string(m('custom', 'none'))}>>", 169)
    xfa = f'<xdp:xdp xmlns:xdp="http://ns.adobe.com/xdp/"><template><field><value><text>{m("xfa", "none")}</text></value></field></template></xdp:xdp>'
    pdf.add(("/Filter/FlateDecode", zlib.compress(xfa.encode())), 170)
    script = 'app.alert("' + m("script", "none") + '")'
    pdf.add(f"<</S/JavaScript/JS{string(script)}>>", 171)
    pdf.next = 180
    pdf.page(show("第二页") + "/OC /L BDC " + show(m("hidden-layer", "hidden"), y=500) + "EMC\n", resources="/Properties<</L 168 0 R>>")
    pdf.catalog = ("/AcroForm<</Fields[154 0 R 155 0 R 156 0 R 157 0 R]/DA(/F 9 Tf)/XFA 170 0 R>>/Outlines 166 0 R/Metadata 167 0 R"
                   "/Names<</EmbeddedFiles<</Names[(a)164 0 R]>>/JavaScript<</Names[(s)171 0 R]>>>>"
                   "/OCProperties<</OCGs[168 0 R]/D<</OFF[168 0 R]/Order[168 0 R]>>>>")
    return pdf
