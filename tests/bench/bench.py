"""bench: CPU per letter, rate and latency of Hangu beside no milter, an accept-everything milter and rspamd, in one run.

    sudo python3 tests/bench/bench.py [--sets text,html] [--letters 600] [--rounds 5] [--directory DIR]

All targets stand behind Postfixes of the same configuration on loopback; rounds are interleaved and rotated; figures are medians, ratios are
taken within a round. CPU is user and system time of all processes of the milter together. rspamd is measured where it is installed.
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
import time

TOP = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(TOP / "contrib"), str(TOP / "tests/flow"), str(TOP / "tests/bench")]
import workload  # noqa: E402
from private_gateway import PrivateGateway, wait_until  # noqa: E402
from test_kill import children  # noqa: E402

TICK = os.sysconf("SC_CLK_TCK")
CONNECTIONS = 8


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
                spent[pathlib.Path(f"/proc/{pid}/comm").read_text().strip()] += cpu([pid])
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
    parser.add_argument("--sets", default="text,html")
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
            targets[-1].start()
        for kind in options.sets.split(","):
            made = workload.letters(kind, options.letters)
            for target in targets:
                measure(target, made[:50])          # warm
            results = {target.name: [] for target in targets}
            for turn in range(options.rounds):
                for target in targets[turn % len(targets):] + targets[:turn % len(targets)]:
                    results[target.name].append(measure(target, made))
            report(kind, results)
    finally:
        for target in targets:
            target.stop()
        shutil.rmtree(base, ignore_errors=True)


if __name__ == "__main__":
    os.environ.setdefault("top_builddir", str(TOP / "build/release"))
    main()
