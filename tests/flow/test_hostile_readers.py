#!/usr/bin/python3
"""Readers that were taken over, below the real gate: whatever they try ends, is logged, and costs their letter alone a hold."""
import os
import signal
import time

from gate_kit import Gate, Sender, inspectors, letter_with, wait_until
from sample_documents import docx
from tap import run

# attempt, what the log says, the reason that the record has for the attachment
ATTEMPTS = [
    ("network", "it called socket, which is refused", "reader-failed"),
    ("read a file", "it called openat, which is refused", "reader-failed"),
    ("write a file", "it called openat, which is refused", "reader-failed"),
    ("exec", "it called execve, which is refused", "reader-failed"),
    ("fork", "it called clone, which is refused", "reader-failed"),
    ("ptrace", "it called ptrace, which is refused", "reader-failed"),
    ("kill", "it called kill, which is refused", "reader-failed"),
    ("memory", "its memory may have been over", "reader-failed"),
    ("time", "its processor time was over", "over-budget"),
    ("hang", "it took longer than 3 s", "over-budget"),
    ("crash", "was killed by signal 11", "reader-failed"),
    ("leave", None, "reader-failed"),
    ("flood", "ended with status 3", "reader-failed"),
    ("lie", "ended with status 4", "reader-failed"),
    ("smuggle", "ended with status 5", "reader-failed"),
    ("text without end", "ended with status 8", "over-budget"),
    ("unknown members", "ended with status 9", "reader-failed"),
]


def sample(attempt):
    # stored, so that the words stand in the file as they are
    return b"PK\x03\x04" + bytes(26) + f"attempt:{attempt};".encode() + docx(["会议"])


def test_every_attempt_ends_and_is_told():
    wrong = []
    program = Gate.built("tests/flow/hostile_extract")
    with Gate(extract=f"  program: {program}\nlimits:\n  max_text_bytes: 1M", deadline="60s", inspectors=2) as gate:
        (spawner,) = wait_until(lambda: gate.family("hostile_extract"), what="hostile_extract")
        for attempt, logged, why in ATTEMPTS:
            headers, body = letter_with("x.zip", sample(attempt), "application/zip")
            before, start = len(gate.records()), time.monotonic()
            at = len(gate.log())
            answer = gate.send(body, headers, sender="li@unit.example", recipients=["x@outside.example"], user="li")
            record = gate.records()[before]
            reasons = {part.get("why") for part in record["parts"]} - {None}
            seconds = time.monotonic() - start
            try:
                if logged:
                    wait_until(lambda: logged in gate.log()[at:], 5, logged)
                said = True
            except AssertionError:
                said = False
            if answer.word != "hold" or reasons != {why} or seconds > 20 or not said:
                wrong.append((attempt, answer.word, reasons, seconds, said, gate.log()[at:]))
            clean = gate.send()
            if clean.word != "accept":
                wrong.append((attempt, "then", clean))
        assert gate.family("hostile_extract") == [spawner] and gate.status()["extract"] == {"alive": True}
        assert gate.status()["inspectors"]["deaths"] == 0
    assert not wrong, wrong


def test_reader_does_not_outlive_its_inspector():
    """Nor a letter that is given back: the reader works, or was taken over, and does not look whether anybody waits."""
    os.environ["HOSTILE_SECONDS"] = "300"
    with Gate(extract=f"  program: {Gate.built('tests/flow/hostile_extract')}", deadline="60s", inspectors=2) as gate:
        ready = set(wait_until(lambda: len(gate.family("hangu-reader")) == 2 and gate.family("hangu-reader"), what="two readers"))
        headers, body = letter_with("x.zip", sample("hang"), "application/zip")
        sender = Sender(gate, body, headers=headers, sender="li@unit.example", recipients=["x@outside.example"], user="li")
        wait_until(lambda: len(gate.family("hangu-reader")) == 3, what="a reader at work")
        for inspector in inspectors(gate, 2):
            os.kill(inspector, signal.SIGKILL)
        start = time.monotonic()
        assert sender.word() == "tempfail"
        wait_until(lambda: len(gate.family("hangu-reader")) == 2, 5, "its end")
        print(f"# gone after {time.monotonic() - start:.1f} s", flush=True)
        assert len(set(gate.family("hangu-reader")) & ready) == 1, "the one that works was one of the first two"
        assert gate.send().word == "accept" and "warn: reader" not in gate.log()
    del os.environ["HOSTILE_SECONDS"]


run(globals())
