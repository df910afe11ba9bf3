"""Compound files ([MS-CFB]) and small Word 97 documents ([MS-DOC]) in them, made by hand: for quickstart and the tests."""
import struct

SECTOR, SMALL, CUTOFF = 512, 64, 4096
FREE, END, TABLE = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD


def _padded(data, size):
    return data + bytes(-len(data) % size)


class _Node:
    def __init__(self, name, data=None):
        self.name, self.data, self.children = name, data, {}
        self.left = self.right = self.child = FREE
        self.start, self.size = END, 0


def _tree(streams):
    root = _Node("Root Entry")
    for path, data in streams:
        node = root
        for step in path.split("/")[:-1]:
            node = node.children.setdefault(step, _Node(step))
        leaf = path.split("/")[-1]
        node.children[leaf] = _Node(leaf, data)
    return root


def _number(node, nodes):
    """Directory entries in their order; the children of each as a balanced tree."""
    nodes.append(node)
    below = sorted(node.children.values(), key=lambda child: (len(child.name), child.name.upper()))
    for child in below:
        child.index = len(nodes)
        _number(child, nodes)

    def link(some):
        if not some:
            return FREE
        middle = len(some) // 2
        some[middle].left, some[middle].right = link(some[:middle]), link(some[middle + 1:])
        return some[middle].index
    node.child = link(below)


def _entry(node, first):
    name = node.name.encode("utf-16-le")
    kind = 5 if first else (1 if node.data is None else 2)
    return struct.pack("<64sHBBIII16sIQQIQ", name, len(name) + 2, kind, 1, node.left, node.right, node.child, bytes(16), 0, 0, 0,
                       node.start, node.size)


def compound(streams):
    """streams: (path, bytes) pairs, storages in a path apart by "/"."""
    root, nodes, large, small, small_table = _tree(streams), [], [], b"", []
    _number(root, nodes)
    for node in nodes[1:]:
        if node.data is None:
            node.start = 0
        elif node.data and len(node.data) < CUTOFF:
            node.start, node.size = len(small) // SMALL, len(node.data)
            small += _padded(node.data, SMALL)
            small_table += list(range(node.start + 1, len(small) // SMALL)) + [END]
        else:
            node.size = len(node.data)
            large.append((node, _padded(node.data, SECTOR)))
    root.size = len(small)
    small_table_bytes = struct.pack(f"<{len(small_table)}I", *small_table)
    small_table_bytes += b"\xff" * (-len(small_table_bytes) % SECTOR)
    body, table = b"", []

    def put(data):
        if not data:
            return END
        start = len(body) // SECTOR
        table.extend(list(range(start + 1, start + len(data) // SECTOR)) + [END])
        return start
    for node, data in large + [(root, _padded(small, SECTOR))]:
        node.start = put(data)
        body += data
    small_at = put(small_table_bytes)
    body += small_table_bytes
    directory_at = len(body) // SECTOR
    directory = b"".join(_entry(node, node is root) for node in nodes)
    while len(directory) % SECTOR:
        directory += struct.pack("<64sHBBIII", b"", 0, 0, 0, FREE, FREE, FREE) + bytes(48)
    put(directory)
    body += directory
    count = 1
    while (len(table) + count) * 4 > count * SECTOR:
        count += 1
    table_at = len(body) // SECTOR
    table += [TABLE] * count + [FREE] * (count * SECTOR // 4 - len(table) - count)
    body += struct.pack(f"<{len(table)}I", *table)
    head = struct.pack("<8s16sHHHHH6sIIIIIIIIII", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", bytes(16), 0x3E, 3, 0xFFFE, 9, 6, bytes(6), 0, count,
                       directory_at, 0, CUTOFF, small_at, len(small_table_bytes) // SECTOR, END, 0, table_at)
    return (head + struct.pack("<I", FREE) * 200)[:76] + struct.pack(f"<{count}I", *range(table_at, table_at + count)) + \
        struct.pack("<I", FREE) * (109 - count) + body


# --- Word 97 ------------------------------------------------------------------------------------------------------

STORIES = ("body", "footnotes", "headers", "macros", "comments", "endnotes", "boxes", "header boxes")
TEXT_AT = 0x600


def word_streams(stories, pieces=None, flags=0, letters=(), pairs=(), tail=b"", data=None, paragraphs=()):
    """The streams of a document. stories: name to text (of headers: a list of texts, see header()); letters: (from, to,
    sprms) of characters; paragraphs: (from, to, number of the style); pairs: (number, bytes) of what else the table stream holds; tail: bytes behind the text."""
    starts = [0]
    headers = stories.get("headers", [])
    for text in headers:
        starts.append(starts[-1] + len(text))
    texts = ["".join(headers) if name == "headers" else stories.get(name, "") for name in STORIES]
    whole = "".join(texts)
    if any(texts[1:]):
        whole += "\r"
    text = whole.encode("utf-16-le")
    table = b""
    where = {}

    def put(number, content):
        nonlocal table
        where[number] = (len(table), len(content))
        table += _padded(content, 4)
    if pieces is None:
        pieces = [(0, len(whole), TEXT_AT)]
    positions = [piece[0] for piece in pieces] + [pieces[-1][1]]
    plc = struct.pack(f"<{len(positions)}I", *positions) + b"".join(struct.pack("<HIH", 0, at, 0) for _, _, at in pieces)
    put(33, b"\x02" + struct.pack("<I", len(plc)) + plc)
    if headers:
        put(11, struct.pack(f"<{len(starts) + 1}I", *starts, starts[-1]))
    for number, content in pairs:
        put(number, content)
    word = bytearray(TEXT_AT) + _padded(text + tail, SECTOR)
    if letters:
        page, at = bytearray(512), 510
        stops = [TEXT_AT + 2 * first for first, _, _ in letters] + [TEXT_AT + 2 * letters[-1][1]]
        struct.pack_into(f"<{len(stops)}I", page, 0, *stops)
        for i, (_, _, sprms) in enumerate(letters):
            if sprms:
                at = (at - len(sprms) - 1) // 2 * 2
                page[at:at + 1 + len(sprms)] = bytes([len(sprms)]) + sprms
                page[len(stops) * 4 + i] = at // 2
        page[511] = len(letters)
        number = len(word) // 512
        put(12, struct.pack("<III", stops[0], stops[-1], number))
        word += page
    if paragraphs:
        page, at = bytearray(512), 510
        stops = [TEXT_AT + 2 * first for first, _, _ in paragraphs] + [TEXT_AT + 2 * paragraphs[-1][1]]
        struct.pack_into(f"<{len(stops)}I", page, 0, *stops)
        for i, (_, _, style) in enumerate(paragraphs):
            at -= 4
            struct.pack_into("<BBH", page, at, 0, 1, style)
            page[len(stops) * 4 + 13 * i] = at // 2
        page[511] = len(paragraphs)
        number = len(word) // 512
        put(13, struct.pack("<III", stops[0], stops[-1], number))
        word += page
    struct.pack_into("<HHHHHH", word, 0, 0xA5EC, 0xC1, 0, 0x0804, 0, 0x1000 | 0x0200 | flags)
    struct.pack_into("<IIH", word, 0x18, TEXT_AT, TEXT_AT + len(text), 14)
    word[0x20:0x22] = struct.pack("<H", 14)
    struct.pack_into("<HI", word, 0x3E, 22, len(word))
    for i, story in enumerate(texts):
        struct.pack_into("<I", word, 0x4C + 4 * i, len(story))
    struct.pack_into("<H", word, 0x98, 93)
    for number, (at, size) in where.items():
        struct.pack_into("<II", word, 0x9A + 8 * number, at, size)
    streams = [("WordDocument", bytes(word)), ("1Table", table or b"\0")]
    return streams + ([("Data", data)] if data else [])


def header(text="", footer=""):
    """The stories of headers and footers of one section: six separators of notes first."""
    return [""] * 6 + ["", text + "\r" if text else "", "", footer + "\r" if footer else "", "", ""]


def doc(body, header_lines=()):
    """A text of paragraphs, with lines in its running header."""
    stories = {"body": "".join(f"{line}\r" for line in body)}
    if header_lines:
        stories["headers"] = header("\r".join(header_lines))
    return compound(word_streams(stories))


# --- property sets ------------------------------------------------------------------------------------------------

SUMMARY = bytes.fromhex("e0859ff2f94f6810ab9108002b27b3d9")
DOCUMENT = bytes.fromhex("02d5cdd59c2e1b10939708002b2cf9ae")
CUSTOM = bytes.fromhex("05d5cdd59c2e1b10939708002b2cf9ae")


def _set(properties, names, charset, page):
    rows, values = [], b""
    items = [(1, struct.pack("<II", 2, page))]
    if names:
        entries = b"".join(struct.pack("<II", number, len(name.encode(charset)) + 1) + name.encode(charset) + b"\0"
                           for number, name in names.items())
        items.append((0, struct.pack("<I", len(names)) + entries))
    items += [(number, struct.pack("<II", 0x1E, len(text.encode(charset)) + 1) + text.encode(charset) + b"\0") for number, text in properties]
    at = 8 + 8 * len(items)
    for number, value in items:
        rows.append(struct.pack("<II", number, at + len(values)))
        values += _padded(value, 4)
    return struct.pack("<II", at + len(values), len(items)) + b"".join(rows) + values


def property_set(sets, charset="gbk", page=936):
    """sets: (format identifier, [(number, text)], {number: name}) of each."""
    bodies = [_set(properties, names, charset, page) for _, properties, names in sets]
    at = 28 + 20 * len(sets)
    heads = b""
    for (format_id, _, _), body in zip(sets, bodies):
        heads += format_id + struct.pack("<I", at)
        at += len(body)
    return struct.pack("<HHI16sI", 0xFFFE, 0, 0x00020105, bytes(16), len(sets)) + heads + b"".join(bodies)
