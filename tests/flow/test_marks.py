#!/usr/bin/python3
"""Every format of marks (tests/unit/marks.txt) as the text of a docx and of a PDF: found with its class, or no reason to stop."""
import base64
import json
import os
import pathlib
import subprocess
import tempfile

from tap import TOP, run
from sample_documents import docx, pdf

NOW = "2026-01-15T08:00:00+08:00"
BATCH = 100
# Letters that a PDF has no codes for in a font that is not in the file.
CODED = "gbk"


def rows():
    """(row, sign, class, lines) of what stands in running text."""
    for line in (TOP / "tests/unit/marks.txt").read_text(encoding="utf-8").splitlines():
        cells = line.split("\t")
        if not line.startswith("#") and len(cells) == 5 and "body" in cells[3].split():
            yield cells[0], cells[1], cells[2], cells[4].split("\\n")


def letter(file, data):
    head = ("From: a@unit.example\r\nTo: b@outside.example\r\nSubject: =?utf-8?B?6ZmE5Lu2?=\r\nMIME-Version: 1.0\r\n"
            f'Content-Type: application/octet-stream; name="{file}"\r\nContent-Disposition: attachment; filename="{file}"\r\n'
            "Content-Transfer-Encoding: base64\r\n\r\n")
    return head.encode() + base64.encodebytes(data).replace(b"\n", b"\r\n")


def has_codes(lines):
    try:
        "".join(lines).encode(CODED)
    except UnicodeEncodeError:
        return False
    return True


def judged(directory, files):
    """The class of each letter, by file."""
    config = directory / "hangu.yaml"
    config.write_text(f"mode: enforce\npolicy: {TOP}/contrib/policy.yaml\nrules: {TOP}/rules/packs\n", encoding="utf-8")
    program = pathlib.Path(os.environ.get("top_builddir", TOP / "build/release")) / "hangu"
    found = {}
    for start in range(0, len(files), BATCH):
        done = subprocess.run([str(program), "check", "--json", "--config", str(config), "--direction", "out", "--now", NOW, *files[start:start + BATCH]],
                              capture_output=True, text=True, check=False)
        for line in done.stdout.splitlines():
            answer = json.loads(line)
            found[answer["file"]] = answer
    return found


def wrong(wanted, answer):
    """What the answer says instead, or None."""
    if answer is None or "error" in answer or answer["coverage"] != "complete":
        return "not read"
    stopping = answer["class"] if answer["confidence"] in ("confirmed", "uncertain") else "none"
    stopping = "none" if stopping == "mention" else stopping
    return None if stopping == wanted else stopping


def check_format(name, write, fits=lambda lines: True):
    with tempfile.TemporaryDirectory(prefix="hangu-marks-") as folder:
        directory, tried = pathlib.Path(folder), {}
        for number, (row, sign, wanted, lines) in enumerate(rows()):
            if fits(lines):
                file = directory / f"{number:03d}.eml"
                file.write_bytes(letter(f"a.{name}", write(lines)))
                tried[str(file)] = (row, sign, wanted, lines)
        found = judged(directory, list(tried))
    bad = [f"{row} {sign} «{' / '.join(lines)}»: {wrong(wanted, found.get(file))}, wanted {wanted}"
           for file, (row, sign, wanted, lines) in tried.items() if wrong(wanted, found.get(file))]
    signs = [about[1] for about in tried.values()]
    assert signs.count("+") > 100 and signs.count("-") > 100, f"only {len(signs)} rows were tried"
    assert not bad, "\n".join(bad)


def test_rows_as_docx():
    check_format("docx", docx)


def test_rows_as_pdf():
    check_format("pdf", pdf, has_codes)


if __name__ == "__main__":
    run(globals())
