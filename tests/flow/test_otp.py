#!/usr/bin/python3
"""Password and one-time code at a real Dovecot: hangu-otp-login as passdb, hangu-authd behind it.

One Dovecot and one hangu-authd for all; each test has people of its own. Their fixed passwords stand in a file of
their own, which Dovecot's passdb passwd-file does not know.
"""
import atexit
import base64
import hashlib
import hmac
import json
import os
import pathlib
import shutil
import socket
import struct
import subprocess
import time
import urllib.parse

from tap import need_root, run

from authd_kit import CALL, Authd, Refused, strings
from dovecot_kit import Dovecot
from gate_kit import wait_until

PASSWORD, STEP = "Kx7-lampe", 30
PEOPLE = [f"{name}@unit.example" for name in ("li", "wu", "sun", "zhou", "qian", "feng", "chen", "shen")]
FIXED = {"he@unit.example": "Rt5.kessel"}
MORE = """
passdb {{
  driver = checkpassword
  args = {helper} --socket {socket} {users}
}}
"""
authd = dovecot = None
secrets = {}


def start():
    global authd, dovecot
    authd = Authd()
    atexit.register(lambda: authd.__exit__())
    for path in (authd.directory, authd.directory / "run"):
        path.chmod(0o755)
    door = authd.directory / "run/login.sock"
    authd.write_settings(f"  login_group: dovecot\n  login_socket: {door}\n  work_hours: \"\"\n")
    helper = authd.directory / "hangu-otp-login"        # Dovecot's user need not see the build directory
    shutil.copy(authd.build / "hangu-otp-login", helper)
    users = authd.directory / "users"
    users.write_text("".join(f"{name}:{stored()}\n" for name in PEOPLE))
    shutil.chown(users, "dovecot")
    users.chmod(0o600)
    dovecot = Dovecot(FIXED, policy=authd.run("--dovecot").stdout, debug="yes",
                      more=MORE.format(helper=helper, socket=door, users=users))
    atexit.register(lambda: dovecot.__exit__())
    authd.write_settings(f"  login_group: dovecot\n  login_socket: {door}\n  work_hours: \"\"\n"
                         f"  dovecot_config: {dovecot.config}\n")
    authd.__enter__()
    authd.call("unit", unit="示例局", domain="unit.example", role="approver", person="ju@unit.example")
    for account in PEOPLE + list(FIXED):
        authd.call("import", address=account, unit="示例局", owner=account.partition("@")[0], purpose="公务",
                   approver="ju@unit.example", approved="2026-01-05", tier="otp" if account in PEOPLE else "base")
    authd.call("enforce", group="all", stage="enforce", skip_warn=True)
    dovecot.start()


def stored():
    return subprocess.run(["doveadm", "pw", "-s", "SHA512-CRYPT", "-r", "1000", "-p", PASSWORD], capture_output=True,
                          text=True, check=True).stdout.strip()


# --- a token of one's own ------------------------------------------------------------------------------------------


def code(name, counter):
    digest = hmac.new(secrets[name], struct.pack(">Q", counter), hashlib.sha1).digest()
    at = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[at:at + 4])[0] & 0x7fffffff) % 10 ** 6:06d}"


def early_step():
    """The present step, with time left to use it and the one before."""
    while time.time() % STEP > STEP - 12:
        time.sleep(0.2)
    return int(time.time()) // STEP


def enrol(name, kind="hotp", first=0):
    row = authd.call("otp-enrol", account=name, kind=kind)[0]
    uri = urllib.parse.urlsplit(row["uri"])
    fields = dict(urllib.parse.parse_qsl(uri.query))
    assert (uri.scheme, uri.netloc, fields["digits"], fields["secret"]) == ("otpauth", kind, "6", row["secret"]), row
    secrets[name] = base64.b32decode(row["secret"])
    assert authd.call("otp-enrol", account=name, code=code(name, first))[0]["confirmed"]


def login(name, after="", client="192.0.2.7"):
    """None: in; else what was said."""
    return dovecot.login(name, PASSWORD + after, client)


def events(name):
    return [record["event"] for record in authd.records("login", account=name)]


def hangu(*words, text=None, chinese=False):
    environment = dict(os.environ, LC_ALL="zh_CN.UTF-8" if chinese else "C.UTF-8",
                       HANGU_LOCALEDIR=str(authd.build / "locale"))
    environment.pop("LANGUAGE", None)
    return subprocess.run([str(authd.build / "hangu"), "passwd", "--config", str(authd.config), "--otp", *words],
                          input=text, capture_output=True, text=True, env=environment, timeout=120)


# --- logging in ----------------------------------------------------------------------------------------------------


def test_not_enrolled_is_told_what_to_do_and_observed_where_nothing_is_enforced():
    name = "shen@unit.example"
    said = login(name)
    assert "一次性口令" in said and "enrol" in said, said
    wait_until(lambda: authd.records("login", account=name, event="refused", reason="otp-not-enrolled"), 10, "record")
    authd.call("enforce", group=name, stage="observe")
    assert login(name) is None
    wait_until(lambda: authd.records("login", account=name, event="observed", reason="otp-not-enrolled"), 10, "record")
    assert login(name, "123456") is not None        # no code: it is simply a wrong password


def test_totp_code_is_good_once():
    name, step = "li@unit.example", early_step()
    enrol(name, "totp", step - 1)
    assert login(name) is not None and login(name, code(name, step - 1)) is not None
    assert login(name, code(name, step)) is None
    assert login(name, code(name, step)) is not None and login(name, code(name, step - 2)) is not None
    authd.stop()
    authd.start()
    assert dovecot.sasl(name, PASSWORD + code(name, step)) is not None      # also after a restart
    assert dovecot.sasl(name, PASSWORD + code(name, step + 1)) is None
    assert events(name).count("code-good") == 2 and {"code-missing", "code-used"} <= set(events(name)), events(name)


def test_wrong_password_uses_up_no_code():
    name = "wu@unit.example"
    enrol(name)
    assert dovecot.login(name, "Kx7-lumpe" + code(name, 1)) is not None
    assert dovecot.login(name, code(name, 1)) is not None
    assert login(name, code(name, 1)) is None


def test_hotp_moves_forward_and_is_found_again():
    name = "sun@unit.example"
    enrol(name)
    assert login(name, code(name, 7)) is None                               # six were made and not used
    assert login(name, code(name, 4)) is not None
    assert login(name, code(name, 90)) is not None                          # too far ahead
    row = authd.call("otp-resync", account=name, code=code(name, 90), second=code(name, 91))[0]
    assert row["resynced"] and login(name, code(name, 92), client="198.51.100.7") is None


def test_three_wrong_codes_lock():
    name = "zhou@unit.example"
    enrol(name)
    wrong = [number for number in ("000001", "000002", "000003", "000004", "000005")
             if number not in {code(name, counter) for counter in range(30)}]
    for number in wrong[:3]:
        assert login(name, number, client="203.0.113.9") is not None
    wait_until(lambda: authd.records("login", account=name, event="locked"), 10, "the lock")
    said = login(name, code(name, 1), client="203.0.113.9")
    assert "锁定" in said, said
    locks = [lock for lock in authd.call("locks") if lock["account"] == name]
    assert len(locks) == 1 and locks[0]["officer"], locks
    authd.call("unlock", account=name)
    assert login(name, code(name, 1), client="203.0.113.9") is None


def test_one_code_again_and_again_counts_once():
    """A mail program that keeps what was typed does not lock its owner out."""
    name = "qian@unit.example"
    enrol(name)
    assert login(name, code(name, 1)) is None
    for _ in range(4):
        assert login(name, code(name, 1), client="203.0.113.77") is not None
    assert login(name, code(name, 2), client="203.0.113.77") is None


def test_away_is_refused():
    name = "feng@unit.example"
    enrol(name)
    users = authd.directory / "users"
    ask = [str(authd.directory / "hangu-otp-login"), "--socket", str(authd.directory / "run/login.sock"), str(users),
           "/bin/true"]

    def judged(password, **environment):
        read, write = os.pipe()
        with open(write, "wb") as pipe:
            pipe.write(f"{name}\0{password}\0\0".encode())
        try:
            return subprocess.run(["sh", "-c", 'exec "$@" 3<&0', "sh", *ask], stdin=read, env=environment,
                                  capture_output=True, timeout=60)
        finally:
            os.close(read)

    assert judged(PASSWORD + code(name, 1)).returncode == 0
    assert judged("", AUTHORIZED="1").returncode == 3 and judged("x").returncode == 1
    authd.stop()
    done = judged(PASSWORD + code(name, 2))
    assert done.returncode == 111 and b"nobody is let in" in done.stderr and PASSWORD.encode() not in done.stderr
    assert login(name, code(name, 2)) is not None
    authd.start()
    assert login(name, code(name, 2)) is None


def test_reset_forces_a_new_enrolment():
    name = "chen@unit.example"
    enrol(name)
    old = secrets[name]
    try:
        authd.call("otp-enrol", account=name)
        raise AssertionError("a second secret beside the first")
    except Refused as refused:
        assert refused.code == 77 and "reset" in str(refused), refused
    authd.call("otp-reset", account=name, note="手机遗失")
    assert "一次性口令" in login(name, code(name, 1))
    enrol(name)
    assert secrets[name] != old and login(name, code(name, 1)) is None
    made = [record["event"] for record in authd.records("password", account=name) if record["event"].startswith("otp")]
    assert made == ["otp-issued", "otp-enrolled", "otp-reset", "otp-issued", "otp-enrolled"], made


def test_command_enrols_with_a_code_from_the_qr():
    """The QR code, the URI and the text to be typed are one secret; the code of another one does not confirm it."""
    name = "he@unit.example"
    assert "not enrolled (tier base)" in hangu("--show-state", name).stdout
    refused = hangu("--hotp", name, text="12345\n")
    assert refused.returncode == 1 and "not the code" in refused.stderr, refused
    environment = dict(os.environ, LC_ALL="C.UTF-8", LANGUAGE="en")
    command = subprocess.Popen([str(authd.build / "hangu"), "passwd", "--config", str(authd.config), "--otp", "--hotp",
                                "--json", name], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                               env=environment)
    shown = json.loads(command.stdout.readline())
    secrets[name] = base64.b32decode(shown["secret"])
    assert shown["secret"] in shown["uri"] and shown["kind"] == "hotp", shown
    said, _ = command.communicate(f"{code(name, 0)[:3]} {code(name, 0)[3:]}\n", timeout=60)
    assert command.returncode == 0 and json.loads(said)["confirmed"], said
    state = json.loads(hangu("--show-state", "--json", name).stdout)
    assert state["state"] == "confirmed" and "secret" not in state, state
    again = hangu(name)
    assert again.returncode == 77 and "reset" in again.stderr, again
    resynced = hangu("--resync", name, text=f"{code(name, 70)}\n{code(name, 71)}\n", chinese=True)
    assert resynced.returncode == 0 and "令牌" in resynced.stdout, resynced
    assert hangu("--resync", name, text=f"{code(name, 70)}\n{code(name, 71)}\n").returncode == 1
    assert hangu("--reset", "--note", "手机遗失", name).returncode == 0
    assert authd.records("password", account=name, event="otp-reset")[0]["note"] == "手机遗失"
    assert hangu("--reset", name).returncode == 66 and hangu("--reset", "--hotp", name).returncode == 64


def test_command_draws_what_a_camera_reads():
    """qrencode itself draws the same URI the same way."""
    name = "he@unit.example"
    shown = hangu(name, text="12345\n").stdout
    uri = next(line for line in shown.splitlines() if line.startswith("otpauth:"))
    drawn = [line for line in shown.splitlines() if line and set(line) <= set(" ▀▄█")]
    wanted = subprocess.run(["qrencode", "-l", "M", "-m", "4", "-t", "ASCII", "-o", "-", uri],
                            capture_output=True, text=True, check=True).stdout.splitlines()
    rows = [line.ljust(2 * len(drawn[0]))[::2] for line in wanted]
    read = []
    for line in drawn:
        read += ["".join("#" if letter in "▀█" else " " for letter in line),
                 "".join("#" if letter in "▄█" else " " for letter in line)]
    assert read[:len(rows)] == rows and not any(line.strip() for line in read[len(rows):]), (read, rows)


def test_login_by_another_passdb_is_an_alert():
    name = "he@unit.example"
    assert hangu("--show-state", name).returncode == 0
    enrol(name)
    assert dovecot.login(name, FIXED[name]) is None
    found = wait_until(lambda: authd.records("login", account=name, event="without-code"), 10, "the alert")
    assert found[0]["alert"] and not authd.records("login", account="li@unit.example", event="without-code"), found
    authd.call("otp-reset", account=name)


def test_what_changes_each_time_is_no_new_password():
    """Accounts with codes have no age, and nothing of theirs is called weak, changed or used before."""
    rows = {row["account"]: row for row in authd.call("passwords")}
    name = "sun@unit.example"
    assert rows[name]["verdict"] == "uncheckable" and not rows[name]["age_known"], rows[name]
    found = [record for record in authd.records("password", account=name) if not record["event"].startswith("otp")]
    assert not found, found


def test_login_program_may_ask_nothing_else():
    for verb in ("list", "otp-enrol", "otp-reset", "otp-state", "unlock"):
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as link:
            link.settimeout(20)
            link.connect(str(authd.directory / "run/login.sock"))
            authd.send(link, CALL, strings(json.dumps({"verb": verb, "account": PEOPLE[0]})))
            _, body = authd.receive(link)
            assert struct.unpack_from("=I", body)[0] == 77, (verb, body)


def test_nobody_writes_a_password_or_a_code():
    assert dovecot.login("he@unit.example", FIXED["he@unit.example"]) is None
    texts = [path.read_text(errors="replace") for path in pathlib.Path(authd.directory).glob("*.log")]
    texts += [json.dumps(authd.records(), ensure_ascii=False)]
    for secret in [PASSWORD] + [base64.b32encode(one).decode() for one in secrets.values()]:
        assert not any(secret in text for text in texts), secret


if __name__ == "__main__":
    need_root()
    start()
    run(globals())
