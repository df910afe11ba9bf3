"""bench: CPU per letter, rate and latency of Hangu beside no milter, an accept-everything milter and rspamd, in one run;
then what each format costs behind the walls, beside pdftotext, LibreOffice and clamd.

    sudo python3 tests/bench/bench.py [--sets text,html,office,legacy,pdf,ofd,archive,scan,formats] [--letters 600] [--rounds 5] [--directory DIR]

All targets stand behind Postfixes of the same configuration on loopback; rounds are interleaved and rotated; figures are medians, ratios are
taken within a round. CPU is user and system time of all processes of the milter together. rspamd and the other programs are measured where
they are installed. Sets of documents: documents.py; of slow ones fewer letters are sent (FEWER).
"""
import argparse
import collections
import concurrent.futures
import os
import pathlib
import shutil
import statistics
import sys
import tempfile
import threading
import time

TOP = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(TOP / "contrib"), str(TOP / "tests/flow"), str(TOP / "tests/bench")]
import documents  # noqa: E402
import formats  # noqa: E402
import workload  # noqa: E402
from private_gateway import PrivateGateway, wait_until  # noqa: E402
from test_kill import children  # noqa: E402
from test_memory import pss  # noqa: E402

TICK = os.sysconf("SC_CLK_TCK")
CONNECTIONS = 8
FEWER = {"office": 2, "legacy": 2, "archive": 2, "ofd": 2, "pdf": 4, "scan": 60}      # so many times fewer letters than of text


def cpu(pids):
    """Seconds of user and system time of these processes and their ended children."""
    total = 0
    for pid in pids:
        try:
            cells = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        total += sum(map(int, cells[11:15]))
    return total / TICK


class Target(PrivateGateway):
    """One milter (or none) behind a Postfix of its own; letters are accepted and discarded."""
    name = "no milter"

    def __init__(self, directory, **options):
        super().__init__(directory=directory, egress=False, log_level="warn",
                         postfix_more="local_transport = discard\ndefault_transport = discard\nrelay_transport = discard\n", **options)

    def write_configuration(self):
        super().write_configuration()
        main = self.postfix_config / "main.cf"
        dropped = ("local_transport = smtp", "default_transport = smtp", "relay_transport = smtp")
        main.write_text("".join(line + "\n" for line in main.read_text().splitlines() if not line.startswith(dropped)))

    def milter_pids(self):
        roots = [process.pid for name, process in self.processes.items() if name != "sink"]
        return [pid for root in roots for pid in (root, *children(root))]

    def shares(self):
        """CPU by kind of process: what the kernel calls them."""
        spent = collections.Counter()
        for pid in self.milter_pids():
            try:
                name = pathlib.Path(f"/proc/{pid}/comm").read_text().strip()
                cells = [int(cell) / TICK for cell in pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:15]]
                spent[name] += cells[0] + cells[1]
                spent["hangu-reader" if name == "hangu-extract" else name] += cells[2] + cells[3]
            except OSError:
                continue
        return spent

    def master_pids(self):
        pid = int((self.directory / "queue/pid/master.pid").read_text())
        return [pid, *children(pid)]


class NoMilter(Target):
    def __init__(self, directory):
        super().__init__(directory, milter=False)


class AcceptAll(Target):
    name = "accept all"

    def start_ledger(self):
        pass

    def start_milter(self):
        self.spawn("milter", self.program("tests/bench/accept_all"), f"unix:{self.milter_socket}")
        wait_until(lambda: self.alive("milter") and self.milter_answers(), what="accept_all ready")


class Hangu(Target):
    name = "hangu"


class Rspamd(Target):
    """rspamd with its regexp module only, self-scan proxy, two processes."""
    name = "rspamd"

    def start_ledger(self):
        pass

    def start_milter(self):
        base = self.directory / "rspamd"
        base.mkdir()
        rules = "".join(f'  HANGU_{n} = {{ re = "/{w}/{{mime}}"; score = 0; }}\n'.replace("{{", "{").replace("}}", "}")
                        for n, w in enumerate(a + b for a in workload.NOUNS for b in workload.VERBS) if n < 1000)
        (base / "rspamd.conf").write_text(f"""
options {{ filters = "regexp"; dns {{ nameserver = ["127.0.0.1"]; }} cache_file = ""; pidfile = "{base}/pid"; tempdir = "{base}"; hs_cache_dir = "{base}"; }}
logging {{ type = "file"; filename = "{base}/log"; level = "error"; }}
regexp {{
{rules}  MARK = {{ re = "/机密\\\\s*★\\\\s*\\\\d+年/{{mime}}"; score = 20; }}
}}
metric {{ name = "default"; actions {{ reject = 15; add_header = 14; }} }}
worker "rspamd_proxy" {{ count = 2; bind_socket = "{self.milter_socket} mode=0666"; milter = yes; timeout = 120s; upstream "local" {{ self_scan = yes; default = yes; }} }}
""")
        if os.geteuid() == 0:
            os.chmod(base, 0o777)
        self.spawn("milter", shutil.which("rspamd"), "-f", "-i", "-c", base / "rspamd.conf")
        wait_until(lambda: self.alive("milter") and self.milter_answers(), 60, "rspamd ready")
        time.sleep(15)          # its compiler works in the background


def measure(target, made):
    """One round: every letter once over 8 sessions. Gives figures of that round."""
    queue = list(enumerate(made))
    before, postfix_before, shares = cpu(target.milter_pids()), cpu(target.master_pids()), target.shares()
    latencies, wrong = [], 0
    start = time.monotonic()

    def one(item):
        number, (letter, marked) = item
        began = time.monotonic()
        answer = target.send(letter, f"u{number}@unit.example", ["b@outside.example"], login="u")
        return time.monotonic() - began, (answer.code == 250) == (not marked or target.name in ("no milter", "accept all"))

    with concurrent.futures.ThreadPoolExecutor(CONNECTIONS) as pool:
        for seconds, good in pool.map(one, queue):
            latencies.append(seconds)
            wrong += not good
    elapsed = time.monotonic() - start
    latencies.sort()
    spent = cpu(target.milter_pids()) - before
    shares = {name: 1000 * (now - shares[name]) / len(made) for name, now in target.shares().items()}
    return dict(shares=shares, cpu=1000 * spent / len(made), postfix=1000 * (cpu(target.master_pids()) - postfix_before) / len(made), rate=len(made) / elapsed,
                p50=1000 * latencies[len(latencies) // 2], p99=1000 * latencies[int(len(latencies) * 0.99)], wrong=wrong)


class Watch:
    """Peak of the proportional set sizes while it lives: of the gate and inspectors, and of the readers with their parent."""

    def __init__(self, target):
        self.target, self.gate, self.readers, self.end = target, 0, 0, threading.Event()
        self.thread = threading.Thread(target=self.run)

    def look(self):
        pids = [self.target.processes["milter"].pid, *children(self.target.processes["milter"].pid)]
        readers = [pid for pid in pids if formats.command(pid).endswith("hangu-extract")]
        self.gate = max(self.gate, pss([pid for pid in pids if pid not in readers]))
        self.readers = max(self.readers, pss(readers))

    def run(self):
        while not self.end.wait(0.02):
            self.look()

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.end.set()
        self.thread.join()


def coverage(target, since):
    """How the attachments ended: what is not read must not look cheap."""
    counted = collections.Counter(record["coverage"]["worst"] if isinstance(record.get("coverage"), dict) else record.get("coverage", "?")
                                  for record in target.records()[since:])
    return ", ".join(f"{word} {count}" for word, count in sorted(counted.items()))


def report(kind, results):
    base, floor = results["no milter"], results.get("accept all")
    print(f"\n{kind}: medians of {len(base)} rounds")
    print(f"{'target':<12}{'msg/s':>8}{'ratio':>7}{'CPU ms/letter':>15}{'x accept-all':>14}{'CPU ratio':>11}{'p50 ms':>9}{'p99 ms':>9}{'wrong':>7}")
    for name, rounds in results.items():
        def middle(key, rows=rounds):
            return statistics.median(row[key] for row in rows)
        rate = statistics.median(row["rate"] / none["rate"] for row, none in zip(rounds, base))
        times = statistics.median(row["cpu"] / max(low["cpu"], 1e-9) for row, low in zip(rounds, floor)) if floor and name not in ("no milter",) else 0
        share = statistics.median(row["postfix"] / (row["postfix"] + row["cpu"]) for row in rounds)
        print(f"{name:<12}{middle('rate'):>8.0f}{rate:>7.2f}{middle('cpu'):>15.3f}{times:>14.2f}{share:>11.2f}{middle('p50'):>9.1f}{middle('p99'):>9.1f}"
              f"{sum(row['wrong'] for row in rounds):>7}")
    if "hangu" in results:
        rounds = results["hangu"]
        parts = {name: statistics.median(row["shares"].get(name, 0) for row in rounds) for name in rounds[0]["shares"]}
        print("hangu, CPU ms/letter: " + ", ".join(f"{name} {value:.3f}" for name, value in sorted(parts.items()) if value >= 0.0005))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sets", default="text,html,office,legacy,pdf,ofd,archive,scan,formats")
    parser.add_argument("--letters", type=int, default=600)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--directory", default="/dev/shm" if os.access("/dev/shm", os.W_OK) else None)
    options = parser.parse_args()
    kinds = [NoMilter, AcceptAll, Hangu] + ([Rspamd] if shutil.which("rspamd") else [])
    base = pathlib.Path(tempfile.mkdtemp(prefix="hangu-bench-", dir=options.directory))
    base.chmod(0o755)
    targets = []
    try:
        for number, kind in enumerate(kinds):
            targets.append(kind(base / str(number)))
            try:
                targets[-1].start()
            except TimeoutError as late:
                if kind is not Rspamd:
                    raise
                print(f"{late}: left out", flush=True)
                targets.pop().stop()
        for kind in options.sets.split(","):
            if kind == "formats":
                formats.report()
                continue
            count = max(options.letters // FEWER.get(kind, 1), 8)
            made = workload.letters(kind, count) if kind in ("text", "html") else documents.letters(kind, count)
            if not made:
                print(f"\n{kind}: nothing here can write such documents")
                continue
            for target in targets:
                measure(target, made[:min(50, count // 2)])          # warm
            results = {target.name: [] for target in targets}
            for turn in range(options.rounds):
                for target in targets[turn % len(targets):] + targets[:turn % len(targets)]:
                    results[target.name].append(measure(target, made))
            report(kind, results)
            if kind not in ("text", "html"):
                hangu = next(target for target in targets if target.name == "hangu")
                since = len(hangu.records())
                with Watch(hangu) as watch:
                    measure(hangu, made)
                print(f"hangu, one more round: peak memory {watch.gate / 1e6:.0f} MB of gate and inspectors, {watch.readers / 1e6:.0f} MB of readers (PSS); "
                      f"letters of {statistics.median(len(letter) for letter, _ in made) / 1000:.0f} kB; coverage: {coverage(hangu, since)}")
    finally:
        for target in targets:
            target.stop()
        shutil.rmtree(base, ignore_errors=True)


if __name__ == "__main__":
    os.environ.setdefault("top_builddir", str(TOP / "build/release"))
    main()
