"""accuracy: recall and false alarms of the corpus, by carrier, charset and disguise, for each group of letters.

    python3 tests/corpus/accuracy.py [--smtp] [--write FILE] [--show N] [--floor] [--group N]

`hangu check` judges every letter; with --smtp each is also sent through a private Postfix (needs root) and both
verdicts must agree. --write puts the tables into FILE (doc/accuracy.md). --floor prints TAP and fails below the
figures that the project promises; a group's first run, when nobody had seen it, stands beside today's. A marked letter counts as
found if it is stopped and its level is right; one that is only to be told (kind sensitive), if its level is right.
"""
import argparse
import collections
import concurrent.futures
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time
import zlib

TOP = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(TOP / "contrib"))
sys.path.insert(0, str(TOP / "tests/corpus"))
import corpus  # noqa: E402
from private_gateway import PrivateGateway  # noqa: E402

from corpus import RECIPIENT, SENDER  # noqa: E402

# What is promised: recall of plain marks in any readable carrier and charset, of disguised ones, and no false stop.
FLOOR_PLAIN, FLOOR_DISGUISED, FLOOR_FALSE = 0.99, 0.95, 0.005
GROUPS = {1: "written with the rules", 2: "written after a first freeze of the rules, seen since", 3: "written after a second freeze",
          4: "written after a third freeze, unseen", 5: "written before its packs: telegrams, credentials, personal data, drafts, cloud drives",
          6: "written after those packs were frozen"}
# What the rules of the day said when they saw a group for the first time: (plain, disguised, clean passed).
FIRST_RUN = {2: ("1103/1103", "537/543", "1976/2013"), 3: ("1805/1920", "938/984", "2633/2633"), 4: ("2091/2286", "1042/1119", "3386/3387"),
             5: ("1315/1361", "157/176", "1327/1366"), 6: ("368/369", "25/27", "580/580")}
AT_ONCE, SESSION = 2000, 50      # letters that one `hangu check` judges, one SMTP session sends
# Refused letters are what is sent here, and what is accepted need not go any further.
POSTFIX = "smtpd_soft_error_limit = 1000\nsmtpd_hard_error_limit = 1000\n"
PROMISED = (1, 2, 3, 5, 6)   # groups that the floor holds for


def check(program, directory, rows, config):
    """`hangu check` over all files in batches of one sender and recipient; the verdict object of each file."""
    found = {}
    batches = collections.defaultdict(list)
    for row in rows:
        batches[row["sender"], row["recipient"]].append(row["file"])
    for (sender, recipient), names in batches.items():
        for start in range(0, len(names), AT_ONCE):
            files = [str(directory / name) for name in names[start:start + AT_ONCE]]
            done = subprocess.run([str(program), "check", "--json", "--config", str(config), "--from", sender, "--rcpt", recipient, "--auth-user", sender.split("@")[0],
                                   "--now", "2026-11-02T09:00:00+08:00", *files], capture_output=True, text=True, check=False)
            answers = [json.loads(line) for line in done.stdout.splitlines()]
            found.update((pathlib.Path(answer["file"]).name, answer) for answer in answers)
            if len(answers) < len(files):
                sys.exit(f"hangu check ended early: {done.stderr[-1000:]}")
    return found


def through_smtp(gateway, directory, rows):
    """Sends every letter with a sender of its own, many in a session; gives the recorded verdict by file."""
    def send(first):
        smtp = gateway.connect(login="sender")
        numbers = range(first, min(first + SESSION, len(rows)))
        try:
            return [gateway.send_in(smtp, (directory / rows[number]["file"]).read_bytes(), f"c{number}@unit.example", [RECIPIENT]) for number in numbers]
        finally:
            smtp.close()

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        answers = [answer for session in pool.map(send, range(0, len(rows), SESSION)) for answer in session]
    recorded = {record["sender"]: record for record in gateway.records() if record["listener"] == "submission"}
    result = {}
    for number, row in enumerate(rows):
        record = recorded.get(f"c{number}@unit.example")
        code = {"accept": "2", "hold": "2", "reject": "5", "tempfail": "4"}.get(record["verdict"] if record else "", "?")
        fits = str(answers[number].code).startswith(code)
        result[row["file"]] = (record["verdict"], record["level"]) if record and fits else ("unrecorded", repr(answers[number]))
    return result


def part(rows, one_in):
    """One letter in so many, spread over carriers, charsets and disguises, the same ones each time; all of a small set."""
    small = {key for key, count in collections.Counter((row["group"], row["disguise"] != "none") for row in rows).items() if count < 100 * one_in}
    return [row for row in rows if zlib.crc32(row["file"].encode()) % one_in == 0 or (row["group"], row["disguise"] != "none") in small]


def right(row, answer):
    stopped = answer["verdict"] in ("hold", "reject")
    if row["kind"] == "none":
        return answer["verdict"] == "accept"
    if row["kind"] == "sensitive":
        return answer["level"] == row["level"]
    return stopped and answer["level"] == row["level"]


def exact(row, answer):
    return row["verdict"] == "stop" and answer["verdict"] in ("hold", "reject") or row["verdict"] == answer["verdict"]


def share(rows, answers, test=right):
    good = sum(test(row, answers[row["file"]]) for row in rows)
    return f"{good}/{len(rows)}", good / len(rows) if rows else 1.0


def table(title, rows, answers, key):
    """One line per value of `key`: found of the marked letters, false stops of the clean ones, per group."""
    lines = [f"| {title} | " + " | ".join(f"group {group} found | group {group} false" for group in GROUPS) + " |", "|---|" + "---|---|" * len(GROUPS)]
    for value in dict.fromkeys(row[key] for row in rows):
        cells = []
        for group in GROUPS:
            chosen = [row for row in rows if row[key] == value and row["group"] == group]
            marked = [row for row in chosen if row["kind"] != "none"]
            clean = [row for row in chosen if row["kind"] == "none"]
            false = sum(not right(row, answers[row["file"]]) for row in clean)
            cells += [f"{share(marked, answers)[0]} ({share(marked, answers)[1]:.1%})" if marked else "-", f"{false}/{len(clean)}" if clean else "-"]
        lines.append(f"| {value} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def summary(rows, answers):
    figures, lines = {}, ["| | " + " | ".join(f"group {group}" for group in GROUPS) + " |", "|---|" + "---|" * len(GROUPS)]
    kinds = {
        "plain marks found": lambda row: row["kind"] != "none" and row["disguise"] == "none",
        "disguised marks found": lambda row: row["kind"] != "none" and row["disguise"] != "none",
        "clean letters passed": lambda row: row["kind"] == "none",
    }
    for name, wanted in kinds.items():
        cells = []
        for group in GROUPS:
            chosen = [row for row in rows if wanted(row) and row["group"] == group]
            count, figures[name, group] = share(chosen, answers)
            cells.append(f"{count} ({figures[name, group]:.2%})" if chosen else "-")
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    cells = []
    for group in GROUPS:
        chosen = [row for row in rows if row["group"] == group]
        cells.append(share(chosen, answers, exact)[0] if chosen else "-")
    lines.append("| verdict exactly as labelled | " + " | ".join(cells) + " |")
    refused = collections.Counter(row["group"] for row in rows if row["kind"] == "none" and answers[row["file"]]["verdict"] == "reject")
    told = collections.Counter(row["group"] for row in rows if row["kind"] == "none" and answers[row["file"]]["class"] == "sensitive")
    lines.append("| clean letters told as sensitive | " + " | ".join(str(told[group]) for group in GROUPS) + " |")
    lines.append("| clean letters refused (5xx) | " + " | ".join(str(refused[group]) for group in GROUPS) + " |")
    figures["refused"] = sum(refused[group] for group in PROMISED)
    return "\n".join(lines), figures


def first_runs():
    """The figures that count: letters that the rules had never met."""
    lines = ["First run of each group, before anybody had seen what it shows:", "", "| | plain | disguised | clean passed |", "|---|---|---|---|"]
    for group, figures in FIRST_RUN.items():
        shares = [f"{one} ({int(one.split('/')[0]) / int(one.split('/')[1]):.2%})" for one in figures]
        lines.append(f"| group {group} | " + " | ".join(shares) + " |")
    return "\n".join(lines)


def show_wrong(rows, answers, limit):
    wrong = [row for row in rows if not right(row, answers[row["file"]])]
    seen = collections.Counter()
    for row in wrong:
        seen[row["letter"]] += 1
        if seen[row["letter"]] <= 3 and limit > 0:
            limit -= 1
            answer = answers[row["file"]]
            print(f"# {row['file']}: {row['carrier']}, {row['charset']}, {row['disguise']}: wanted {row['verdict']}/{row['level']}, "
                  f"got {answer['verdict']}/{answer['level']}", file=sys.stderr)


def tap(figures, agree):
    tests = [(f"plain marks, group {group}: {figures['plain marks found', group]:.2%}", figures["plain marks found", group] >= FLOOR_PLAIN) for group in PROMISED]
    tests += [(f"disguised marks, group {group}: {figures['disguised marks found', group]:.2%}", figures["disguised marks found", group] >= FLOOR_DISGUISED)
              for group in PROMISED]
    tests += [(f"clean letters, group {group}: {figures['clean letters passed', group]:.2%} pass", figures["clean letters passed", group] >= 1 - FLOOR_FALSE)
              for group in PROMISED]
    tests.append(("no clean letter is refused", figures["refused"] == 0))
    if agree is not None:
        tests.append((f"check and SMTP agree on all but {agree} letters", agree == 0))
    print(f"1..{len(tests)}")
    for number, (name, good) in enumerate(tests, 1):
        print(f"{'ok' if good else 'not ok'} {number} - {name}")
    return all(good for _, good in tests)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--smtp", action="store_true")
    parser.add_argument("--write")
    parser.add_argument("--show", type=int, default=20)
    parser.add_argument("--floor", action="store_true")
    parser.add_argument("--group", type=int, help="only the letters of one group")
    options = parser.parse_args()
    clock = [time.monotonic()]
    with tempfile.TemporaryDirectory(prefix="hangu-corpus-") as name:
        directory = pathlib.Path(name)
        rows = part(corpus.write(directory, options.group), int(os.environ.get("HANGU_CORPUS_PART", "1")))
        clock.append(time.monotonic())
        gateway = PrivateGateway(egress=False, milter_more="  inspectors: 4\n", postfix_more=POSTFIX)
        gateway.values["default_transport"] = "discard:"
        agree = None
        try:
            gateway.make_directories()
            gateway.write_configuration()
            answers = check(gateway.program("hangu"), directory, rows, gateway.config)
            clock.append(time.monotonic())
            if options.smtp:
                gateway.start()
                sent = [row for row in rows if row["sender"] == SENDER]     # SMTP tells letters apart by senders of its own
                recorded = through_smtp(gateway, directory, sent)
                differ = [row["file"] for row in sent
                          if recorded[row["file"]] != (answers[row["file"]]["verdict"], answers[row["file"]]["level"])]
                agree = len(differ)
                clock.append(time.monotonic())
                for one in differ[:options.show]:
                    print(f"# {one}: check {answers[one]['verdict']}/{answers[one]['level']}, SMTP {recorded[one]}", file=sys.stderr)
        finally:
            gateway.stop()
    overview, figures = summary(rows, answers)
    made = "; ".join(f"{len({row['letter'] for row in rows if row['group'] == group})} of group {group} ({how})" for group, how in GROUPS.items())
    text = "\n\n".join([
        "# Accuracy", f"{len(rows)} letters made from base letters: {made}. Found: stopped, with the "
        "right level. False: a clean letter that is not accepted. Outbound, policy as shipped. Printed by `make accuracy`.",
        overview, first_runs(), table("carrier", rows, answers, "carrier"), table("charset", rows, answers, "charset"), table("disguise", rows, answers, "disguise"),
        f"`hangu check` and SMTP disagree on {agree} letters." if agree is not None else "SMTP was not asked (run as root with --smtp)."]) + "\n"
    if options.write:
        pathlib.Path(options.write).write_text(text, encoding="utf-8")
    show_wrong(rows, answers, options.show)
    if options.floor:
        print("# seconds to write, to check" + (", to send: " if options.smtp else ": ") + ", ".join(f"{end - start:.0f}" for start, end in zip(clock, clock[1:])))
        return 0 if tap(figures, agree) else 1
    print(text)
    return 0


if __name__ == "__main__":
    os.environ.setdefault("top_builddir", str(TOP / "build/release"))
    sys.exit(main())
