#!/usr/bin/python3
"""Long real texts that speak of secrecy all the time, where they lie beside the tree (../shared/sources): none is taken
for a secret, and the one that ends with an internal note is a work secret and no more."""
import json
import os
import pathlib
import subprocess
import tempfile

from tap import TOP, Skip, run

TEXTS = pathlib.Path(os.environ.get("HANGU_REAL_TEXTS", TOP.parent / "shared/sources"))
WANTED = [("accept", "mention", "none"), ("accept", "mention", "none"), ("accept", "mention", "none"),
          ("hold", "work", "work-secret"), ("accept", "mention", "none")]
HEAD = "Subject: =?utf-8?B?5p2Q5paZ?=\r\nFrom: a@unit.example\r\nTo: b@outside.example\r\nMIME-Version: 1.0\r\n" \
       "Content-Type: text/plain; charset={}\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"


def judged(charset):
    """(verdict, class, level) of each text as the body of a letter going out."""
    files = sorted(TEXTS.glob("*.txt"))
    if len(files) != len(WANTED):
        raise Skip(f"the texts are not in {TEXTS}")
    with tempfile.TemporaryDirectory() as directory:
        base = pathlib.Path(directory)
        (base / "hangu.yaml").write_text(f"mode: enforce\npolicy: {TOP}/contrib/policy.yaml\nrules: {TOP}/rules/packs\n")
        for number, file in enumerate(files):
            text = file.read_text(encoding="utf-8").replace("\n", "\r\n")
            (base / f"{number}.eml").write_bytes(HEAD.format(charset).encode() + text.encode(charset))
        done = subprocess.run([pathlib.Path(os.environ["top_builddir"]) / "hangu", "check", "--json", "--config", base / "hangu.yaml",
                               "--rcpt", "b@outside.example", *sorted(base.glob("*.eml"))], capture_output=True, text=True, check=False)
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    return [(answer["verdict"], answer["class"], answer["level"]) for answer in answers]


def test_texts_about_secrecy_in_utf_8():
    assert judged("utf-8") == WANTED, judged("utf-8")


def test_texts_about_secrecy_in_gb18030():
    assert judged("gb18030") == WANTED, judged("gb18030")


if __name__ == "__main__":
    run(globals())
