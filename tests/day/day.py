#!/usr/bin/python3
"""A working day of a unit, simulated through the real programs, once for each stage: how many letters, notices and alerts each person
gets.

    make day                            800 mailboxes, about four minutes; the tables go into doc/day.md
    tests/day/day.py --people 40        smaller, to the terminal

The clock of hangu-milter, hangu-authd and hangu-ledger is set by the simulation (shift_clock.c). Dovecot's questions are asked by HTTP as
Dovecot asks them, Postfix's part of the milter protocol is played by tests/flow/mta.py, and notices come back through the gate. Ends with
status 1 if somebody got more than he should.
"""
import argparse
import collections
import concurrent.futures
import datetime
import json
import os
import pathlib
import re
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
sys.path.insert(0, str(HERE.parent / "flow"))
import tap                                                              # noqa: E402,F401 (sets $top_builddir)
from house import House, UNIT, wait_until                               # noqa: E402
from town import DEPARTMENTS, Day, Letter, Login                        # noqa: E402

STAGES = ("observe", "warn", "enforce")
ZONE = datetime.timezone(datetime.timedelta(hours=8))
MIDNIGHT = datetime.datetime(2027, 3, 16, tzinfo=ZONE).timestamp()      # a Tuesday
DUTY, LEADER = "duty@unit.example", "leader@unit.example"
MOST_PERSON, MOST_OFFICER = 3, 20
OFFICERS = ("handler", "unit's officer")
SUBJECTS = {"您的邮件没有发出去：": "stopped", "您的邮件没有发出去": "refused", "请尽快处理": "warned", "您的邮件正在等待审核": "held", "您邮箱的自动转发被拦下": "forward",
            "您的邮箱密码将要到期": "password ends", "您的邮箱密码太简单": "password weak", "您的邮箱因输错密码被锁定": "locked",
            "有账号发信被拒绝": "officer: refused", "有账号存在问题": "officer: warned", "自动转发已被拦下": "officer: forward",
            "邮件网关有": "several things"}


class Simulation:
    def __init__(self, house, day, step=1):
        self.house, self.day, self.step = house, day, step
        self.by_address = {one.address: one for one in day.people}
        self.departments = sorted({one.department for one in day.people})

    # --- before --------------------------------------------------------------------------------
    def register(self):
        call = self.house.register.call
        call("unit", unit=UNIT, domain="unit.example", role="leader", person=LEADER)
        call("unit", unit=UNIT, role="handler", person=DUTY)
        for one in self.day.people:
            if one.duty:
                call("department", unit=UNIT, department=one.place(), role=one.duty, person=one.address)
        for one in self.day.people:
            if not one.registered:
                continue
            call("import", address=one.address, kind=one.kind, unit=UNIT, department=one.place(), owner=one.name, purpose="公务",
                 approver=LEADER, approved="2026-01-05", tier="base")
            if one.suspended:
                call("suspend", account=one.address, reason="借调")
        for address, network in (("printer3@unit.example", ""), ("oa@unit.example", "10.1.9.20/32")):
            call("import", address=address, kind="service", unit=UNIT, department=DEPARTMENTS[0], owner="信息中心", keeper="信息中心",
                 purpose="设备", approver=LEADER, approved="2026-01-05", **({"networks": [network]} if network else {}))

    def past(self):
        """First logins long ago, and the passwords that were then. A good password is tried against the whole list, which takes a second
        of a processor each: what is not tried by then stays unknown, as on any first day."""
        weak = {one.address for one in self.day.people if one.role == "weak password"} | {self.day.taken.address}
        everybody = [*self.day.people, self.day.printer]
        everybody.sort(key=lambda one: one.address not in weak)
        for days in sorted({one.first_seen for one in everybody}, reverse=True):
            self.house.clock.set(MIDNIGHT - days * 86400 + 10 * 3600)
            for one in everybody:
                if one.first_seen == days and (one.address in weak or days > 20):
                    assert self.house.login(one.address, one.old_password or one.password, True, one.ip)
            if days > 20:                               # what waits to be tried is forgotten
                self.house.stop("hangu-authd")
                self.house.start_authd()
        wait_until(lambda: sum(row["verdict"] == "weak" for row in self.house.register.call("passwords")) >= len(weak), 300,
                   "weak passwords to be found")
        for one in everybody:
            if one.first_seen == 20 and one.address not in weak:
                assert self.house.login(one.address, one.old_password or one.password, True, one.ip)
        self.house.clock.set(MIDNIGHT - 86400 + 10 * 3600)
        for one in everybody:
            if one.old_password:
                assert self.house.login(one.address, one.password, True, one.ip)

    # --- a stage -------------------------------------------------------------------------------
    def run(self, stage):
        house = self.house
        self.stage = stage
        self.seen, self.sent, self.refused = collections.Counter(), collections.Counter(), collections.Counter()
        self.counts = collections.Counter()
        self.changed = set()
        house.write_settings(mode="observe" if stage == "observe" else "enforce")
        house.start_ledger()
        house.start_authd()
        for word in STAGES[1:STAGES.index(stage) + 1]:
            house.register.call("enforce", group="all", stage=word)
        house.start()
        self.first_record = len(self.records())
        slots = collections.OrderedDict()
        for event in self.day.events:
            slots.setdefault(event.minute // self.step * self.step, []).append(event)
        with concurrent.futures.ThreadPoolExecutor(3) as pool:
            for minute, events in slots.items():
                self.wait_for_notices()
                house.clock.set(MIDNIGHT + minute * 60)
                for _ in pool.map(self.play, self.by_person(events)):
                    pass
        for hour in (22, 23, 24):
            self.wait_for_notices()
            house.clock.set(max(house.clock.now(), MIDNIGHT + hour * 3600 - 60))
        self.wait_for_notices()
        self.notice_state = house.status()["notices"]
        house.stop("hangu-milter")
        house.stop("hangu-authd")                       # tells the ledger what it counted
        house.stop("hangu-ledger")
        self.all_records = self.records()[self.first_record:]

    @staticmethod
    def by_person(events):
        """What one person does, one after the other; different people at once."""
        groups = collections.OrderedDict()
        for number, event in enumerate(events):
            attack = isinstance(event, Login) and not event.right and not event.ip.startswith(("10.", "100."))
            key = event.ip if attack else id(event.who) if event.who else number
            groups.setdefault(key, []).append(event)
        return list(groups.values())

    def wait_for_notices(self):
        """Until the gate sends nothing: a clock that is set would end its connection."""
        wait_until(lambda: not self.house.status()["notices"]["sending"], 60, "notices to be sent")

    def records(self):
        found = []
        for path in sorted((self.house.directory / "state/ledger").glob("*.log")):
            found += [json.loads(line) for line in path.read_text().splitlines()]
        return found

    def play(self, events):
        for event in events:
            if isinstance(event, Login):
                self.play_login(event)
            else:
                self.play_letter(event)

    def login(self, one, password, right, ip, protocol="imap", tls=True):
        """With the password that is his now; refused for it, he changes it later."""
        mine = password is None or password == one.password
        if one in self.changed and mine:
            password = one.password + "-2027"
        inside = self.house.login(one.address, password or one.password, right, ip, protocol, tls=tls)
        self.counts["logins" if inside else "logins refused" if right else "wrong passwords"] += 1
        if right and not inside and ip == one.ip and (self.house.clock.now() - MIDNIGHT) / 60 >= one.changes_at:
            self.changed.add(one)                       # he has read what to do, and did it
        return inside

    def play_login(self, event):
        right = event.right and not (event.who is self.day.taken and event.who in self.changed and event.password)
        self.login(event.who, event.password, right, event.ip, event.protocol)

    def play_letter(self, letter):
        one, tls = letter.who, letter.role != "no-tls"
        user, listener, ip = None, "mx", letter.ip
        if one is not None:
            ip = letter.ip or one.ip
            if not self.login(one, None, True, ip, "smtp", tls):
                self.refused[one.address] += 1
                self.counts["submissions refused at login"] += 1
                return
            user, listener = one.address, "submission"
        elif letter.role == "device":
            listener = "submission"
        headers, body = self.text(letter)
        answer = self.house.letter(letter.sender, letter.recipients, headers, body, ip, listener, user, tls=tls)
        self.counts["letters"] += 1
        self.counts[f"letters {answer.word}"] += 1
        if one is not None:
            (self.sent if answer.word == "accept" else self.refused)[one.address] += 1
        if answer.word == "accept":
            self.deliver(letter, headers, body, outside=one is not None)

    def text(self, letter):
        number = self.counts["made"] = self.counts["made"] + 1
        letter.identifier = f"{letter.minute}.{number}@mail.example"
        headers = [("From", f"<{letter.sender}>"), ("To", ", ".join(f"<{to}>" for to in letter.recipients[:5])), ("Subject", "Tuesday"),
                   ("Message-ID", f"<{letter.identifier}>"), ("Date", "Tue, 16 Mar 2027 09:00:00 +0800"), ("MIME-Version", "1.0"),
                   *letter.headers]
        text = letter.text.replace("\n", "\r\n").encode()
        kind = f"text/{'html' if letter.kind == 'html' else 'plain'}; charset=utf-8"
        if letter.attachment is None:
            return [*headers, ("Content-Type", kind)], text
        return [*headers, ("Content-Type", "multipart/mixed; boundary=B")], (
            f"--B\r\nContent-Type: {kind}\r\n\r\n".encode() + text + b"\r\n--B\r\nContent-Type: application/vnd.openxmlformats-officedocument."
            b"wordprocessingml.document\r\nContent-Disposition: attachment; filename=\"paper.docx\"\r\nContent-Transfer-Encoding: base64"
            b"\r\n\r\n" + encoded(letter.attachment) + b"\r\n--B--\r\n")

    def deliver(self, letter, headers, body, outside):
        away = [to for to in letter.recipients if not to.endswith("@unit.example")]
        if outside and away:                            # the second smtpd, on the way out
            answer = self.house.letter(letter.sender, away, headers, body, "127.0.0.1", "egress")
            self.counts[f"egress {answer.word}"] += 1
        for to in letter.recipients:
            self.seen[to] += to.endswith("@unit.example")
            one = self.by_address.get(to)
            if one is not None and one.forward is not None:
                self.forward(one, letter, headers, body)

    def forward(self, one, letter, headers, body):
        how, to = one.forward
        more = [("X-Sieve-Redirected-From", one.address)] if how == "sieve" else [("Delivered-To", one.address)]
        answer = self.house.letter(letter.sender, [to], [("Received", "from mail.unit.example"), *more, *headers], body, "127.0.0.1", "egress")
        self.counts[f"forwards {answer.word}"] += 1

    # --- afterwards ----------------------------------------------------------------------------
    def alerts(self):
        """Officer to [(what, account, hour)]: of his department, the unit's officer of all."""
        handlers = {one.place(): one.address for one in self.day.people if one.duty == "handler"}
        found = collections.defaultdict(list)
        for record in self.all_records:
            what = self.alert_of(record)
            if what is None:
                continue
            account = record.get("account") or record.get("sender") or "-"
            who = self.by_address.get(account) or next((self.by_address[to] for to in record.get("recipients", []) if to in self.by_address),
                                                       None)
            line = (what, account if what != "login locked wrong-network" else record.get("note"), record["time"][:13])
            found[DUTY].append(line)
            if who is not None and who.place() in handlers:
                found[handlers[who.place()]].append(line)
        return found

    @staticmethod
    def alert_of(record):
        if record.get("alert"):
            return " ".join(word for word in (record["kind"], record["event"], record.get("reason")) if word)
        if "alert" in record.get("actions", []):
            return f"letter {record.get('policy') or record.get('observed_policy')}"
        return None

    def notices(self):
        found = collections.defaultdict(list)
        for recipient, when, subject, text in self.house.server.taken:
            kind = next(word for begin, word in SUBJECTS.items() if subject.startswith(begin))
            officer = "\n账号：" in text
            found[recipient].append((kind, officer, when, text))
        return found


def encoded(data):
    import base64
    return base64.encodebytes(data).replace(b"\n", b"\r\n")


# --- tables ------------------------------------------------------------------------------------------------------------


def spread(numbers):
    """median / 90th / most"""
    numbers = sorted(numbers) or [0]
    return f"{numbers[len(numbers) // 2]} / {numbers[min(len(numbers) - 1, len(numbers) * 9 // 10)]} / {numbers[-1]}"


def cases(alerts):
    """What an officer has to look after: one account, one kind, one day."""
    return {line[:2] for line in alerts}


class Result:
    """Of one stage, as tables and as faults."""

    def __init__(self, simulation):
        self.stage, self.counts = simulation.stage, dict(simulation.counts)
        self.state = simulation.notice_state
        notices, alerts = simulation.notices(), simulation.alerts()
        self.people, self.taken = simulation.day.people, simulation.day.taken
        self.told = {recipient: [one[:2] for one in list_] for recipient, list_ in notices.items()}
        self.sent, self.refused = simulation.sent, simulation.refused
        self.rows, self.kinds, self.alert_kinds = [], collections.Counter(), collections.Counter()
        self.faults = []
        roles = collections.OrderedDict()
        for one in sorted(simulation.day.people, key=lambda one: one.role):
            roles.setdefault(one.role, []).append(one)
        for role in ["clerk", *[role for role in roles if role not in ("clerk", "handler", "reviewer", "administrator")], "reviewer",
                     "administrator", "handler"]:
            people = roles.get(role, [])
            if people:
                self.rows.append(self.row(role, [one.address for one in people], simulation, notices, alerts))
        self.rows.append(self.row("unit's officer", [DUTY], simulation, notices, alerts))
        for recipient, list_ in notices.items():
            for officer, most in ((False, MOST_PERSON), (True, MOST_OFFICER)):
                count = sum(1 for one in list_ if one[1] == officer)
                if count > most:
                    self.faults.append(f"{recipient} got {count} notices{' as an officer' if officer else ''}")
            self.kinds.update(one[0] for one in list_)
        for line in alerts[DUTY]:
            self.alert_kinds[line[0]] += 1
        self.folded = collections.Counter(line[0] for line in set(alerts[DUTY]))
        self.cases = collections.Counter(what for what, _ in cases(alerts[DUTY]))
        if simulation.house.server.refused:
            self.faults.append(f"the gate refused {len(simulation.house.server.refused)} of its own notices")
        if self.state["lost"] or self.state["failed"]:
            self.faults.append(f"notices: {self.state} {simulation.house.server.troubles[:3]}")

    def row(self, role, addresses, simulation, notices, alerts):
        mine = [[one for one in notices.get(address, [])] for address in addresses]
        return (role, len(addresses), spread(simulation.seen[address] for address in addresses),
                spread(simulation.sent[address] for address in addresses), spread(simulation.refused[address] for address in addresses),
                spread(sum(1 for one in list_ if not one[1]) for list_ in mine),
                spread(sum(1 for one in list_ if one[1]) for list_ in mine),
                spread(len(cases(alerts[address])) for address in addresses) if role in OFFICERS else "–")

    def table(self):
        head = ("", "people", "letters in", "letters out", "not taken", "notices", "officer's notices", "alerts")
        lines = ["| " + " | ".join(head) + " |", "|---|" + "--:|" * (len(head) - 1)]
        return "\n".join(lines + ["| " + " | ".join(map(str, row)) + " |" for row in self.rows])


def kinds_table(results, which, folded=False):
    names = sorted({name for result in results for name in getattr(result, which)})
    lines = ["| | " + " | ".join(result.stage for result in results) + " |", "|---|" + "--:|" * len(results)]
    for name in names:
        cells = []
        for result in results:
            raw = getattr(result, which)[name]
            cells.append(f"{raw} / {result.folded[name]} / {result.cases[name]}" if folded else str(raw))
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def document(results, people, seconds):
    out = [f"# A day of {people} mailboxes", "",
           f"Written by `make day`: {people} invented people in {len(DEPARTMENTS)} departments on one Tuesday, through the real programs with a "
           "clock that the simulation sets, once for each stage of `hangu account enforce` (in `observe` the gate's `mode` is `observe`, too). "
           "Among them weak, old and ending passwords, accounts not registered or suspended, telephones that try an old password every five "
           "minutes, automatic forwards, marked and doubtful letters, newsletters, a printer without TLS, an administrator's account that sends, "
           "one address that tries one password on three of eight accounts by night, sixty addresses that try one account by day, and one weak "
           "password that was guessed and floods. Each triple is median / nine of ten / most for one person; an officer's notices are letters "
           "that tell of several accounts each, and alerts are counted once for each account and kind.", "",
           f"Nobody may get more than {MOST_PERSON} notices, no officer more than {MOST_OFFICER}: `make day` fails otherwise.", ""]
    for result in results:
        out += [f"## Stage {result.stage}", "", result.table(), ""]
        shown = ", ".join(f"{name} {count}" for name, count in sorted(result.counts.items()) if name != "made")
        out += [f"What happened: {shown}. Notices: {result.state['sent']} letters sent, {result.state['suppressed']} things only counted, "
                f"{result.state['waiting']} waiting at midnight.", ""]
    out += ["## Notices by kind", "", kinds_table(results, "kinds"), "",
            "## Alerts by kind", "",
            "Lines of the audit log with an alert / the same account's of one hour counted once / of the day counted once, as the column above "
            "does: what somebody has to look after.", "",
            kinds_table(results, "alert_kinds", folded=True), "",
            f"Took {seconds:.0f} s on {os.cpu_count()} cores at a load of {os.getloadavg()[2]:.0f}.", ""]
    return "\n".join(out)


def simulate(count, seed=1, stages=STAGES, step=1, after=None):
    """Results of the stages, the clock set every `step` minutes; `after`: called with house and simulation while the last stage's state is there."""
    day = Day(count, seed)
    with_house = House(DUTY)
    try:
        simulation = Simulation(with_house, day, step)
        with_house.clock.set(MIDNIGHT - 150 * 86400)
        with_house.start_ledger()
        with_house.start_authd()
        simulation.register()
        simulation.past()
        with_house.stop("hangu-authd")
        with_house.stop("hangu-ledger")
        with_house.save()
        results = []
        for stage in stages:
            with_house.restore()
            with_house.clock.set_back(MIDNIGHT - 60)
            started = time.monotonic()
            simulation.run(stage)
            results.append(Result(simulation))
            print(f"{stage}: {time.monotonic() - started:.0f} s", file=sys.stderr, flush=True)
        if after is not None:
            after(with_house, simulation)
        return results
    finally:
        with_house.__exit__(None, None, None)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--people", type=int, default=800)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--write", type=pathlib.Path)
    options = parser.parse_args()
    started = time.monotonic()
    results = simulate(options.people, options.seed)
    text = document(results, options.people, time.monotonic() - started)
    if options.write:
        options.write.write_text(text)
    else:
        print(text)
    faults = [f"{result.stage}: {fault}" for result in results for fault in result.faults]
    for fault in faults:
        print(fault, file=sys.stderr)
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
