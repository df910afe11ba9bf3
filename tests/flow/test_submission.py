#!/usr/bin/python3
"""Submission through a real Postfix with Dovecot's SASL: what the account behind a letter may not do, in the stages
observe, warn and enforce. The register's facts are told by a stand-in for hangu-authd on its socket, and
once by the real one."""
import atexit
import contextlib
import datetime
import email
import email.policy
import json
import pathlib
import shutil
import smtplib
import socket
import ssl
import struct
import subprocess
import sys
import tempfile
import threading

from authd_kit import Authd as Register
from dovecot_kit import Dovecot
from private_gateway import PrivateGateway, wait_until
from tap import need_root, run

LI, WANG, OUT = "li@unit.example", "wang@unit.example", "friend@outside.example"
OFFICER, DUTY = "baomi@unit.example", "duty@unit.example"
PASSWORD = "Kx7-lampe-Regen"
CLIENT, DEVICE = "192.0.2.7", "192.0.2.40"
ASK, FACTS, NOTICE = 0x401, 0x402, 0x306
PHONE = "010-1234 5678"


def plain(sender=LI, more=""):
    return (f"From: {sender}\r\nTo: {OUT}\r\n{more}Subject: the price list of spring\r\n"
            "Content-Type: text/plain; charset=utf-8\r\n\r\n周三下午两点开会。\r\n").encode()


class Authd:
    """Tells facts: account or client address to (stage, own address, problems, addresses, officers)."""

    def __init__(self, path):
        self.path, self.facts, self.asked = path, {}, []
        self.listener = None
        self.open()

    def open(self):
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.listener.bind(str(self.path))
        self.path.chmod(0o666)
        self.listener.listen(50)
        self.links = []
        threading.Thread(target=self.take, args=(self.listener,), daemon=True).start()

    def close(self):
        self.path.unlink()
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for link in self.links:
            with contextlib.suppress(OSError):
                link.shutdown(socket.SHUT_RDWR)

    def take(self, listener):
        with contextlib.suppress(OSError):
            while True:
                link, _ = listener.accept()
                self.links.append(link)
                threading.Thread(target=self.serve, args=(link,), daemon=True).start()

    def serve(self, link):
        with contextlib.suppress(OSError):
            while frame := link.recv(256 * 1024):
                magic, version, kind, length = struct.unpack("=3sBII", frame[:12])
                assert (magic, version, length) == (b"HGU", 1, len(frame) - 12)
                if kind != ASK:                 # a verb, of hangu status: this one knows none
                    link.close()
                    return
                account, mechanism, client, tls, sender = [part.decode() for part in frame[12:].split(b"\0")[:5]]
                self.asked.append((account, mechanism, client, tls, sender))
                facts = self.facts.get(account or client, ("", "", ["unregistered"], [], []))
                facts = (*facts, [])        # no private mailboxes are known
                body = variant(text(facts[0]), text(facts[1]), *(texts(one) for one in facts[2:]))
                link.send(struct.pack("=3sBII", b"HGU", 1, FACTS, len(body)) + body)


def text(value):
    return value.encode() + b"\0"


def with_offsets(parts, offsets):
    """GVariant's containers of members without a fixed size: the members, then where they end."""
    data = b"".join(parts)
    for size in (1, 2, 4):
        if len(data) + size * len(offsets) < 256 ** size:
            return data + b"".join(offset.to_bytes(size, "little") for offset in offsets)
    raise AssertionError("too long")


def ends(parts):
    return [sum(map(len, parts[:i + 1])) for i in range(len(parts))]


def texts(values):
    parts = [text(value) for value in values]
    return with_offsets(parts, ends(parts)) if parts else b""


def variant(*members):
    return with_offsets(members, ends(members)[-2::-1])


class World:
    """Postfix, Dovecot and the gate, started once."""

    def __init__(self):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="hangu-submission-", dir="/var/tmp"))
        self.directory.chmod(0o755)
        key, certificate = self.directory / "key.pem", self.directory / "cert.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=gate.unit.example",
                        "-keyout", key, "-out", certificate], check=True, capture_output=True)
        self.authd = Authd(self.directory / "authd.sock")
        self.passwords = {}     # of those who do not have PASSWORD
        self.stack = contextlib.ExitStack()
        self.stack.callback(shutil.rmtree, self.directory, True)
        names = {name: PASSWORD for name in (LI, WANG, "root@unit.example", "gone@unit.example")}
        self.dovecot = self.stack.enter_context(Dovecot(names))
        tls = (f"smtpd_tls_security_level = may\nsmtpd_tls_cert_file = {certificate}\nsmtpd_tls_key_file = {key}\n"
               "smtpd_relay_restrictions = permit_sasl_authenticated, permit_mynetworks, reject\n"
               f"mynetworks = 127.0.0.0/8, {DEVICE}, {CLIENT}\n")
        settings = f"accounts:\n  ask: yes\n  socket: {self.authd.path}\n"
        self.gateway = PrivateGateway(postfix_more=self.dovecot.postfix_settings() + tls, settings_more=settings)
        self.gateway.notices = (f"  smtp: 127.0.0.1:{self.gateway.smtp_port}\n  phone: \"{PHONE}\"\n"
                                       f"  officers: [{DUTY}]\n  each: 100\n  each_officer: 1000\n  pause: 0s\n")
        self.stack.enter_context(self.gateway)

    def connect(self, user=None, tls=True, mechanism="PLAIN", client=CLIENT):
        smtp = smtplib.SMTP("127.0.0.1", self.gateway.submission_port, "client.example", timeout=60)
        smtp.ehlo()
        code, said = smtp.docmd("XCLIENT", f"ADDR={client} NAME=[UNAVAILABLE]")
        assert code == 220, said
        smtp.ehlo()
        if tls:
            context = ssl.create_default_context()
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            assert smtp.starttls(context=context)[0] == 220
            smtp.ehlo()
        if user:
            smtp.user, smtp.password = user, self.passwords.get(user, PASSWORD)
            code, said = smtp.auth(mechanism, getattr(smtp, "auth_" + mechanism.lower().replace("-", "_")))
            assert code == 235, (code, said)
        return smtp

    def send(self, letter, sender=LI, recipients=(OUT,), **session):
        """(the step that was answered last, code, text)"""
        smtp = self.connect(**session)
        try:
            code, said = smtp.mail(sender)
            if code != 250:
                return "MAIL", code, said.decode()
            for recipient in recipients:
                code, said = smtp.rcpt(recipient)
                assert code == 250, said
            code, said = smtp.data(letter)
            return "DATA", code, said.decode()
        finally:
            with contextlib.suppress(smtplib.SMTPException, OSError):
                smtp.quit()

    def letters(self):
        return [r for r in self.gateway.records() if r.get("listener") == "submission"]

    def notices(self):
        """Recipient to what it was told."""
        found = {}
        for data in self.gateway.delivered():
            envelope, _, letter = data.partition(b"\n\n") if data.startswith(b"X-") else (b"", b"", data)
            message = email.message_from_bytes(data[data.index(b"Received:"):], policy=email.policy.default)
            if message["Auto-Submitted"] == "auto-replied":
                found.setdefault(message["To"], []).append((message, data))
        return found

    def counters(self):
        status = self.gateway.hangu("status", "--config", self.gateway.config, "--json")
        return json.loads(status.stdout)["gate"]["notices"]

    def quiet(self):
        wait_until(lambda: self.counters()["waiting"] == 0, 20, "the notices to be sent")
        self.gateway.settle()

    def forget(self):
        self.quiet()
        for path in (self.gateway.directory / "sink").iterdir():
            path.unlink()


@contextlib.contextmanager
def facts(stage, problems=(), account=LI, own=LI, addresses=(LI,), officers=(OFFICER,)):
    the = world()
    the.authd.facts = {account: (stage, own, list(problems), list(addresses), list(officers))}
    the.forget()
    before = len(the.letters())
    yield the, lambda: the.letters()[before:]


def world(made=[]):
    if not made:
        made.append(World())
        atexit.register(made[0].stack.close)
    return made[0]


def check_notice(the, recipient, record_id, *words):
    def find():
        return [one for one in the.notices().get(recipient, []) if record_id in one[0].get_content()]

    wait_until(find, 20, f"a notice to {recipient} about {record_id}")
    message, data = find()[0]
    body = message.get_content()
    for word in (record_id, PHONE, *words):
        assert word in body, (word, body)
    assert "price list" not in data.decode("utf-8", "replace") and "price list" not in body
    assert "http" not in body and "www." not in body, body
    assert message["From"].addresses[0].addr_spec == "postmaster@unit.example", message["From"]
    sender = [line for line in data.split(b"\n") if line.startswith(b"X-Mail-From:") or line.lower().startswith(b"x-mail-args:")]
    assert any(b"<>" in line for line in sender), sender


# What hangu-authd knows, or the session shows: where it is refused, and what the user is told.
CASES = [
    ("password-expired", dict(problems=["password-expired"]), {}, "550", "5.7.1", "已过期"),
    ("password-weak", dict(problems=["password-weak"]), {}, "550", "5.7.1", "密码太简单"),
    ("unregistered", dict(problems=["unregistered"]), {}, "550", "5.7.1", "没有登记"),
    ("administrator", dict(problems=["administrator"]), {}, "550", "5.7.1", "管理员账号"),
    ("suspended", dict(problems=["suspended"]), {}, "525", "5.7.13", "已停用"),
    ("no-tls", {}, dict(tls=False, mechanism="CRAM-MD5"), "530", "5.7.0", "没有加密"),
    ("clear-password", {}, dict(tls=False), "538", "5.7.11", "密码没有加密就发出来"),
    ("mechanism-weak", {}, dict(mechanism="CRAM-MD5"), "534", "5.7.9", "登录方式不安全"),
]


def test_enforce_refuses_at_mail_with_record_and_notice():
    for problem, known, session, code, enhanced, words in CASES:
        with facts("enforce", **known) as (the, records):
            step, answered, said = the.send(plain(), user=LI, **session)
            assert (step, str(answered)) == ("MAIL", code) and said.startswith(enhanced + " "), (problem, step, answered, said)
            record, = records()
            assert problem in record["account_problems"] and record["account_stage"] == "enforce", record
            assert record["answer"] == "reject" and record["id"] in said and record["account"] == LI, record
            assert record["recipients"] == [], record
            check_notice(the, LI, record["id"], words)
            check_notice(the, OFFICER, record["id"], LI)
            check_notice(the, DUTY, record["id"], LI)


def test_warn_lets_go_and_tells():
    for problem, known, session, _, _, words in CASES:
        with facts("warn", **known) as (the, records):
            step, answered, said = the.send(plain(), user=LI, **session)
            assert (step, answered) == ("DATA", 250), (problem, answered, said)
            record, = records()
            assert problem in record["account_problems"] and record["account_stage"] == "warn", record
            assert (record["verdict"], record["answer"], record["carried_out"]) == ("reject", "accept", False), record
            check_notice(the, LI, record["id"], words, "照常发出去")
            check_notice(the, OFFICER, record["id"], LI)


def test_observe_records_and_tells_nobody():
    for problem, known, session, _, _, _ in CASES:
        with facts("observe", **known) as (the, records):
            assert the.send(plain(), user=LI, **session)[:2] == ("DATA", 250), problem
            record, = records()
            assert problem in record["account_problems"] and record["answer"] == "accept", record
            the.quiet()
            assert not the.notices(), the.notices()


def test_whose_sender_it_is():
    unit = "jubangong@unit.example"
    cases = [  # envelope, From, more, addresses, where it is refused
        (LI, LI, "", [LI], None),
        ("li+news@unit.example", LI, "", [LI], None),
        (unit, unit, "", [LI, unit], None),                                     # an alias
        (WANG, f"{WANG}", f"Sender: {LI}\r\n", [LI, WANG], None),               # a delegate
        ("anybody@unit.example", "any@unit.example", "", [LI, "@unit.example"], None),
        (WANG, LI, "", [LI], "MAIL"),
        (OUT, LI, "", [LI], "MAIL"),
        (LI, WANG, "", [LI], "DATA"),
        (LI, LI, f"Sender: {WANG}\r\n", [LI], "DATA"),
        (LI, f"{LI}, {WANG}", "", [LI], "DATA"),
        ("", WANG, "", [LI], "DATA"),
    ]
    for sender, shown, more, addresses, where in cases:
        with facts("enforce", addresses=addresses) as (the, records):
            step, answered, said = the.send(plain(shown, more), sender=sender, user=LI)
            wanted = (where, 553) if where else ("DATA", 250)
            assert (step, answered) == wanted, ((sender, shown, more), step, answered, said)
            record, = records()
            assert record["account_problems"] == (["sender-not-owned"] if where else []), record
            assert record["answer"] == ("reject" if where else "accept"), record
            if where and sender:
                assert said.startswith("5.7.1 ") and record["id"] in said
                check_notice(the, LI, record["id"], "不是您的")
    with facts("warn") as (the, records):
        assert the.send(plain(WANG), user=LI)[:2] == ("DATA", 250)
        check_notice(the, LI, records()[0]["id"], "不是您的", "照常发出去")


def test_nobody_and_devices():
    with facts("enforce", ["unregistered"], account=CLIENT, own="", addresses=()) as (the, records):
        step, answered, said = the.send(plain())
        assert (step, answered) == ("MAIL", 530), (step, answered, said)
        record, = records()
        assert record["account_problems"] == ["no-auth"] and record["account_facts"] == "unknown", record
        check_notice(the, DUTY, record["id"], CLIENT)
        assert LI not in the.notices(), "nobody proved that the address is his"
    with facts("enforce", account=DEVICE, own="printer@unit.example") as (the, records):
        answer = the.send(plain("printer@unit.example"), sender="printer@unit.example", tls=False, client=DEVICE)
        assert answer[:2] == ("DATA", 250), answer
        record, = records()
        assert (record["account_facts"], record["account_problems"]) == ("device", []), record


def test_a_null_sender_does_not_excuse_an_account():
    with facts("enforce", ["password-weak"]) as (the, records):
        assert the.send(plain(), sender="", user=LI)[:2] == ("MAIL", 550)
        check_notice(the, OFFICER, records()[0]["id"], LI)
        assert LI not in the.notices()


def test_held_letters_are_told_of():
    internal = plain().replace("周三下午两点开会。".encode(), "内部资料 注意保存\r\n\r\n机构调整方案".encode())
    with facts("enforce") as (the, records):
        assert the.send(internal, user=LI)[:2] == ("DATA", 250)
        record, = records()
        assert record["answer"] == "hold", record
        check_notice(the, LI, record["id"], "要先由本单位保密员审核")
    with facts("enforce") as (the, records):
        assert the.send(plain(more="List-Id: <all.unit.example>\r\n").replace("周三下午两点开会。".encode(),
                        "内部资料 注意保存\r\n\r\n机构调整方案".encode()), user=LI)[:2] == ("DATA", 250)
        assert records()[0]["answer"] == "hold"
        the.quiet()
        assert not the.notices(), "a list's letter was told of"


def test_notices_are_counted():
    the = world()
    before = the.counters()
    with facts("enforce", ["locked"]):
        assert the.send(plain(), user=LI)[:2] == ("MAIL", 525)
        the.quiet()
    after = the.counters()
    assert (after["sent"] - before["sent"], after["failed"], after["lost"]) == (3, 0, 0), (before, after)


def notify(the, kind, recipient, record_id="", **values):
    """WIRE_CONTROL_NOTICE, as hangu-authd sends it: (0 or an error, what the gate said)."""
    pairs = [with_offsets([text(name), text(value)], [len(text(name))]) for name, value in values.items()]
    body = variant(text(kind), text(recipient), text(record_id), with_offsets(pairs, ends(pairs)) if pairs else b"")
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as link:
        link.settimeout(20)
        link.connect(str(the.gateway.directory / "run/milter.control"))
        link.send(struct.pack("=3sBII", b"HGU", 1, NOTICE, len(body)) + body)
        answer = link.recv(64 * 1024)
    return struct.unpack("=I", answer[12:16])[0], answer[16:].rstrip(b"\0").decode()


def test_authd_has_notices_sent():
    with facts("enforce") as (the, _):
        id = "0123456789AB"
        assert notify(the, "locked", LI, id, account=LI, until="2026-12-01T08:00:00Z") == (0, "taken")
        check_notice(the, LI, id, "解除时间：2026-12-01 ", "系统已不让从那里登录")
        assert notify(the, "password-expires", LI, id, date="2026-12-08") == (0, "taken")
        assert notify(the, "password-weak", OUT, id, date="2026-12-08") == (0, "not sent"), "an outsider was written to"
        for odd in (("surprise", LI, id), ("locked", LI, "no id")):
            assert notify(the, *odd)[0] == 65, odd
        assert notify(the, "warned", LI, id, problem="tired")[0] == 65


def test_authd_away_puts_off():
    with facts("enforce") as (the, records):
        the.authd.close()
        try:
            step, answered, said = the.send(plain(), user=LI)
        finally:
            the.authd.open()
        assert (step, answered) == ("MAIL", 451) and said.startswith("4.3.0 "), (step, answered, said)
        record, = records()
        assert (record["failure"], record["account_facts"]) == ("no-account-facts", "missing"), record
        assert the.send(plain(), user=LI)[:2] == ("DATA", 250)



@contextlib.contextmanager
def real_register(the):
    """The real hangu-authd where the stand-in was; gives `hangu account`."""
    with Register() as register:
        register.stop()
        register.config.write_text(register.config.read_text().replace('group: ""', "group: postfix\n  grace: 0", 1))
        register.start()
        for path in (register.directory, register.directory / "run"):
            path.chmod(0o755)

        def account(*words):
            done = subprocess.run([str(register.build / "hangu"), "account", *words, "--config", str(register.config)],
                                  capture_output=True, text=True, timeout=60)
            assert done.returncode == 0, (words, done.stdout, done.stderr)

        the.authd.close()
        the.authd.path.symlink_to(register.directory / "run/authd.sock")
        try:
            account.register = register
            yield account
        finally:
            the.authd.path.unlink()
            the.authd.open()


def test_with_the_real_register():
    the = world()
    the.forget()
    before = len(the.letters())
    month = (datetime.date.today() + datetime.timedelta(days=30)).isoformat()

    def sent(sender=LI):
        return the.send(plain(sender), sender=sender, user=LI)[:2]

    with real_register(the) as account:
        account("unit", "江州市水务局", "--domain", "unit.example", "--role", "leader", "--person", OFFICER, "--name", "王刚")
        for address in (LI, WANG):
            account("add", address, "--owner", "张伟", "--purpose", "公文")
        assert sent() == ("DATA", 250), "nothing is refused before enforce"
        for stage in ("warn", "enforce"):
            account("enforce", "all", "--stage", stage)
        assert sent() == ("MAIL", 550), "not approved"
        for address in (LI, WANG):
            account("approve", address, "--approver", "王刚", "--open")
        assert sent() == ("DATA", 250)
        assert sent(WANG) == ("MAIL", 553)
        account("delegate", WANG, LI, "--approver", "王刚", "--until", month)
        assert sent(WANG) == ("DATA", 250)
        account("suspend", LI, "--reason", "借调")
        assert sent() == ("MAIL", 525)
    found = [(r["account_stage"], r["account_problems"], r["answer"]) for r in the.letters()[before:]]
    assert found == [("observe", ["unregistered"], "accept"), ("enforce", ["unregistered"], "reject"), ("enforce", [], "accept"),
                     ("enforce", ["sender-not-owned"], "reject"), ("enforce", [], "accept"),
                     ("enforce", ["suspended"], "reject")], found


def test_real_logins_and_what_they_may_send():
    """Who was logged in before it was known is refused at MAIL FROM, who comes after it at the login, and an administrator
    at MAIL FROM only."""
    the = world()
    the.forget()
    before = len(the.letters())
    weak, expired, administrator, closed, suspended, locked, good = people = [
        f"{name}@unit.example" for name in ("ruo", "guo", "guan", "ting", "zan", "suo", "hao")]
    wanted = {weak: (550, "password-weak"), expired: (550, "password-expired"), administrator: (550, "administrator"),
              closed: (525, "closed"), suspended: (525, "suspended"), locked: (525, "locked")}
    the.passwords = {weak: "ruo2024!"}

    def refused(user):
        try:
            the.connect(user=user).close()
        except smtplib.SMTPAuthenticationError as why:
            return f"{why.smtp_code} {why.smtp_error.decode('utf-8', 'replace')}"
        return None

    def verdict():
        return {row["account"]: row["verdict"] for row in account.register.call("passwords")}.get(weak)

    with real_register(the) as account:
        the.dovecot.stop()
        the.dovecot.set_people({one: the.passwords.get(one, PASSWORD) for one in people})
        the.dovecot.write_config(policy=account.register.run("--dovecot").stdout)
        the.dovecot.start()
        try:
            account("unit", "江州市水务局", "--domain", "unit.example", "--role", "leader", "--person", OFFICER, "--name", "王刚")
            for one in people:
                account("add", one, "--owner", "张伟", "--purpose", "公文", "--kind",
                        "administrator" if one == administrator else "person")
                account("approve", one, "--approver", "王刚", "--open")
            # smtpd may still speak to the Dovecot before this one, which asks nobody
            wait_until(lambda: refused(good) is None and account.register.call("login-status")[0]["answered"] > 0, 30, "Dovecot")
            sessions = {one: the.connect(user=one) for one in people}
            wait_until(lambda: verdict() == "weak", 30, "the verdict")
            for stage in ("warn", "enforce"):
                account("enforce", "all", "--stage", stage)
            account.register.call("handover", account=expired, owner="wang", approver=OFFICER)
            account("close", closed, "--reason", "调离")
            account("suspend", suspended, "--reason", "借调")
            for number in range(3):
                the.passwords[locked] = f"wrong-{number}"
                assert refused(locked)
            the.passwords.pop(locked)
            for one, (code, problem) in wanted.items():
                answered, said = sessions[one].mail(one)
                assert answered == code, (one, problem, answered, said)
            assert sessions[good].mail(good)[0] == 250 and refused(good) is None
            said = {one: refused(one) for one in wanted}
            assert said.pop(administrator) is None, said
            assert all(text and text.startswith("535 ") for text in said.values()), said
            for one, words in ((weak, "too weak"), (expired, "expired"), (locked, "Locked"), (closed, "closed")):
                assert words in said[one], said
            for session in sessions.values():
                session.close()
        finally:
            the.passwords = {}
            the.dovecot.stop()
            the.dovecot.set_people({name: PASSWORD for name in (LI, WANG, "root@unit.example", "gone@unit.example")})
            the.dovecot.write_config(policy="")
            the.dovecot.start()
    found = {r["account"]: r["account_problems"] for r in the.letters()[before:] if r["answer"] == "reject"}
    assert found == {one: [problem] for one, (_, problem) in wanted.items()}, found


if __name__ == "__main__":
    try:
        need_root()
    except Exception as why:
        print(f"1..0 # SKIP {why}")
        sys.exit(0)
    run(globals())
