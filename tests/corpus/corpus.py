"""A labelled corpus of whole letters: base letters (letters-*.txt) in many carriers, charsets and disguises.

Group 1 was written with the rules in sight, group 2 after a first freeze of the rules (and seen since), group 3 after
a second freeze (and seen since its first run), group 4 after a third freeze, by somebody who had not seen the rules.
Everything is deterministic.

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
import sys

HERE = pathlib.Path(__file__).resolve().parent
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


def load(group=None):
    letters = []
    for path in sorted(HERE.glob("letters-*.txt")):
        number = int(path.name.split("-")[1])
        if group and number != group:
            continue
        for block in re.split(r"^=== ", path.read_text(encoding="utf-8"), flags=re.M)[1:]:
            head, subject, body = block.split("\n", 2)
            name, kind, level, term, verdict = (cell.strip() for cell in head.split("|"))
            letters.append(Letter(name, number, kind, level, term, verdict, subject.removeprefix("Subject:").strip(), body.lstrip("\n")))
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


def expected(letter, carrier):
    if letter.kind == "none":
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
                      ("stop" if letter.kind != "none" else "accept"))

    wanted = [(carrier, "utf-8", "none") for carrier in CARRIERS] + [("body", charset, "none") for charset in CHARSETS if charset != "utf-8"]
    if letter.mark:
        wanted += [("body", "utf-8", disguise) for disguise in DISGUISES]
    draw = random.Random(letter.name)
    pools = list(CARRIERS), list(CHARSETS), (["none"] + list(DISGUISES)) if letter.mark else ["none"]
    wanted += [tuple(draw.choice(pool) for pool in pools) for _ in range(8)]
    for combination in dict.fromkeys(wanted):
        sample = make(*combination)
        if sample:
            yield sample
    if re.search("★.", letter.mark) and "\n" not in letter.mark and "(" not in letter.mark:
        mark = letter.mark.split(":")[-1].strip()
        for carrier, build in MARK_CARRIERS.items():
            yield Sample(letter, carrier, "utf-8", "none", build(letter, mark), "stop")


def write(directory, group=None):
    directory = pathlib.Path(directory)
    directory.mkdir(parents=True, exist_ok=True)
    rows = []
    for letter in load(group):
        for number, sample in enumerate(samples(letter)):
            name = f"{letter.group}-{letter.name}-{number:03d}.eml"
            (directory / name).write_bytes(sample.data)
            rows.append(dict(file=name, group=letter.group, letter=letter.name, carrier=sample.carrier, charset=sample.charset, disguise=sample.disguise,
                             kind=letter.kind, level=letter.level, term=letter.term, verdict=sample.verdict))
    with open(directory / "manifest.jsonl", "w", encoding="utf-8") as out:
        out.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    return rows


if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1].startswith("-"):
        sys.exit(__doc__)
    print(len(write(sys.argv[1])), "letters")
