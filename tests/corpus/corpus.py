"""A labelled corpus of whole letters: base letters (letters-*.txt) in many carriers, charsets and disguises.

Group 1 was written with the rules in sight, group 2 after a first freeze of the rules (and seen since), group 3 after
a second freeze (and seen since its first run), group 4 after a third freeze, by somebody who had not seen the rules, group 5
before the packs that it is about, much of it in documents, group 6 after those packs were frozen. Everything is deterministic.

    python3 tests/corpus/corpus.py DIRECTORY      writes *.eml and manifest.jsonl
"""
import base64
import dataclasses
import html
import json
import pathlib
import quopri
import random
import re
import shutil
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent.parent / "contrib"), str(HERE.parent / "documents")]
import draw_pictures  # noqa: E402
import sample_documents as documents  # noqa: E402

SENDER, RECIPIENT = "sender@unit.example", "friend@outside.example"
HAN_DIGITS = dict(zip("0123456789", "〇一二三四五六七八九"))
TRADITIONAL = str.maketrans("绝机级长开会议内关办资护严", "絕機級長開會議內關辦資護嚴")
CHAT = "小王,下面这个你先看看,看完给我回个话。\n\n"


@dataclasses.dataclass
class Letter:
    name: str
    group: int
    kind: str           # class it must get: "none" stands for anything that does not stop it
    level: str
    term: str
    verdict: str
    subject: str
    body: str           # with ⟦ ⟧ round the mark
    sender: str = SENDER
    recipient: str = RECIPIENT

    @property
    def mark(self):
        found = re.search("⟦(.*?)⟧", self.body, re.S)
        return found.group(1) if found else ""

    def text(self, disguise=None):
        return re.sub("⟦(.*?)⟧", lambda m: disguise(m.group(1)) if disguise else m.group(1), self.body, flags=re.S)


@dataclasses.dataclass
class Sample:
    letter: Letter
    carrier: str
    charset: str
    disguise: str
    data: bytes
    verdict: str        # accept, stop (hold or reject), hold, reject


# --- invented numbers: their check digits are right, but no county has these codes, no bank these cards -------------
def identity(draw):
    first = draw.choice(("11", "33", "42", "51", "65")) + "9900" + f"{draw.randint(1955, 2004)}{draw.randint(1, 12):02d}{draw.randint(1, 28):02d}{draw.randint(100, 999)}"
    return first + "10X98765432"[sum(int(digit) * weight for digit, weight in zip(first, (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2))) % 11]


def card(draw):
    first = "629999" + "".join(str(draw.randint(0, 9)) for _ in range(12))
    total = sum(sum(divmod(int(digit) * (2 - place % 2), 10)) for place, digit in enumerate(reversed(first)))
    return first + str(-total % 10)


def credit_code(draw):
    alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    body = "".join(str(draw.randint(0, 9)) for _ in range(8))
    body += "0X987654321"[sum(int(digit) * weight for digit, weight in zip(body, (3, 7, 9, 10, 5, 8, 4, 2))) % 11]
    first = "91659900" + body
    return first + alphabet[-sum(alphabet.index(one) * weight for one, weight in zip(first, (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28))) % 31]


NUMBERS = {"id": identity, "card": card, "card4": lambda draw: re.sub("(.{4})", r"\1 ", card(draw)).strip(), "code": credit_code,
           "mobile": lambda draw: f"1{draw.choice('38')}{draw.choice('0589')}0000{draw.randint(0, 9999):04d}",
           "line": lambda draw: f"0599-8{draw.randint(0, 999999):06d}", "passport": lambda draw: f"E0000{draw.randint(0, 9999):04d}"}


def filled(name, text):
    draw = random.Random("numbers of " + name)
    return re.sub(r"\{(id|card4?|code|mobile|line|passport)\}", lambda found: NUMBERS[found.group(1)](draw), text)


def load(group=None):
    letters = []
    for path in sorted(HERE.glob("letters-*.txt")):
        number = int(path.name.split("-")[1])
        if group and number != group:
            continue
        for block in re.split(r"^=== ", path.read_text(encoding="utf-8"), flags=re.M)[1:]:
            head, subject, body = block.split("\n", 2)
            name, kind, level, term, verdict = (cell.strip() for cell in head.split("|"))
            more = {}
            while found := re.match(r"(From|Rcpt): *(\S+)\n", body):
                more[{"From": "sender", "Rcpt": "recipient"}[found.group(1)]] = found.group(2)
                body = body[found.end():]
            letters.append(Letter(name, number, kind, level, term, verdict, subject.removeprefix("Subject:").strip(), filled(name, body.lstrip("\n")), **more))
    names = [letter.name for letter in letters]
    assert len(names) == len(set(names)), "two letters of one name"
    return letters


# --- disguises: what is done to the mark -----------------------------------------------------
def han_number(digits):
    value = int(digits)
    if value < 10:
        return HAN_DIGITS[digits]
    tens, ones = divmod(value, 10)
    return ("" if tens == 1 else HAN_DIGITS[str(tens)]) + "十" + (HAN_DIGITS[str(ones)] if ones else "")


def wide(text):
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)


def circled(text):
    return re.sub(r"(?<![0-9])([1-9]|1[0-9]|20)(?![0-9])", lambda m: chr(0x2460 + int(m.group(1)) - 1), text)


DISGUISES = {
    "spaces": lambda t: " ".join(t.replace(" ", "")),
    "wide-spaces": lambda t: "\u3000".join(t.replace(" ", "")),
    "full-width": wide,
    "zero-width": lambda t: "\u200b".join(t),
    "soft-hyphen": lambda t: "\u00ad".join(t),
    "middle-dot": lambda t: re.sub("([绝机秘])密", "\\1·密", t),
    "white-star": lambda t: t.replace("★", "☆"),
    "emoji-star": lambda t: t.replace("★", "⭐"),
    "other-star": lambda t: t.replace("★", "✯"),
    "asterisk": lambda t: t.replace("★", "*"),
    "han-number": lambda t: re.sub("[0-9]{1,2}(?=年|个月)", lambda m: han_number(m.group(0)), t),
    "circled": circled,
    "traditional": lambda t: t.translate(TRADITIONAL),
    "radicals": lambda t: t.replace("长", "⻓").replace("月", "⽉").replace("工", "⼯").replace("用", "⽤").replace("文", "⽂"),
    "wrapped": lambda t: t.replace("★", "★\n") if "★" in t else t[: len(t) // 2] + "\n" + t[len(t) // 2:],
    "one-per-line": lambda t: "\n".join(t.replace(" ", "")),
}
# A disguise that leaves the mark as it was, or takes its meaning away, is no test.
NEEDS = {"white-star": "★", "emoji-star": "★", "other-star": "★", "asterisk": "★[0-9]", "han-number": "[0-9](年|个月)", "circled": "[0-9](年|个月)",
         "one-per-line": "^[^\n☑☒√■]{2,9}$", "wrapped": "^[^☑☒√■]{4,}$", "middle-dot": "[绝机秘]密", "radicals": "[长月工用文]", "traditional": "[绝机级长开会议内关办资护]"}

FOR_LATIN = ("full-width", "zero-width", "soft-hyphen")     # what is done to words that blanks hold apart
FEW_CHARSETS = ("gb18030", "gbk undeclared", "utf-16")

# --- charsets: (codec, label); a label of None declares none -----------------------------------
CHARSETS = {
    "utf-8": ("utf-8", "utf-8"), "gb18030": ("gb18030", "gb18030"), "gb2312": ("gbk", "gb2312"), "gbk": ("gbk", "GBK"), "big5": ("big5", "big5"),
    "hz": ("hz", "hz-gb-2312"), "utf-7": ("utf-7", "utf-7"), "utf-16": ("utf-16", "utf-16"), "utf-16be": ("utf-16-be", "utf-16be"), "utf-32": ("utf-32", "utf-32"),
    "gbk as us-ascii": ("gbk", "us-ascii"), "gbk as iso-8859-1": ("gbk", "iso-8859-1"), "gbk as utf-8": ("gbk", "utf-8"), "gbk undeclared": ("gbk", None),
    "gbk as unknown": ("gbk", "x-unit-internal"), "utf-8 as gb2312": ("utf-8", "gb2312"), "utf-8 undeclared": ("utf-8", None), "utf-8 as latin1": ("utf-8", "iso-8859-1"),
    "utf-16be undeclared": ("utf-16-be", None), "big5 as gb2312": ("big5", "gb2312"), "hz as us-ascii": ("hz", "us-ascii"),
}


# --- carriers: where the letter's text is put --------------------------------------------------
def encoded_word(text):
    return "=?utf-8?B?" + base64.b64encode(text.encode()).decode() + "?="


def part(text, codec, label, subtype="plain", disposition=None):
    data = text.encode(codec)
    binary = codec.startswith(("utf-16", "utf-32"))
    head = [f"Content-Type: text/{subtype}" + (f"; charset={label}" if label else "")]
    if disposition:
        head.append(f'Content-Disposition: attachment; filename="{encoded_word(disposition)}"')
    if binary:
        head.append("Content-Transfer-Encoding: base64")
        data = base64.encodebytes(data)
    elif codec in ("utf-7", "hz"):
        head.append("Content-Transfer-Encoding: 7bit")
    elif len(text) % 3 == 0:
        head.append("Content-Transfer-Encoding: quoted-printable")
        data = quopri.encodestring(data)
    elif len(text) % 3 == 1:
        head.append("Content-Transfer-Encoding: base64")
        data = base64.encodebytes(data)
    else:
        head.append("Content-Transfer-Encoding: 8bit")
    return "\r\n".join(head).encode() + b"\r\n\r\n" + data.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n") if not binary else \
        "\r\n".join(head).encode() + b"\r\n\r\n" + data.replace(b"\n", b"\r\n")


def whole(subject, content, extra=""):
    head = f"From: =?utf-8?B?5bCP5p2O?= <sender@unit.example>\r\nTo: friend@outside.example\r\nSubject: {encoded_word(subject)}\r\n" \
           f"Date: Mon, 02 Nov 2026 09:00:00 +0800\r\nMIME-Version: 1.0\r\n{extra}"
    return head.encode() + content


def multipart(subject, *parts):
    line = b"--=_corpus\r\n"
    body = b"".join(line + one + b"\r\n" for one in parts) + b"--=_corpus--\r\n"
    return whole(subject, b'Content-Type: multipart/mixed; boundary="=_corpus"\r\n\r\n' + body)


def as_html(text, rows=False):
    lines = [html.escape(one) for one in text.split("\n")]
    if rows:
        inner = "<table>" + "".join(f"<tr><td>{one}</td></tr>" for one in lines) + "</table>"
    else:
        inner = "".join(f"<p>{one.replace(' ', '&nbsp;') or '&nbsp;'}</p>" for one in lines)
    return f"<html><head><style>p {{ margin: 0 }}</style></head><body>{inner}</body></html>"


def split_tags(text):
    return "".join(f'<span lang="zh">{html.escape(c)}</span>' if c.strip() else c for c in text)


CARRIERS = {
    "body": lambda l, t, c, n: whole(l.subject, part(t, c, n)),
    "html": lambda l, t, c, n: whole(l.subject, part(as_html(t), c, n, "html")),
    "html-table": lambda l, t, c, n: whole(l.subject, part(as_html(t, rows=True), c, n, "html")),
    "html-spans": lambda l, t, c, n: whole(l.subject, part("<div>" + "</div><div>".join(split_tags(one) for one in t.split("\n")) + "</div>", c, n, "html")),
    "html-entities": lambda l, t, c, n: whole(l.subject, part("<pre>" + "".join(f"&#{ord(x)};" if ord(x) > 127 else html.escape(x) for x in t) + "</pre>", c, n, "html")),
    "attached-text": lambda l, t, c, n: multipart(l.subject, part("见附件。\n", "utf-8", "utf-8"), part(t, c, n, disposition="附件1.txt")),
    "attached-html": lambda l, t, c, n: multipart(l.subject, part("见附件。\n", "utf-8", "utf-8"), part(as_html(t), c, n, "html", "附件.html")),
    "forwarded": lambda l, t, c, n: multipart("转发: " + l.subject, part("转给你。\n", "utf-8", "utf-8"), b"Content-Type: message/rfc822\r\n\r\n" + whole(l.subject, part(t, c, n))),
    "quoted": lambda l, t, c, n: whole("回复: " + l.subject, part(CHAT + "".join("> " + one + "\n" for one in t.split("\n")), c, n)),
    "pasted": lambda l, t, c, n: whole(l.subject, part(CHAT + t, c, n)),
}
MARK_CARRIERS = {
    "subject": lambda l, mark: whole(mark + " " + l.subject, part("请查收。\n", "utf-8", "utf-8")),
    "file-name": lambda l, mark: multipart(l.subject, part("请查收。\n", "utf-8", "utf-8"), part("略。\n", "utf-8", "utf-8", disposition=f"{mark}{l.subject}.txt")),
}


# Documents carry what a group from 5 on says; lines as long as a page is wide.
def lines_of(text, width=40):
    """No line breaks within a word or number, as word processors have it."""
    for line in text.rstrip("\n").split("\n"):
        while len(line) > width:
            cut = width
            while cut > 1 and re.match("[!-~]{2}", line[cut - 1:cut + 1]):
                cut -= 1
            cut = cut if cut > 1 else width
            yield line[:cut]
            line = line[cut:]
        yield line


def cells_of(text):
    return [[cell for cell in re.split(r"[,|\t\u3000]|  +", line) if cell] or [""] for line in text.rstrip("\n").split("\n")]


def scan(text):
    """A page drawn and saved as a picture; None where nothing draws."""
    if not shutil.which("convert") or not draw_pictures.font():
        return None
    with tempfile.TemporaryDirectory(prefix="hangu-scan-") as name:
        out = pathlib.Path(name, "scan.png")
        draw_pictures.page(out, dpi=150, head=[], title="", body=list(lines_of(text, 30)))
        return out.read_bytes()


def attached(letter, data, file):
    head = f'Content-Type: application/octet-stream\r\nContent-Disposition: attachment; filename="{encoded_word(file)}"\r\nContent-Transfer-Encoding: base64\r\n\r\n'
    return multipart(letter.subject, part("见附件。\n", "utf-8", "utf-8"), head.encode() + base64.encodebytes(data).replace(b"\n", b"\r\n"))


DOCUMENTS = {
    "docx": lambda text: documents.docx(text.rstrip("\n").split("\n")),
    "xlsx": lambda text: documents.xlsx(cells_of(text)),
    "pdf": lambda text: documents.pdf(list(lines_of(text)), size=11),
    "ofd": lambda text: documents.ofd(list(lines_of(text)), size=3.5),
    "scan": scan,
}
ONE_PAGE = 24      # lines that a page of these writers has
# Few are drawn, for OCR takes its time; what has to be read is large enough to be read.
SCANNED = ("g5-internal-telegram", "g5-police-work-secret", "g5-draft-for-review", "g5-court-second-file", "g5-not-public", "g5-cadre-publicity", "g5-project-minutes",
           "g5-telegram-training", "g5-hk-museum", "g5-tax-answer")


def document_samples(letter):
    text = letter.text()
    for carrier, write_document in DOCUMENTS.items():
        if carrier in ("pdf", "ofd", "scan") and len(list(lines_of(text))) > ONE_PAGE or carrier == "scan" and letter.name not in SCANNED:
            continue
        if carrier == "pdf" and re.search("[\uac00-\ud7a3]", text):
            continue            # its font has no Hangul
        if carrier == "xlsx" and max(map(len, cells_of(text))) > 26:
            continue
        data = write_document(text)
        if data:
            yield Sample(letter, carrier, "utf-8", "none", attached(letter, data, f"附件1.{carrier.replace('scan', 'png')}"),
                         "accept" if letter.verdict == "accept" else "stop")


def expected(letter, carrier):
    if letter.verdict == "accept":
        return "accept"
    return letter.verdict if carrier in ("body", "html", "forwarded", "attached-text") else "stop"


def samples(letter):
    """Every carrier, every charset and every disguise once, then a seeded handful of combinations."""
    def make(carrier, charset, disguise):
        codec, label = CHARSETS[charset]
        if disguise != "none" and not re.search(NEEDS.get(disguise, "."), letter.mark):
            return None
        text = letter.text(DISGUISES.get(disguise))
        if disguise != "none" and text == letter.text():
            return None
        try:
            data = CARRIERS[carrier](letter, text, codec, label)
        except UnicodeEncodeError:
            return None
        return Sample(letter, carrier, charset, disguise, data, expected(letter, carrier) if disguise == "none" else
                      ("stop" if letter.verdict != "accept" else "accept"))

    documented = letter.group >= 5
    wanted = [(carrier, "utf-8", "none") for carrier in CARRIERS] + [("body", charset, "none") for charset in CHARSETS if charset != "utf-8" and
                                                                          (not documented or charset in FEW_CHARSETS)]
    if letter.mark:
        wanted += [("body", "utf-8", disguise) for disguise in DISGUISES if re.search("[\u3040-\u9fff]", letter.mark) or disguise in FOR_LATIN]
    draw = random.Random(letter.name)
    pools = list(CARRIERS), list(CHARSETS), (["none"] + list(DISGUISES)) if letter.mark and not documented else ["none"]
    wanted += [tuple(draw.choice(pool) for pool in pools) for _ in range(2 if documented else 8)]
    for combination in dict.fromkeys(wanted):
        sample = make(*combination)
        if sample:
            yield sample
    if re.search("★.", letter.mark) and "\n" not in letter.mark and "(" not in letter.mark:
        mark = letter.mark.split(":")[-1].strip()
        for carrier, build in MARK_CARRIERS.items():
            yield Sample(letter, carrier, "utf-8", "none", build(letter, mark), "stop")
    if documented:
        yield from document_samples(letter)


def write(directory, group=None):
    directory = pathlib.Path(directory)
    directory.mkdir(parents=True, exist_ok=True)
    rows = []
    for letter in load(group):
        for number, sample in enumerate(samples(letter)):
            name = f"{letter.group}-{letter.name}-{number:03d}.eml"
            data = sample.data.replace(SENDER.encode(), letter.sender.encode()).replace(RECIPIENT.encode(), letter.recipient.encode())
            (directory / name).write_bytes(data)
            rows.append(dict(file=name, group=letter.group, letter=letter.name, carrier=sample.carrier, charset=sample.charset, disguise=sample.disguise,
                             sender=letter.sender, recipient=letter.recipient, kind=letter.kind, level=letter.level, term=letter.term, verdict=sample.verdict))
    with open(directory / "manifest.jsonl", "w", encoding="utf-8") as out:
        out.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    return rows


if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1].startswith("-"):
        sys.exit(__doc__)
    print(len(write(sys.argv[1])), "letters")
