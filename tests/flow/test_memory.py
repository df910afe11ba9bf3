#!/usr/bin/python3
"""Memory of all processes of the gate together: idle, and with eight 50 MB letters in flight."""
import concurrent.futures
import pathlib
import sys
import threading
import time

from tap import need_root, run
from private_gateway import OUTSIDE, PrivateGateway, wait_until
from test_kill import children

# Gate and inspectors; hangu-extract and the readers that wait behind their walls. Of those only memory of their own counts: how many
# pages of some sixty libraries are mapped is the page cache's affair (14 to 26 MB were seen), and the kernel has them back at any time.
IDLE_MAX, READERS_MAX, ABOVE_IDLE_MAX = 40 * 10**6, 10 * 10**6, 64 * 10**6


def pss(pids, kind="Pss"):
    """Sum of the proportional set sizes (or of that kind of them), and of what memfd pages (spools) add while mapped by nobody."""
    total = 0
    for pid in pids:
        try:
            for line in pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
                if line.startswith(kind + ":"):
                    total += int(line.split()[1]) * 1024
            for fd in pathlib.Path(f"/proc/{pid}/fd").iterdir():
                target = fd.readlink()
                if "memfd:" in str(target):
                    total += fd.stat().st_blocks * 512
        except OSError:
            continue
    return total


def gate(gateway):
    pid = gateway.processes["milter"].pid
    return [pid, *children(pid)]


def readers(gateway):
    """Those of them that belong to hangu-extract."""
    programs = {pid: pathlib.Path(f"/proc/{pid}/cmdline").read_text().split("\0")[0] for pid in gate(gateway)}
    return [pid for pid, program in programs.items() if program.endswith("hangu-extract")]


def test_memory_idle_and_with_eight_large_letters():
    with PrivateGateway(egress=False) as gateway:
        gateway.send(b"Subject: warm\r\n\r\nwarm\r\n", "x@outside.example", ["li@unit.example"], client=OUTSIDE)
        idle, waiting, own = pss(gate(gateway)), pss(readers(gateway)), pss(readers(gateway), "Pss_Anon")
        line = "汛期值守安排,各责任区按时到岗,遇有情况立即报告,不得擅自离岗。\r\n".encode()
        big = b"Subject: big\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n" + line * (50_000_000 // len(line))
        peak, running = [idle], threading.Event()

        def watch():
            while not running.is_set():
                peak.append(pss(gate(gateway)))
                time.sleep(0.05)

        watcher = threading.Thread(target=watch)
        watcher.start()
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda n: gateway.send(big, f"x{n}@outside.example", ["li@unit.example"], client=OUTSIDE, ), range(8)))
        running.set()
        watcher.join()
        assert [answer.code for answer in answers] == [250] * 8, answers
        print(f"# idle {(idle - waiting) / 1e6:.1f} MB and {waiting / 1e6:.1f} MB ({own / 1e6:.1f} MB their own) of document readers, eight 50 MB letters: {(max(peak) - idle) / 1e6:.1f} MB above idle", flush=True)
        assert idle - waiting <= IDLE_MAX, f"{(idle - waiting) / 1e6:.1f} MB idle"
        assert own <= READERS_MAX, f"{own / 1e6:.1f} MB of their own in document readers"
        assert max(peak) - idle <= ABOVE_IDLE_MAX, f"{(max(peak) - idle) / 1e6:.1f} MB above idle"


if __name__ == "__main__":
    try:
        need_root()
    except Exception as why:
        print(f"1..0 # SKIP {why}")
        sys.exit(0)
    run(globals())
