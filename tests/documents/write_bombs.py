#!/usr/bin/python3
"""write_bombs: small files that unpack, nest or loop without end; made when they are needed, never stored.

    write_bombs.py DIRECTORY        writes them all, for a look

BOMBS has one row for each: name, how the file is called, what makes its bytes. Sources: RFC 1951 and 1952 (deflate,
gzip), APPNOTE.TXT (ZIP), ISO 32000-1, [MS-CFB], PNG specification.
"""
import bz2
import pathlib
import struct
import sys
import zlib

MIB = 1024 * 1024


# --- ZIP without reading what goes in ------------------------------------------------------------------------------------

def member(name, packed, size, crc, method=8):
    return name.encode(), packed, size, crc, method


def stored(name, data):
    return member(name, data, len(data), zlib.crc32(data), 0)


def deflated(name, data):
    packer = zlib.compressobj(6, zlib.DEFLATED, -15)
    return member(name, packer.compress(data) + packer.flush(), len(data), zlib.crc32(data))


def zip_of(members):
    out, directory, at = [], [], 0
    for name, packed, size, crc, method in members:
        common = struct.pack("<HHHHHIIIHH", 20, 0x800, method, 0, 0x5821, crc, len(packed), size, len(name), 0)
        out.append(b"PK\x03\x04" + common + name + packed)
        directory.append(b"PK\x01\x02" + struct.pack("<H", 20) + common + struct.pack("<HHHII", 0, 0, 0, 0, at) + name)
        at += len(out[-1])
    rows = b"".join(directory)
    count = min(len(directory), 0xFFFF)
    return b"".join(out) + rows + b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, count, count, len(rows), at, 0)


def zeros(size):
    """Deflated zeros: (stream, crc). A block that begins anew can be repeated, so that a gigabyte takes no time."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = bytes(MIB)
    first = packer.compress(block) + packer.flush(zlib.Z_FULL_FLUSH)
    crc = 0
    for _ in range(size // MIB):
        crc = zlib.crc32(block, crc)
    return first * (size // MIB) + b"\x03\x00", crc


def zip_ten_gigabytes():
    packed, crc = zeros(100 * MIB)
    return zip_of([member(f"{n:03}.txt", packed, 100 * MIB, crc) for n in range(100)])


def gzip_ten_gigabytes():
    packed, crc = zeros(100 * MIB)
    return (b"\x1f\x8b\x08\x00\0\0\0\0\x00\x03" + packed + struct.pack("<II", crc, 100 * MIB)) * 100


def bzip2_of_bzip2():
    """Bzip2 packs a block of zeros into 50 bytes, and many such blocks once more."""
    return bz2.compress(bz2.compress(bytes(45 * MIB)) * 2000)


def nested_zip(levels=6, each=10):
    packed, crc = zeros(50 * MIB)
    data = zip_of([member("0.txt", packed, 50 * MIB, crc)])
    for level in range(levels):
        entry = deflated("x", data)
        data = zip_of([(f"{level}{n}.zip".encode(),) + entry[1:] for n in range(each)])
    return data


def deep_zip(levels=300):
    data = "机密★10年\n".encode()
    for level in range(levels):
        data = zip_of([stored(f"{level}.zip" if level else "0.txt", data)])
    return data


def many_members(count=100_000):
    return zip_of([stored(f"{n}.txt", b"x\n") for n in range(count)])


def overlapping(count=2000):
    """Every entry of the directory points at one member of 100 MB."""
    packed, crc = zeros(100 * MIB)
    one = zip_of([member("0.txt", packed, 100 * MIB, crc)])
    at = one.index(b"PK\x01\x02")
    row = one[at:one.index(b"PK\x05\x06")]
    return one[:at] + row * count + b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, count, count, len(row) * count, at, 0)


# --- gzip that unpacks to itself -------------------------------------------------------------------------------------------

def bits(fields):
    """Fixed Huffman codes come with their highest bit first, everything else with the lowest (RFC 1951, 3.1.1)."""
    value = at = 0
    for code, length, high_first in fields:
        for i in range(length):
            value |= (code >> (length - 1 - i if high_first else i) & 1) << at
            at += 1
    return value.to_bytes((at + 7) // 8, "little")


def quine():
    """A unit is 5 bytes. LITERAL n: the next n units, as a stored block. REPEAT: the last 4 units, as two matches of length
    10 at distance 20, which take 40 bits with header and end. The output runs after the code by what was not yet printed
    and catches up; the last three units are the end of the file."""
    literal = lambda count: struct.pack("<BHH", 0, 5 * count, 5 * count ^ 0xFFFF)
    match = [(0b0001000, 7, True), (0b01000, 5, True), (19 - 16, 3, False)]      # length 10; distance 17-24 with 3 bits
    repeat = bits([(0, 1, False), (1, 2, False)] + match + match + [(0, 7, True)])
    head = b"\x1f\x8b\x08\x08\0\0\0\0\0\x03q.gz\0"

    def whole(crc):
        end = lambda size: struct.pack("<BHH", 1, 0, 0xFFFF) + struct.pack("<II", crc, size) + b"\0\0"
        size = 0
        for _ in range(2):      # the size stands in the file itself
            tail = end(size)
            code = (head + literal(4) + head + literal(4) + repeat + literal(1) + repeat + literal(1) + literal(1) +
                    literal(4) + repeat + literal(1) + literal(1) + literal(4) + repeat + literal(4) + repeat + literal(4) + repeat + literal(4) +
                    repeat + literal(4) + repeat + tail + repeat + tail)
            size = len(code)
        return code
    # The checksum of a file is an affine function of a number in it: the number that is its own checksum.
    base = zlib.crc32(whole(0))
    rows = [[zlib.crc32(whole(1 << i)) ^ base ^ (1 << i), 1 << i] for i in range(32)]
    wanted, crc = base, 0
    for bit in reversed(range(32)):
        pivot = next((row for row in rows if row[0] >> bit & 1), None)
        if pivot is None:
            continue
        rows = [[row[0] ^ pivot[0], row[1] ^ pivot[1]] if row is not pivot and row[0] >> bit & 1 else row for row in rows if row is not pivot]
        if wanted >> bit & 1:
            wanted, crc = wanted ^ pivot[0], crc ^ pivot[1]
    return whole(crc)


# --- documents -------------------------------------------------------------------------------------------------------------

HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
TYPES = (f'{HEAD}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Override PartName="/word/document.xml" '
         'ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>').encode()
RELS = (f'{HEAD}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Target="word/document.xml" '
        'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"/></Relationships>').encode()


def word(document, more=()):
    return zip_of([deflated("[Content_Types].xml", TYPES), deflated("_rels/.rels", RELS), document, *more])


def laughs():
    entities = '<!ENTITY l0 "ha">' + "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 15))
    text = (f'{HEAD}<!DOCTYPE w:document [{entities}]><w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>'
            '<w:p><w:r><w:t>&l14;</w:t></w:r></w:p></w:body></w:document>')
    return word(deflated("word/document.xml", text.encode()))


def docx_of_blanks():
    """One text of 2 GB in 2 MB."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    opening = (f'{HEAD}<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body><w:p><w:r><w:t>').encode()
    head = packer.compress(opening) + packer.flush(zlib.Z_FULL_FLUSH)
    block = packer.compress(b"a" * MIB) + packer.flush(zlib.Z_FULL_FLUSH)
    return word(member("word/document.xml", head + block * 2000 + b"\x03\x00", 2000 * MIB + len(opening), 0))


def deep_xml():
    return word(deflated("word/document.xml", b"<a>" * 2_000_000))


def pdf(objects, root=1):
    out, places = b"%PDF-1.7\n", []
    for number, text in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, text)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    return out + b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<< /Size %d /Root %d 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (
        len(objects) + 1, table, len(objects) + 1, root, len(out))


def pdf_page_loop():
    return pdf([b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [3 0 R 2 0 R] /Count 2000000000 >>",
                b"<< /Type /Pages /Parent 2 0 R /Kids [2 0 R 3 0 R] /Count 1000000000 >>"])


def pdf_of_text():
    """A page of 500 MB of text operators, packed."""
    packer = zlib.compressobj(9)
    line = b"BT /F 9 Tf 9 9 Td (haha) Tj ET\n" * 32768
    stream = packer.compress(line * 500) + packer.flush()
    return pdf([b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
                b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 99 99] /Resources << /Font << /F << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >> /Contents 4 0 R >>",
                b"<< /Filter /FlateDecode /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream)])


def pdf_of_picture(kind):
    import write_pdf
    return write_pdf.TRAPS[f"bomb-{kind}"]().bytes()


def ole(loop=True):
    """A compound file whose directory and whose stream run in a circle."""
    sector = 512
    fat = [0xFFFFFFFD, 1 if loop else 0xFFFFFFFE, 3, 2] + [0xFFFFFFFF] * 124

    def entry(name, kind, child, start, size):
        raw = name.encode("utf-16-le") + b"\0\0"
        return raw.ljust(64, b"\0") + struct.pack("<HBBIII", len(raw), kind, 1, 0xFFFFFFFF, 0xFFFFFFFF, child) + bytes(36) + struct.pack("<IQ", start, size)
    directory = entry("Root Entry", 5, 1, 0xFFFFFFFE, 0) + entry("WordDocument", 2, 1, 2, 2 ** 31 - 1) + entry("1Table", 2, 1, 3, 2 ** 31 - 1) + entry("0Table", 2, 0, 2, 2 ** 31 - 1)
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH6xIIIIIIIII", 0x3E, 3, 0xFFFE, 9, 6, 0, 1, 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0)
    head += struct.pack("<I", 0) + b"\xff" * (4 * 108)
    return head.ljust(sector, b"\0") + struct.pack("<128I", *fat) + directory + b"\xec\xa5\xc1\0".ljust(sector, b"\x41") * 2


def png(width=30_000, height=30_000):
    """True colour, all black: 2.7 GB of pixels."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    rows = 50
    block = packer.compress(bytes(rows * (1 + 3 * width))) + packer.flush(zlib.Z_FULL_FLUSH)
    length = height * (1 + 3 * width)
    data = b"\x78\xda" + block * (height // rows) + b"\x03\x00" + struct.pack(">HH", length % 65521, 1)

    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


BOMBS = [
    ("zip in zip in zip, 50 TB", "42.zip", nested_zip),
    ("zip, 10 MB to 10 GB", "ten.zip", zip_ten_gigabytes),
    ("gzip, 10 MB to 10 GB", "ten.gz", gzip_ten_gigabytes),
    ("bzip2 twice, 90 GB", "two.bz2", bzip2_of_bzip2),
    ("zip 300 levels deep", "deep.zip", deep_zip),
    ("zip of 100,000 members", "many.zip", many_members),
    ("zip, 2,000 entries for one member", "same.zip", overlapping),
    ("gzip that unpacks to itself", "q.gz", quine),
    ("docx, billion laughs", "laugh.docx", laughs),
    ("docx, one text of 2 GB", "blank.docx", docx_of_blanks),
    ("docx, 2,000,000 elements deep", "deep.docx", deep_xml),
    ("PDF, a loop of pages", "loop.pdf", pdf_page_loop),
    ("PDF, a page of 500 MB", "long.pdf", pdf_of_text),
    ("PDF, a JPEG 2000 picture of 60,000 x 60,000", "jpx.pdf", lambda: pdf_of_picture("jpx")),
    ("PDF, a JBIG2 picture of 60,000 x 60,000", "jbig2.pdf", lambda: pdf_of_picture("jbig2")),
    ("PDF, a fax of 60,000 x 60,000", "fax.pdf", lambda: pdf_of_picture("fax")),
    ("doc, cyclic FAT", "loop.doc", ole),
    ("PNG of 30,000 x 30,000", "big.png", png),
]


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__.strip())
    directory = pathlib.Path(sys.argv[1])
    directory.mkdir(parents=True, exist_ok=True)
    for _, name, make in BOMBS:
        (directory / name).write_bytes(make())


if __name__ == "__main__":
    main()
