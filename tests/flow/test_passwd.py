#!/usr/bin/python3
"""hangu passwd and hangu account audit, with a real Dovecot and a real hangu-authd.

One Dovecot and one hangu-authd for all; each test has people of its own.
"""
import atexit
import json
import os
import pwd
import re
import stat
import subprocess

from tap import need_root, run

from authd_kit import Authd, Refused
from dovecot_kit import Dovecot
from gate_kit import wait_until

PEOPLE = {
    "li@unit.example": "Kx7-lampe", "wu@unit.example": "Hg2-teller", "sun@unit.example": "Rt5.kessel",
    "zhou@unit.example": "Pw9-tasse", "qian@unit.example": "Uv3,brille", "zhao@unit.example": "Cx8-segel",
}
authd = dovecot = None


def start():
    global authd, dovecot
    authd = Authd()
    atexit.register(lambda: authd.__exit__())
    authd.__enter__()
    authd.call("unit", unit="江州市水务局", domain="unit.example", role="approver", person="ju@unit.example")
    for account in PEOPLE:
        if not account.startswith("qian"):
            authd.call("import", address=account, unit="江州市水务局", owner="张伟", purpose="公务",
                       approver="ju@unit.example", approved="2026-01-05", tier="high" if "zhou" in account else "base")
    dovecot = Dovecot(PEOPLE, policy=authd.run("--dovecot").stdout)
    atexit.register(lambda: dovecot.__exit__())
    dovecot.start()


def hangu(*words, text=None, chinese=False):
    environment = dict(os.environ, LC_ALL="C.UTF-8", LANGUAGE="zh_CN" if chinese else "en",
                       HANGU_LOCALEDIR=str(authd.build / "po/locale"))
    return subprocess.run([str(authd.build / "hangu"), *words], input=text, capture_output=True, text=True,
                          env=environment, timeout=120)


def passwd(account, password, *words):
    return hangu("passwd", "--config", str(authd.config), "--file", str(dovecot.directory / "passwd"), "--stdin",
                 *words, account, text=password + "\n")


def lets_in(account, password):
    """Dovecot looks at its file once a second."""
    wait_until(lambda: dovecot.login(account, password) is None, 10, f"{account} with the new password")


def changed(account):
    """By hangu passwd; that the next login had another password is another record."""
    return [one for one in authd.records("password", event="changed", account=account) if "actor" in one]


def test_new_password_logs_in_and_the_old_one_no_more():
    path, name = dovecot.directory / "passwd", "li@unit.example"
    before = path.read_text()
    for scheme, new in (("yescrypt", "Wm4+dose+rad"), ("bcrypt", "Fz8+stuhl+eis"), ("argon2id", "Bd6+wolke+tor")):
        old = PEOPLE[name]
        assert dovecot.login(name, old) is None
        done = passwd(name, new, "--scheme", scheme)
        assert done.returncode == 0, done.stderr
        lets_in(name, new)
        assert dovecot.login(name, old) is not None, scheme
        PEOPLE[name] = new
    after = path.read_text()
    assert [line for line in before.splitlines() if not line.startswith("li@")] == \
        [line for line in after.splitlines() if not line.startswith("li@")]
    facts = path.stat()
    assert stat.S_IMODE(facts.st_mode) == 0o600 and facts.st_uid == pwd.getpwnam("dovecot").pw_uid
    assert [one.name for one in dovecot.directory.glob("passwd*")] == ["passwd"]
    records = changed(name)
    assert len(records) == 3 and records[0]["tier"] == "base", records
    assert not any(word in json.dumps(records) for word in ("Wm4", "{CRYPT}", "$"))


def test_weak_password_is_refused_with_every_reason_in_both_languages():
    name = "wu@unit.example"
    done = passwd(name, "zhangw1", "--json")
    answer = json.loads(done.stdout)
    words = {fault["word"] for fault in answer["faults"]}
    assert done.returncode == 1 and not answer["changed"] and {"too-short", "easy"} <= words, answer
    assert all(re.search("[一-鿿]", fault["zh"]) and fault["en"].isascii() for fault in answer["faults"])
    like = json.loads(passwd("sun@unit.example", "nus-4711-77-12", "--json").stdout)
    assert "like-login" in {fault["word"] for fault in like["faults"]}, like
    assert "used-before" in passwd(name, PEOPLE[name], "--json").stdout
    assert "at least 8" in passwd(name, "a1").stderr
    assert dovecot.login(name, PEOPLE[name]) is None and not changed(name)


def test_tier_of_the_register_counts_and_a_lower_one_does_not():
    name = "zhou@unit.example"
    assert "at least 10" in passwd(name, "Tu4-lipe", "--tier", "base").stderr
    assert passwd(name, "Tu4-lipe-Glas-7", "--tier", "base", "--dry-run").returncode == 0
    assert dovecot.login(name, PEOPLE[name]) is None and not changed(name)


def test_account_that_the_register_does_not_know_needs_a_tier():
    name = "qian@unit.example"
    refused = passwd(name, "Tu4-lipe-Glas-7")
    assert refused.returncode == 66 and "--tier" in refused.stderr, refused
    assert dovecot.login(name, PEOPLE[name]) is None
    done = passwd(name, "Tu4-lipe-Glas-7", "--tier", "strict")
    assert done.returncode == 0, done
    assert [one["reason"] for one in changed(name)] == ["unregistered"]
    lets_in(name, "Tu4-lipe-Glas-7")
    PEOPLE[name] = "Tu4-lipe-Glas-7"


def test_password_of_the_history_is_refused_under_every_name():
    name, words = "zhao@unit.example", ("Gm5-kanne-tor", "Ls9+wiese+ruf", "Vn3.ofen.lack")
    for old, new in zip((PEOPLE[name], *words), words):
        assert dovecot.login(name, old) is None
        done = passwd(name, new)
        assert done.returncode == 0, done
        lets_in(name, new)
    for used in (PEOPLE[name], *words):
        refused = json.loads(passwd(name, used, "--json").stdout)
        assert [fault["word"] for fault in refused["faults"]] == ["used-before"], (used, refused)
    assert passwd(name, "Jd6=hafen=kiel", "--dry-run").returncode == 0
    lets_in(name, words[-1])
    log = authd.log() + json.dumps(authd.records())
    assert not any(word in log for word in (PEOPLE[name], *words))


def test_history_is_not_told_too_often_or_for_nonsense():
    digest = "0" * 64
    for _ in range(30):
        authd.call("password.used", account="sun@unit.example", history=5, hashes={"sun@unit.example": digest})
    try:
        authd.call("password.used", account="sun@unit.example", history=5, hashes={"sun@unit.example": digest})
        raise AssertionError("asked 31 times")
    except Refused as error:
        assert error.code == 75, error
    for bad in ({"x": "00"}, {"x": 1}, [], {str(i): digest for i in range(17)}, {"x": digest.replace("0", "G")}):
        try:
            authd.call("password.used", account="wu@unit.example", history=5, hashes=bad)
            raise AssertionError(bad)
        except Refused as error:
            assert error.code == 64, error


def test_command_gets_account_and_hash_and_its_failure_is_told():
    stored = authd.directory / "stored"
    script = authd.directory / "store"
    script.write_text(f'#!/bin/sh\n[ "$2" = sun@unit.example ] || exit 3\necho "$1 $2" > {stored}\ncat >> {stored}\n')
    script.chmod(0o755)
    words = ("passwd", "--config", str(authd.config), "--stdin", "--command", f"{script} 'two words'")
    done = hangu(*words, "sun@unit.example", text="Tu4-lipe-Glas-7\n")
    assert done.returncode == 0, done.stderr
    lines = stored.read_text().splitlines()
    assert lines[0] == "two words sun@unit.example" and lines[1].startswith("{CRYPT}$y$") and len(lines) == 2, lines
    assert len(changed("sun@unit.example")) == 1
    failed = hangu(*words, "wu@unit.example", text="Tu4-lipe-Glas-7\n")
    assert failed.returncode == 69 and not changed("wu@unit.example"), failed


def test_audit_finds_what_was_planted_and_none_of_the_good():
    planted = {"feng@unit.example": "Feng2024!", "chen@unit.example": "qwe123!@#", "shen@unit.example": "Blaubeere-Quark"}
    good = {"good1@unit.example": "Kx7-lampe-rad", "good2@unit.example": "Rt5.kessel+eis"}
    path, words = authd.directory / "users", authd.directory / "words"
    words.write_text("Sommerregen\nBlaubeere-Quark\n")
    lines = []
    for (name, password), scheme in zip({**planted, **good}.items(), ("SHA512-CRYPT", "BLF-CRYPT", "SSHA256",
                                                                     "SHA512-CRYPT", "BLF-CRYPT")):
        rounds = ["-r", "5"] if scheme == "BLF-CRYPT" else ["-r", "1000"] if "CRYPT" in scheme else []
        stored = subprocess.run(["doveadm", "-c", str(dovecot.config), "pw", "-s", scheme, *rounds, "-p", password],
                                capture_output=True, text=True, check=True).stdout.strip()
        lines.append(f"{name}:{stored}")
    path.write_text("\n".join(lines) + "\n")
    done = hangu("account", "audit", "--json", "--all", "--tries", "25000", "--words", str(words), "--budget", "15",
                 str(path))
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    found = {row["account"]: row["guessed"] for row in rows if "account" in row}
    assert done.returncode == 1, done.stderr
    assert {name: kind for name, kind in found.items() if kind} == \
        {"feng@unit.example": "login", "chen@unit.example": "common", "shen@unit.example": "word"}, found
    schemes = {one["scheme"]: one for one in rows[-1]["summary"]["schemes"]}
    assert schemes["CRYPT-SHA512"]["tries_per_second"] > 0 and schemes["CRYPT-BCRYPT"]["tries"] > 0
    assert not any(secret in done.stdout + done.stderr for secret in {**planted, **good}.values())
    path.write_text("".join(line + "\n" for line in lines if line.startswith("good")))
    assert hangu("account", "audit", "--tries", "500", str(path)).returncode == 0


if __name__ == "__main__":
    need_root()
    start()
    run(globals())
