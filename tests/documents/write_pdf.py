"""Small PDF documents made by hand: one for each place that text can be in, ordinary and hostile ones.

Objects are given as text or bytes; a stream as (dictionary, bytes). Text is shown in UTF-16 codes by a predefined
character map (UniGB-UTF16-H), so that no font is needed to read it.
"""
import re
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
    content = show(m("top", "body"), y=752, size=22, look="1 0 0 rg")
    content += "0 0 0 rg " + show(m("running", "page-header"), y=815, size=9) + show(m("foot", "page-footer"), y=20, size=9)
    content += show("机密★十年gbk", y=730, font="GBK", charset="gbk") + show(m("ucs", "body"), y=712, font="UCS")
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
                       f"/Author{string(m('writer', 'property'))}/Custom{string(m('custom', 'attribute'))}>>", 169)
    xfa = f'<xdp:xdp xmlns:xdp="http://ns.adobe.com/xdp/"><template><field><value><text>{m("xfa", "body")}</text></value></field></template></xdp:xdp>'
    pdf.add(("/Filter/FlateDecode", zlib.compress(xfa.encode())), 170)
    script = 'app.alert("' + m("script", "attribute") + '")'
    pdf.add(f"<</S/JavaScript/JS{string(script)}>>", 171)
    pdf.next = 180
    pdf.page(show("第二页") + "/OC /L BDC " + show(m("hidden-layer", "hidden"), y=500) + "EMC\n", resources="/Properties<</L 168 0 R>>")
    pdf.catalog = ("/AcroForm<</Fields[154 0 R 155 0 R 156 0 R 157 0 R]/DA(/F 9 Tf)/XFA 170 0 R>>/Outlines 166 0 R/Metadata 167 0 R"
                   "/Names<</EmbeddedFiles<</Names[(a)164 0 R]>>/JavaScript<</Names[(s)171 0 R]>>>>"
                   "/OCProperties<</OCGs[168 0 R]/D<</OFF[168 0 R]/Order[168 0 R]>>>>")
    return pdf


# --- one document for each trap ---------------------------------------------------------------------------------

def around(n, x=100, y=600, dx=0, dy=0):
    return [(x + i * dx, y + i * dy) for i in range(n)]


def shuffled():
    parts = [show(letter, x, 500) for letter, (x, _) in zip(MARK, around(len(MARK), dx=16))]
    return page_of(show("正文第一行", y=600) + "".join(parts[i] for i in (3, 0, 5, 2, 4, 1)))


def vertical():
    body = "".join(show(letter, 300, 700 - 18 * i) for i, letter in enumerate(MARK))
    return page_of(body + "".join(show(letter, 270, 700 - 18 * i) for i, letter in enumerate("关于某事的通知")))


def vertical_font():
    pdf = Pdf()
    pdf.add(FONT % ("UniGB-UTF16-V", "GB1"), 100)
    pdf.next = 200
    pdf.page(show(MARK, 300, 700, font="V") + show("关于某事的通知", 270, 700, font="V"), fonts="/V 100 0 R")
    return pdf


def slanting():
    body = "".join(show("这是一行普通的正文文字在水印的下面穿过", y=700 - 20 * i, size=12) for i in range(25))
    mark = letters(MARK, around(len(MARK), 150, 300, 50, 50), 48, "0.7071 0.7071 -0.7071 0.7071")
    return page_of(body + "0.8 g " + mark)


def tounicode(text=MARK):
    """Codes of no charset; only the table says what they mean."""
    pdf = Pdf()
    rows = "".join(f"<{i + 1:04x}> <{letter.encode('utf-16-be').hex()}>\n" for i, letter in enumerate(text))
    table = pdf.stream("/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapType 2 def 1 begincodespacerange <0000> <ffff> "
                       f"endcodespacerange {len(text)} beginbfchar {rows} endbfchar endcmap end end")
    font = FONT % ("Identity-H", "Identity")
    pdf.add(font[:-2] + f"/ToUnicode {table} 0 R>>", 3)
    pdf.page("BT /F 16 Tf 72 700 Td <" + "".join(f"{i + 1:04x}" for i in range(len(text))) + "> Tj ET")
    return pdf


def object_streams():
    return object_stream_file("<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F 3 0 R>>>>>>")


def object_stream_file(page, padding=b""):
    inside = ["<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Count 1/Kids[5 0 R]>>", SONG, page]
    numbers, body, head = [1, 2, 3, 5], b"", ""
    for number, content in zip(numbers, inside):
        head += f"{number} {len(body)} "
        body += content.encode() + b"\n"
    body += padding
    head = head.encode()
    stream = zlib.compress(head + body, 9)
    out, places = bytearray(b"%PDF-1.7\n"), {}

    def put(number, content):
        places[number] = len(out)
        out.extend(b"%d 0 obj\n" % number + content + b"\nendobj\n")
    content = show(MARK).encode()
    put(4, b"<</Length %d>>stream\n" % len(content) + content + b"\nendstream")
    put(6, b"<</Type/ObjStm/N 4/First %d/Filter/FlateDecode/Length %d>>stream\n" % (len(head), len(stream)) + stream + b"\nendstream")
    rows = b""
    places[7] = len(out)
    for number in range(8):
        if number in (1, 2, 3, 5):
            rows += bytes([2, 0, 0, 0, 6, numbers.index(number)])
        else:
            rows += bytes([1 if number else 0]) + places.get(number, 0).to_bytes(4, "big") + b"\0"
    put(7, b"<</Type/XRef/Size 8/Root 1 0 R/W[1 4 1]/Length %d>>stream\n" % len(rows) + rows + b"\nendstream")
    return bytes(out) + b"startxref\n%d\n%%%%EOF\n" % places[7]


def updated():
    """An update replaces a comment; the old one still stands in the file."""
    pdf = Pdf()
    pdf.page(show("正文"), more="/Annots[50 0 R]")
    pdf.add(f"<</Type/Annot/Subtype/Text/Rect[0 0 20 20]/Contents{string(MARK + 'before')}>>", 50)
    whole = pdf.bytes()
    at = len(whole)
    update = f"50 0 obj\n<</Type/Annot/Subtype/Text/Rect[0 0 20 20]/Contents{string('改过了')}>>\nendobj\n"
    start = int(whole.rsplit(b"startxref", 1)[1].split()[0])
    return whole + (update + f"xref\n50 1\n{at:010d} 00000 n \ntrailer<</Size 51/Root 1 0 R/Prev {start}>>\n"
                    f"startxref\n{at + len(update)}\n%%EOF\n").encode()


def pages_loop():
    pdf = Pdf()
    pdf.page(show(MARK))
    pdf.objects[2] = "<</Type/Pages/Count 1000000/Kids[10 0 R]>>"
    pdf.add("<</Type/Pages/Parent 2 0 R/Count 1000000/Kids[11 0 R]>>", 10)
    pdf.add("<</Type/Pages/Parent 10 0 R/Count 1000000/Kids[10 0 R 2 0 R]>>", 11)
    return pdf


def many_pages():
    pdf = page_of(show(MARK))
    pdf.objects[2] = f"<</Type/Pages/Count 2000000000/Kids[{pdf.pages[0]} 0 R]>>"
    return pdf


def form_loop():
    pdf = Pdf()
    form = "/Type/XObject/Subtype/Form/BBox[0 0 595 842]/Resources<</XObject<</A 20 0 R/B 21 0 R>>>>"
    pdf.add((form, b"/A Do /B Do /A Do /B Do"), 20)
    pdf.add((form, b"/A Do /B Do /B Do /A Do"), 21)
    pdf.next = 30
    pdf.page(show(MARK) + "/A Do", resources="/XObject<</A 20 0 R>>")
    return pdf


def outline_loop():
    pdf = page_of(show(MARK))
    pdf.add("<</First 61 0 R/Last 61 0 R/Count 1>>", 60)
    pdf.add(f"<</Title{string('甲')}/Parent 60 0 R/Next 61 0 R/First 61 0 R/Last 61 0 R>>", 61)
    pdf.catalog = "/Outlines 60 0 R"
    return pdf


def unknown_map():
    pdf = Pdf()
    pdf.add(FONT % ("../../../../../etc/passwd", "GB1"), 100)
    pdf.add(FONT % ("NoSuch-H", "GB1"), 101)
    pdf.next = 200
    pdf.page(show(MARK, font="A") + show(MARK, font="B"), fonts="/A 100 0 R/B 101 0 R")
    return pdf


def broken_page():
    pdf = page_of(show(MARK))
    number = pdf.stream(show("第二页" * 50))
    more, data = pdf.objects[number]
    pdf.objects[number] = (more, data[:20] + b"\xff\x00\xff" + data[23:])
    pdf.pages.append(pdf.add(f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents {number} 0 R/Resources<</Font<</F 3 0 R>>>>>>"))
    return pdf


def passwords(user):
    """Standard security handler, 40-bit RC4 (7.6.3): what is needed to be asked for a password."""
    import hashlib

    def rc4(key, data):
        box, j, out = list(range(256)), 0, bytearray()
        for i in range(256):
            j = (j + box[i] + key[i % len(key)]) & 255
            box[i], box[j] = box[j], box[i]
        i = j = 0
        for byte in data:
            i = (i + 1) & 255
            j = (j + box[i]) & 255
            box[i], box[j] = box[j], box[i]
            out.append(byte ^ box[(box[i] + box[j]) & 255])
        return bytes(out)
    pad = bytes.fromhex("28bf4e5e4e758a4164004e56fffa01082e2e00b6d0683e802f0ca9fe6453697a")
    ident = b"0123456789abcdef"
    owner = rc4(hashlib.md5((b"owner-invented" + pad)[:32]).digest()[:5], (user + pad)[:32])
    permissions = -44
    key = hashlib.md5((user + pad)[:32] + owner + (permissions & 0xFFFFFFFF).to_bytes(4, "little") + ident).digest()[:5]

    def lock(number, data):
        return rc4(hashlib.md5(key + number.to_bytes(3, "little") + b"\0\0").digest()[:10], data)
    pdf = Pdf()
    pdf.page(show(MARK))
    for number, content in list(pdf.objects.items()):
        if isinstance(content, tuple):
            pdf.objects[number] = (content[0], lock(number, content[1]))
        else:
            pdf.objects[number] = re.sub(r"\((\w+)\)", lambda found: f"<{lock(number, found[1].encode()).hex()}>", content)  # noqa: B023
    encrypt = pdf.add(f"<</Filter/Standard/V 1/R 2/Length 40/P {permissions}/O<{owner.hex()}>/U<{rc4(key, pad).hex()}>>>")
    return pdf.bytes().replace(b"/Root 1 0 R", f"/Root 1 0 R/Encrypt {encrypt} 0 R/ID[<{ident.hex()}><{ident.hex()}>]".encode())


def zipped(prefix=b""):
    import io
    import zipfile
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(zipfile.ZipInfo("附件.txt", (2024, 1, 1, 0, 0, 0)), MARK + "zipped")
    return buffer.getvalue()


def attachment_bomb():
    pdf = page_of(show(MARK))
    pdf.add(("/Type/EmbeddedFile/Filter/FlateDecode", zlib.compress(bytes(64 * 1024 * 1024), 9)), 60)
    pdf.add("<</Type/Filespec/F(a.bin)/EF<</F 60 0 R>>>>", 61)
    pdf.catalog = "/Names<</EmbeddedFiles<</Names[(a)61 0 R]>>>>"
    return pdf


def orphan_file():
    pdf = page_of(show("正文"))
    pdf.add(("/Type/EmbeddedFile", (MARK + "orphan").encode()), 60)
    return pdf


def scanned(extra="", place="595 0 0 421 0 400", dots=None, more=""):
    """A page with the picture of a page on it."""
    import write_pictures
    width, height, rows = dots or (write_pictures.WIDTH, write_pictures.HEIGHT, b"".join(write_pictures.ROWS))
    pdf = Pdf()
    number = pdf.add((f"/Type/XObject/Subtype/Image/Width {width}/Height {height}/ColorSpace/DeviceGray/BitsPerComponent 1{more}/Filter/FlateDecode",
                      zlib.compress(rows)))
    pdf.page(f"q {place} cm /I Do Q {extra}", resources=f"/XObject<</I {number} 0 R>>")
    return pdf


def pictured(rows):
    """An image of these rows of the page's picture."""
    import write_pictures
    return (f"/Type/XObject/Subtype/Image/Width {write_pictures.WIDTH}/Height {len(rows)}/ColorSpace/DeviceGray/BitsPerComponent 1/Filter/FlateDecode",
            zlib.compress(b"".join(rows)))


def plain(top, count, look=""):
    """Lines that say nothing."""
    return "".join(show("与图无关的一行普通正文文字没有意思", 60, top - 24 * i, look=look) for i in range(count))


def strips(count=8):
    """A scan in strips, and invisible words over all of it."""
    import write_pictures
    pdf, names, body, high = Pdf(), "", "", write_pictures.HEIGHT // count
    for i in range(count):
        names += f"/I{i} {pdf.add(pictured(write_pictures.ROWS[i * high:(i + 1) * high]))} 0 R"
        body += f"q 595 0 0 {421 / count} 0 {400 + 421 * (count - 1 - i) / count} cm /I{i} Do Q "
    pdf.page(body + plain(810, 30, "3 Tr"), resources=f"/XObject<<{names}>>")
    return pdf


def named(more=""):
    """The font that draws, whose code says that it is an A, among text."""
    pdf = drawn()
    for number, content in list(pdf.objects.items()):
        if isinstance(content, str) and "Differences[1/gx]" in content:
            pdf.objects[number] = content.replace("1/gx", "1/A").replace("/gx ", "/A ").replace("/Type3", "/Type3" + more)
    number = int(re.search(r"Contents (\d+) 0 R", pdf.objects[pdf.pages[0]])[1])
    more, data = pdf.objects[number]
    pdf.objects[number] = (more, zlib.compress(zlib.decompress(data) + b" " + plain(280, 10).encode()))
    return pdf


def hidden_picture():
    """A picture on a layer that is not shown."""
    import write_pictures
    pdf = Pdf()
    image, layer = pdf.add(pictured(write_pictures.ROWS)), pdf.add(f"<</Type/OCG/Name{string('底图')}>>")
    pdf.page("/OC /L BDC q 595 0 0 421 0 400 cm /I Do Q EMC " + plain(280, 10), resources=f"/XObject<</I {image} 0 R>>/Properties<</L {layer} 0 R>>")
    pdf.catalog = f"/OCProperties<</OCGs[{layer} 0 R]/D<</OFF[{layer} 0 R]>>>>"
    return pdf


def stream_of(kind, text, content, resources="", **more):
    """A page that shows a stream with a text of its own."""
    pdf = Pdf()
    number = pdf.add((kind + "/Resources<</Font<</F 3 0 R>>>>", show(text, 10, 10).encode()))
    pdf.page(content + plain(400, 5), resources=resources.format(number), **{key: value.format(number) for key, value in more.items()})
    return pdf


def stamped():
    """The look of a stamp, and another that it does not wear."""
    pdf = Pdf()
    form = "/Type/XObject/Subtype/Form/BBox[0 0 200 40]/Resources<</Font<</F 3 0 R>>>>"
    shown, other = (pdf.add((form, show(MARK + tag, 10, 10).encode())) for tag in ("stamp", "rolled"))
    stamp = pdf.add(f"<</Type/Annot/Subtype/Stamp/Rect[100 700 300 740]/F 4/AP<</N {shown} 0 R/R {other} 0 R>>>>")
    pdf.page(plain(400, 5), more=f"/Annots[{stamp} 0 R]")
    return pdf


FORM, PATTERN = "/Type/XObject/Subtype/Form/BBox[0 0 300 40]", "/Type/Pattern/PatternType 1/PaintType 1/TilingType 1/BBox[0 0 300 40]/XStep 300/YStep 40"


def drawn():
    """A font whose only glyph is the picture of a page."""
    import write_pictures
    pdf = Pdf()
    image = pdf.add((f"/Type/XObject/Subtype/Image/Width {write_pictures.WIDTH}/Height {write_pictures.HEIGHT}/ImageMask true/BitsPerComponent 1"
                     "/Filter/FlateDecode", zlib.compress(b"".join(write_pictures.ROWS))))
    glyph = pdf.stream("1000 0 d0 1000 0 0 708 0 0 cm /I Do", packed=False)
    font = pdf.add("<</Type/Font/Subtype/Type3/FontBBox[0 0 1000 1000]/FontMatrix[0.001 0 0 0.001 0 0]/FirstChar 1/LastChar 1/Widths[1000]"
                   f"/Encoding<</Type/Encoding/Differences[1/gx]>>/CharProcs<</gx {glyph} 0 R>>/Resources<</XObject<</I {image} 0 R>>>>>>")
    pdf.page("BT /T 500 Tf 40 300 Td <01> Tj ET", fonts=f"/T {font} 0 R")
    return pdf


SIDE = 60000  # dots of pictures that are bombs


def jbig2_bomb():
    """A page and a generic region of it, coded arithmetically in next to nothing (ITU-T T.88)."""
    from struct import pack
    region = pack(">IIIIB", SIDE, SIDE, 0, 0, 0) + b"\0" + bytes.fromhex("03fffdff02fefefe") + bytes(64)
    return (pack(">IBBBI", 0, 48, 0, 1, 19) + pack(">IIIIBH", SIDE, SIDE, 0, 0, 0, 0) + pack(">IBBBI", 1, 38, 0, 1, len(region)) + region)


def jpx_bomb():
    """A codestream of one empty tile as large as the picture (ITU-T T.800, annex A)."""
    from struct import pack
    size = pack(">HIIIIIIIIH", 0, SIDE, SIDE, 0, 0, SIDE, SIDE, 0, 0, 3) + bytes((7, 1, 1)) * 3
    style = bytes.fromhex("00000001" "01" "05" "04" "04" "00" "01")
    quantity = b"\x40" + bytes(16)
    return (b"\xff\x4f\xff\x51" + pack(">H", len(size) + 2) + size + b"\xff\x52" + pack(">H", len(style) + 2) + style + b"\xff\x5c" +
            pack(">H", len(quantity) + 2) + quantity + b"\xff\x90" + pack(">HHIBB", 10, 0, 14 + 64, 0, 1) + b"\xff\x93" + bytes(64) + b"\xff\xd9")


def garbled(filter_, data, bits=1):
    """A picture that nobody can decode."""
    pdf = Pdf()
    image = pdf.add((f"/Type/XObject/Subtype/Image/Width 600/Height 400/ColorSpace/DeviceGray/BitsPerComponent {bits}/Filter/{filter_}", data * 20))
    pdf.page(f"q 595 0 0 421 0 400 cm /I Do Q {show(MARK)}", resources=f"/XObject<</I {image} 0 R>>")
    return pdf


def bomb(filter_, data, more=""):
    pdf = Pdf()
    image = pdf.add((f"/Type/XObject/Subtype/Image/Width {SIDE}/Height {SIDE}/ColorSpace/DeviceGray/BitsPerComponent 1/Filter/{filter_}{more}", data))
    pdf.page(f"q 595 0 0 421 0 400 cm /I Do Q {show(MARK)}", resources=f"/XObject<</I {image} 0 R>>")
    return pdf


def junk_before():
    return b"\x00junk of a mail program\n" * 20 + page_of(show(MARK)).bytes()


TRAPS = {
    "letters": lambda: page_of(letters(MARK, around(len(MARK), dx=16))),
    "shuffled": shuffled,
    "spaced": lambda: page_of(show("左边一栏的文字", 72, 500) + letters(MARK, around(len(MARK), 80, 600, 70))),
    "vertical": vertical, "vertical-font": vertical_font, "slanting": slanting,
    "rotated-page": lambda: page_of(show(MARK, 100, 100, matrix="0 1 -1 0"), more="/Rotate 90"),
    "outside": lambda: page_of(show("正文") + show(MARK, 72, 900) + show(MARK + "cropped", 72, 50), more="/CropBox[0 200 595 842]"),
    "outside-turned": lambda: page_of(show("正文") + show(MARK, 700, 300), more="/Rotate 90"),
    "outside-packed": lambda: object_stream_file("<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/CropBox[0 0 595 500]/Contents 4 0 R"
                                                 "/Resources<</Font<</F 3 0 R>>>>>>"),
    "radicals": lambda: tounicode("⼯作秘密"), "founder": lambda: page_of(show("机密★员园年")),
    "bold": lambda: page_of(show(MARK) + show(MARK, 72.4) + show(MARK, 72.4, 700.3)),
    "tounicode": tounicode, "junk-before": junk_before, "object-streams": object_streams, "updated": updated,
    "old-comment": lambda: page_of(show("正文")).bytes().replace(b"startxref", f"% {MARK} stands in a comment\nstartxref".encode()),
    "cut": lambda: page_of(show(MARK)).bytes()[:-120],
    "no-xref": lambda: page_of(show(MARK)).bytes().replace(b"startxref", b"startxxxx"),
    "pages-loop": pages_loop, "many-pages": many_pages, "form-loop": form_loop,
    "deep": lambda: page_of(show(MARK) + "q " * 100000 + "[" * 100000),
    "outline-loop": outline_loop, "unknown-map": unknown_map, "broken-page": broken_page,
    "user-password": lambda: passwords(b"invented"), "owner-password": lambda: passwords(b""),
    "zip-behind": lambda: page_of(show(MARK + "page")).bytes() + zipped(),
    "zip-before": lambda: b"%!\n" + zipped() + page_of(show(MARK + "page")).bytes(),
    "text-behind": lambda: page_of(show("正文")).bytes() + (MARK + "behind, a text for whoever opens it with an editor").encode(),
    "scan": scanned, "drawn": drawn,
    "running": lambda: page_of(show(MARK, y=800) + "".join(show("正文的一行文字", y=740 - 20 * i) for i in range(12))),
    "running-over-little": lambda: page_of(show(MARK, y=800) + "".join(show("正文的一行文字", y=740 - 18 * i) for i in range(3))),
    "set-wide": lambda: page_of("".join(show(MARK if i == 0 else "隔得很开的一行文字", y=800 - 44 * i) for i in range(14))),
    "scan-under-text": lambda: scanned("".join(show("与图无关的一行普通正文文字", y=700 - 24 * i, look="3 Tr") for i in range(20))),
    "picture-in-page": lambda: scanned("".join(show("图下面的一行普通正文文字", y=380 - 24 * i) for i in range(12)), "560 0 0 397 20 410"),
    "scan-in-strips": strips, "drawn-with-names": named, "drawn-as-font": lambda: named("/BaseFont/SimSun"), "layer-with-picture": hidden_picture, "stamp": stamped,
    "pattern": lambda: stream_of(PATTERN, MARK, "/Pattern cs /P scn 0 600 300 40 re f ", "/Pattern<</P {} 0 R>>"),
    "form": lambda: stream_of(FORM, MARK, "q 1 0 0 1 72 600 cm /X Do Q ", "/XObject<</X {} 0 R>>"),
    "form-left": lambda: stream_of(FORM, MARK, ""),
    "mask": lambda: stream_of(FORM + "/Group<</S/Transparency/CS/DeviceGray>>", MARK, "/G gs ", "/ExtGState<</G<</SMask<</S/Luminosity/G {} 0 R>>>>>>"),
    "ordinary-form": lambda: stream_of(FORM, "与图无关的一行普通", "q 1 0 0 1 72 600 cm /X Do Q ", "/XObject<</X {} 0 R>>"),
    "garbled-jpeg": lambda: garbled("DCTDecode", b"\xff\xe0garbage", 8), "garbled-jbig2": lambda: garbled("JBIG2Decode", b"garbage"),
    "garbled-jpx": lambda: garbled("JPXDecode", b"garbage", 8),
    "bomb-jbig2": lambda: bomb("JBIG2Decode", jbig2_bomb()), "bomb-jpx": lambda: bomb("JPXDecode", jpx_bomb()),
    "bomb-fax": lambda: bomb("CCITTFaxDecode", bytes(4096) + b"\xff" * 4096, f"/DecodeParms<</K -1/Columns {SIDE}/Rows {SIDE}>>"),
    "picture-bomb": lambda: scanned(show(MARK), dots=(30000, 30000, bytes(30000 * 3750))),
    "orphan-file": orphan_file, "attachment-bomb": attachment_bomb,
    "object-stream-bomb": lambda: object_stream_file("<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F 3 0 R>>>>>>",
                                                     b" " * (24 * 1024 * 1024)),
}


def main():
    import pathlib
    import sys
    sys.dont_write_bytecode = True
    out = pathlib.Path(sys.argv[1])
    for name, make in TRAPS.items():
        made = make()
        (out / f"{name}.pdf").write_bytes(made if isinstance(made, bytes) else made.bytes())


if __name__ == "__main__":
    main()
