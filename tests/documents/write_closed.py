"""The first bytes of formats that can only be recognised: each must be told as unreadable. Made by hand.

`write_documents.py` calls the writers below with itself: where to put files, and what a reader must find in them.
"""
MARK = "机密★10年"
NOISE = bytes((i * 73 + 11) % 256 for i in range(2000))
FACES = {
    "founder.ceb": b"Founder CEB 3.0", "cnki.caj": b"CAJ\0\1\2\3\4", "cnki.kdh": b"KDH 2.00", "cnki.nh": b"HN\0\0\1\2", "cnki-c8.caj": b"\xc8\0\0\0",
    "cnki.teb": b"TEB\0\1\2", "plan.dwg": b"AC1027\0\0\0\0", "scan.djvu": b"AT&TFORM\0\0\1\2DJVM", "print.ps": b"%!PS-Adobe-3.0\n", "print.pcl": b"\x1b%-12345X@PJL\n",
    "old.wri": b"\x31\xbe\0\0\0\xab", "old-word.doc": b"\xdb\xa5\x2d\0\1", "old.wk1": b"\0\0\2\0\6\4\6\0\x08\0", "base.mdb": b"\0\1\0\0Standard Jet DB\0",
    "notes.one": b"\xe4\x52\x5c\x7b\x8c\xd8\xa7\x4d\xae\xb1", "disk.wim": b"MSWIM\0\0\0\xd0\0\0\0", "old.arj": b"\x60\xea\x29\0\x1e", "old.ace": b"\0\0\0\0\0\0\0**ACE**\x14\x14",
    "old.zoo": b"ZOO 2.10 Archive.\x1a\0\0\xdc\xa7\xc4\xfd", "tsd.docx": b"%TSD-Header-###%\0", "esafenet.docx": b"\x62\x14\x23\x65\0\0E-SafeNet\0\0\0LOCK",
    "mail.pst": b"!BDN\1\2\3\4", "salted.enc": b"Salted__\1\2\3\4\5\6\7\x10",
}


def face(kit, file):
    kit.expect(file, "cover", "unreadable unsupported")
    (kit.OUT / file).write_bytes(FACES[file] + NOISE)


def iwork(kit, file):
    """Closed, but its preview is read."""
    kit.expect(file, "name", "preview.txt")
    kit.expect(file, "bytes", kit.mark("preview", "bytes", file))
    kit.expect(file, "cover", "unreadable unsupported")
    kit.write_zip(file, [("Index/Document.iwa", b"\0\x10\1\0" + NOISE), ("preview.txt", MARK + "preview")])


WRITERS = {**{file: face for file in FACES}, "closed.pages": iwork}
