#!/usr/bin/python3
"""Killed in the middle of 200 letters: no letter lost, none accepted without a record."""
import concurrent.futures
import pathlib
import re
import signal
import subprocess
import sys
import threading
import time

from tap import need_root, run
from private_gateway import PrivateGateway, wait_until

COUNT = 200
LETTER = "Subject: n%d\r\nMessage-ID: <n%d@unit.example>\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n第%d封:周三下午两点开会。\r\n"


def children(pid):
    """All descendants of a process, youngest last."""
    found = []
    done = subprocess.run(["ps", "-eo", "pid=,ppid="], capture_output=True, text=True, check=True)
    pairs = [tuple(map(int, line.split())) for line in done.stdout.splitlines()]
    level = [pid]
    while level:
        level = [child for child, parent in pairs if parent in level]
        found += level
    return found


def send_all(gateway, disturb):
    """200 letters over 8 sessions at once, each tried until it gets 250; `disturb` runs in the middle. Gives the
    numbers of those that did not get it at once."""
    done, retried, lock = set(), set(), threading.Lock()

    def one(number):
        end = time.monotonic() + 90
        while time.monotonic() < end:
            try:
                answer = gateway.send((LETTER % (number, number, number)).encode(), f"s{number}@unit.example", ["friend@outside.example"], login="li")
            except OSError:
                retried.add(number)
                continue
            assert str(answer.code)[0] in "24", answer
            if answer.code == 250:
                with lock:
                    done.add(number)
                return True
            retried.add(number)
            time.sleep(0.05)
        return False

    def disturber():
        for part in (1, 2, 3):
            wait_until(lambda: len(done) >= COUNT * part // 4, 90, "a quarter of the letters")
            disturb(gateway)

    trouble = threading.Thread(target=disturber)
    trouble.start()
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        results = list(pool.map(one, range(COUNT)))
    trouble.join()
    assert all(results), f"{results.count(False)} letters never got through"
    return retried


def check_books(gateway, retried):
    """Each 250 is delivered; each delivery has an accept record; records without a letter are explained by a 4xx."""
    wait_until(lambda: len(gateway.delivered()) >= COUNT, 90, "all deliveries")
    gateway.settle()
    delivered = [int(re.search(rb"^Subject: n(\d+)", one, re.M).group(1)) for one in gateway.delivered()]
    assert set(delivered) == set(range(COUNT)), sorted(set(range(COUNT)) - set(delivered))
    recorded = {}
    for record in gateway.records():
        if record["answer"] == "accept":
            recorded.setdefault(record["message_id"], []).append(record)
    for number in delivered:
        assert f"n{number}@unit.example" in recorded, f"letter {number} was delivered without a record"
    for number in range(COUNT):
        records, letters = len(recorded[f"n{number}@unit.example"]), delivered.count(number)
        assert records == letters or (records > letters and number in retried), f"letter {number}: {records} records, {letters} deliveries"
    verify = gateway.hangu("ledger", "verify", "--directory", gateway.directory / "state/ledger")
    assert verify.returncode == 0, verify


def test_an_inspector_killed():
    def disturb(gateway):
        pid = gateway.processes["milter"].pid
        victims = [child for child in children(pid) if pathlib.Path(f"/proc/{child}/comm").read_text().strip() == "hangu-inspect"]
        subprocess.run(["kill", "-KILL", str(victims[-1])], check=True)

    with PrivateGateway(egress=False) as gateway:
        check_books(gateway, send_all(gateway, disturb))


def test_the_milter_killed():
    def disturb(gateway):
        gateway.stop_process("milter", signal.SIGKILL)
        gateway.start_milter()

    with PrivateGateway(egress=False) as gateway:
        check_books(gateway, send_all(gateway, disturb))


def test_the_ledger_killed():
    def disturb(gateway):
        gateway.stop_process("ledger", signal.SIGKILL)
        gateway.start_ledger()

    with PrivateGateway(egress=False) as gateway:
        check_books(gateway, send_all(gateway, disturb))


def test_no_ledger_means_no_letter():
    with PrivateGateway(egress=False) as gateway:
        gateway.stop_process("ledger", signal.SIGKILL)
        answer = gateway.send((LETTER % (1, 1, 1)).encode(), "li@unit.example", ["friend@outside.example"], login="li")
        assert answer.code == 451, answer
        assert not gateway.delivered() and not gateway.queue()


if __name__ == "__main__":
    try:
        need_root()
    except Exception as why:
        print(f"1..0 # SKIP {why}")
        sys.exit(0)
    run(globals())
