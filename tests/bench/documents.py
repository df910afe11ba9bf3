"""documents: attachments for the benchmark, the same on every machine (fixed seed), with text as units write it.

A new sample is one row of SAMPLES: the set of letters it belongs to, its name, and what writes it from a generator of
random numbers and a size that the file should have. A writer that needs a program which is missing gives None.
"""
import base64
import gzip
import hashlib
import io
import pathlib
import random
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from xml.sax.saxutils import escape

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parent.parent.parent / part) for part in ("contrib", "tests/documents")]
import sample_documents as small  # noqa: E402
from sample_documents import HEAD, RELATIONS, SHEET, WORD  # noqa: E402
from workload import prose, sentence  # noqa: E402
from write_bombs import pdf  # noqa: E402

MARK = "机密★10年"
RUN = ('<w:rPr><w:rFonts w:ascii="FangSong" w:eastAsia="FangSong" w:hAnsi="FangSong" w:hint="eastAsia"/><w:color w:val="000000"/>'
       '<w:kern w:val="0"/><w:sz w:val="32"/><w:szCs w:val="32"/></w:rPr>')


def noise(draw, size):
    """Bytes that nothing packs: what fonts and pictures are to a packer."""
    return draw.randbytes(max(size, 0))


def paragraphs(draw, count):
    """Paragraphs as a word processor leaves them: a run cut here and there, each with its look."""
    out = []
    for _ in range(count):
        text = "".join(sentence(draw) for _ in range(draw.randint(2, 6)))
        cut = draw.randint(1, len(text) - 1)
        runs = "".join(f'<w:r w:rsidRPr="00{draw.randint(0, 999999):06d}">{RUN}<w:t xml:space="preserve">{escape(piece)}</w:t></w:r>' for piece in (text[:cut], text[cut:]))
        out.append(f'<w:p w:rsidR="00AB12CD" w:rsidRDefault="00AB12CD"><w:pPr><w:spacing w:line="560" w:lineRule="exact"/><w:ind w:firstLineChars="200" w:firstLine="640"/></w:pPr>{runs}</w:p>')
    return "".join(out)


def styles():
    return "".join(f'<w:style w:type="paragraph" w:styleId="s{n}"><w:name w:val="heading {n}"/><w:basedOn w:val="a"/><w:pPr><w:spacing w:before="{n}"/></w:pPr>{RUN}</w:style>' for n in range(90))


def fill(members, draw, size, name):
    """What is not text: an embedded font, so that the file has its size and no picture is read here."""
    packed = len(small.zip_of(members))
    font = b"\0\1\0\0\0\x11\1\0\0\4\0\x10"        # a font by its first bytes
    return small.zip_of(members + [(name, font + noise(draw, size - packed))])


def docx(draw, size, mark=""):
    body = (f"<w:p><w:r><w:t>{mark}</w:t></w:r></w:p>" if mark else "") + paragraphs(draw, max(8, size // 2500))
    base = zipfile.ZipFile(io.BytesIO(small.docx(["会议"], ["示例单位"])))
    members = {name: base.read(name) for name in base.namelist()}
    whole = members["word/document.xml"].decode()
    members["word/document.xml"] = whole.replace("<w:body>", "<w:body>" + body).encode()
    members["word/styles.xml"] = f'{HEAD}<w:styles xmlns:w="{WORD}">{styles()}</w:styles>'.encode()
    members["word/settings.xml"] = f'{HEAD}<w:settings xmlns:w="{WORD}"><w:zoom w:percent="100"/></w:settings>'.encode()
    return fill(list(members.items()), draw, size, "word/fonts/font1.odttf")


def xlsx(draw, size, mark=""):
    rows = [[mark or "名单", "单位", "事项", "金额", "备注"]]
    rows += [[sentence(draw)[:8], sentence(draw)[:12], sentence(draw), str(draw.randint(1, 10 ** 6)), str(draw.random())] for _ in range(max(20, size // 400))]
    base = zipfile.ZipFile(io.BytesIO(small.xlsx(rows, "汇总")))
    return fill([(name, base.read(name)) for name in base.namelist()], draw, size, "xl/printerSettings/printerSettings1.bin")


P = f'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main" xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" xmlns:r="{RELATIONS}"'


def pptx(draw, size, mark=""):
    count = max(6, size // 10000)

    def slide(number):
        lines = [mark if mark and number == 1 else sentence(draw)] + [sentence(draw) for _ in range(8)]
        shapes = "".join(f'<p:sp><p:nvSpPr><p:cNvPr id="{n}" name="标题 {n}"/></p:nvSpPr><p:txBody><a:bodyPr/><a:p><a:r><a:rPr lang="zh-CN" sz="2800"/>'
                         f'<a:t>{escape(line)}</a:t></a:r></a:p></p:txBody></p:sp>' for n, line in enumerate(lines, 2))
        return f'{HEAD}<p:sld {P}><p:cSld><p:spTree>{shapes}</p:spTree></p:cSld></p:sld>'
    numbers = range(1, count + 1)
    members = [("[Content_Types].xml", small._types([("/ppt/presentation.xml", "presentationml.presentation.main")] +
                                                    [(f"/ppt/slides/slide{n}.xml", "presentationml.slide") for n in numbers])),
               ("_rels/.rels", small._relations([("officeDocument", "ppt/presentation.xml")])),
               ("ppt/presentation.xml", f'{HEAD}<p:presentation {P}><p:sldIdLst>' +
                "".join(f'<p:sldId id="{255 + n}" r:id="r{n}"/>' for n in numbers) + "</p:sldIdLst></p:presentation>"),
               ("ppt/_rels/presentation.xml.rels", small._relations([("slide", f"slides/slide{n}.xml") for n in numbers]))]
    members += [(f"ppt/slides/slide{n}.xml", slide(n)) for n in numbers]
    return fill([(name, text.encode()) for name, text in members], draw, size, "ppt/fonts/font1.fntdata")


OPEN = "urn:oasis:names:tc:opendocument:xmlns"


def odt(draw, size, mark=""):
    lines = ([mark] if mark else []) + ["".join(sentence(draw) for _ in range(4)) for _ in range(max(8, size // 2500))]
    body = "".join(f'<text:p text:style-name="P{n % 7}"><text:span text:style-name="T{n % 9}">{escape(line)}</text:span></text:p>' for n, line in enumerate(lines))
    names = f'xmlns:office="{OPEN}:office:1.0" xmlns:text="{OPEN}:text:1.0" xmlns:manifest="{OPEN}:manifest:1.0"'
    members = [("mimetype", b"application/vnd.oasis.opendocument.text"),
               ("META-INF/manifest.xml", f'{HEAD}<manifest:manifest {names}/>'.encode()),
               ("content.xml", f"{HEAD}<office:document-content {names}><office:body><office:text>{body}</office:text></office:body></office:document-content>".encode()),
               ("styles.xml", f"{HEAD}<office:document-styles {names}/>".encode())]
    return fill(members, draw, size, "Fonts/font1.ttf")


def zip_of_files(draw, size, mark=""):
    members = [(f"材料/{n}.txt", prose(draw, 20000).encode("gb18030" if n % 2 else "utf-8")) for n in range(1, max(3, size // 30000))]
    members += [("通知.docx", docx(draw, size // 3, mark)), ("汇总.xlsx", xlsx(draw, size // 4))]
    return small.zip_of(members, gbk=True)


def nested_zip(draw, size, mark=""):
    return small.zip_of([("内层.zip", zip_of_files(draw, size, mark)), ("说明.txt", prose(draw, 3000).encode())])


def tar_gz(draw, size, mark=""):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, data in [("a.docx", docx(draw, size * 2 // 3, mark))] + [(f"{n}.txt", prose(draw, 30000).encode()) for n in range(3)]:
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return gzip.compress(out.getvalue(), mtime=0)


def scanned_pdf(draw, size, mark=""):
    """The picture of a page and nothing else."""
    picture = scanned("jpg", "-colorspace", "Gray", "-quality", "80")(draw, size, mark)
    return picture and pdf([b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
                            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /XObject << /P 4 0 R >> >> /Contents 5 0 R >>",
                            b"<< /Type /XObject /Subtype /Image /Width 1654 /Height 2339 /ColorSpace /DeviceGray /BitsPerComponent 8 /Filter /DCTDecode /Length %d >>\nstream\n%s\nendstream"
                            % (len(picture), picture), b"<< /Length 30 >>\nstream\nq 595 0 0 842 0 0 cm /P Do Q   \nendstream"])


# --- by other programs, where installed ---------------------------------------------------------------------------------

def plain(draw, size, mark=""):
    return small.docx(([mark] if mark else []) + prose(draw, max(6000, size // 4)).splitlines(), ["示例单位"])


def kept(key, kind, make):
    """A file that a slow program makes from `key`, once; None if it cannot."""
    path = CACHE / f"{hashlib.sha256(key).hexdigest()[:16]}.{kind}"
    if not path.exists():
        with tempfile.TemporaryDirectory() as directory:
            data = make(pathlib.Path(directory))
        if not data:
            return None
        path.write_bytes(data)
    return path.read_bytes()


def converted(kind, source=plain, suffix="docx"):
    """What another writer made, as LibreOffice saves it."""
    def write(draw, size, mark=""):
        data = source(draw, size, mark)

        def convert(directory):
            path = directory / f"source.{suffix}"
            path.write_bytes(data)
            subprocess.run([shutil.which("soffice"), f"-env:UserInstallation=file://{CACHE}/profile", "--headless", "--convert-to", kind,
                            "--outdir", directory, path], capture_output=True, timeout=180, check=False)
            made = path.with_suffix(f".{kind}")
            return made.read_bytes() if made.exists() else None
        return kept(data, kind, convert) if shutil.which("soffice") else None
    return write


def ofd(draw, size, mark=""):
    """Pages of text lines, each with its place, as an office suite exports them."""
    space = 'xmlns:ofd="http://www.ofdspec.org/2016"'

    def page(number):
        lines = ([mark] if mark and number == 0 else []) + [sentence(draw)[:40] for _ in range(28)]
        objects = "".join(f'<ofd:TextObject ID="{100 * number + n + 10}" Boundary="20 {20 + 9 * n} 170 6" Font="3" Size="5.6"><ofd:TextCode X="0" Y="5" DeltaX="g {len(line) - 1} 5.6">'
                          f"{escape(line)}</ofd:TextCode></ofd:TextObject>" for n, line in enumerate(lines))
        return f'{HEAD}<ofd:Page {space}><ofd:Content><ofd:Layer ID="{number + 5000}">{objects}</ofd:Layer></ofd:Content></ofd:Page>'
    pages = range(max(3, size // 12000))
    listed = "".join(f'<ofd:Page ID="{n + 9000}" BaseLoc="Pages/Page_{n}/Content.xml"/>' for n in pages)
    members = [("OFD.xml", f'{HEAD}<ofd:OFD {space} Version="1.0" DocType="OFD"><ofd:DocBody><ofd:DocInfo/><ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody></ofd:OFD>'),
               ("Doc_0/Document.xml", f'{HEAD}<ofd:Document {space}><ofd:CommonData><ofd:MaxUnitID>9999</ofd:MaxUnitID><ofd:PageArea><ofd:PhysicalBox>0 0 210 297</ofd:PhysicalBox>'
                f"</ofd:PageArea></ofd:CommonData><ofd:Pages>{listed}</ofd:Pages></ofd:Document>")]
    members += [(f"Doc_0/Pages/Page_{n}/Content.xml", page(n)) for n in pages]
    return fill([(name, text.encode()) for name, text in members], draw, size, "Doc_0/Res/font1.ttf")


def scanned(kind, *options):
    """An A4 page of text at 200 dpi, as a scanner gives it."""
    def write(draw, size, mark=""):
        text = (f"{mark}\n\n" if mark else "") + "\n".join(sentence(draw)[:30] for _ in range(32))
        font = next(iter(sorted(pathlib.Path("/usr/share/fonts").rglob("wqy-microhei*"))), None)
        program = shutil.which("convert")
        if not program or not font:
            return None

        def convert(directory):
            path = directory / f"page.{kind}"
            subprocess.run([program, "-density", "200", "-size", "1654x2339", "-gravity", "NorthWest", "-font", font, "-pointsize", "16", "xc:white", "-annotate", "+200+200",
                            text, *options, path], capture_output=True, timeout=120, check=False)
            return path.read_bytes() if path.exists() else None
        return kept((text + kind).encode(), kind, convert)
    return write


CACHE = pathlib.Path(tempfile.gettempdir()) / "hangu-bench-documents"

# set of letters, name of the file, writer, how many different ones at most (LibreOffice is slow)
SAMPLES = [
    ("office", "通知.docx", docx, 1000),
    ("office", "汇总.xlsx", xlsx, 1000),
    ("office", "汇报.pptx", pptx, 1000),
    ("office", "方案.odt", odt, 1000),
    ("archive", "材料.zip", zip_of_files, 1000),
    ("archive", "内层.zip", nested_zip, 1000),
    ("archive", "材料.tar.gz", tar_gz, 1000),
    ("pdf", "通知.pdf", converted("pdf"), 4),
    ("ofd", "通知.ofd", ofd, 1000),
    ("legacy", "通知.doc", converted("doc"), 4),
    ("legacy", "汇总.xls", converted("xls", lambda draw, size, mark="": xlsx(draw, size // 2, mark), "xlsx"), 4),
    ("legacy", "汇报.ppt", converted("ppt", lambda draw, size, mark="": pptx(draw, size // 2, mark), "pptx"), 4),
    ("legacy", "通知.rtf", converted("rtf"), 4),
    ("scan", "扫描.png", scanned("png", "-colorspace", "Gray"), 2),
    ("scan", "扫描.tif", scanned("tif", "-monochrome", "-compress", "Group4"), 2),
    ("scan", "扫描.pdf", scanned_pdf, 2),
]
SETS = list(dict.fromkeys(row[0] for row in SAMPLES))


def make(number, kind, seed=7, size=None):
    """The number-th document of a set: (name, bytes), or None if no row of it can be written here."""
    CACHE.mkdir(exist_ok=True)
    rows = [row for row in SAMPLES if row[0] == kind]
    name, writer, most = rows[number % len(rows)][1:]
    turn = number // len(rows) % most
    draw = random.Random(f"{kind}{name}{turn}{seed}")
    data = writer(draw, size or draw.randint(45_000, 220_000), MARK if number % 50 == 49 else "")
    return None if data is None else (name, data)


def letters(kind, count):
    """[(letter, marked)]: a short text and one attachment; 60-300 kB in all. Nothing if no row can be written here."""
    made = []
    for number in range(count):
        document = make(number, kind)
        if document is None:
            continue
        draw = random.Random(f"{kind}{number}")
        name = base64.b64encode(document[0].encode()).decode()
        head = (f"Subject: =?utf-8?B?{base64.b64encode(sentence(draw).encode()).decode()}?=\r\nFrom: a@unit.example\r\nTo: b@outside.example\r\nMIME-Version: 1.0\r\n"
                "Content-Type: multipart/mixed; boundary=part\r\n\r\n--part\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n").encode()
        attached = f'--part\r\nContent-Type: application/octet-stream; name="=?utf-8?B?{name}?="\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: attachment\r\n\r\n'.encode()
        body = base64.encodebytes(prose(draw, 900).encode()) + attached + base64.encodebytes(document[1])
        made.append((head + body.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n") + b"--part--\r\n", number % 50 == 49))
    return made


def directory_of_samples(directory, size=100_000, seed=7):
    """One file of each row, of about one size, for the table by format. Gives the paths."""
    CACHE.mkdir(exist_ok=True)
    paths = []
    for kind, name, writer, _ in SAMPLES:
        data = writer(random.Random(f"{kind}{name}{seed}"), size)
        if data is not None:
            paths.append(pathlib.Path(directory) / f"{len(paths) + 1}-{kind}{pathlib.Path(name).suffix}")
            paths[-1].write_bytes(data)
    return paths
