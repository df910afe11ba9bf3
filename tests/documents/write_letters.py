"""Letters as documents: winmail.dat ([MS-OXTNEF]) and messages as Outlook saves them ([MS-OXMSG]), made by hand.

`write_documents.py` calls the writers below with itself: where to put files, and what a reader must find in them.
"""
import pathlib
import struct
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent.parent / "contrib"))
from sample_ole import compound  # noqa: E402

MARK = "机密★10年"
HTML = "<html><head><meta charset=utf-8></head><body><p>{}</p></body></html>"
FIRST = (rb"{\rtf1\ansi\mac\deff0\deftab720{\fonttbl;}{\f0\fnil \froman \fswiss \fmodern \fscript \fdecor MS Sans SerifSymbolArialTimes "
         rb"New RomanCourier{\colortbl\red0\green0\blue0" + b"\r\n" + rb"\par \pard\plain\f0\fs20\b\i\u\tab\tx")


def rtf_of(text):
    return (r"{\rtf1\ansi\ansicpg936{\fonttbl{\f0\fnil\fcharset134 S;}}\pard " +
            "".join(f"\\u{ord(c) if ord(c) < 0x8000 else ord(c) - 0x10000}?" if ord(c) > 127 else c for c in text) + r"\par}").encode()


def packed_rtf(data, stored=False):
    """[MS-OXRTFCP]: references to the window where its bytes repeat, else bytes as they are."""
    if stored:
        return struct.pack("<IIII", len(data) + 12, len(data), 0x414C454D, 0) + data
    window, at, items = bytearray(FIRST.ljust(4096, b"\0")), len(FIRST), []
    place, known = 0, len(FIRST)
    while place < len(data):
        length, found = 0, -1
        for size in range(min(17, len(data) - place), 1, -1):
            found = window.find(data[place:place + size], 0, known)
            if found >= 0:
                length = size
                break
        if found >= 0:
            items.append((found << 4 | (length - 2)).to_bytes(2, "big"))
        else:
            length = 1
            items.append(data[place:place + 1])
        for byte in data[place:place + length]:
            window[at] = byte
            at = (at + 1) % 4096
        known = max(known, at)
        place += length
    items.append((at << 4).to_bytes(2, "big"))
    out = b""
    for first in range(0, len(items), 8):
        group = items[first:first + 8]
        out += bytes([sum(1 << bit for bit, item in enumerate(group) if len(item) == 2)]) + b"".join(group)
    return struct.pack("<IIII", len(out) + 12, len(data), 0x75465A4C, 0) + out


# --- TNEF -----------------------------------------------------------------------------------------------------------

def attribute(level, tag, data):
    return struct.pack("<BII", level, tag, len(data)) + data + struct.pack("<H", sum(data) & 0xFFFF)


def padded(data):
    return data + bytes(-len(data) % 4)


def value(kind, data):
    if kind == 0x03:
        return struct.pack("<I", data)
    return struct.pack("<II", 1, len(data)) + padded(data)


def wide(text):
    return text.encode("utf-16-le") + b"\0\0"


def mapi(*rows):
    """Rows: identifier, type, data; a name as fourth makes it a named property."""
    out = struct.pack("<I", len(rows))
    for identifier, kind, data, *name in rows:
        out += struct.pack("<HH", kind, identifier)
        if name:
            out += bytes(16) + struct.pack("<II", 1, len(wide(name[0]))) + padded(wide(name[0]))
        out += value(kind, data)
    return out


def tnef(*attributes):
    return struct.pack("<IH", 0x223E9F78, 1) + attribute(1, 0x00089006, struct.pack("<I", 0x10000)) + \
        attribute(1, 0x00069007, struct.pack("<II", 936, 0)) + b"".join(attributes)


def attachment(name, data, *properties):
    out = attribute(2, 0x00069002, struct.pack("<HIHHI", 1, 0xFFFFFFFF, 32, 32, 0)) + attribute(2, 0x00018010, name.encode("gbk") + b"\0")
    if data is not None:
        out += attribute(2, 0x0006800F, data)
    return out + (attribute(2, 0x00069005, mapi(*properties)) if properties else b"")


MESSAGE_ID = bytes.fromhex("0703020000000000c000000000000046")


def winmail(kit, file):
    def m(tag, place="body"):
        return kit.mark(tag, place, file)
    kit.expect(file, "name", "附件表.txt")
    kit.expect(file, "name", "长名字.txt")
    kit.expect(file, "name", "内嵌邮件")
    kit.expect(file, "cover", "complete none")
    inner = tnef(attribute(1, 0x00018004, m("inner subject", "title").encode("gbk") + b"\0"),
                 attribute(1, 0x0002800C, m("inner body").encode("gbk") + b"\0"))
    recipients = struct.pack("<I", 1) + mapi((0x3001, 0x1F, wide(m("收件人张三", "raw"))))
    kit.put(file, tnef(
        attribute(1, 0x00018004, m("subject", "title").encode("gbk") + b"\0"), attribute(1, 0x0002800C, m("body").encode("gbk") + b"\0"),
        attribute(1, 0x00069004, recipients),
        attribute(1, 0x00069003, mapi(
            (0x0070, 0x1F, wide(m("topic", "title"))), (0x1009, 0x102, packed_rtf(rtf_of(m("packed")))), (0x1013, 0x102, HTML.format(m("html", "bytes")).encode()),
            (0x0C1A, 0x1F, wide(m("sender", "attribute"))), (0x3FDE, 0x03, 936), (0x8001, 0x1F, wide(m("custom", "property")), "密级"))),
        attachment("附件表.txt", m("attached", "bytes").encode()),
        attachment("short~1.txt", m("long named", "bytes").encode(), (0x3707, 0x1F, wide("长名字.txt"))),
        attachment("内嵌邮件", None, (0x3701, 0x0D, MESSAGE_ID + inner), (0x3001, 0x1F, wide("内嵌邮件")))))


def winmail_twice(kit, file):
    """Two bodies, and two files in one attachment: of each only the last is kept by most programs."""
    kit.expect(file, "raw", MARK + "first body")
    kit.put(file, tnef(
        attribute(1, 0x0002800C, (MARK + "first body").encode("gbk") + b"\0"), attribute(1, 0x0002800C, kit.mark("second body", "body", file).encode("gbk") + b"\0"),
        attachment("a.txt", kit.mark("first file", "bytes", file).encode()), attribute(2, 0x0006800F, kit.mark("second file", "bytes", file).encode())))


def winmail_damaged(kit, file):
    """A check sum that is wrong before everything else, and an end that is missing."""
    kit.expect(file, "cover", "partial damaged")
    kit.expect(file, "raw", MARK + "behind")
    bad = attribute(1, 0x00018004, b"x\0")[:-2] + b"\xff\xff"
    kit.put(file, tnef(bad, attribute(1, 0x0002800C, (MARK + "behind").encode("gbk") + b"\0"),
                       attachment("a.txt", kit.mark("attached", "bytes", file).encode())) + b"\2\x0f\x80\6\0\xff\xff\xff\x7f")


# --- Outlook --------------------------------------------------------------------------------------------------------

def stream(identifier, kind):
    return f"__substg1.0_{identifier:04X}{kind:04X}"


def numbers(header, *rows):
    return bytes(header) + b"".join(struct.pack("<HHIII", 3, identifier, 6, number, 0) for identifier, number in rows)


def below(storage, rows):
    return [(f"{storage}/{name}", data) for name, data in rows]


def message(m, header=32, wide_text=True, page=936):
    def text(identifier, string):
        return (stream(identifier, 0x1F), string.encode("utf-16-le")) if wide_text else (stream(identifier, 0x1E), string.encode(f"cp{page}"))
    return [("__properties_version1.0", numbers(header, (0x3FFD, page), (0x3FDE, page))), text(0x0037, m("subject", "title")), text(0x1000, m("body"))]


def recipient(m, number):
    return below(f"__recip_version1.0_#{number:08X}", [("__properties_version1.0", numbers(8)), (stream(0x3001, 0x1F), m(f"recipient{number}", "attribute").encode("utf-16-le"))])


def attached(number, name, rows):
    return below(f"__attach_version1.0_#{number:08X}", [("__properties_version1.0", numbers(8, (0x3705, 1))), (stream(0x3707, 0x1F), name.encode("utf-16-le"))] + rows)


def outlook(kit, file):
    def m(tag, place="body"):
        return kit.mark(tag, place, file)

    def inner(tag, place="body"):
        return kit.mark("inner " + tag, place, file)
    kit.expect(file, "name", "附件表.txt")
    kit.expect(file, "name", "转发的邮件")
    kit.expect(file, "cover", "complete none")
    headers = f"Received: from a.example by b.example\r\nFrom: li@unit.example\r\nTo: x@outside.example\r\nSubject: {m('header', 'bytes')}\r\n\r\n"
    kit.put(file, compound(
        message(m) + [
            (stream(0x1009, 0x102), packed_rtf(rtf_of(m("packed")))), (stream(0x1013, 0x102), HTML.format(m("html", "bytes")).encode()),
            (stream(0x007D, 0x1F), headers.encode("utf-16-le")), (stream(0x0C1A, 0x1F), m("sender", "attribute").encode("utf-16-le")),
            (stream(0x8001, 0x101F), struct.pack("<I", 20)), (stream(0x8001, 0x101F) + "-00000000", m("category", "property").encode("utf-16-le")),
            ("__nameid_version1.0/" + stream(2, 0x102), b""), ("__nameid_version1.0/" + stream(4, 0x102), wide("Keywords"))] +
        recipient(m, 0) + recipient(m, 1) +
        attached(0, "附件表.txt", [(stream(0x3701, 0x102), m("attached", "bytes").encode() * 800)]) +
        attached(1, "转发的邮件", below(stream(0x3701, 0x0D), message(inner, 24) + recipient(inner, 0) +
                                       attached(0, "内.txt", [(stream(0x3701, 0x102), inner("attached", "bytes").encode())])))))


def outlook_coded(kit, file):
    """Eight bits a character, as old clients write; a code page that is told, and RTF that is only stored."""
    def m(tag, place="body"):
        return kit.mark(tag, place, file)
    kit.expect(file, "cover", "complete none")
    kit.put(file, compound(message(m, 32, False) + [(stream(0x1009, 0x102), packed_rtf(rtf_of(m("stored")), stored=True))]))


def outlook_damaged(kit, file):
    """Compressed RTF that is cut off."""
    def m(tag, place="body"):
        return kit.mark(tag, place, file)
    kit.expect(file, "cover", "partial damaged")
    kit.put(file, compound(message(m) + [(stream(0x1009, 0x102), packed_rtf(rtf_of(m("cut") + "关于放假的通知，" * 9))[:-40])]))


WRITERS = {"winmail.dat": winmail, "twice.dat": winmail_twice, "damaged.dat": winmail_damaged, "all.msg": outlook, "coded.msg": outlook_coded,
           "damaged.msg": outlook_damaged}
