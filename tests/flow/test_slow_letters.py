#!/usr/bin/python3
"""More slow letters than inspectors, none of which ends: the small ones beside them do not wait for any, nor do short documents."""
import os
import signal
import statistics
import time

from gate_kit import Gate, Sender, inspectors, letter_with, wait_until
from sample_documents import docx
from tap import run

INSPECTORS, SMALL = 4, 50
# A sender, the gate and this test share two cores with readers that only hang; who waited for one of those would wait for seconds.
SLOWER, SPARE_S = 5, 0.1
OUT = dict(sender="li@unit.example", recipients=["x@outside.example"], user="li")


def gate_with(seconds):
    """Readers that were taken over live so long."""
    os.environ["HOSTILE_SECONDS"] = str(seconds)
    return Gate(extract=f"  program: {Gate.built('tests/flow/hostile_extract')}", deadline="60s", inspectors=INSPECTORS)


def sample(attempt):
    return letter_with("x.zip", b"PK\x03\x04" + bytes(26) + f"attempt:{attempt};".encode() + docx(["会议"]), "application/zip")


def begin_slow(gate, count):
    headers, body = sample("hang")
    return [Sender(gate, body, headers=headers, **OUT) for _ in range(count)]


def state(gate):
    shown = gate.status()["inspectors"]
    return tuple(shown[key] for key in ("documents", "long", "waiting"))


def send_small(gate):
    answers = [gate.send(f"{number} 周二下午开会。\r\n".encode() * 40, **OUT) for number in range(SMALL)]
    assert {answer.word for answer in answers} == {"accept"}, answers
    return sorted(answer.seconds for answer in answers)


def test_small_letters_do_not_wait_for_slow_ones():
    with gate_with(30) as gate:
        inspectors(gate, INSPECTORS)
        send_small(gate)
        alone = send_small(gate)
        slow = begin_slow(gate, 3 * INSPECTORS)
        wait_until(lambda: state(gate)[0::2] == (3, 9), what="all slow letters")
        beside = send_small(gate)
        documents, _, waiting = state(gate)
        assert documents + waiting == len(slow) and not any(sender.answer for sender in slow), (documents, waiting)
        p50, p95 = (statistics.median(beside), beside[int(SMALL * 0.95)])
        print(f"# alone p50 {1000 * statistics.median(alone):.1f} ms, beside {len(slow)} slow letters p50 {1000 * p50:.1f}, p95 {1000 * p95:.1f} ms", flush=True)
        assert p50 <= SLOWER * statistics.median(alone) + SPARE_S and p95 <= SLOWER * alone[int(SMALL * 0.95)] + SPARE_S, (alone, beside)
        assert gate.status()["inspectors"]["deaths"] == 0
        gate.stop(how=signal.SIGKILL)


def test_short_documents_do_not_wait_for_those_that_take_long():
    with gate_with(30) as gate:
        inspectors(gate, INSPECTORS)
        slow = begin_slow(gate, INSPECTORS)
        # two go on for long; the others had their time, and wait for one of those to end
        wait_until(lambda: state(gate) == (2, 2, 2), what="two long letters")
        for _ in range(10):
            headers, body = sample("leave")
            answer = gate.send(body, headers=headers, **OUT)
            assert answer.word == "hold" and answer.seconds < 2, answer
        assert state(gate) == (2, 2, 2) and not any(sender.answer for sender in slow)
        gate.stop(how=signal.SIGKILL)


def test_no_session_waits_for_the_thread_of_another():
    """Letters that begin at the same moment and keep their threads: libmilter may leave commands of some to threads of others."""
    with gate_with(1) as gate:
        inspectors(gate, INSPECTORS)
        for _ in range(8):
            slow = begin_slow(gate, INSPECTORS)
            wait_until(lambda: gate.status()["letters_in_hand"] == INSPECTORS, 0.9, "all letters")
            assert {sender.word() for sender in slow} == {"hold"}


def test_a_letter_that_was_put_off_gets_its_answer():
    with gate_with(4) as gate:
        inspectors(gate, INSPECTORS)
        slow = begin_slow(gate, 2 * INSPECTORS)
        start = time.monotonic()
        assert {sender.word(60) for sender in slow} == {"hold"}
        # four at a time, two of them for long: what was begun anew was read to its end
        reasons = [part.get("why") for record in gate.records() for part in record["parts"] if part.get("why")]
        assert reasons == ["over-budget"] * len(slow), reasons
        print(f"# {len(slow)} letters of 4 s each, {gate.status()['inspectors']['backs']} put off: {time.monotonic() - start:.1f} s", flush=True)
        assert state(gate) == (0, 0, 0) and gate.status()["inspectors"]["backs"] >= len(slow) - 2
        assert gate.status()["inspectors"]["deaths"] == 0 and len(gate.records()) == len(slow)


run(globals())
