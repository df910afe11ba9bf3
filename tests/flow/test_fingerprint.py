#!/usr/bin/python3
"""Registered papers among 10,000: an officer makes hashes on his machine, the gate takes them; excerpts, retyped and
reformatted copies, copies without their mark, in several carriers, are found; 2,000 letters of the same kind are not held.
HANGU_PAPERS sets another number of papers."""
import atexit
import base64
import json
import os
import pathlib
import random
import socket
import subprocess
import sys
import tempfile

from gate_kit import Gate, wait_until
from tap import TOP, run

sys.path.insert(0, str(TOP / "tests/documents"))
import sample_documents         # noqa: E402
import write_papers             # noqa: E402

PAPERS = int(os.environ.get("HANGU_PAPERS", "10000"))
LETTERS = 2000
EACH = 100
EXCERPT = 250
HANGU = pathlib.Path(os.environ["top_builddir"]) / "hangu"
# Traditional forms of some characters that the papers use, the punctuation of a hasty typist.
RETYPED = str.maketrans("发关处务审计组织数据项问题设备负责监督应单图纸缺进带补车网络级确权渔农药气观灾声类圾区线费热计节灯码头库岭东临门，。、：；（）",
                        "發關處務審計組織數據項問題設備負責監督應單圖紙缺進帶補車網絡級確權漁農藥氣觀災聲類圾區線費熱計節燈碼頭庫嶺東臨門,.,:;()")

scratch = tempfile.TemporaryDirectory()
base = pathlib.Path(scratch.name)


def hangu(*words, wanted=0):
    done = subprocess.run([HANGU, *map(str, words)], capture_output=True, text=True, check=False)
    assert done.returncode == wanted, (words[:3], done.returncode, done.stderr[-500:])
    return done.stdout


def config(name, ledger="ledger"):
    directory = base / name
    directory.mkdir(exist_ok=True)
    file = directory / "hangu.yaml"
    file.write_text(f"mode: enforce\nstate: {directory}\npolicy: {TOP}/contrib/policy.yaml\nrules: {TOP}/rules/packs\n"
                    f"milter: {{control_socket: {directory}/none.sock}}\n"
                    f"ledger: {{socket: {base}/{ledger}.sock, directory: {base}/{ledger}, group: ''}}\n", encoding="utf-8")
    return file


def start_ledger():
    """All changes are recorded by one ledger, which ends with the tests."""
    with open(base / "ledger.log", "wb") as log:
        process = subprocess.Popen([HANGU.with_name("hangu-ledger"), "--config", config("ledger-settings")], stdout=log, stderr=log)
    atexit.register(lambda: (process.terminate(), process.wait(30)))
    wait_until(lambda: Gate.accepts(base / "ledger.sock", socket.SOCK_SEQPACKET), what="hangu-ledger")


def changes():
    lines = hangu("ledger", "search", "--kind", "papers", "--json", "--directory", base / "ledger").splitlines()
    return [json.loads(line) for line in lines]


def paper_file(index):
    file = base / f"paper-{index:05d}.txt"
    if not file.exists():
        file.write_text("\n".join(write_papers.paper(index)) + "\n", encoding="utf-8")
    return file


def gate():
    """The settings of a gate with all papers registered, by way of an officer's machine."""
    file = config("gate")
    if (base / "gate/milter/papers").exists():
        return file
    key = hangu("fingerprint", "key", "--config", file, "--json")
    made = hangu("fingerprint", "add", "--config", config("officer"), "--key", json.loads(key)["key"], "--out", base / "hashes", "--json",
                 *[paper_file(index) for index in range(PAPERS)])
    assert len(made.splitlines()) == PAPERS
    hangu("fingerprint", "import", "--config", file, base / "hashes")
    return file


def wrapped(text, width):
    """Lines of about that width; numbers stay whole, as programs leave them."""
    lines, line = [], ""
    for character in text:
        if len(line) >= width and not (character.isdigit() and line[-1].isdigit()):
            lines.append(line)
            line = ""
        line += character
    return lines + [line]


def excerpt(draw, index):
    text = "".join(write_papers.paper(index)[1:])
    begin = draw.randrange(len(text) - EXCERPT)
    return text[begin:begin + EXCERPT]


def attached(data, name):
    head = f"From: a@unit.example\r\nTo: b@outside.example\r\nSubject: x\r\nMIME-Version: 1.0\r\nContent-Type: application/octet-stream\r\n" \
           f"Content-Disposition: attachment; filename={name}\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    return head.encode() + base64.encodebytes(data)


def check(letters):
    """What becomes of letters going out: [(answer, numbers of the papers found)]."""
    directory = base / "letters"
    directory.mkdir(exist_ok=True)
    files = []
    for number, letter in enumerate(letters):
        files.append(directory / f"{number:05d}.eml")
        files[-1].write_bytes(letter)
    done = subprocess.run([HANGU, "check", "--json", "--config", gate(), "--direction", "out", *map(str, files)], capture_output=True,
                          text=True, check=False)
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(answers) == len(letters), done.stderr[-500:]
    return [(answer, [finding["paper"]["number"] for finding in answer["findings"] if finding["paper"]]) for answer in answers]


def recall(name, make, least, count=EACH):
    """Which shingles count hangs on the key, and that is drawn anew: `least` leaves room for an unlucky one."""
    draw = random.Random(name)
    indices = [draw.randrange(PAPERS) for _ in range(count)]
    found = 0
    for index, (answer, numbers) in zip(indices, check([make(draw, index) for index in indices])):
        assert set(numbers) <= {index + 1}, (name, index, numbers)
        found += bool(numbers) and answer["verdict"] != "accept"
    print(f"# {name}: {found} of {count}", flush=True)
    assert found >= least * count, (name, found)


def within(draw, lines):
    letter = write_papers.letter(draw.randrange(100000, 200000))
    return write_papers.eml(letter[:2] + lines + letter[2:])


def test_excerpt_within_a_letter():
    recall("excerpt", lambda draw, index: within(draw, [excerpt(draw, index)]), 0.9)


def test_excerpt_wrapped_anew():
    recall("excerpt wrapped", lambda draw, index: within(draw, wrapped(excerpt(draw, index), draw.randint(12, 40))), 0.9)


def test_excerpt_with_slips_of_typing():
    def slips(draw, text):
        return "".join(draw.choice("的了是在有这和") if draw.random() < 0.01 else character for character in text)
    recall("excerpt, one slip in a hundred characters", lambda draw, index: within(draw, wrapped(slips(draw, excerpt(draw, index)), 30)), 0.8)


def test_copy_without_its_mark():
    recall("copy without mark", lambda _, index: write_papers.eml(write_papers.paper(index)[1:]), 1.0)


def test_copy_retyped():
    recall("copy retyped", lambda _, index: write_papers.eml(wrapped(" ".join(write_papers.paper(index)[2:]).translate(RETYPED), 27)), 1.0)


def test_copy_in_a_docx():
    recall("docx", lambda _, index: attached(sample_documents.docx(write_papers.paper(index)[1:]), "a.docx"), 1.0, 30)


def test_excerpt_in_documents():
    for kind, make in (("docx", sample_documents.docx), ("pdf", sample_documents.pdf), ("ofd", sample_documents.ofd)):
        recall(f"excerpt in {kind}", lambda draw, index, make=make, kind=kind: attached(make(wrapped(excerpt(draw, index), 26)), f"a.{kind}"), 0.83, 30)


def test_mark_missing_and_level_of_the_paper():
    answer, numbers = check([write_papers.eml(write_papers.paper(3)[1:])])[0]
    finding = [one for one in answer["findings"] if one["paper"]][0]
    assert numbers == [4] and answer["policy"] == "out-registered" and answer["verdict"] == "hold" and "alert" in answer["actions"], answer
    assert finding["score"] >= 100 and finding["class"] == "state", finding
    assert any("missing" in reason for reason in finding["reasons"]), finding
    level, term = write_papers.paper(3)[0].split("★")
    assert answer["level_zh"] == level and answer["term"] == term, answer


def test_letters_of_the_same_kind_are_not_held():
    wrong = [(answer["file"], numbers) for answer, numbers in check([write_papers.eml(write_papers.letter(i)) for i in range(LETTERS)]) if numbers]
    print(f"# false alarms: {len(wrong)} of {LETTERS}", flush=True)
    assert not wrong, wrong[:5]


def test_statutes_forms_and_signatures_of_a_paper_are_not_it():
    own = write_papers.paper(11)
    letters = [write_papers.eml([write_papers.quotation(random.Random(i)) for i in range(12)]), write_papers.eml(write_papers.FORM.split("\n")),
               write_papers.eml(own[-3:] + own[2:5])]
    assert all(not numbers for _, numbers in check(letters)), check(letters)


def test_removed_paper_is_not_found_any_more():
    letter = write_papers.eml(write_papers.paper(7)[1:])
    assert check([letter])[0][1] == [8]
    hangu("fingerprint", "remove", "--config", gate(), 8)
    assert check([letter])[0][1] == []
    hangu("fingerprint", "show", "--config", gate(), 8, wanted=66)
    hangu("fingerprint", "import", "--config", gate(), base / "hashes")     # those that are there are not doubled
    assert check([letter])[0][1] == [PAPERS + 1]


def test_each_change_is_a_record():
    gate()
    first = changes()[0]
    assert (first["change"], first["papers"], first["papers_total"], first["registered"]) == ("import", [f"1-{PAPERS}"], PAPERS, PAPERS), first
    assert "papers_before" not in first and first["papers_digest"].startswith("sha256:") and first["actor"] and "uid" in first, first
    file, before = config("recorded"), len(changes())
    hangu("fingerprint", paper_file(0), paper_file(2), "--config", file, "--label", "甲号方案", "--officer", "王某")
    hangu("fingerprint", paper_file(0), "--config", file)           # known: nothing changes
    hangu("fingerprint", "remove", 2, 2, "--config", file)
    added, removed = changes()[before:]
    assert (added["change"], added["papers"], added["officer"], added["registered"]) == ("add", ["1-2"], "王某", 2), added
    assert (removed["change"], removed["papers"], removed["papers_total"], removed["registered"]) == ("remove", ["2"], 1, 1), removed
    assert removed["papers_before"] == added["papers_digest"] != removed["papers_digest"]
    digest = subprocess.run(["sha256sum", base / "recorded/milter/papers"], capture_output=True, text=True, check=True).stdout.split()[0]
    assert removed["papers_digest"] == "sha256:" + digest
    log = "".join(path.read_text() for path in (base / "ledger").glob("*.log"))
    assert "甲号方案" not in log and paper_file(0).name not in log


def test_without_a_ledger_nothing_is_changed():
    file = config("unrecorded", ledger="away")
    said = subprocess.run([HANGU, "fingerprint", paper_file(0), "--config", file], capture_output=True, text=True, check=False)
    assert said.returncode == 69 and "cannot be recorded" in said.stderr, said
    assert not (base / "unrecorded/milter/papers").exists()


def test_register_that_was_tampered_with_stops_the_check():
    file = config("tampered")
    hangu("fingerprint", paper_file(0), "--config", file, "--label", "甲")
    hangu("fingerprint", "test", "--config", file, paper_file(0), wanted=1)
    hangu("fingerprint", "test", "--config", file, paper_file(1))
    register = base / "tampered/milter/papers"
    register.write_bytes(register.read_bytes()[:-1] + b"x")
    (base / "one.eml").write_bytes(write_papers.eml(["x"]))
    assert "damaged" in subprocess.run([HANGU, "check", "--config", file, base / "one.eml"], capture_output=True, text=True, check=False).stderr
    hangu("check", "--config", file, base / "one.eml", wanted=65)
    assert "甲" not in register.read_bytes().decode("utf-8", "ignore").replace("甲", "", 1)     # the label is the one text in it


def test_hashes_of_another_key_are_refused():
    hangu("fingerprint", "key", "--config", config("stranger"))
    hangu("fingerprint", "add", "--config", config("stranger"), "--out", base / "strange", paper_file(1))
    hangu("fingerprint", "import", "--config", config("tampered2"), base / "strange", wanted=66)     # no key there at all
    hangu("fingerprint", "key", "--config", config("tampered2"))
    hangu("fingerprint", "import", "--config", config("tampered2"), base / "strange", wanted=78)


if __name__ == "__main__":
    start_ledger()
    run(globals())
