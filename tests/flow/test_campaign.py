#!/usr/bin/python3
"""What time does to passwords, with a real hangu-authd and a real Dovecot: ages, a campaign, refusals, restarts.

hangu-authd runs with a wall clock that the test moves (moved_clock.c), and is started anew for each day.
"""
import atexit
import datetime
import json
import os
import pathlib
import shutil
import signal
import subprocess

from tap import need_root, run

from authd_kit import Authd
from dovecot_kit import Dovecot
from gate_kit import wait_until

LI, WU, SUN = "li@unit.example", "wu@unit.example", "sun@unit.example"
PEOPLE = {LI: "Kx7-lampe", WU: "Hg2-teller", SUN: "Rt5.kessel"}
DAY = 86400
authd = dovecot = None


def start():
    global authd, dovecot
    authd = Authd(accounts="  grace: 0\n  work_hours: \"\"\n")
    atexit.register(lambda: authd.__exit__())
    library = authd.directory / "moved_clock.so"
    source = pathlib.Path(__file__).with_name("moved_clock.c")
    subprocess.run(["cc", "-shared", "-fPIC", "-o", str(library), str(source), "-ldl"], check=True)
    dovecot = Dovecot(PEOPLE, policy=authd.run("--dovecot").stdout)
    atexit.register(lambda: dovecot.__exit__())
    authd.write_settings(f"  grace: 0\n  work_hours: \"\"\n  dovecot_config: {dovecot.config}\n")
    authd.start("hangu-ledger", "ledger.sock")
    begin(0)
    authd.call("unit", unit="江州市水务局", domain="unit.example", role="approver", person="ju@unit.example")
    authd.call("department", unit="江州市水务局", department="办公室")
    for account in PEOPLE:
        authd.call("import", address=account, unit="江州市水务局", department="办公室", owner="张伟", purpose="公务",
                   approver="ju@unit.example", approved="2026-01-05", tier="strict" if account == LI else "base")
    dovecot.start()


def begin(day):
    """hangu-authd begins, this many days from now."""
    clock = authd.directory / "clock"
    clock.write_text(str(day * DAY))
    os.environ.update(LD_PRELOAD=str(authd.directory / "moved_clock.so"), MOVED_CLOCK=str(clock))
    authd.start()
    del os.environ["LD_PRELOAD"]


def move_to(day, how=signal.SIGTERM):
    swept = len(authd.records("password", event="swept"))
    authd.stop(how=how)
    begin(day)
    wait_until(lambda: len(authd.records("password", event="swept")) > swept, 30, f"the sweep of day {day}")


def date(day):
    return (datetime.date.today() + datetime.timedelta(days=day)).isoformat()


def hangu(*words, chinese=False):
    environment = dict(os.environ, LC_ALL="C.UTF-8", LANGUAGE="zh_CN" if chinese else "en",
                       HANGU_LOCALEDIR=str(authd.build / "locale"))
    return subprocess.run([str(authd.build / "hangu"), *words, "--config", str(authd.config)], capture_output=True,
                          text=True, env=environment, timeout=120)


def members():
    done = hangu("passwd", "campaign", "show", "年度", "--members", "--json")
    assert done.returncode == 0, done.stderr
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    return {row["account"]: row["state"] for row in rows if "account" in row}


def test_1_campaign_begins():
    assert dovecot.login(LI, PEOPLE[LI]) is None and dovecot.login(WU, PEOPLE[WU]) is None
    words = ("passwd", "campaign", "start", "年度", "--reason", "年度更换", "--from", date(1), "--until", date(40),
             "--waves", "1", "--by", "王刚")
    refused = hangu(*words, "--approver", LI)
    assert refused.returncode == 77 and "may approve" in refused.stderr, refused
    assert not authd.records("password", event="campaign")
    done = hangu(*words, "--approver", "ju@unit.example", "--json")
    assert done.returncode == 0, done.stderr
    head, part = [json.loads(line) for line in done.stdout.splitlines()]
    assert head["members"] == 3 and part["department"] == "办公室", done.stdout
    assert datetime.date.fromisoformat(part["deadline"]).weekday() < 5
    assert str(datetime.date.today().year) in head["uncovered"]       # no calendar is set
    record = authd.records("password", event="campaign", reason="started")[0]
    assert record["approver"] == "ju@unit.example" and record["count"] == 3 and "王刚" in record["actor"], record
    assert members() == {LI: "waiting", WU: "waiting", SUN: "unknown"}


def test_2_passwords_age_without_a_login():
    move_to(17)
    assert len(authd.records("password", event="expiring", account=LI, reason="age-at-least")) == 1
    assert not authd.records("password", event="expiring", account=WU)
    move_to(18, how=signal.SIGKILL)
    assert len(authd.records("password", event="expiring", account=LI)) == 1
    move_to(31)
    assert len(authd.records("password", event="expired", account=LI)) == 1
    assert "unknown 1" in authd.records("password", event="swept")[-1]["note"]


def test_3_change_is_seen():
    dovecot.set_people({**PEOPLE, WU: "Zq4-fenster"})
    wait_until(lambda: dovecot.login(WU, "Zq4-fenster") is None, 10, "the new password")
    wait_until(lambda: members()[WU] == "changed", 10, "the change")


def test_4_day_is_over():
    move_to(45)
    assert authd.records("password", event="expired", account=LI, reason="campaign")
    assert authd.records("password", event="campaign", account=WU, reason="changed")
    assert not authd.records("password", event="expired", account=WU)
    assert members() == {LI: "overdue", WU: "changed", SUN: "unknown"}
    assert "password-expired" in authd.ask(LI)["problems"] and "password-expired" not in authd.ask(WU)["problems"]
    assert dovecot.login(LI, PEOPLE[LI]) is None            # the group observes
    authd.call("enforce", group=LI, stage="enforce", skip_warn=True)
    assert "到期" in dovecot.login(LI, PEOPLE[LI])
    assert members()[LI] == "refused"
    assert dovecot.login(WU, "Zq4-fenster") is None


def test_5_people_read_how_far_it_is():
    text = hangu("passwd", "campaign", "show", "年度").stdout
    assert "[######!!!!!!!???????]" in text, text
    csv = hangu("passwd", "campaign", "show", "年度", "--csv").stdout.splitlines()
    assert len(csv) == 4 and any(f",{LI}," in line and ",refused," in line for line in csv), csv
    report = hangu("report", "passwords", chinese=True)
    assert report.returncode == 0 and "年度" in report.stdout and "进行中" in report.stdout, report
    rows = [json.loads(line) for line in hangu("report", "passwords", "--json").stdout.splitlines()]
    assert rows[-1]["campaign"] == "年度" and rows[-1]["states"]["changed"] == 1, rows[-1]
    assert "old" in next(row for row in rows if row.get("account") == LI)["problems"]


def test_6_stopped():
    done = hangu("passwd", "campaign", "stop", "年度", "--reason", "系统切换")
    assert done.returncode == 0 and "系统切换" in done.stdout, done
    assert authd.records("password", event="campaign", reason="stopped")
    assert hangu("passwd", "campaign", "stop", "年度", "--reason", "x").returncode == 65
    assert not any(word in json.dumps(authd.records()) for word in [*PEOPLE.values(), "Zq4-fenster"])


if __name__ == "__main__":
    need_root()
    if shutil.which("cc") is None:
        print("1..0 # SKIP no compiler for the clock that is moved")
    else:
        start()
        run(globals())
