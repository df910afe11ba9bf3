"""Pictures made by hand, without a program that draws: the dots of contrib/sample_scan.png in each plain kind of file, and
the mark in each text beside the dots. Functions give bytes."""
import pathlib
import struct
import zlib

SCAN = pathlib.Path(__file__).resolve().parents[2] / "contrib/sample_scan.png"
MARK = "机密★10年"


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def scan_dots():
    """Width, height, rows of bits (1 is white)."""
    data, at, packed, head = SCAN.read_bytes(), 8, b"", None
    while at < len(data):
        length, kind = struct.unpack(">I4s", data[at:at + 8])
        body = data[at + 8:at + 8 + length]
        head = body if kind == b"IHDR" else head
        packed += body if kind == b"IDAT" else b""
        at += 12 + length
    width, height = struct.unpack(">II", head[:8])
    raw, stride, rows, above = zlib.decompress(packed), (width + 7) // 8, [], None
    for y in range(height):
        kind, row = raw[y * (stride + 1)], bytearray(raw[y * (stride + 1) + 1:(y + 1) * (stride + 1)])
        above = above or bytearray(stride)
        for x in range(stride):
            left, up, corner = row[x - 1] if x else 0, above[x], above[x - 1] if x else 0
            guess = left + up - corner
            near = min((left, up, corner), key=lambda v: abs(guess - v))
            row[x] = row[x] + (0, left, up, (left + up) // 2, near)[kind] & 0xFF
        rows.append(bytes(row))
        above = row
    return width, height, rows


WIDTH, HEIGHT, ROWS = scan_dots()


def png(*chunks, rows=ROWS, width=WIDTH, height=HEIGHT, after=b""):
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)) + b"".join(chunks) +
            chunk(b"IDAT", zlib.compress(b"".join(b"\0" + row for row in rows))) + chunk(b"IEND", b"") + after)


def tiny(*chunks, after=b""):
    """A picture with nothing to see."""
    return png(*chunks, rows=[b"\xff"] * 8, width=8, height=8, after=after)


def bmp():
    stride = (len(ROWS[0]) + 3) // 4 * 4
    dots = b"".join(row.ljust(stride, b"\0") for row in reversed(ROWS))
    return (struct.pack("<2sIII", b"BM", 62 + len(dots), 0, 62) + struct.pack("<IiiHHIIiiII", 40, WIDTH, HEIGHT, 1, 1, 0, len(dots), 5906, 5906, 2, 2) +
            b"\0\0\0\0\xff\xff\xff\0" + dots)


def gif(comment=None):
    """LZW without packing: a clear code before the table would grow; 2 bits a dot, 3 bits a code."""
    codes, bits, held, out = [], 0, 0, bytearray()
    for row in ROWS:
        for x in range(WIDTH):
            if len(codes) % 3 == 0:
                codes.append(4)
            codes.append(row[x >> 3] >> (7 - (x & 7)) & 1)
    for code in [*codes, 5]:
        held |= code << bits
        bits += 3
        while bits >= 8:
            out.append(held & 0xFF)
            held, bits = held >> 8, bits - 8
    out.append(held & 0xFF)
    blocks = b"".join(bytes([len(out[i:i + 255])]) + bytes(out[i:i + 255]) for i in range(0, len(out), 255))
    note = b"" if comment is None else b"!\xfe" + bytes([len(comment)]) + comment + b"\0"
    return (b"GIF89a" + struct.pack("<HHBBB", WIDTH, HEIGHT, 0x91, 0, 0) + b"\0\0\0\xff\xff\xff" + b"\x80" * 6 + note + b"," +
            struct.pack("<HHHHB", 0, 0, WIDTH, HEIGHT, 0) + b"\2" + blocks + b"\0;")


def directory(entries, at, big=False, after=0):
    """One directory of TIFF at offset `at`: (tag, type, count, bytes or number), the long values behind it."""
    order, behind, out = ">" if big else "<", b"", b""
    values = at + 2 + 12 * len(entries) + 4
    for tag, kind, count, value in sorted(entries, key=lambda entry: entry[0]):
        if isinstance(value, int):
            value = struct.pack(order + ("H2x" if kind == 3 else "I"), value)
        if len(value) > 4:
            value, behind = struct.pack(order + "I", values + len(behind)), behind + value + b"\0" * (len(value) % 2)
        out += struct.pack(order + "HHI", tag, kind, count) + value.ljust(4, b"\0")
    return struct.pack(order + "H", len(entries)) + out + struct.pack(order + "I", after) + behind


def text_entry(tag, text, charset="utf-8", kind=2, prefix=b""):
    value = prefix + text.encode(charset)
    return tag, kind, len(value), value


def exif(big=False):
    """A header of EXIF with the mark in each text that it has."""
    wide = "utf-16-be" if big else "utf-16-le"
    comment = text_entry(37510, MARK + "UserComment", wide, 7, b"UNICODE\0")
    sub = directory([comment], 1000, big)
    top = directory([text_entry(270, MARK + "ImageDescription"), text_entry(315, MARK + "Artist"), text_entry(40091, MARK + "XPTitle", "utf-16-le", 1),
                     text_entry(40092, MARK + "XPComment", "utf-16-le", 1), (34665, 4, 1, 1000)], 8, big)
    return ((b"MM\0*\0\0\0\x08" if big else b"II*\0\x08\0\0\0") + top).ljust(1000, b"\0") + sub


def tiff(pages=2, compressed=1):
    """Pages of one strip each, the mark in a description."""
    data, out, offset = b"".join(ROWS), b"", 8
    body = b""
    for number in range(pages):
        strip_at = offset + len(body)
        body += data + b"\0" * (len(data) % 2)
        entries = [(256, 4, 1, WIDTH), (257, 4, 1, HEIGHT), (258, 3, 1, 1), (259, 3, 1, compressed), (262, 3, 1, 1), (273, 4, 1, strip_at),
                   (277, 3, 1, 1), (278, 4, 1, HEIGHT), (279, 4, 1, len(data)), (282, 5, 1, struct.pack("<II", 150, 1)),
                   (283, 5, 1, struct.pack("<II", 150, 1)), (296, 3, 1, 2), text_entry(270, f"{MARK}page{number + 1}")]
        at = offset + len(body)
        ifd = directory(entries, at, after=0)
        if number + 1 < pages:
            following = at + len(ifd) + (len(data) + len(data) % 2)
            ifd = directory(entries, at, after=following)
        out = struct.pack("<I", at) if number == 0 else out
        body += ifd
    return b"II*\0" + out + body


def iptc(text):
    value = text.encode()
    return b"\x1c\2\x78" + struct.pack(">H", len(value)) + value


def xmp(text):
    return ('<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description '
            f'xmlns:dc="http://purl.org/dc/elements/1.1/" dc:format="{text}attribute"><dc:title>{text}</dc:title></rdf:Description></rdf:RDF></x:xmpmeta>').encode()


# A JPEG of 8 by 8 grey dots: quantisation of ones, one code of one bit each, no difference.
def jpeg(*segments, after=b""):
    def segment(marker, data):
        return bytes([0xFF, marker]) + struct.pack(">H", len(data) + 2) + data
    table = bytes([1]) + b"\0" * 15 + b"\0"
    return (b"\xff\xd8" + b"".join(segment(marker, data) for marker, data in segments) + segment(0xDB, b"\0" + b"\1" * 64) +
            segment(0xC0, struct.pack(">BHHBBBB", 8, 8, 8, 1, 1, 0x11, 0)) + segment(0xC4, b"\0" + table) + segment(0xC4, b"\x10" + table) +
            segment(0xDA, b"\1\1\0\0\x3f\0") + b"\x3f\xff\xd9" + after)


def resources(text):
    value = iptc(text)
    return b"Photoshop 3.0\0" + b"8BIM\4\4\0\0" + struct.pack(">I", len(value)) + value + b"\0" * (len(value) % 2)


def samples(zipped):
    """File, content, rows of what must be told. zipped: a ZIP with the mark inside."""
    letters = [("body", text) for text in ("000012", "机密", "10年", "特急", "防汛物资调度")]
    whole = [("cover", "complete none")]
    note = MARK.encode()
    yield "scan.png", SCAN.read_bytes(), letters + whole
    yield "scan.bmp", bmp(), letters + whole
    yield "scan.gif", gif(note + b"gif"), letters + whole + [("property", MARK + "gif")]
    yield "scan.tif", tiff(), letters + whole + [("property", MARK + "page1"), ("property", MARK + "page2")]
    yield ("texts.png", tiny(chunk(b"tEXt", b"Comment\0" + MARK.encode("gb18030") + b"tEXt"), chunk(b"zTXt", b"Title\0\0" + zlib.compress(note + b"zTXt")),
                             chunk(b"iTXt", b"Keywords\0\1\0zh\0k\0" + zlib.compress(note + b"iTXt")),
                             chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + xmp(MARK + "xmp")), chunk(b"eXIf", exif())),
           whole + [("property", MARK + text) for text in ("tEXt", "zTXt", "iTXt", "xmp", "xmpattribute", "UserComment")])
    yield ("texts.jpg", jpeg((0xE1, b"Exif\0\0" + exif(True)), (0xE1, b"http://ns.adobe.com/xap/1.0/\0" + xmp(MARK + "xmp")), (0xED, resources(MARK + "iptc")),
                             (0xFE, note + b"comment")),
           whole + [("property", MARK + text) for text in ("ImageDescription", "Artist", "XPTitle", "XPComment", "UserComment", "xmp", "iptc", "comment")])
    yield "behind.png", tiny(after=zipped), whole + [("name", "机密.txt"), ("bytes", MARK + "behind")]
    yield "behind.jpg", jpeg(after=tiny(chunk(b"tEXt", b"Comment\0" + note + b"second"))), whole + [("property", MARK + "second")]
    yield "damaged.png", SCAN.read_bytes()[:len(SCAN.read_bytes()) // 2], [("cover", "partial damaged")]
    yield ("huge.png", png(rows=[b"\xff"], width=60000, height=60000), [("cover", "partial over-budget")])
    yield "ordinary.png", tiny(), whole
