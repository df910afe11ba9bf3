"""Compound files by hand: Word, Excel and PowerPoint files with the mark in every place, older and locked ones.

Real files, by LibreOffice, are those of office_samples.py; here is what it does not write: fast saves, code pages,
packed objects, macros, leftovers, encryption, BIFF5 and Word 6."""
import pathlib
import struct
import sys
import zlib

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent.parent / "contrib"))
from sample_ole import CUSTOM, DOCUMENT, SUMMARY, TEXT_AT, compound, header, property_set, word_streams  # noqa: E402

PNG = bytes.fromhex("89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360000002"
                    "00000500010d0a2db40000000049454e44ae426082")


def properties(m):
    return [("\x05SummaryInformation", property_set([(SUMMARY, [(2, m("title", "property")), (5, m("keywords", "property"))], {})])),
            ("\x05DocumentSummaryInformation", property_set([
                (DOCUMENT, [(15, m("company", "property"))], {}),
                (CUSTOM, [(2, m("custom", "property"))], {2: "密级"})]))]


def native(name, data):
    """The object packer's stream: label, path, path to unpack to, the file."""
    label, path = name.encode("gbk") + b"\0", ("C:\\方案\\" + name).encode("gbk") + b"\0"
    body = struct.pack("<H", 2) + label + path + struct.pack("<HHI", 0, 3, len(path)) + path + struct.pack("<I", len(data)) + data
    return struct.pack("<I", len(body)) + body


def vba_packed(data):
    """A compressed container of literal bytes only."""
    out = b"\x01"
    for at in range(0, len(data), 3000):
        piece = data[at:at + 3000]
        tokens = b"".join(b"\0" + piece[i:i + 8] for i in range(0, len(piece), 8))
        out += struct.pack("<H", 0xB000 | (len(tokens) - 1)) + tokens
    return out


def macros(storage, text):
    def record(kind, data):
        return struct.pack("<HI", kind, len(data)) + data
    directory = (record(1, struct.pack("<I", 1)) + record(3, struct.pack("<H", 936)) + struct.pack("<HIIH", 9, 4, 1, 1) +
                 record(0x19, "模块1".encode("gbk")) + record(0x1A, "模块1".encode("gbk")) + record(0x31, struct.pack("<I", 5)) + record(0x10, b""))
    source = f'Attribute VB_Name = "模块1"\r\nSub a()\r\n  \' {text}\r\nEnd Sub\r\n'.encode("gbk")
    base = storage + "/" if storage else ""
    return [(base + "VBA/dir", vba_packed(directory)), (base + "VBA/模块1", b"cache" + vba_packed(source)), (base + "PROJECT", b'Name="P"\r\n')]


# --- Word ---------------------------------------------------------------------------------------------------------

def font_table(*names):
    entries = b""
    for name in names:
        entry = struct.pack("<BHBB", 0, 400, 0, 0) + bytes(34) + (name + "\0").encode("utf-16-le")
        entries += bytes([len(entry)]) + entry
    return struct.pack("<HH", len(names), 0) + entries


def picture_block(kind, content):
    return struct.pack("<IHH", 68 + len(content), 68, kind) + bytes(60) + content


def art(kind, content, instance=0, container=False):
    return struct.pack("<HHI", instance << 4 | (0xF if container else 0), kind, len(content)) + content


def shape(picture, description):
    text = (description + "\0").encode("utf-16-le")
    blip = art(0xF01E, bytes(17) + picture, 0x6E0)
    entry = art(0xF007, struct.pack("<BB16sHIIIBBBB", 6, 6, bytes(16), 0, len(blip), 1, 0, 0, 0, 0, 0) + blip)
    return art(0xF004, art(0xF00B, struct.pack("<HI", 0x8381, len(text)) + text, 1), container=True) + entry


def box(checked):
    return picture_block(0, struct.pack("<IHHHH", 0xFFFFFFFF, 1 | (checked << 2), 0, 0, 0) + bytes(8))


class Runs:
    """A text and how its characters look."""

    def __init__(self):
        self.text, self.looks = "", []

    def add(self, text, sprms=b""):
        self.looks.append((len(self.text), len(self.text) + len(text), sprms))
        self.text += text
        return self


VANISH, DELETED, BIG = b"\x3c\x08\x01", b"\x00\x08\x01", b"\x43\x4a\x2c\x00"


def doc_all(kit, file):
    def m(tag, place="body"):
        return kit.mark(tag, place, file)
    first = box(True)
    data = first + box(False) + picture_block(0x64, shape(PNG, m("alt", "alternative")))
    runs = Runs()
    runs.add("机密★10年split\r", BIG).add("甲\x07乙\x07").add(m("cell") + "\x07\r")
    runs.add(m("vanish", "hidden"), VANISH).add(m("deleted", "revision"), DELETED)
    runs.add("\x13 HYPERLINK \"").add(m("target", "attribute")).add("\" \x14").add(m("field") + "\x15\r")
    runs.add("密级 ").add("\x13 FORMCHECKBOX ").add("\x01", b"\x06\x08\x01\x03\x6a" + struct.pack("<I", 0)).add("\x14\x15 \x13 FORMCHECKBOX ")
    runs.add("\x01", b"\x06\x08\x01\x03\x6a" + struct.pack("<I", len(first))).add("\x14\x15 ")
    runs.add("(", b"\x09\x6a" + struct.pack("<HH", 1, 0xF0AB)).add("\r").add("\x0c" + m("second page") + "\r")
    for text in ("密级 ☒ ☐ ★", MARKED + "split", "甲\t乙\t"):
        kit.expect(file, "body", text)
    stories = {"body": runs.text, "footnotes": "\x02" + m("footnote", "note") + "\r", "endnotes": m("endnote", "note") + "\r",
               "headers": header(m("header", "page-header"), m("footer", "page-footer")), "comments": "\x05" + m("comment", "annotation") + "\r",
               "boxes": m("box", "text-box") + "\r", "header boxes": m("watermark", "page-header") + "\r"}
    left = (m("fast save left this", "raw")).encode("utf-16-le") + b"\0\0" + m("and this in GBK", "raw").encode("gbk")
    streams = word_streams(stories, letters=runs.looks, pairs=[(15, font_table("宋体", "Wingdings"))], tail=bytes(8) + left, data=data)
    kit.expect(file, "bytes", MARKED + "inside")
    kit.expect(file, "name", "方案.txt")
    kit.expect(file, "comment", MARKED + "macro")
    kit.expect(file, "cover", "complete none")
    inner = word_streams({"body": m("embedded document") + "\r"})
    kit.put(file, compound(streams + properties(m) + macros("Macros", MARKED + "macro") +
                           [("ObjectPool/_1/\x01Ole10Native", native("方案.txt", (MARKED + "inside").encode())), ("ObjectPool/_1/\x03ObjInfo", b"\0\0")] +
                           [("ObjectPool/_2/" + name, data) for name, data in inner]))


MARKED = "机密★10年"


def style(kind, base, *lists, head=18):
    """STD of a style sheet: its kind, what it is based on, its lists of properties."""
    std = struct.pack("<HHHHH", 0x0FFE, kind | base << 4, len(lists), 0, 0) + bytes(head - 10) + struct.pack("<H2sH", 1, "某".encode("utf-16-le"), 0)
    for properties_ in lists:
        std += struct.pack("<H", len(properties_)) + properties_ + b"\0" * (len(properties_) & 1)
    return struct.pack("<H", len(std)) + std + b"\0" * (len(std) & 1)


def doc_styled(kit, file):
    """Size and colour by the style of the paragraph, of what that is based on, of the characters; hidden by a style."""
    def size(half_points):
        return b"\x43\x4a" + struct.pack("<H", half_points)
    red, automatic, none = b"\x70\x68\xff\0\0\0", b"\x70\x68\0\0\0\xff", 0xFFF
    sheet = struct.pack("<HHHHHHHHHH", 18, 8, 18, 1, 0, 15, 0, 0, 0, 0)
    sheet += style(1, none, b"\0\0", size(32)) + style(1, 0, b"\1\0", red) + style(1, 1, b"\2\0", size(84))
    sheet += struct.pack("<H", 0) + style(2, none, automatic + size(20)) + style(2, none, VANISH)
    sheet += style(1, 6, b"\6\0", size(60)) + style(3, none, b"", b"\7\0", size(44))
    runs, paragraphs = Runs(), []
    for number, text, look in ((0, "normal", b""), (1, "red", b""), (2, "head", b""), (2, "letters", b"\x30\x4a\4\0"), (2, "own", size(18)),
                               (6, "circle", b""), (7, "table", b""), (99, "nobody", b"")):
        start = len(runs.text)
        runs.add(MARKED + text, look).add("\r")
        paragraphs.append((start, len(runs.text), number))
    runs.add(kit.mark("by a style", "hidden", file), b"\x30\x4a\5\0").add(kit.mark("not hidden", "body", file), b"\x30\x4a\5\0\x3c\x08\0").add("\r")
    runs.add(kit.mark("against its style", "body", file), b"\x30\x4a\5\0\x3c\x08\x81")
    for text in ("160 - {}normal", "160 ff0000 {}red", "420 ff0000 {}head", "100 - {}letters", "90 ff0000 {}own", "300 - {}circle", "220 - {}table", "100 - {}nobody"):
        kit.expect(file, "type", text.format(MARKED))
    names = "_GoBack", kit.mark("bookmark", "attribute", file)
    marks = struct.pack("<HHH", 0xFFFF, len(names), 0) + b"".join(struct.pack("<H", len(name)) + name.encode("utf-16-le") for name in names)
    kit.put(file, compound(word_streams({"body": runs.text}, letters=runs.looks, paragraphs=paragraphs, pairs=[(1, sheet), (21, marks)])))


def doc_pieces(kit, file):
    """A fast save: the text lies in the file in another order than it is read."""
    text = "密★机年10" + "\r"
    at = {c: TEXT_AT + 2 * i for i, c in enumerate(text)}
    order = "机密★10年\r"
    pieces = [(i, i + 1, at[c]) for i, c in enumerate(order)]
    kit.expect(file, "body", MARKED)
    kit.expect(file, "cover", "complete none")
    kit.put(file, compound(word_streams({"body": text}, pieces)))


def doc_narrow(kit, file):
    """Pieces of single bytes among others."""
    text = "机密★年" + "\r"
    tail = "10 \x93quoted\x94 ".encode("latin-1")
    end = TEXT_AT + 2 * (len(text) + len(tail))
    pieces = [(0, 3, TEXT_AT), (3, 5, 0x40000000 | end * 2), (5, 7, TEXT_AT + 6), (7, 7 + len(tail) - 2, 0x40000000 | (end + 2) * 2)]
    kit.expect(file, "body", MARKED)
    kit.expect(file, "body", "“quoted”")
    kit.put(file, compound(word_streams({"body": text + " " * len(tail)}, pieces, tail=tail)))


def doc_old(kit, file):
    """Word 6: bytes in the code page of the language, one after the other."""
    body, note = f"{MARKED}six\r".encode("gbk"), f"{MARKED}note\r".encode("gbk")
    kit.expect(file, "body", MARKED + "six")
    kit.expect(file, "note", MARKED + "note")
    kit.expect(file, "cover", "complete none")
    word = bytearray(0x300) + body + note + b"\r"
    struct.pack_into("<HHHHHH", word, 0, 0xA5DC, 0x65, 0, 0x0804, 0, 0)
    struct.pack_into("<II", word, 0x18, 0x300, len(word))
    struct.pack_into("<II", word, 0x34, len(body), len(note))
    kit.put(file, compound([("WordDocument", bytes(word))]))


def doc_locked(kit, file):
    kit.expect(file, "cover", "unreadable encrypted")
    kit.expect(file, "property", MARKED + "title")
    streams = word_streams({"body": "\u5bc6" * 50}, flags=0x0100)
    kit.put(file, compound(streams + [("\x05SummaryInformation", property_set([(SUMMARY, [(2, MARKED + "title")], {})]))]))


def doc_ordinary(kit, file):
    kit.expect(file, "body", "关于放假的通知")
    kit.expect(file, "cover", "complete none")
    kit.put(file, compound(word_streams({"body": "关于放假的通知\r各处室：\r国庆节放假七天。\r", "headers": header("办公室", "第1页")})))


def doc_cut(kit, file):
    kit.expect(file, "cover", "partial damaged")
    whole = compound(word_streams({"body": f"{MARKED}cut\r" * 600}))
    kit.expect(file, "raw", MARKED + "cut")
    kit.put(file, whole[:len(whole) // 2])


def doc_appended(kit, file):
    """Something behind the end of the container."""
    kit.expect(file, "bytes", MARKED + "behind")
    kit.put(file, compound(word_streams({"body": "关于放假的通知\r"})) + (MARKED + "behind\n").encode() * 3)


def doc_lying(kit, file):
    """Pieces behind the end of the stream, lengths that no piece holds."""
    kit.expect(file, "body", MARKED + "lie")
    kit.expect(file, "cover", "partial damaged")
    text = MARKED + "lie\r"
    pieces = [(0, len(text), TEXT_AT), (len(text), 0x7FFFFFF0, 0x3FFFFF00)]
    kit.put(file, compound(word_streams({"body": text}, pieces)))


def doc_many_pieces(kit, file):
    """A hundred thousand pieces that all say the same: what they say is bounded by the size of the file."""
    kit.expect(file, "cover", "partial damaged")
    text = MARKED + "again\r"
    count = 20000
    kit.put(file, compound(word_streams({"body": text * 50}, [(i * 50, i * 50 + 50, TEXT_AT) for i in range(count)])))


def xls_lying(kit, file):
    """A table of strings that counts more than it has, and a stream without its end."""
    kit.expect(file, "body", MARKED + "lie")
    kit.expect(file, "cover", "partial damaged")
    shared = record(0x00FC, struct.pack("<II", 9, 0xFFFFFFFF) + wide(MARKED + "lie") + struct.pack("<HB", 0xFFFF, 1))
    stream = book([("Sheet1", 0, record(0x00FD, struct.pack("<HHHI", 0, 0, 0, 0)) + record(0x00FD, struct.pack("<HHHI", 0, 0, 0, 0xFFFFFFF0)))], shared)
    kit.put(file, compound([("Workbook", stream[:-4])]))


def ppt_lying(kit, file):
    """Edits that lead to themselves, records in records without end."""
    kit.expect(file, "cover", "partial damaged")
    kit.expect(file, "body", MARKED + "lie")
    deep = atom(0x0FA0, (MARKED + "deep").encode("utf-16-le"))
    for _ in range(400):
        deep = container(0x03EE, deep)
    stream = container(0x03EE, shown(MARKED + "lie")) + deep
    at = len(stream)
    stream += atom(0x0FF5, struct.pack("<IHBBIIIIHH", 256, 0, 0, 3, at, at, 1, 2, 1, 0))
    kit.put(file, compound([("Current User", atom(0x0FF6, struct.pack("<IIIHH", 0x14, 0xE391C05F, at, 4, 0x03F4))), ("PowerPoint Document", stream)]))


def office_locked(kit, file):
    """What Office makes of a docx with a password."""
    kit.expect(file, "cover", "unreadable encrypted")
    kit.put(file, compound([("EncryptedPackage", struct.pack("<Q", 5000) + bytes(range(256)) * 20), ("EncryptionInfo", b"\4\0\4\0\x40\0\0\0<encryption/>")]))


def vba_alone(kit, file):
    """vbaProject.bin, as it lies in a docm."""
    kit.expect(file, "comment", MARKED + "project")
    kit.expect(file, "cover", "complete none")
    kit.put(file, compound(macros("", MARKED + "project")))


# --- Excel --------------------------------------------------------------------------------------------------------

def record(kind, data=b""):
    return struct.pack("<HH", kind, len(data)) + data


def wide(text, size="<H"):
    return struct.pack(size, len(text)) + b"\1" + text.encode("utf-16-le")


def book(sheets, globals_=b"", version=0x0600, name=lambda text: wide(text, "<B")):
    """sheets: (name, hidden, records)."""
    begin = record(0x0809, struct.pack("<HHHHII", version, 5, 0, 0, 0, 0))
    heads = [record(0x0085, struct.pack("<IBB", 0, hidden, 0) + name(title)) for title, hidden, _ in sheets]
    at = len(begin) + len(globals_) + sum(map(len, heads)) + 4
    out, bodies = begin, b""
    for (title, hidden, records), _ in zip(sheets, heads):
        out += record(0x0085, struct.pack("<IBB", at + len(bodies), hidden, 0) + name(title))
        bodies += record(0x0809, struct.pack("<HHHHII", version, 0x10, 0, 0, 0, 0)) + records + record(0x000A)
    return out + globals_ + record(0x000A) + bodies


def xls_all(kit, file):
    def m(tag, place="body"):
        return kit.mark(tag, place, file)
    strings = [m("shared"), m("rich"), "很长" * 2500 + m("cut by CONTINUE"), m("unused", "hidden"), m("hidden row", "hidden"), m("hidden sheet", "hidden"),
               m("hidden column", "hidden")]
    kit.expect(file, "body", f"{MARKED}shared\t{MARKED}rich\t42\t0.25\n")
    kit.expect(file, "sheet-name", MARKED + "sheet")
    table = struct.pack("<II", 9, len(strings))
    table += struct.pack("<HB", len(strings[0]), 1) + strings[0].encode("utf-16-le")
    table += struct.pack("<HBHI", len(strings[1]), 1 | 8 | 4, 2, 6) + strings[1].encode("utf-16-le") + bytes(8 + 6)
    table += struct.pack("<HB", len(strings[2]), 1)
    long = strings[2].encode("utf-16-le")
    room = (8000 - len(table)) // 2 * 2
    shared = record(0x00FC, table + long[:room])
    rest = b"\1" + long[room:] + b"".join(wide(text) for text in strings[3:])
    shared += record(0x003C, rest)
    cell = lambda row, column, index: record(0x00FD, struct.pack("<HHHI", row, column, 0, index))
    first = (record(0x0014, wide("&C&\"宋体,常规\"&16" + m("header", "page-header"))) + record(0x0015, wide("&L" + m("footer", "page-footer"))) +
             record(0x007D, struct.pack("<HHHHHH", 9, 9, 100, 0, 1, 0)) +
             record(0x0208, struct.pack("<HHHHHHI", 3, 0, 1, 0, 0, 0, 0x20)) +
             cell(0, 0, 0) + cell(0, 1, 1) + record(0x027E, struct.pack("<HHHI", 0, 2, 0, 42 << 2 | 2)) + record(0x0203, struct.pack("<HHHd", 0, 3, 0, 0.25)) +
             cell(1, 0, 2) + cell(1, 9, 6) + cell(3, 0, 4) + record(0x0204, struct.pack("<HHH", 4, 0, 0) + wide(m("label"))) +
             record(0x0006, struct.pack("<HHHB5xHHIH", 4, 1, 0, 0, 0xFFFF, 0, 0, 30) + b"\x44\x17\0\0\0\x17" + wide(m("token", "attribute"), "<B") + b"\x08")  + record(0x0207, wide(m("formula"))) +
             record(0x005D, struct.pack("<HHHHH", 0x15, 18, 0x19, 1, 0) + bytes(12)) +
             record(0x01B6, struct.pack("<HHHHHHI", 0, 0, 0, 0, 0, len(MARKED) + 7, 0) + bytes(2)) + record(0x003C, b"\1" + m("comment", "annotation").encode("utf-16-le")) +
             record(0x005D, struct.pack("<HHHHH", 0x15, 18, 0x06, 2, 0) + bytes(12)) +
             record(0x01B6, struct.pack("<HHHHHHI", 0, 0, 0, 0, 0, len(MARKED) + 3, 0) + bytes(2)) +
             record(0x003C, b"\1" + (MARKED + "b").encode("utf-16-le")) + record(0x003C, b"\0ox") + record(0x003C, bytes(16)) +
             record(0x01BE, struct.pack("<I", 0) + wide("\0") + wide("\0") + wide(m("prompt", "attribute")) + wide("\0") + bytes(12)))
    kit.expect(file, "text-box", MARKED + "box")
    second = cell(0, 0, 5)
    drawing = shape(PNG, m("alt", "alternative"))
    third = record(0x0809, struct.pack("<HHHHII", 0x600, 0x20, 0, 0, 0, 0)) + record(0x100D, b"\0\0" + wide(m("chart title", "text-box"), "<B")) + record(0x000A)
    name = record(0x0018, struct.pack("<HBBHHHBBBB", 0, 0, 2, 0, 0, 0, 0, 0, 0, 0) + b"\1" + "名称".encode("utf-16-le") + b"\x17" + wide(m("defined", "attribute"), "<B"))
    group = art(0xF000, drawing, container=True)
    stream = book([(MARKED + "sheet", 0, first), ("second", 1, second), ("third", 2, third)],
                  shared + name + record(0x041E, struct.pack("<H", 164) + wide('0"' + m("format", "attribute") + '"')) +
                  record(0x00EB, group[:60]) + record(0x003C, group[60:]))
    kit.expect(file, "cover", "complete none")
    kit.put(file, compound([("Workbook", stream)] + properties(m) + macros("_VBA_PROJECT_CUR", MARKED + "macro")))
    kit.expect(file, "comment", MARKED + "macro")


def xls_old(kit, file):
    """BIFF5: bytes in the code page."""
    def text(said, size="<H"):
        return struct.pack(size, len(said.encode("gbk"))) + said.encode("gbk")
    kit.expect(file, "body", MARKED + "five")
    kit.expect(file, "sheet-name", "机密表")
    kit.expect(file, "page-header", MARKED + "header")
    kit.expect(file, "annotation", MARKED + "note")
    kit.expect(file, "cover", "complete none")
    note = (MARKED + "note").encode("gbk")
    rows = (record(0x0014, text(MARKED + "header", "<B")) + record(0x0204, struct.pack("<HHH", 0, 0, 0) + text(MARKED + "five")) +
            record(0x001C, struct.pack("<HHH", 0, 0, len(note)) + note))
    kit.put(file, compound([("Book", book([("机密表", 0, rows)], record(0x0042, struct.pack("<H", 936)), 0x0500, lambda said: text(said, "<B")))]))


def xls_locked(kit, file):
    kit.expect(file, "cover", "unreadable encrypted")
    kit.put(file, compound([("Workbook", book([("Sheet1", 0, record(0x0204, bytes(range(200))))], record(0x002F, b"\1\0\1\0\1\0" + bytes(48))))]))


def xls_ordinary(kit, file):
    kit.expect(file, "body", "序号\t1\n")
    kit.expect(file, "cover", "complete none")
    rows = record(0x0204, struct.pack("<HHH", 0, 0, 0) + wide("序号")) + record(0x0203, struct.pack("<HHHd", 0, 1, 0, 1.0)) + \
        record(0x0204, struct.pack("<HHH", 1, 0, 0) + wide("完"))
    kit.put(file, compound([("Workbook", book([("Sheet1", 0, rows)]))]))


# --- PowerPoint ---------------------------------------------------------------------------------------------------

def atom(kind, content=b"", instance=0):
    return struct.pack("<HHI", instance << 4, kind, len(content)) + content


def container(kind, *parts, instance=0):
    return struct.pack("<HHI", instance << 4 | 0xF, kind, sum(map(len, parts))) + b"".join(parts)


def shown(text):
    return container(0x040C, container(0xF002, container(0xF004, container(0xF00D, atom(0x0F9F, bytes(4)), atom(0x0FA0, text.encode("utf-16-le"))))))


def presentation(m, locked=False):
    said = lambda text: atom(0x0FA0, text.encode("utf-16-le"))
    string = lambda text, instance=0: atom(0x0FBA, text.encode("utf-16-le"), instance)
    persist = lambda number: atom(0x03F3, struct.pack("<I", number) + bytes(16))
    inner = compound(word_streams({"body": m("embedded") + "\r"}))
    outline = container(0x0FF0, persist(2), said(m("outline title")), atom(0x0FA8, b"latin text"), persist(3), said(m("outline hidden", "hidden")))
    document = container(0x03E8, outline, container(0x0FD9, string(m("header", "page-header"), 1), string(m("footer", "page-footer"), 2)))
    comment = container(0x1388, container(0x138A, string("___PPT10"), atom(0x138B, container(0x2EE0, string("李"), string(m("comment", "annotation"), 1)))))
    slides = [document, container(0x03EE, shown(m("slide")), comment),
              container(0x03EE, atom(0x03F9, struct.pack("<IIBBH", 0, 0, 0, 0, 4) + bytes(4)), shown(m("hidden slide", "hidden"))),
              container(0x03F0, shown(m("notes", "note"))), container(0x03F8, shown(m("master", "page-header"))),
              atom(0x1011, struct.pack("<I", len(inner)) + zlib.compress(inner), 1)]
    old = container(0x03EE, shown(m("older save", "hidden")))
    stream, places = old, []
    for part in slides:
        places.append(len(stream))
        stream += part
    directory_at = len(stream)
    stream += atom(0x1772, struct.pack("<I", len(places) << 20 | 1) + struct.pack(f"<{len(places)}I", *places))
    edit_at = len(stream)
    stream += atom(0x0FF5, struct.pack("<IHBBIIIIHH", 256, 0, 0, 3, 0, directory_at, 1, len(places) + 1, 1, 0))
    user = atom(0x0FF6, struct.pack("<IIIHH", 0x14, 0xF3D1C4DF if locked else 0xE391C05F, edit_at, 4, 0x03F4) + b"\3\0\0\0user")
    return [("Current User", user), ("PowerPoint Document", stream), ("Pictures", art(0xF01E, bytes(17) + PNG, 0x6E0))]


def ppt_all(kit, file):
    def m(tag, place="body"):
        return kit.mark(tag, place, file)
    kit.expect(file, "cover", "complete none")
    kit.put(file, compound(presentation(m) + properties(m)))


def ppt_locked(kit, file):
    kit.expect(file, "cover", "unreadable encrypted")
    kit.put(file, compound(presentation(lambda tag, place="": "无" + tag, locked=True)))


# --- drawings of Windows ------------------------------------------------------------------------------------------

def bitmap():
    return struct.pack("<IiiHHIIiiII", 40, 2, 2, 1, 24, 0, 16, 0, 0, 0, 0) + bytes(16)


def emf(kit, file):
    def m(tag, place="body"):
        return kit.mark(tag, place, file)

    def row(kind, body):
        return struct.pack("<II", kind, 8 + len(body) + -len(body) % 4) + body + bytes(-len(body) % 4)

    def text(said, y, options=0):
        data = said.encode("utf-16-le")
        return row(84, bytes(16) + struct.pack("<IffiiIII", 1, 1, 1, 0, y, len(said), 76, options) + bytes(20) + data)
    title = (m("description", "property") + "\0").encode("utf-16-le")
    small = m("small")
    plus = struct.pack("<HHII", 0x401C, 0, 12 + 28 + 40, 28 + 2 * len(m("plus"))) + struct.pack("<III", 0, 0, len(MARKED + "plus")) + bytes(16) + \
        (MARKED + "plus").encode("utf-16-le")
    plus = plus.ljust(80, b"\0")
    dib = bitmap()
    rows = [text("机", 10), text("密★", 10), text("10年split", 10), text(m("second line"), 30),
            row(108, struct.pack("<iiIIIff", 0, 50, len(small), 0x100, 1, 1, 1) + small.encode("utf-16-le")),
            row(70, struct.pack("<II", 4 + len(plus), 0x2B464D45) + plus),
            row(81, bytes(40) + struct.pack("<IIII", 80, 40, 120, 16) + bytes(16) + dib), row(14, struct.pack("<III", 0, 0, 20))]
    kit.expect(file, "body", MARKED + "split\n" + MARKED + "second line")
    kit.expect(file, "cover", "complete none")
    head = bytes(32) + struct.pack("<IIIIHHII", 0x464D4520, 0x10000, 0, len(rows) + 1, 1, 0, len(title) // 2, 108) + bytes(40) + title
    kit.put(file, row(1, head) + b"".join(rows))


def wmf(kit, file):
    def row(kind, body):
        body += bytes(len(body) % 2)
        return struct.pack("<IH", 3 + len(body) // 2, kind) + body
    first, second = kit.mark("one", "body", file).encode("gbk"), kit.mark("two", "body", file).encode("gbk")
    rows = [row(0x0521, struct.pack("<H", len(first)) + first + bytes(len(first) % 2) + struct.pack("<hh", 5, 5)),
            row(0x0A32, struct.pack("<hhHH", 20, 5, len(second), 2) + bytes(8) + second), row(0x0F43, bytes(22) + bitmap()), row(0, b"")]
    kit.expect(file, "cover", "complete none")
    kit.put(file, struct.pack("<I", 0x9AC6CDD7) + bytes(18) + struct.pack("<HHHIHIH", 1, 9, 0x300, 0, 0, 0, 0) + b"".join(rows))


WRITERS = {
    "all.emf": emf, "all.wmf": wmf,
    "all.doc": doc_all, "styled.doc": doc_styled, "pieces.doc": doc_pieces, "narrow.doc": doc_narrow, "word6.doc": doc_old, "locked.doc": doc_locked,
    "ordinary.doc": doc_ordinary, "cut.doc": doc_cut, "appended.doc": doc_appended, "all.wps": doc_all,
    "lying.doc": doc_lying, "pieces-again.doc": doc_many_pieces, "lying.xls": xls_lying, "lying.ppt": ppt_lying,
    "all.xls": xls_all, "biff5.xls": xls_old, "locked.xls": xls_locked, "ordinary.xls": xls_ordinary, "all.et": xls_all,
    "all.ppt": ppt_all, "locked.ppt": ppt_locked, "all.dps": ppt_all,
    "locked-docx.docx": office_locked, "vbaProject.bin": vba_alone,
}
