#!/usr/bin/python3
"""Documents and archives through the gate and `hangu check`: the same verdict, and nobody waits for a slow one."""
import bz2
import json
import os
import pathlib
import subprocess
import tempfile
import threading
import time

from gate_kit import CLEAN_TEXT, Gate, letter_with as letter, wait_until
from tap import TOP, run
from sample_documents import docx, locked_zip, ofd, pdf, xlsx, zip_of
from sample_ole import compound, doc, word_streams

MARK = "机密★10年"
PLAIN = ["各处室：", "周三下午两点的协调会改到三楼会议室。", "办公室"]
MARKED = docx(PLAIN, header=[MARK])
SCAN = (TOP / "contrib/sample_scan.png").read_bytes()
LOGO = (TOP / "tests/fuzz/corpus/fuzz_picture/tiny.jpg").read_bytes()


def bomb():
    """A few kilobytes that unpack to 600 MB, twice packed."""
    inner = zip_of([(f"{i}.bin", b"\0" * (60 * 1024 * 1024)) for i in range(2)])
    return zip_of([(f"{i}.zip", inner) for i in range(5)])


# name, file name, bytes, declared type, answer, a word that must be the coverage's reason (None: all was read)
SAMPLES = [
    ("docx, nothing in it", "会议.docx", docx(PLAIN), "application/msword", "accept", None),
    ("docx, mark in the page header", "报告.docx", MARKED, "application/octet-stream", "reject", None),
    ("docx called a picture", "报告.png", MARKED, "image/png", "reject", None),
    ("xlsx, mark in a cell", "表.xlsx", xlsx([["序号", "事项"], ["1", MARK]]), "application/octet-stream", "reject", None),
    ("PDF, nothing in it", "会议.pdf", pdf(PLAIN), "application/pdf", "accept", None),
    ("PDF, mark on page 1, called a picture", "报告.png", pdf([MARK, *PLAIN]), "image/png", "reject", None),
    ("damaged PDF", "坏.pdf", pdf(PLAIN)[:-150], "application/pdf", "hold", "damaged"),
    ("doc, nothing in it", "会议.doc", doc(PLAIN, ["办公室"]), "application/msword", "accept", None),
    ("doc, mark in the page header", "报告.doc", doc(PLAIN, [MARK]), "application/msword", "reject", None),
    ("doc called wps in a zip", "材料.zip", zip_of([("报告.wps", doc([MARK, *PLAIN]))]), "application/zip", "reject", None),
    ("doc with a password", "密.doc", compound(word_streams({"body": "x" * 200}, flags=0x0100)), "application/msword", "hold", "encrypted"),
    ("damaged doc", "坏.doc", doc(PLAIN * 200)[:5000], "application/msword", "hold", "damaged"),
    ("OFD, mark on page 1", "报告.ofd", ofd([MARK, "关于示例的报告", "正文"]), "application/ofd", "reject", None),
    ("plain OFD", "通知.ofd", ofd(PLAIN), "application/octet-stream", "accept", None),
    ("OFD cut off", "坏.ofd", ofd(PLAIN)[:-300], "application/octet-stream", "hold", "damaged"),
    ("locked by an office's security software", "方案.docx", b"%TSD-Header-###%" + bytes(range(256)) * 4, "application/octet-stream", "hold", "encrypted"),
    ("zip with a GBK name holding a docx", "材料.zip", zip_of([("方案/内部.docx", MARKED)], gbk=True), "application/zip", "reject", None),
    ("zip in zip with a text", "两层.zip", zip_of([("里.zip", zip_of([("a.txt", f"{MARK}\n\n报告\n".encode("gb18030"))]))]),
     "application/zip", "reject", None),
    ("a mark as the name of a member", "名.zip", zip_of([(f"{MARK} 方案.txt", b"x")], gbk=True), "application/zip", "reject", None),
    ("zip with plain texts", "文.zip", zip_of([("a.txt", CLEAN_TEXT), ("b/c.txt", CLEAN_TEXT)]), "application/zip", "accept", None),
    ("encrypted zip", "密.zip", locked_zip(), "application/zip", "hold", "encrypted"),
    ("damaged docx", "坏.docx", MARKED[:len(MARKED) // 2], "application/octet-stream", "hold", "damaged"),
    ("zip bomb", "大.zip", bomb(), "application/zip", "hold", "over-budget"),
    ("a scan with a mark", "扫描件.png", SCAN, "image/png", "reject", None),
    ("half a scan", "半.png", SCAN[:len(SCAN) // 2], "image/png", "hold", "damaged"),
    ("a logo", "logo.png", LOGO, "image/jpeg", "accept", None),
    ("a format that nobody reads", "图.ceb", b"Founder CEB" + bytes(500), "application/octet-stream", "hold", "unsupported"),
]


def check(gate, letters):
    """What `hangu check` says of the same letters, in their order."""
    with tempfile.TemporaryDirectory() as directory:
        files = [pathlib.Path(directory, f"{number}.eml") for number in range(len(letters))]
        for file, (headers, body) in zip(files, letters):
            file.write_bytes("".join(f"{name}: {value}\r\n" for name, value in headers).encode() + b"\r\n" + body)
        done = subprocess.run([gate.program("hangu"), "check", "--json", "--config", gate.config, "--from", "li@unit.example",
                               "--rcpt", "x@outside.example", "--auth-user", "li", *files], capture_output=True, timeout=300,
                              env=dict(os.environ, top_srcdir=str(TOP)), check=False)
    assert done.stderr == b"", done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_every_sample_is_answered_and_check_agrees():
    wrong, letters, records = [], [letter(file_name, data, kind) for _, file_name, data, kind, _, _ in SAMPLES], []
    with Gate(deadline="60s") as gate:
        for (name, _, _, _, answer, why), (headers, body) in zip(SAMPLES, letters):
            got = gate.send(body, headers, sender="li@unit.example", recipients=["x@outside.example"], user="li")
            records.append(gate.records()[len(records)])
            reasons = {part["why"] for part in records[-1]["parts"] if part.get("why")}
            if got.word != answer or (why is not None and why not in reasons) or (why is None and reasons):
                wrong.append((name, got.word, records[-1], gate.log()[-800:]))
        said = check(gate, letters)
        assert len(said) == len(SAMPLES), said
        wrong += [(sample[0], one["verdict"], record) for sample, one, record in zip(SAMPLES, said, records) if one["verdict"] != record["verdict"]]
        assert "机密" not in gate.log() and "方案" not in gate.log()
    assert not wrong, wrong


def test_a_name_that_lies_is_told():
    cases = [("合影.jpg", docx(PLAIN), "image/jpeg", True), ("说明.txt", zip_of([("a.txt", CLEAN_TEXT)]), "application/octet-stream", True),
             ("通知.docx", docx(PLAIN), "application/octet-stream", False), ("通知.doc", docx(PLAIN), "application/msword", False)]
    with Gate(deadline="60s") as gate:
        for name, data, kind, lies in cases:
            headers, body = letter(name, data, kind)
            before = len(gate.records())
            gate.send(body, headers, sender="li@unit.example", recipients=["x@outside.example"], user="li")
            record = gate.records()[before]
            assert ("type-mismatch" in record["oddities"]) == lies, (name, record)
            assert any(part.get("mismatch") for part in record["parts"]) == lies, (name, record)


def test_small_letters_do_not_wait_for_a_slow_document():
    slow = letter("慢.bz2", bz2.compress(("周三开会，请带报名表。\n" * 40).encode() * 3000) * 20)
    small = letter("会议.docx", docx(PLAIN))
    times, answers = [], []
    with Gate(deadline="60s", inspectors=3) as gate:
        for _ in range(3):
            gate.send(small[1], small[0], sender="li@unit.example", recipients=["x@outside.example"], user="li")

        def send_slow():
            start = time.monotonic()
            answers.append(gate.send(slow[1], slow[0], sender="li@unit.example", recipients=["x@outside.example"], user="li"))
            answers.append(time.monotonic() - start)

        thread = threading.Thread(target=send_slow)
        thread.start()
        wait_until(lambda: gate.status()["letters_in_hand"] > 0, what="the slow letter in hand")
        for _ in range(20):
            start = time.monotonic()
            got = gate.send(small[1], small[0], sender="li@unit.example", recipients=["x@outside.example"], user="li")
            times.append(time.monotonic() - start)
            assert got.word == "accept", got
        thread.join()
    times.sort()
    print(f"# slow document {answers[1]:.1f} s; small letters median {times[10] * 1000:.0f} ms, longest {times[-1] * 1000:.0f} ms")
    assert answers[0].word in ("accept", "hold"), answers[0]
    assert times[10] < 0.5 and times[-1] < 3, times


run(globals())
