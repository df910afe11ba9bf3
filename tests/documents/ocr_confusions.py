#!/usr/bin/python3
"""What OCR reads for each character of a mark: draws marks in sizes, resolutions, stars of several fonts and states of paper,
reads them by hangu-extract, and counts. Needs ImageMagick and the font of draw_pictures.py.

usage: ocr_confusions.py [--write FILE]     FILE: tests/documents/ocr-confusions.md
"""
import collections
import difflib
import os
import pathlib
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
from draw_pictures import convert, font  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent
BUILD = pathlib.Path(os.environ.get("top_builddir", HERE.parent.parent / "build/release"))
STARS = [path for path in (font(), "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf", "/usr/share/fonts/truetype/openoffice/opens___.ttf")
         if path and pathlib.Path(path).exists()]
MARKS = ["绝密★10年", "机密★20年", "秘密★1年", "机密★5年", "绝密★30年", "秘密★6个月", "机密★长期", "绝密★启用前", "内部★3年", "秘密★7年",
         "机密★4年", "秘密★8年", "机密★9年"]
PLAIN = ["内部资料注意保存", "机密级", "秘密 5年"]
STATES = {
    "clean": [],
    "speckled": ["-seed", "3", "-attenuate", "0.6", "+noise", "Gaussian"],
    "turned 1 degree": ["-background", "white", "-rotate", "1"],
    "copied (1 bit)": ["-seed", "5", "-attenuate", "0.5", "+noise", "Gaussian", "-threshold", "55%"],
}
INTRODUCTION = """# What OCR reads for the characters of a mark

Marks drawn in {fonts} fonts of the star, {sizes} sizes, {resolutions} resolutions and {states} states of paper, read by hangu-extract:
{lines} lines. Printed by `tests/documents/ocr_confusions.py` (tesseract {tesseract}, chi_sim).

"""


def sheet(out, dpi, size, star_font, state):
    """One page with every mark on a line of its own."""
    points = dpi / 72
    pixels = round(size * points)
    texts = MARKS + PLAIN
    width, height = round(420 * points), round((len(texts) * size * 2.2 + 80) * points)
    draw = ["-size", f"{width}x{height}", "xc:white", "-fill", "black", "-pointsize", pixels]
    for i, text in enumerate(texts):
        x, y = round(60 * points), round((60 + i * size * 2.2) * points)
        before, star, after = text.partition("★")
        draw += ["-font", font(), "-annotate", f"+{x}+{y}", before]
        if star:
            x += len(before) * pixels
            draw += ["-font", star_font, "-annotate", f"+{x}+{y}", star, "-font", font(), "-annotate", f"+{x + pixels}+{y}", after]
    convert(*draw, *STATES[state], "-density", dpi, "-units", "PixelsPerInch", out)
    return texts


def read(path):
    done = subprocess.run([BUILD / "tests/documents/tell", path, BUILD / "hangu-extract"], capture_output=True, check=False)
    for line in done.stdout.decode("utf-8", "replace").splitlines():
        if line.startswith("body\t"):
            return [text.replace(" ", "") for text in line[5:].split("\\n") if text]
    return []


def nearest(text, lines):
    """The line that was read for a drawn one: the most alike, and none if nothing is."""
    best = max(lines, key=lambda line: difflib.SequenceMatcher(None, text, line).ratio(), default="")
    return best if difflib.SequenceMatcher(None, text, best).ratio() >= 0.4 else None


def count(seen, text, line):
    """Character by character; a piece that was read as another of the same length counts one to one."""
    for kind, a, b, c, d in difflib.SequenceMatcher(None, text, line, autojunk=False).get_opcodes():
        drawn, told = text[a:b], line[c:d]
        if kind == "equal":
            for letter in drawn:
                seen[letter][letter] += 1
        elif len(drawn) == len(told):
            for letter, other in zip(drawn, told):
                seen[letter][other] += 1
        elif len(drawn) == 1:
            seen[drawn][told or "(nothing)"] += 1
        elif drawn:
            seen[drawn][told or "(nothing)"] += 1


def table(seen):
    lines = ["| drawn | times | read right | read as |", "| --- | --- | --- | --- |"]
    for drawn, told in sorted(seen.items(), key=lambda row: (len(row[0]) > 1, row[0] != "★", row[0])):
        if drawn == " ":
            continue
        wrong = ", ".join(f"{other} {n}" for other, n in told.most_common() if other != drawn)
        lines.append(f"| {drawn} | {sum(told.values())} | {told[drawn]} | {wrong.replace('|', chr(92) + '|')} |")
    return lines


def main():
    sizes, resolutions = (16,), (150, 200, 300)
    seen, lost, lines = collections.defaultdict(collections.Counter), collections.Counter(), 0
    with tempfile.TemporaryDirectory() as name:
        for star_font in STARS:
            for size in sizes:
                for dpi in resolutions:
                    for state in STATES:
                        path = pathlib.Path(name) / "sheet.png"
                        texts = sheet(path, dpi, size, star_font, state)
                        told = read(path)
                        for text in texts:
                            text, lines = text.replace(" ", ""), lines + 1
                            line = nearest(text, told)
                            if line is None:
                                lost[state] += 1
                            else:
                                count(seen, text, line)
    said = table(seen) + ["", "Lines of which nothing was read, by state: " + (", ".join(f"{state} {n}" for state, n in lost.items()) or "none") + "."]
    print("\n".join(said))
    if len(sys.argv) == 3 and sys.argv[1] == "--write":
        version = subprocess.run(["pkg-config", "--modversion", "tesseract"], capture_output=True, text=True, check=False).stdout.strip()
        head = INTRODUCTION.format(fonts=len(STARS), sizes=len(sizes), resolutions=len(resolutions), states=len(STATES), lines=lines, tesseract=version)
        pathlib.Path(sys.argv[2]).write_text(head + "\n".join(said) + "\n", "utf-8")


main()
