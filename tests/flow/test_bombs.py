#!/usr/bin/python3
"""Bombs and 25 MB attachments through the real gate: each is answered within the deadline and never delivered unseen, memory is
bounded, and the small letters beside them keep their latency."""
import base64
import concurrent.futures
import functools
import pathlib
import random
import statistics
import sys
import threading
import time

from tap import TOP, need_root, run
from private_gateway import PrivateGateway
from test_kill import children
from test_memory import pss

sys.dont_write_bytecode = True
sys.path[:0] = [str(TOP / "tests/documents"), str(TOP / "tests/bench")]
import documents  # noqa: E402
import write_bombs  # noqa: E402
from sample_documents import docx  # noqa: E402

DEADLINE = 45                       # milter.deadline_submission as it is shipped
READER_MEMORY = 512 * 2**20         # extract.memory as it is shipped
# A letter in hand costs its window of text and what is put aside; a reader may use what the settings allow it.
GATE_ABOVE_IDLE_MAX, READERS_MAX = 192 * 10**6, 2 * READER_MEMORY
SMALL, IN_FLIGHT, MORE_THAN_INSPECTORS = 50, 2, 6
# Two cores for large letters, Postfix, the sender and this test; who waited for a bomb would wait for seconds.
SLOWER, SPARE_S = 5, 0.25
BESIDE = ("zip in zip in zip, 50 TB", "docx, one text of 2 GB", "PDF, a page of 500 MB", "20 bombs in one letter", "zip, 10 MB to 10 GB", "MIME, 100,000 parts")
MARK = "机密★10年"


def attached(name, data, head=b""):
    shown = base64.b64encode(name.encode()).decode()
    return (b"From: li@unit.example\r\nTo: x@outside.example\r\nSubject: plan\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=B\r\n\r\n"
            b"--B\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n" + "周二下午开会。\r\n".encode() +
            f'--B\r\nContent-Type: application/octet-stream; name="=?utf-8?B?{shown}?="\r\nContent-Transfer-Encoding: base64\r\n'.encode() +
            b"Content-Disposition: attachment\r\n\r\n" + base64.encodebytes(data).replace(b"\n", b"\r\n") + b"--B--\r\n")


def deep_mime(levels=1000):
    head = b"From: li@unit.example\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b0\r\n\r\n"
    inner = b"".join(b"--b%d\r\nContent-Type: multipart/mixed; boundary=b%d\r\n\r\n" % (n, n + 1) for n in range(levels))
    return head + inner + b"--b%d\r\n\r\nhello\r\n" % levels + b"".join(b"--b%d--\r\n" % n for n in range(levels, -1, -1))


def many_parts(count=100_000):
    return (b"From: li@unit.example\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n" +
            b"--b\r\nContent-Type: text/plain\r\n\r\nhello\r\n" * count + b"--b--\r\n")


def many_bombs():
    """The budget of a letter, not only of one attachment: twenty files that each want all there is."""
    inner = write_bombs.nested_zip()
    part = (b"--B\r\nContent-Type: application/zip\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: attachment\r\n\r\n" +
            base64.encodebytes(inner).replace(b"\n", b"\r\n"))
    return b"From: li@unit.example\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=B\r\n\r\n" + part * 20 + b"--B--\r\n"


# name, letter
@functools.cache
def bombs():
    made = [(name, attached(file, make())) for name, file, make in write_bombs.BOMBS]
    return made + [("MIME, 1,000 levels", deep_mime()), ("MIME, 100,000 parts", many_parts()), ("20 bombs in one letter", many_bombs())]


def large():
    """25 MB of each, a mark at the end of what can be read."""
    draw = random.Random(25)
    size = 25_000_000
    text = documents.prose(draw, 1_000_000)
    marked = docx(["关于会议的通知"] * 20, header=[MARK])
    return [("docx of 25 MB", attached("大.docx", documents.docx(draw, size, MARK))),
            ("zip of 25 MB", attached("大.zip", write_bombs.zip_of([write_bombs.deflated(f"{n}.txt", (text + str(n)).encode()) for n in range(20)] +
                                      [write_bombs.stored("通知.docx", marked)]) + bytes(10_000_000)))]


def small(number):
    return f"From: li@unit.example\r\nSubject: {number}\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n".encode() + "周三上午九点在二楼会议室开会,请带材料。\r\n".encode() * 60


class Watch:
    """Peak memory of gate and readers while it lives."""

    def __init__(self, gateway):
        self.gateway, self.gate, self.readers, self.largest, self.end = gateway, 0, 0, 0, threading.Event()
        self.thread = threading.Thread(target=self.run)

    def look(self):
        root = self.gateway.processes["milter"].pid
        gate, readers = [], []
        for pid in [root, *children(root)]:
            try:
                name = pathlib.Path(f"/proc/{pid}/comm").read_text().strip()
                (readers if name in ("hangu-extract", "hangu-reader") else gate).append(pid)
                if name == "hangu-reader":
                    status = pathlib.Path(f"/proc/{pid}/status").read_text()
                    self.largest = max(self.largest, *(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmHWM:")), 0)
            except OSError:
                continue
        self.gate, self.readers = max(self.gate, pss(gate)), max(self.readers, pss(readers))

    def run(self):
        while not self.end.wait(0.05):
            self.look()

    def __enter__(self):
        self.look()
        self.idle = self.gate
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.end.set()
        self.thread.join()


def outward(gateway, letter):
    return gateway.send(letter, "li@unit.example", ["x@outside.example"], login="li")


def send_small(gateway, pause):
    times = []
    for number in range(SMALL):
        answer = outward(gateway, small(number))
        assert answer.code == 250, answer
        times.append(answer.seconds)
        time.sleep(pause)
    return sorted(times)


def shown(times):
    return f"p50 {1000 * statistics.median(times):.0f} ms, p95 {1000 * times[int(len(times) * 0.95)]:.0f} ms"


def send_all(gateway, letters, at_once=IN_FLIGHT):
    """Gives (name, answer) in their order."""
    with concurrent.futures.ThreadPoolExecutor(at_once) as pool:
        answers = list(pool.map(lambda row: outward(gateway, row[1]), letters))
    for (name, _), answer in zip(letters, answers):
        print(f"# {name}: {answer.code} after {answer.seconds:.2f} s", flush=True)
    return [(name, answer) for (name, _), answer in zip(letters, answers)]


def late(answers):
    return [(name, answer) for name, answer in answers if answer.code not in (250, 550) or answer.seconds > DEADLINE]


def test_bombs_are_answered_recorded_and_not_delivered():
    letters = bombs()
    with PrivateGateway(egress=False) as gateway:
        outward(gateway, small(0))
        with Watch(gateway) as watch:
            answers = send_all(gateway, letters)
        gateway.settle()
        found = gateway.records()[1:]
        # Some pictures turn out to be blank to their end: then the mark beside them must have been found.
        unseen = [record for record in found if record["verdict"] != "reject" and (record["verdict"] != "hold" or record["coverage"] not in ("partial", "unreadable"))]
        print(f"# gate {(watch.gate - watch.idle) / 1e6:.0f} MB above idle, readers {watch.readers / 1e6:.0f} MB, the largest {watch.largest / 1e6:.0f} MB", flush=True)
        assert len(found) == len(letters) and not unseen, (len(found), unseen)
        assert len(gateway.delivered()) == 1, "something else than the first letter was delivered"
        assert not late(answers), late(answers)
        assert watch.gate - watch.idle <= GATE_ABOVE_IDLE_MAX and watch.readers <= READERS_MAX and watch.largest <= READER_MEMORY, vars(watch)


def test_small_letters_keep_their_latency_beside_bombs_and_25_mb():
    heavy = large() + [row for row in bombs() if row[0] in BESIDE]
    with PrivateGateway(egress=False) as gateway:
        send_small(gateway, 0)
        alone = send_small(gateway, 0.05)
        with Watch(gateway) as watch, concurrent.futures.ThreadPoolExecutor(1) as pool:
            going = pool.submit(send_all, gateway, heavy, MORE_THAN_INSPECTORS)
            beside = []
            while not going.done():
                beside += send_small(gateway, 0.05)
            answers = going.result()
        alone = sorted(alone + send_small(gateway, 0.05))      # before and after, since others use this machine, too
        beside.sort()
        print(f"# {len(alone)} small letters alone {shown(alone)}; {len(beside)} beside the others {shown(beside)}; gate {(watch.gate - watch.idle) / 1e6:.0f} MB "
              f"above idle, readers {watch.readers / 1e6:.0f} MB", flush=True)
        codes = [answer.code for name, answer in answers if name not in BESIDE]
        assert codes == [550] * len(codes), answers         # the mark at the end of 25 MB was found
        assert not late(answers), late(answers)
        assert statistics.median(beside) <= SLOWER * statistics.median(alone) + SPARE_S, (shown(alone), shown(beside))
        assert beside[int(len(beside) * 0.95)] <= SLOWER * alone[int(len(alone) * 0.95)] + SPARE_S, (shown(alone), shown(beside))


if __name__ == "__main__":
    try:
        need_root()
    except Exception as why:
        print(f"1..0 # SKIP {why}")
        sys.exit(0)
    run(globals())
