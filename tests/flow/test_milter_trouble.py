#!/usr/bin/python3
"""When something dies, hangs, is full or is changed: each letter gets one answer, none passes unseen, nothing stays
behind."""
import os
import signal
import subprocess
import threading
import time

from gate_kit import CLEAN, CLEAN_TEXT, MARKED_TEXT, Gate, Sender, inspectors, wait_until
from tap import run


class Frozen:
    """Inspectors that stand still, as if a letter had caught them."""

    def __init__(self, gate):
        self.pids = gate.family("hangu-inspect")

    def __enter__(self):
        for pid in self.pids:
            os.kill(pid, signal.SIGSTOP)
        return self

    def kill(self):
        for pid in self.pids:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass

    def __exit__(self, *_):
        for pid in self.pids:
            try:
                os.kill(pid, signal.SIGCONT)
            except ProcessLookupError:
                pass


def in_hand(gate, count=1):
    wait_until(lambda: gate.status()["inspectors"]["busy"] == count, what=f"{count} letters with inspectors")


def kill_with_letter(gate, body):
    """The inspectors are killed while one of them has the letter. Gives the answer."""
    with Frozen(gate) as frozen:
        sender = Sender(gate, body)
        in_hand(gate)
        frozen.kill()
    word = sender.word()
    inspectors(gate, gate.settings["inspectors"])
    return word, sender.answer


def test_a_dead_inspector_costs_one_letter_a_451():
    with Gate() as gate:
        inspectors(gate, 2)
        word, answer = kill_with_letter(gate, CLEAN_TEXT)
        assert word == "tempfail" and answer.reply.startswith("451 4.3.0 "), answer
        assert answer.seconds < 10, answer.seconds
        (record,) = gate.records()
        assert record["failure"] == "inspector-died" and record["answer"] == "tempfail"
        assert answer.reply.endswith(f"(record {record['id']})")
        assert gate.send(CLEAN_TEXT + b"another\r\n" * 100).word == "accept"
        assert gate.status()["inspectors"]["deaths"] >= 1


def test_a_letter_that_kills_two_is_held_unopened():
    killer = b"deadly " * 200
    with Gate() as gate:
        inspectors(gate, 2)
        assert kill_with_letter(gate, killer)[0] == "tempfail"
        word, answer = kill_with_letter(gate, killer)
        assert word == "hold", answer
        third = gate.send(killer)
        assert third.word == "hold" and third.seconds < 1
        assert gate.send(b"harmless " * 200).word == "accept"
        assert [record["answer"] for record in gate.records()] == ["tempfail", "hold", "hold", "accept"]
        assert [record.get("failure") for record in gate.records()[1:3]] == ["ends-inspectors"] * 2


def test_a_hung_inspector_is_killed_at_the_deadline():
    with Gate(deadline="8s", inspectors=1) as gate:
        (pid,) = inspectors(gate, 1)
        with Frozen(gate):
            answer = gate.send()
            assert answer.word == "tempfail" and 6 < answer.seconds < 8.5, answer.seconds
            assert answer.progress >= 1
        assert gate.records()[0]["failure"] == "inspector-hung"
        assert pid not in inspectors(gate, 1)
        assert gate.send(b"another " * 200).word == "accept"
        assert gate.status()["inspectors"]["hangs"] == 1


def test_a_hung_inspector_delays_nobody_else():
    with Gate(deadline="8s", inspectors=2) as gate:
        inspectors(gate, 2)
        with Frozen(gate) as frozen:
            stuck = Sender(gate, b"stuck " * 200)
            in_hand(gate)
            os.kill([pid for pid in frozen.pids][0], signal.SIGCONT)
            os.kill([pid for pid in frozen.pids][1], signal.SIGCONT)
            stuck.join()
        victim = inspectors(gate, 2)[0]
        os.kill(victim, signal.SIGSTOP)
        slow = [Sender(gate, b"letter %d " % number * 50) for number in range(6)]
        words = [sender.word() for sender in slow]
        assert words.count("accept") >= 5 and set(words) <= {"accept", "tempfail"}, words


def test_a_letter_over_the_deadline_is_held_as_partly_looked_at():
    part = b"--B\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n" + CLEAN_TEXT * 60 + "秘密\r\n".encode() * 900_000   # slow to judge
    headers = CLEAN[:-1] + [("Content-Type", "multipart/mixed; boundary=B")]
    with Gate(deadline="12s", inspectors=1) as gate:
        (pid,) = inspectors(gate, 1)
        answer = gate.send(part * 4 + b"--B--\r\n", headers=headers, sender="li@unit.example", recipients=["x@outside.example"], user="li")
        assert answer.word == "hold" and answer.seconds < 12.5, (answer, answer.seconds)
        (record,) = gate.records()
        assert (record["coverage"], record["why"], record["policy"]) == ("partial", "over-budget", "out-unreadable"), record
        assert record["elapsed_us"] > 8_000_000 and inspectors(gate, 1) == [pid], record
        assert gate.send().word == "accept"


def test_on_failure_hold_holds():
    with Gate(on_failure="hold") as gate:
        inspectors(gate, 2)
        word, answer = kill_with_letter(gate, CLEAN_TEXT)
        assert word == "hold", answer
        assert answer.header("X-Hangu-Id") == [gate.records()[0]["id"]]


def test_observing_with_on_failure_accept_accepts():
    with Gate(mode="observe", on_failure="accept") as gate:
        inspectors(gate, 2)
        word, answer = kill_with_letter(gate, CLEAN_TEXT)
        assert word == "accept" and answer.changes == [], answer
        assert gate.records()[0]["failure"] == "inspector-died"
        gate.stop("hangu-ledger", signal.SIGKILL)
        assert gate.send().word == "accept"


def test_no_ledger_no_passage():
    with Gate() as gate:
        gate.stop("hangu-ledger", signal.SIGKILL)
        for body in (CLEAN_TEXT, MARKED_TEXT):
            answer = gate.send(body, sender="li@unit.example", recipients=["x@outside.example"], user="li")
            assert answer.word == "tempfail" and answer.reply.startswith("451 4.3.0 "), answer
        assert gate.status()["ledger"]["alive"] is False
        gate.start_ledger()
        assert gate.send().word == "accept"
        assert gate.status()["ledger"]["alive"] is True


def test_a_slow_ledger_is_waited_for():
    with Gate(ledger_timeout="10s") as gate:
        os.kill(gate.processes["hangu-ledger"].pid, signal.SIGSTOP)
        sender = Sender(gate)
        time.sleep(1.5)
        os.kill(gate.processes["hangu-ledger"].pid, signal.SIGCONT)
        assert sender.word() == "accept"


def test_the_gate_killed_leaves_no_process_behind():
    with Gate() as gate:
        inspectors(gate, 2)
        everybody = [pid for name in ("hangu-keeper", "hangu-loader", "hangu-inspect") for pid in gate.family(name)]
        assert len(everybody) == 4, everybody
        gate.stop(how=signal.SIGKILL)
        wait_until(lambda: not any(os.path.exists(f"/proc/{pid}") for pid in everybody), what="the end of all")
        gate.start()                # the dead socket is replaced
        assert gate.send().word == "accept"


def test_the_keeper_killed_ends_the_gate_with_an_error():
    with Gate() as gate:
        os.kill(gate.family("hangu-keeper")[0], signal.SIGKILL)
        assert gate.processes["hangu-milter"].wait(10) != 0


def test_a_lost_loader_is_replaced():
    with Gate() as gate:
        os.kill(gate.family("hangu-loader")[0], signal.SIGKILL)
        wait_until(lambda: gate.status()["generation"] == 2, what="a new generation")
        inspectors(gate, 2)
        assert gate.send().word == "accept"


def test_a_second_instance_is_refused():
    with Gate() as gate:
        second = subprocess.run([gate.program("hangu-milter"), "--config", str(gate.config)], capture_output=True,
                                text=True, timeout=30)
        assert second.returncode == 69 and "already" in second.stderr, second
        assert gate.send().word == "accept"


def test_a_reload_takes_over_new_settings():
    with Gate(mode="observe") as gate:
        assert gate.send(MARKED_TEXT, sender="li@unit.example", recipients=["x@outside.example"], user="li").word == "accept"
        gate.write_settings(mode="enforce", inspectors=3)
        os.kill(gate.pid, signal.SIGHUP)
        wait_until(lambda: gate.status()["generation"] == 2, what="generation 2")
        inspectors(gate, 3)
        assert gate.send(MARKED_TEXT, sender="li@unit.example", recipients=["x@outside.example"], user="li").word == "reject"
        assert len(gate.family("hangu-loader")) == 1
        assert [record["reason"] for record in gate.records("reload")] == ["loaded"]
        status = gate.status()
        assert status["reload"]["good"] is True and status["mode"] == "enforce"


def test_a_bad_reload_keeps_the_old_and_says_why():
    with Gate() as gate:
        before = gate.status()
        gate.write_settings(mode="enfroce", connections=-3)
        good, text = gate.reload()
        assert not good and f"{gate.config}:" in text and "enforce" in text and "connections" in text, text
        assert gate.config.name in gate.log()
        assert gate.send(MARKED_TEXT, sender="li@unit.example", recipients=["x@outside.example"], user="li").word == "reject"
        after = gate.status()
        assert after["generation"] == before["generation"] and after["reload"]["good"] is False
        assert "enfroce" in after["reload"]["text"]
        gate.write_settings(mode="enforce", connections=100)
        gate.policy.write_text("rows: [nonsense\n")
        good, text = gate.reload()
        assert not good and str(gate.policy) in text, text
        inspectors(gate, 2)
        assert gate.send().word == "accept"
        assert [record["reason"] for record in gate.records("reload")] == ["refused", "refused"]


def test_reloads_under_load_cost_no_letter():
    with Gate(inspectors=2) as gate:
        stop, words = threading.Event(), []

        def send():
            with gate.mta(user="li") as session:
                while not stop.is_set():
                    words.append(session.letter("li@unit.example", ["x@outside.example"], CLEAN, MARKED_TEXT).word)

        threads = [threading.Thread(target=send) for _ in range(4)]
        for thread in threads:
            thread.start()
        for _ in range(5):
            good, text = gate.reload()
            assert good, text
        stop.set()
        for thread in threads:
            thread.join()
        assert set(words) == {"reject"} and len(words) >= 5, (set(words), len(words))
        wait_until(lambda: len(gate.family("hangu-loader")) == 1, what="the end of old loaders")
        inspectors(gate, 2)


def test_sigterm_finishes_the_letter_in_hand():
    with Gate() as gate:
        with Frozen(gate):
            sender = Sender(gate, MARKED_TEXT, sender="li@unit.example", recipients=["x@outside.example"], user="li")
            in_hand(gate)
            os.kill(gate.pid, signal.SIGTERM)
            time.sleep(0.5)
            assert gate.processes["hangu-milter"].poll() is None
            late = Sender(gate)
            assert late.word() != "accept"
        assert sender.word() == "reject", sender.problem
        assert gate.processes["hangu-milter"].wait(10) == 0
        assert [record["reason"] for record in gate.records("stop")] == ["ordered"]
        assert len(gate.records("start")) == 1, gate.records("start")
        assert not (gate.directory / "run/milter.sock").exists()


def test_sigterm_with_idle_sessions_is_quick():
    with Gate() as gate:
        gate.mta()
        assert gate.send().word == "accept"
        began = time.monotonic()
        assert gate.stop() == 0
        assert time.monotonic() - began < 3


def test_group_signals_end_nobody_but_the_gate():
    with Gate() as gate:
        inspectors(gate, 2)
        for name in ("hangu-keeper", "hangu-loader", "hangu-inspect"):
            for pid in gate.family(name):
                os.kill(pid, signal.SIGTERM)
                os.kill(pid, signal.SIGHUP)
        time.sleep(0.3)
        assert gate.send().word == "accept"
        assert gate.status()["inspectors"]["deaths"] == 0


def test_hups_close_together_do_not_stop_the_gate():
    with Gate() as gate:
        for _ in range(30):
            os.kill(gate.pid, signal.SIGHUP)
            time.sleep(0.005)
        wait_until(lambda: gate.status()["generation"] > 1 and not gate.status()["reload"]["loading"], what="reloads")
        assert gate.send().word == "accept"


def test_check_names_every_mistake():
    gate = Gate()
    try:
        done = subprocess.run([gate.program("hangu-milter"), "--config", str(gate.config), "--check"], capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done
        gate.write_settings(mode="enfroce", connections=-3)
        done = subprocess.run([gate.program("hangu-milter"), "--config", str(gate.config), "--check"], capture_output=True, text=True, timeout=60)
        assert done.returncode == 78 and "enfroce" in done.stderr and "connections" in done.stderr, done
    finally:
        gate.__exit__()


run(globals())
