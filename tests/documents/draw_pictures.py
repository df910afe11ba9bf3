#!/usr/bin/python3
"""Draws pages of text as pictures, with ImageMagick and a Chinese font, for the matrix; always from the same lines.

usage: draw_pictures.py DIRECTORY        samples for the matrix, and expected.tsv as write_documents.py has it
       draw_pictures.py --scan FILE      the scan of contrib/quickstart: contrib/sample_scan.png was made by this

What OCR reads is not what was drawn, letter for letter: the star is none, and expected texts are without it.
"""
import pathlib
import shutil
import subprocess
import sys

FONTS = ("/usr/share/fonts/truetype/wqy/wqy-microhei.ttc", "/usr/share/fonts/wqy-microhei/wqy-microhei.ttc")
HEAD = [("000012", 16), ("机密★10年", 16), ("特急", 16)]
BODY = ["各处室、各直属单位：", "现将第三季度防汛物资调度情况报告如下，请认真研究，", "并结合本单位实际提出落实意见，于本月底前书面报送。",
        "一、物资储备总体情况", "全省共储备编织袋、救生衣、抽水泵等物资十二类，", "分别存放于六个中心仓库，由专人负责管理。"]
TITLE = "关于防汛物资调度的报告"
EXPECTED = []


def font():
    return next((path for path in FONTS if pathlib.Path(path).exists()), None)


def convert(*arguments):
    subprocess.run(["convert", *map(str, arguments)], check=True, capture_output=True)


def page(out, dpi=150, red=False, vertical=False, head=HEAD, body=BODY, title=TITLE, ink="black", paper="white", after=()):
    """An A4 page (its upper half where that is enough): a head as GB/T 9704 wants it, a title, some lines."""
    width, height = 210 * dpi * 10 // 254, 148 * dpi * 10 // 254
    points = dpi / 72
    draw = ["-size", f"{width}x{height}", f"xc:{paper}", "-font", font(), "-fill", ink]
    y = 22 * points * 2
    for text, size in head:
        draw += ["-pointsize", f"{size * points:.0f}", "-annotate", f"+{60 * points:.0f}+{y:.0f}", text]
        y += size * points * 1.7
    if red:
        draw += ["-fill", "#D00000", "-pointsize", f"{40 * points:.0f}", "-gravity", "North", "-annotate", f"+0+{y:.0f}", "示例市人民政府办公室"]
        y += 62 * points
        draw += ["-draw", f"rectangle {60 * points:.0f},{y:.0f} {width - 60 * points:.0f},{y + 2 * points:.0f}", "-gravity", "NorthWest", "-fill", ink]
        y += 10 * points
    draw += ["-pointsize", f"{22 * points:.0f}", "-gravity", "North", "-annotate", f"+0+{y + 12 * points:.0f}", title, "-gravity", "NorthWest"]
    y += 70 * points
    for text in body:
        draw += ["-pointsize", f"{16 * points:.0f}", "-annotate", f"+{60 * points:.0f}+{y:.0f}", text]
        y += 27 * points
    convert(*draw, *after, "-density", dpi, "-units", "PixelsPerInch", out)


def columns(out, dpi=150):
    """Vertical text: from right to left, each character by itself."""
    points = dpi / 72
    width, height = 210 * dpi * 10 // 254, 148 * dpi * 10 // 254
    draw = ["-size", f"{width}x{height}", "xc:white", "-font", font(), "-fill", "black", "-pointsize", f"{16 * points:.0f}"]
    for i, text in enumerate([HEAD[1][0], TITLE, *BODY]):
        for k, letter in enumerate(text):
            draw += ["-annotate", f"+{width - (60 + 34 * i) * points:.0f}+{(50 + 18 * k) * points:.0f}", letter]
    convert(*draw, "-density", dpi, "-units", "PixelsPerInch", out)


def seal(dpi):
    """Arguments that draw a round red seal over the text."""
    points = dpi / 72
    x, y, radius = 430 * points, 330 * points, 60 * points
    return ["-fill", "none", "-stroke", "#E00000", "-strokewidth", f"{3 * points:.0f}", "-draw",
            f"circle {x:.0f},{y:.0f} {x + radius:.0f},{y:.0f}", "-stroke", "none", "-fill", "#E00000", "-pointsize", f"{34 * points:.0f}",
            "-annotate", f"+{x - 17 * points:.0f}+{y + 12 * points:.0f}", "★"]


def scan(out):
    """One bit a dot, a little turned and specked, as a copier gives it."""
    page(out, 150, head=[("密级：机密  保密期限：10年", 16)] + HEAD, body=BODY[:5], after=["-seed", "7", "-attenuate", "0.4", "+noise", "Gaussian", "-colorspace", "Gray", "-background", "white", "-rotate", "0.4",
                          "-threshold", "55%", "-type", "bilevel", "-strip", "-define", "png:exclude-chunks=date,time"])


def expect(file, place, *texts):
    EXPECTED.extend((file, place, text) for text in texts)


def main():
    if len(sys.argv) == 3 and sys.argv[1] == "--scan":
        return scan(sys.argv[2])
    out = pathlib.Path(sys.argv[1])
    draw_all(out)
    (out / "expected.tsv").write_text("".join("\t".join(row) + "\n" for row in EXPECTED), "utf-8")
    return 0


def available():
    return shutil.which("convert") is not None and font() is not None


def draw_all(out):
    told = ("000012", "机密", "10年", "特急", "防汛物资调度", "救生衣")
    rough = ["-seed", "7", "-attenuate", "0.5", "+noise", "Gaussian", "-background", "white", "-rotate", "1"]
    page(out / "page.png")
    for dpi in (150, 200, 300):
        page(out / f"rough{dpi}.jpg", dpi, after=[*rough, "-quality", "60"])
        expect(f"rough{dpi}.jpg", "body", *told[:5])
    for file, more in (("page.jpg", ()), ("page.gif", ()), ("page.bmp", ("-type", "TrueColor")), ("page.webp", ()), ("page.jp2", ()),
                       ("g4.tif", ("-monochrome", "-compress", "Group4")), ("g3.tif", ("-monochrome", "-compress", "Fax")),
                       ("lzw.tif", ("-compress", "LZW")), ("turned90.png", ("-rotate", "90")), ("turned180.png", ("-rotate", "180")),
                       ("turned270.png", ("-rotate", "270"))):
        convert(out / "page.png", *more, "-density", 150, "-units", "PixelsPerInch", out / file)
        expect(file, "body", *told)
    expect("page.png", "body", *told)
    page(out / "red.png", red=True, after=seal(150))
    expect("red.png", "body", "机密", "10年", "防汛物资调度")
    expect("red.png", "look", "0 1 3")
    page(out / "white_on_red.png", ink="white", paper="#C00000")
    expect("white_on_red.png", "body", "机密", "10年", "防汛物资调度")
    columns(out / "columns.png")
    expect("columns.png", "body", "机 密", "10 年")
    page(out / "two.png", head=[("第二页", 16)], title="附件", body=["绝密级内容的说明"])
    convert(out / "page.png", out / "two.png", "-monochrome", "-compress", "Group4", out / "pages.tif")
    expect("pages.tif", "body", "机密", "第二页", "绝密级内容")
    (out / "two.png").unlink()
    if shutil.which("qrencode"):
        subprocess.run(["qrencode", "-o", out / "code.png", "-s", "5", "机密★10年 https://a.example/?q=bWFyaw=="], check=True)
        expect("code.png", "alternative", "机密★10年 https://a.example/?q=bWFyaw==")
    convert("-size", "1200x900", "plasma:fractal", "-blur", "0x3", out / "photo.jpg")
    for file in ("photo.jpg", *dict.fromkeys(row[0] for row in list(EXPECTED))):
        expect(file, "cover", "complete none")
    return EXPECTED


if __name__ == "__main__":
    sys.exit(main())
