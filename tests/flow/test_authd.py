#!/usr/bin/python3
"""hangu-authd with a real Dovecot: locks, owner and attacker, weak and old passwords, sudden death, rude clients.

One hangu-authd and one Dovecot for all; each test has people of its own.
"""
import atexit
import hashlib
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time

from tap import need_root, run

from authd_kit import Authd
from dovecot_kit import Dovecot
from gate_kit import wait_until

HOME, ATTACKER, HOTEL = "192.0.2.7", "198.51.100.9", "203.0.113.5"
PEOPLE = {f"{name}@unit.example": password for name, password in {
    "li": "Kx7-lampe", "zhao": "Rt5.kessel", "qian": "Uv3,brille", "sun": "sun2024!", "zhou": "Pw9-tasse",
    "wu": "Hg2-teller", "zheng": "Nm6-gabel", "feng": "Bv8-messer", "chen": "Lk4-loeffel", "shen": "Jh1-becher",
    "he": "Tz6-kerze",
}.items()}
GIVEN_AWAY = set(PEOPLE.values())
authd = dovecot = None


def address(name):
    return f"{name}@unit.example"


def start():
    global authd, dovecot
    authd = Authd(words=["--slow", "2"])
    atexit.register(lambda: authd.__exit__())
    dovecot = Dovecot(PEOPLE, policy=authd.run("--dovecot").stdout)
    atexit.register(lambda: dovecot.__exit__())
    authd.write_settings(f"  grace: 0\n  dovecot_config: {dovecot.config}\n  work_hours: \"\"\n")
    authd.__enter__()
    authd.call("unit", unit="示例局", domain="unit.example", role="approver", person="ju@unit.example")
    for account in PEOPLE:
        authd.call("import", address=account, unit="示例局", owner=account.partition("@")[0], purpose="公务",
                   approver="ju@unit.example", approved="2026-01-05", tier="high" if "zhou" in account else "base")
    dovecot.start()


def enforce(*names):
    for name in names:
        authd.call("enforce", group=address(name), stage="enforce", skip_warn=True)


def wrong(name, count, client=ATTACKER, first=0):
    said = [dovecot.login(address(name), f"wrong-{number}", client) for number in range(first, first + count)]
    assert all(said), said
    return said


def records(event, name, **fields):
    return [record for record in authd.records(event=event, account=address(name), **fields)]


def password_row(name):
    rows = [row for row in authd.call("passwords") if row["account"] == address(name)]
    return rows[0] if rows else None


# --- locks ---------------------------------------------------------------------------------------------------------


def test_observe_refuses_nobody_and_records_what_it_would():
    name = address("feng")
    wrong("feng", 3)
    assert dovecot.login(name, PEOPLE[name], ATTACKER) is None
    wait_until(lambda: records("locked", "feng"), what="the record of the lock")
    wait_until(lambda: records("observed", "feng", reason="locked-here"), what="the record of what was observed")
    assert "locked" in authd.ask(name, client=ATTACKER)["problems"]


def test_three_wrong_passwords_lock_the_attacker_and_not_the_owner():
    name = address("li")
    enforce("li")
    assert dovecot.login(name, PEOPLE[name], HOME) is None
    said = []
    attack = threading.Thread(target=lambda: said.extend(wrong("li", 5)))
    attack.start()
    while attack.is_alive():        # the owner, at the same time
        assert dovecot.login(name, PEOPLE[name], HOME) is None
    attack.join()
    assert "AUTHENTICATIONFAILED" in said[2] and "锁定" in said[3] and "Locked" in said[3], said
    assert "锁定" in dovecot.login(name, PEOPLE[name], ATTACKER)
    assert dovecot.sasl(name, PEOPLE[name], ATTACKER) is not None
    assert dovecot.login(name, PEOPLE[name], HOME) is None and dovecot.sasl(name, PEOPLE[name], HOME) is None
    assert "locked" in authd.ask(name, client=ATTACKER)["problems"] and "locked" not in authd.ask(name, client=HOME)["problems"]
    lock = wait_until(lambda: records("locked", "li"), what="the record")[0]
    assert lock["alert"] and lock["client_ip"] == ATTACKER and lock["count"] == 3 and "until" in lock, lock
    wait_until(lambda: len(records("failed", "li")) == 3, what="the records of the failures")


def test_unlock_by_the_officer():
    name = address("wu")
    enforce("wu")
    wrong("wu", 3)
    assert "锁定" in dovecot.login(name, PEOPLE[name], ATTACKER)
    assert [lock["network"] for lock in authd.call("locks") if lock["account"] == name] == ["198.51.100.0/24"]
    assert authd.call("unlock", account=name, by="保密员")[0]["locks"] == 1
    assert dovecot.login(name, PEOPLE[name], ATTACKER) is None
    assert records("unlocked", "wu")[0]["actor"].endswith("(保密员)")


def test_higher_tier_stays_locked_until_the_officer_comes():
    enforce("zhou")
    wrong("zhou", 3)
    assert [lock["officer"] for lock in authd.call("locks") if lock["account"] == address("zhou")] == [True]


def test_telephone_with_the_old_password():
    name, old = address("zhao"), PEOPLE[address("zhao")]
    enforce("zhao")
    assert dovecot.login(name, old, HOME) is None
    dovecot.set_people({**PEOPLE, name: "Zq4-fenster"})
    GIVEN_AWAY.add("Zq4-fenster")
    assert dovecot.login(name, "Zq4-fenster", HOME) is None
    for _ in range(6):
        assert "AUTHENTICATIONFAILED" in dovecot.login(name, old, HOTEL)
    assert dovecot.login(name, "Zq4-fenster", HOTEL) is None
    dovecot.login(name, "typing-error", HOTEL)
    for _ in range(4):
        dovecot.login(name, "same-typing-error", HOTEL)
    assert dovecot.login(name, "Zq4-fenster", HOTEL) is None
    assert not records("locked", "zhao")
    assert wait_until(lambda: records("changed", "zhao"), what="the record of the change")
    row = password_row("zhao")
    assert row["age_known"] and row["since"] > row["first_seen"], row
    dovecot.set_people(PEOPLE)
    assert dovecot.login(name, old, HOME) is None
    assert wait_until(lambda: records("reused", "zhao"), what="the record of the re-use")[0]["alert"]


def test_limits_follow_the_settings():
    name, text = address("he"), authd.config.read_text()
    enforce("he")
    wrong("he", 1)
    authd.config.write_text(text.replace("  grace: 0\n", "  grace: 0\n  lock_after: 2\n"))
    authd.processes["hangu-authd"].send_signal(signal.SIGHUP)
    wait_until(lambda: authd.records("reload"), what="the record of the reload")
    wrong("he", 1, first=1)
    assert "锁定" in dovecot.login(name, PEOPLE[name], ATTACKER)
    authd.config.write_text(text)
    authd.processes["hangu-authd"].send_signal(signal.SIGHUP)
    wait_until(lambda: len(authd.records("reload")) == 2, what="the record of the second")
    assert "锁定" in dovecot.login(name, PEOPLE[name], ATTACKER)   # a lock stays


def test_lock_outlives_sudden_death():
    name = address("qian")
    enforce("qian")
    wrong("qian", 2)
    time.sleep(1)                   # failures are written within half a second
    authd.stop(how=signal.SIGKILL)
    authd.start()
    wrong("qian", 1, first=2)       # the third
    authd.stop(how=signal.SIGKILL)  # at once: a lock is on disk before it is answered
    authd.start()
    assert "锁定" in dovecot.login(name, PEOPLE[name], ATTACKER)


def storm(number, told, stop):
    """Two wrong passwords of each of its own accounts, each from a network of its own; notes what was answered."""
    link = http.client.HTTPConnection("127.0.0.1", authd.policy_port, timeout=30)
    for count in range(100_000):
        login = f"storm-{number}-{count}@unit.example"
        for wrong_one in ("00" * 32, "11" * 32):
            body = {"login": login, "pwhash": wrong_one, "remote": f"10.{number}.{count % 250}.{count // 250 % 250}",
                    "mech": "PLAIN", "protocol": "imap", "success": False, "policy_reject": False}
            try:
                link.request("POST", "/?command=report", json.dumps(body).encode(), {"X-Hangu-Key": key()})
                if link.getresponse().read():
                    told.append((login, body["remote"]))
            except (OSError, http.client.HTTPException):
                return
        if stop.is_set():
            return


def test_kill_in_a_storm_loses_no_answered_failure():
    told, stop = [], threading.Event()
    threads = [threading.Thread(target=storm, args=(number, told, stop)) for number in range(8)]
    for thread in threads:
        thread.start()
    wait_until(lambda: len(told) > 800, 60, "the storm")
    authd.stop(how=signal.SIGKILL)
    stop.set()
    for thread in threads:
        thread.join()
    authd.start()
    twice = {one for one in told if told.count(one) == 2}
    assert len(twice) > 100, len(told)
    last = {"pwhash": "22" * 32, "mech": "PLAIN", "protocol": "imap", "success": False, "policy_reject": False}
    for login, client in twice:     # the third
        assert ask({**last, "login": login, "remote": client}, "report")[0] == 200
    locked = {lock["account"] for lock in authd.call("locks")}
    assert locked >= {login for login, _ in twice}, sorted({login for login, _ in twice} - locked)[:5]
    assert wait_until(lambda: authd.records("start", reason="after-kill"), what="the record of the start")
    gone = sum(record["count"] for record in authd.records("login", event="lost", reason="killed"))
    # of the failures before the end; those after it are in the log for certain
    def recorded():
        return sum(record.get("count", 1) for record in authd.records("login", event="failed")
                   if record["account"].startswith("storm-")) - len(twice)
    wait_until(lambda: recorded() + gone >= len(told), what=f"{len(told)} failures, of which {gone} may be missing")


# --- passwords -----------------------------------------------------------------------------------------------------


def test_weak_password_is_found_and_refused():
    name = address("sun")
    assert dovecot.login(name, PEOPLE[name], HOME) is None
    wait_until(lambda: (password_row("sun") or {}).get("verdict") == "weak", what="the verdict")
    assert dovecot.login(name, PEOPLE[name], HOME) is None      # observed only
    assert "password-weak" in authd.ask(name)["problems"]
    enforce("sun")
    for said in (dovecot.login(name, PEOPLE[name], HOME), dovecot.sasl(name, PEOPLE[name], HOME)):
        assert "过于简单" in said and "too weak" in said, said
    assert wait_until(lambda: records("weak", "sun"), what="the record")[0]["alert"]
    assert wait_until(lambda: records("refused", "sun", reason="password-weak"), what="the record")


def test_good_password_is_tried_and_passes():
    name = address("shen")
    enforce("shen")
    assert password_row("shen") is None                         # never logged in
    assert dovecot.login(name, PEOPLE[name], HOME) is None
    row = wait_until(lambda: (password_row("shen") or {}).get("verdict") == "tried" and password_row("shen"), what="the verdict")
    assert not row["age_known"] and row["since"] == row["first_seen"]
    assert dovecot.login(name, PEOPLE[name], HOME) is None
    assert authd.ask(name)["problems"] == []


def test_handed_over_password_has_expired():
    name = address("zheng")
    enforce("zheng")
    assert dovecot.login(name, PEOPLE[name], HOME) is None
    authd.call("handover", account=name, owner="wang", approver="ju@unit.example")
    said = dovecot.login(name, PEOPLE[name], HOME)
    assert "到期" in said and "expired" in said, said
    assert "password-expired" in authd.ask(name)["problems"]
    dovecot.set_people({**PEOPLE, name: "Xc7-koffer"})
    GIVEN_AWAY.add("Xc7-koffer")
    assert dovecot.login(name, "Xc7-koffer", HOME) is None
    assert dovecot.login(name, "Xc7-koffer", HOME) is None
    assert authd.ask(name)["problems"] == []
    dovecot.set_people(PEOPLE)


def test_mechanism_without_password_says_so():
    name = address("chen")
    enforce("chen")
    assert dovecot.sasl(name, PEOPLE[name], HOME, mechanism="CRAM-MD5") is None
    # the report comes after Dovecot's answer
    wait_until(lambda: (password_row("chen") or {}).get("verdict") == "uncheckable", what="the verdict")
    for _ in range(3):              # wrong ones cannot be told apart: each counts
        assert dovecot.sasl(name, "wrong", ATTACKER, mechanism="CRAM-MD5") is not None
    assert "锁定" in dovecot.sasl(name, PEOPLE[name], ATTACKER)


# --- Dovecot and hangu-authd without each other --------------------------------------------------------------------


def test_away_means_no():
    name = address("li")
    authd.stop()
    assert dovecot.login(name, PEOPLE[name], HOME) is not None
    assert dovecot.sasl(name, PEOPLE[name], HOME) is not None
    authd.start()
    assert dovecot.login(name, PEOPLE[name], HOME) is None


def test_settings_of_dovecot_are_looked_at():
    status = authd.call("login-status")[0]
    assert status["dovecot"] == "good" and status["blind"] is None, status
    policy = dovecot.values["policy"]
    dovecot.write_config(policy=policy.replace("hash_truncate = 0", "hash_truncate = 12"))
    authd.stop()
    authd.start()
    status = authd.call("login-status")[0]
    assert status["dovecot"] == "wrong" and "auth_policy_hash_truncate" in status["blind"], status
    shown = subprocess.run([str(authd.build / "hangu"), "status", "--config", str(authd.config), "--json"],
                           capture_output=True, text=True, timeout=60)
    assert shown.returncode == 1 and json.loads(shown.stdout)["authd"]["dovecot"] == "wrong", shown
    assert any("auth_policy_hash_truncate" in trouble for trouble in json.loads(shown.stdout)["troubles"]), shown
    assert {row["verdict"] for row in authd.call("passwords")} <= {"unknown"}
    assert authd.records("password", event="blind")[0]["alert"]
    dovecot.write_config(policy=policy)
    authd.processes["hangu-authd"].send_signal(signal.SIGHUP)
    wait_until(lambda: authd.call("login-status")[0]["blind"] is None, what="sight again")


# --- rude clients --------------------------------------------------------------------------------------------------


def key():
    return re.search(r"X-Hangu-Key:(\S+)", dovecot.values["policy"]).group(1)


def ask(body, command="allow", method="POST", path="/", headers=None):
    link = http.client.HTTPConnection("127.0.0.1", authd.policy_port, timeout=30)
    body = json.dumps(body).encode() if isinstance(body, dict) else body
    link.request(method, f"{path}?command={command}", body, {"X-Hangu-Key": key()} if headers is None else headers)
    answer = link.getresponse()
    said = answer.status, json.loads(answer.read())
    link.close()
    return said


GOOD = {"login": "nobody@unit.example", "pwhash": "00" * 32, "remote": "192.0.2.99"}


def test_what_is_not_understood_opens_nothing():
    assert ask(GOOD) == (200, {"status": 0, "msg": ""})
    cases = [
        (400, dict(body=b"")), (400, dict(body=b"{")), (400, dict(body=b"[1]")), (400, dict(body=b"null")),
        (400, dict(body={**GOOD, "login": 7})), (400, dict(body={**GOOD, "login": ["a"]})),
        (400, dict(body={**GOOD, "login": ""})), (400, dict(body={**GOOD, "pwhash": "zz"})),
        (400, dict(body=json.dumps(GOOD).encode().replace(b"nobody", b"no\xff\xfebody"))),
        (400, dict(body=json.dumps(GOOD).encode().replace(b"nobody", b"no\\u0000body"))),
        (400, dict(body=b"[" * 8000)), (400, dict(body=GOOD, command="open")), (400, dict(body=GOOD, command="report")),
        (413, dict(body=json.dumps({**GOOD, "x": "y" * 9000}).encode())), (413, dict(body=b"x" * 5_000_000)),
        (404, dict(body=GOOD, path="/etc/passwd")), (405, dict(body=None, method="GET")), (405, dict(body=GOOD, method="PUT")),
        (401, dict(body=GOOD, headers={})), (401, dict(body=GOOD, headers={"X-Hangu-Key": key()[:-1]})),
        (401, dict(body=GOOD, headers={"X-Hangu-Key": key() + "0"})),
    ]
    for status, request in cases:
        try:
            said = ask(**request)
        except (ConnectionError, http.client.HTTPException):    # cut off while still sending: no answer is no yes
            assert status == 413
            continue
        assert said[0] == status and said[1]["status"] == -1 and said[1]["msg"], (request, said)


def test_thousands_of_idle_and_slow_connections():
    name = address("li")
    links = []
    for number in range(2500):
        link = socket.socket()
        link.setblocking(False)
        link.connect_ex(("127.0.0.1", authd.policy_port))
        links.append(link)
        if number % 2:
            try:
                link.send(b"POST /?command=allow HTTP/1.1\r\nHost: a\r\n")
            except OSError:
                pass
    began = time.monotonic()
    said = None
    while time.monotonic() - began < 60:        # idle and slow ones are cut off, then there is room
        said = dovecot.login(name, PEOPLE[name], HOME)
        if said is None:
            break
        for link in links[1::2]:                # a byte now and then does not keep the place
            try:
                link.send(b"X")
            except OSError:
                pass
    assert said is None, said
    for link in links:
        link.close()
    assert authd.processes["hangu-authd"].poll() is None


def report(kind, *words, language="C.UTF-8"):
    done = subprocess.run([str(authd.build / "hangu"), "report", kind, "--config", str(authd.config), *words], capture_output=True,
                          text=True, env={**os.environ, "LC_ALL": language}, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_reports_for_the_auditor():
    for name, verdict in (("sun", "weak"), ("shen", "tried")):
        dovecot.login(address(name), PEOPLE[address(name)], HOME)
        wait_until(lambda: (password_row(name) or {}).get("verdict") == verdict, what="the verdict")
    enforce("sun")
    assert dovecot.login(address("sun"), PEOPLE[address("sun")], HOME)
    wait_until(lambda: records("refused", "sun") and records("weak", "sun"), what="the records")
    rows = [json.loads(line) for line in report("passwords", "--json").splitlines()]
    by_name = {row["account"]: row for row in rows if "account" in row}
    assert "weak" in by_name[address("sun")]["problems"] and by_name[address("sun")]["knowledge"] == "tried"
    assert by_name[address("shen")]["problems"] == [] and by_name[address("shen")]["age_at_least"]
    assert set(by_name) >= set(PEOPLE)
    whole = rows[-1]
    assert whole["accounts"] == len(by_name) and sum(whole["coverage"].values()) == whole["accounts"]
    text = report("passwords")
    assert address("sun") in text and address("shen") not in text and address("shen") in report("passwords", "--all")
    lines = report("passwords", "--csv").splitlines()
    assert lines[0].startswith("account,unit") and len(lines) == 1 + len(by_name)
    wait_until(lambda: records("ok", "shen") or records("ok", "li"), what="logins in the ledger")
    rows = [json.loads(line) for line in report("logins", "--json").splitlines()]
    seen = {row["account"]: row for row in rows if row.get("account")}
    assert seen[address("sun")]["refused"] >= 1 and seen[address("sun")]["alerts"] >= 1
    assert rows[-1]["lost"] == 0 and rows[-1]["records"] > 0
    assert address("sun") in report("logins") and "账号" not in report("logins")


def test_nothing_secret_is_written():
    nonce = re.search(r"hash_nonce = (\S+)", dovecot.values["policy"]).group(1)
    hashes = {hashlib.sha256(f"{nonce}{name}\0{password}".encode()).hexdigest() for name in PEOPLE for password in GIVEN_AWAY}
    time.sleep(1)
    for path in authd.directory.rglob("*"):
        if path.is_file() and path.name not in ("policy.nonce", "policy.key", "password.key"):
            text = path.read_bytes().decode("latin-1")
            for secret in [*GIVEN_AWAY, *hashes, nonce, key()]:
                assert secret not in text, path.name
            assert not any(bytes.fromhex(one).decode("latin-1") in text for one in hashes), path.name


if __name__ == "__main__":
    try:
        need_root()
    except Exception as why:
        print(f"1..0 # SKIP {why}")
        sys.exit(0)
    start()
    run(globals())
