"""Archives that are locked, split or larger than they look, made by hand: where Debian has no packer, these are minimal.

`write_documents.py` calls the writers below with itself: where to put files, and what a reader must find in them.
"""
import io
import struct
import zipfile
import zlib

MARK = "机密★10年"


def number(value):
    """RAR 5's integers: seven bits a byte, the lowest first."""
    out = b""
    while value > 0x7F:
        out += bytes([value & 0x7F | 0x80])
        value >>= 7
    return out + bytes([value])


def block(*fields, after=b""):
    body = b"".join(fields)
    head = number(len(body)) + body
    return struct.pack("<I", zlib.crc32(head)) + head + after


RAR5, RAR4 = b"Rar!\x1a\x07\1\0", b"Rar!\x1a\x07\0"
NOISE = bytes((i * 167 + 13) * (i // 7 + 3) % 251 for i in range(400))


def rar5_entry(name, data, whole=None, flags=0):
    """A stored file; `whole`: its size, of which `data` is a piece. Flags 8 and 16: goes on in the next, from the last volume."""
    name = name.encode()
    return block(number(2), number(2 | flags), number(len(data)), number(4), number(len(data) if whole is None else whole), number(0o100644),
                 struct.pack("<I", zlib.crc32(data)), number(0), number(1), number(len(name)), name, after=data)


def rar5_locked_names(kit, file):
    """Encryption header: version 0, no check, 2^15 rounds, salt; all blocks behind it are ciphertext."""
    kit.expect(file, "cover", "unreadable encrypted")
    kit.put(file, RAR5 + block(number(4), number(0), number(0), number(0), bytes([15]), bytes(range(16))) + bytes(range(16)) + NOISE[:128])


def rar5_first_volume(kit, file):
    kit.expect(file, "cover", "partial unsupported")
    kit.put(file, RAR5 + block(number(1), number(0), number(1)) +
            rar5_entry("前.txt", kit.mark("before", "bytes", file).encode()) +
            rar5_entry("分.txt", (MARK + "first half").encode(), 4000, 16) + block(number(5), number(0), number(1)))


def rar5_second_volume(kit, file):
    kit.expect(file, "cover", "partial unsupported")
    kit.put(file, RAR5 + block(number(1), number(0), number(3), number(1)) +
            rar5_entry("分.txt", b"half" * 20, 4000, 8) + block(number(5), number(0), number(0)))


def rar4_block(kind, flags, body, after=b""):
    head = struct.pack("<BHH", kind, flags, 7 + len(body)) + body
    return struct.pack("<H", zlib.crc32(head) & 0xFFFF) + head + after


def rar4_locked_names(kit, file):
    """Main header with the flag for encrypted headers: what follows is a salt and ciphertext."""
    kit.expect(file, "cover", "unreadable encrypted")
    kit.put(file, RAR4 + rar4_block(0x73, 0x0080, b"\0" * 6) + bytes(range(8)) + NOISE[:128])


def rar4_first_volume(kit, file):
    kit.expect(file, "cover", "partial unsupported")
    name, data = b"a.txt", (MARK + "half").encode()
    entry = struct.pack("<IIBIIBBHI", len(data), 4000, 3, 0, 0x58210000, 29, 0x30, len(name), 0o100644) + name
    kit.put(file, RAR4 + rar4_block(0x73, 0x0111, b"\0" * 6) + rar4_block(0x74, 0x8002, entry, data) + rar4_block(0x7B, 0x4001, b""))


def zip64(kit, file):
    """Sizes, places and counts in their 64-bit fields throughout."""
    limits = zipfile.ZIP64_LIMIT, zipfile.ZIP_FILECOUNT_LIMIT
    zipfile.ZIP64_LIMIT, zipfile.ZIP_FILECOUNT_LIMIT = 1, 1
    out = io.BytesIO()
    try:
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
            for name in ("大.txt", "二.txt"):
                info = zipfile.ZipInfo(name, (2024, 1, 1, 0, 0, 0))
                package.writestr(info, kit.mark(name, "bytes", file))
                kit.expect(file, "name", name)
    finally:
        zipfile.ZIP64_LIMIT, zipfile.ZIP_FILECOUNT_LIMIT = limits
    assert b"PK\6\6" in out.getvalue() and b"PK\6\7" in out.getvalue()
    kit.expect(file, "cover", "complete none")
    kit.put(file, out.getvalue())


def one_zip(kit, name="整.txt"):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        for member in ("a.txt", name):
            package.writestr(zipfile.ZipInfo(member, (2024, 1, 1, 0, 0, 0)), (MARK + "split ") * 100)
    return out.getvalue()


def zip_first_volume(kit, file):
    """.z01: the mark of a split archive, then members, the last of them cut off."""
    kit.expect(file, "cover", "partial damaged")
    whole = b"PK\7\x08" + one_zip(kit)
    kit.put(file, whole[:len(whole) * 2 // 3])


def zip_last_volume(kit, file):
    """.zip of a split one: the rest of a member, and a directory whose members lie on another disk."""
    kit.expect(file, "cover", "unreadable unsupported")
    whole = bytearray(one_zip(kit))
    end = whole.index(b"PK\5\6")
    directory = struct.unpack("<I", whole[end + 16:end + 20])[0]
    struct.pack_into("<HH", whole, end + 4, 1, 1)
    kit.put(file, bytes(whole[directory * 2 // 3:]))


def zip_cut_first(kit, file):
    """.001: the bytes of an archive up to some place."""
    kit.expect(file, "cover", "partial damaged")
    whole = one_zip(kit)
    kit.put(file, whole[:len(whole) * 2 // 3])


WRITERS = {"names.rar5": rar5_locked_names, "a.part1.rar": rar5_first_volume, "a.part2.rar": rar5_second_volume, "names.rar4": rar4_locked_names,
           "old.part1.rar": rar4_first_volume, "64.zip": zip64, "a.z01": zip_first_volume, "a.last.zip": zip_last_volume, "a.zip.001": zip_cut_first}


def packed(directory, program, run):
    """Real ones by 7-Zip: names of files, and what a reader must say of them."""
    secret = directory / "密.txt"
    secret.write_text(MARK * 500, "utf-8")
    wanted = {"names.7z": (["-psecret", "-mhe=on"], [("cover", "unreadable encrypted")]), "content.7z": (["-psecret"], [("name", "密.txt")]),
              "real.7z": ([], [("bytes", MARK), ("name", "密.txt")]), "volume.7z": (["-v2k", "-mx0"], [])}
    for file, (options, _) in wanted.items():
        run([program, "a", "-bso0", *options, directory / file, secret])
    del wanted["volume.7z"]
    found = {file: rows for file, (_, rows) in wanted.items()}
    return {**found, "volume.7z.001": [("cover", "unreadable damaged")], "volume.7z.002": [("cover", "unreadable unsupported")]}
