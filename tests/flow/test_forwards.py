#!/usr/bin/python3
"""Mail that machines send on (R-165): real Postfix, Dovecot LMTP and Sieve; what leaves, what is stopped, what passes."""
import datetime
import email
import email.policy
import json
import signal
import sys
import time

import dovecot_kit
from authd_kit import Authd
from dovecot_kit import Dovecot
from private_gateway import OUTSIDE, PrivateGateway, wait_until
from tap import need_root, run

AUTHOR, FRIEND = "author@far.example", "friend@outside.example"
TEXT = ("Minutes of the meeting of Tuesday: who was there, what was said about the new pumps, what was not said, when the "
        "next one will be, and that somebody please brings the drawings of the old station along, on paper, since the file "
        "does not open any more on the machine in the small room. ") * 2
SCRIPTS = {
    "li": 'redirect "li-home@outside.example";',
    "zhang": 'require ["copy"];\nif header :contains "subject" "x" { keep; }\nredirect :copy "zhang-home@outside.example";',
    "hu": 'redirect "wang@unit.example";',
    "fan": 'redirect "fan-home@outside.example";',
    "away": 'require ["vacation"];\nvacation :days 1 "Back on Monday.";',
}
LMTP = """
service lmtp {{
  inet_listener lmtp {{
    address = 127.0.0.1
    port = {port}
  }}
}}
service stats {{
  chroot =
}}
protocol lmtp {{
  mail_plugins = sieve
  postmaster_address = postmaster@unit.example
}}
submission_host = 127.0.0.1:{smtp_port}
plugin {{
  sieve = file:~/sieve;active=~/.dovecot.sieve
}}
"""
POSTFIX = """
transport_maps = inline:{{ {mailboxes} }}
virtual_alias_maps = inline:{{ {{ sales@unit.example = buyer@outside.example }},
  {{ both@unit.example = chen@unit.example both-home@outside.example }} }}
recipient_bcc_maps = inline:{{ {{ wang@unit.example = spy@outside.example }} }}
sender_bcc_maps = inline:{{ {{ boss@unit.example = watcher@outside.example }} }}
local_recipient_maps = inline:{{ {names} }}
"""
PEOPLE = ["li", "zhang", "hu", "away", "wang", "chen", "week", "fan", "officer"]


class World:
    """Gateway and mailboxes, started once."""

    def __init__(self):
        port = dovecot_kit.free_port()
        self.authd = Authd()
        self.authd.config.write_text(self.authd.config.read_text().replace('group: ""', "group: postfix", 1))
        for path in (self.authd.directory, self.authd.directory / "run"):
            path.chmod(0o755)
        mailboxes = ", ".join(f"{{ {name}@unit.example = lmtp:inet:127.0.0.1:{port} }}" for name in PEOPLE)
        names = ", ".join(f"{{ {name}@unit.example = x }}" for name in PEOPLE + ["lost", "daemon", "sales", "boss", "both"])
        self.gateway = PrivateGateway(aliases={"lost": "finder@outside.example"}, forward={"daemon": "daemon-home@outside.example"},
                                      postfix_more=POSTFIX.format(mailboxes=mailboxes, names=names))
        self.gateway.settings_more = f"accounts:\n  ask: yes\n  socket: {self.authd.directory}/run/authd.sock\n"
        self.gateway.notices = (f"  smtp: 127.0.0.1:{self.gateway.smtp_port}\n  each: 100\n  each_officer: 1000\n  pause: 0s\n"
                                "  officers: [officer@unit.example]")
        more = LMTP.format(port=port, smtp_port=self.gateway.smtp_port)
        self.dovecot = Dovecot({f"{name}@unit.example": "Kx7-lampe" for name in PEOPLE}, more=more, protocols="imap lmtp")
        for name, script in SCRIPTS.items():
            home = self.dovecot.directory / "mail" / f"{name}@unit.example"
            home.mkdir()
            (home / ".dovecot.sieve").write_text(script + "\n")
            dovecot_kit.shutil.chown(home, "nobody", "nogroup")
            dovecot_kit.shutil.chown(home / ".dovecot.sieve", "nobody", "nogroup")
        self.authd.__enter__()
        self.gateway.__enter__()
        self.dovecot.__enter__()
        self.number = 0

    def stop(self):
        self.dovecot.stop()
        self.dovecot.__exit__()
        self.gateway.stop()
        self.authd.__exit__()

    def set(self, mode="enforce", stopped="hold"):
        """Settings of a case, through a reload."""
        text = self.gateway.settings_text().replace("mode: enforce", f"mode: {mode}", 1)
        self.gateway.config.write_text(text.replace("mail:\n", f"mail:\n  forward_stopped: {stopped}\n", 1))
        before = len(self.gateway.records("reload"))
        self.gateway.processes["milter"].send_signal(signal.SIGHUP)
        wait_until(lambda: len(self.gateway.records("reload")) > before, what="a reload")

    def letter(self, headers="", body=None, sender=AUTHOR, to="someone@unit.example"):
        self.number += 1
        identifier = f"{self.number}.{id(self)}@far.example"
        text = body or f"{TEXT}Number {self.number}."
        return identifier, (f"{headers}From: A <{sender}>\r\nTo: {to}\r\nSubject: pumps\r\n"
                            f"Message-ID: <{identifier}>\r\nDate: Tue, 3 Nov 2026 10:00:00 +0800\r\n\r\n{text}\r\n").encode()

    def come_in(self, recipient, **letter):
        identifier, text = self.letter(to=recipient, **letter)
        answer = self.gateway.send(text, AUTHOR, [recipient], client=OUTSIDE)
        assert answer.code == 250, answer
        return identifier

    def left(self, identifier):
        """Records of its leaving."""
        return [record for record in self.gateway.records() if record.get("message_id") == identifier
                and record.get("listener") == "egress"]

    def in_mailbox(self, name, identifier):
        directory = self.dovecot.directory / "mail" / f"{name}@unit.example"
        return any(identifier.encode() in path.read_bytes() for path in directory.rglob("new/*"))

    def notices_to(self, name, record_id):
        """Notices in a mailbox about a record."""
        found = []
        for path in (self.dovecot.directory / "mail" / f"{name}@unit.example").rglob("new/*"):
            message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
            if message["Auto-Submitted"] == "auto-replied" and record_id in message.get_content():
                found.append(message)
        return found

    def outside(self, identifier):
        return [letter for letter in self.gateway.delivered() if f"Message-ID: <{identifier}>".encode() in letter]

    def wait_left(self, identifier, what):
        wait_until(lambda: self.left(identifier), what=f"a record of {what} at egress")
        self.gateway.settle()
        record, = self.left(identifier)
        return record

    def to_author(self):
        return [letter for letter in self.gateway.delivered() if f"X-Rcpt-Args: <{AUTHOR}>".encode() in letter]

    def held(self, recipient):
        return [entry for entry in self.gateway.queue("hold") if [r["address"] for r in entry["recipients"]] == [recipient]]


world = None
WAYS = [("daemon@unit.example", "daemon-home@outside.example", "seen-inbound:message-id"),
        ("lost@unit.example", "finder@outside.example", "seen-inbound:body"),
        ("sales@unit.example", "buyer@outside.example", "seen-inbound:message-id"),
        ("wang@unit.example", "spy@outside.example", "seen-inbound:message-id")]


def test_forwards_are_held_on_every_way_and_nobody_outside_is_told():
    world.set()
    before = len(world.to_author())
    for recipient, target, evidence in WAYS:
        identifier = world.come_in(recipient)
        record = world.wait_left(identifier, f"{recipient} to {target}")
        assert record["recipients"] == [target] and record["forward"]["auto"], record
        assert evidence in record["forward"]["evidence"], (recipient, record["forward"])
        assert (record["verdict"], record["answer"], record["policy"]) == ("reject", "hold", "out-auto-forward"), record
        assert world.held(target), f"{recipient}: not in the hold queue"
        assert not world.outside(identifier), f"{recipient}: it left"
    assert len(world.to_author()) == before, "a bounce went to the outside author"


def test_sieve_redirects_are_refused_and_stay_in_the_mailbox():
    """Dovecot submits them by SMTP: it is told, and keeps the letter, with :copy and without."""
    world.set()
    before = len(world.to_author())
    for name in ("li", "zhang"):
        identifier = world.come_in(f"{name}@unit.example")
        wait_until(lambda: world.in_mailbox(name, identifier), what=f"the letter in {name}'s mailbox")
        record = [r for r in world.gateway.records() if r.get("message_id") == identifier][-1]
        assert record["recipients"] == [f"{name}-home@outside.example"] and record["answer"] == "reject", record
        assert "X-Sieve-Redirected-From" in record["forward"]["evidence"], record
        assert not world.outside(identifier) and not world.left(identifier)
    assert len(world.to_author()) == before, "a bounce went to the outside author"


def test_a_bcc_of_what_people_inside_write_is_held():
    world.set()
    identifier, text = world.letter(sender="boss@unit.example")
    assert world.gateway.send(text, "boss@unit.example", ["chen@unit.example"], login="boss").code == 250
    record = world.wait_left(identifier, "a copy")
    assert record["recipients"] == ["watcher@outside.example"] and record["answer"] == "hold", record
    wait_until(lambda: world.in_mailbox("chen", identifier), what="the letter in chen's mailbox")


def test_discard_drops_after_the_record_and_the_copy_stays():
    world.set(stopped="discard")
    before, held = len(world.to_author()), len(world.gateway.queue("hold"))
    identifier = world.come_in("both@unit.example")
    record = world.wait_left(identifier, "both's copy")
    assert (record["verdict"], record["answer"], record["carried_out"]) == ("reject", "discard", True), record
    wait_until(lambda: world.in_mailbox("chen", identifier), what="the copy")
    assert not world.outside(identifier) and len(world.to_author()) == before
    assert len(world.gateway.queue("hold")) == held, "it was held, not dropped"


def test_observe_lets_them_leave_and_says_so():
    world.set(mode="observe")
    for recipient, target, _ in WAYS + [("li@unit.example", "li-home@outside.example", "")]:
        identifier = world.come_in(recipient)
        record = world.wait_left(identifier, f"{recipient} to {target}")
        assert (record["verdict"], record["answer"], record["mode"]) == ("reject", "accept", "observe"), record
        wait_until(lambda: world.outside(identifier), what=f"{recipient}'s letter outside")


def test_what_persons_send_on_passes():
    world.set()
    identifier = world.come_in("chen@unit.example")
    wait_until(lambda: world.in_mailbox("chen", identifier), what="the letter in chen's mailbox")
    # "redirect": the same letter with Resent-* on top; then once more by a program that writes none
    text = next(path.read_bytes() for path in (world.dovecot.directory / "mail/chen@unit.example").rglob("new/*")
                if identifier.encode() in path.read_bytes()).replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    resent = b"Resent-From: <chen@unit.example>\r\nResent-To: <friend@outside.example>\r\nResent-Message-ID: <r1@unit.example>\r\n"
    assert world.gateway.send(resent + text, "chen@unit.example", [FRIEND], login="chen").code == 250
    wait_until(lambda: world.outside(identifier), what="the redirected letter outside")
    record = world.wait_left(identifier, "a redirect by hand")
    assert record["answer"] == "accept" and not record["forward"]["auto"], record
    # "forward": a letter of its own around the old one
    new, wrapper = world.letter("MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n",
                                "--b\r\n\r\nsee below\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n" + text.decode() + "\r\n--b--",
                                "chen@unit.example")
    assert world.gateway.send(wrapper, "chen@unit.example", [FRIEND], login="chen").code == 250
    wait_until(lambda: world.outside(new), what="the forwarded letter outside")


def test_a_local_list_passes():
    world.set()
    headers = "List-Id: Weekly <week.unit.example>\r\nList-Post: <mailto:week@unit.example>\r\n"
    identifier, text = world.letter(headers)
    assert world.gateway.send(text, AUTHOR, ["week@unit.example"], client=OUTSIDE).code == 250
    wait_until(lambda: world.in_mailbox("week", identifier), what="the letter at the list's")
    smtp_port = world.gateway.smtp_port
    assert world.gateway.send(text, "week-bounces@unit.example", [FRIEND], port=smtp_port).code == 250
    wait_until(lambda: world.outside(identifier), what="the list's letter outside")
    assert world.left(identifier)[0]["answer"] == "accept"


def test_out_of_office_and_bounces_pass():
    world.set()
    before = len(world.to_author())
    world.come_in("away@unit.example")
    wait_until(lambda: len(world.to_author()) == before + 1, what="the out-of-office reply")
    reply = world.to_author()[-1]
    assert b"Auto-Submitted: auto-replied" in reply and b"Back on Monday" in reply, reply
    identifier, text = world.letter(sender="chen@unit.example")
    smtp_port = world.gateway.smtp_port
    world.gateway.send(text, AUTHOR, ["nobody-here@unit.example"], port=smtp_port)
    world.gateway.settle()
    egress = [r for r in world.gateway.records() if r.get("listener") == "egress" and r["sender"] == ""]
    assert egress and all(r["answer"] == "accept" for r in egress), egress


def test_a_restart_of_the_gate_forgets_nothing():
    """Killed, not stopped: what came in a moment ago is known when it leaves."""
    world.set()
    identifier, text = world.letter(to="chen@unit.example")
    assert world.gateway.send(text, AUTHOR, ["chen@unit.example"], client=OUTSIDE).code == 250
    wait_until(lambda: world.in_mailbox("chen", identifier), what="the letter in chen's mailbox")
    time.sleep(1.5)     # it is written twice a second
    world.gateway.stop_process("milter", signal.SIGKILL)
    world.gateway.start_milter()
    assert world.gateway.sendmail(text, "chen@unit.example", [FRIEND]).returncode == 0    # as a .forward's program would
    wait_until(lambda: [r for r in world.gateway.records() if r.get("message_id") == identifier and FRIEND in r["recipients"]],
               what="a record of its leaving")
    world.gateway.settle()
    record = [r for r in world.gateway.records() if r.get("message_id") == identifier and FRIEND in r["recipients"]][-1]
    assert record["forward"]["auto"] and "seen-inbound:message-id" in record["forward"]["evidence"], record
    assert record["answer"] == "hold" and not world.outside(identifier), record


def test_owner_and_officer_are_told():
    world.set()
    identifier = world.come_in("li@unit.example")
    wait_until(lambda: world.in_mailbox("li", identifier), what="the letter in li's mailbox")
    record = [r for r in world.gateway.records() if r.get("message_id") == identifier][-1]
    for name in ("li", "officer"):
        wait_until(lambda: world.notices_to(name, record["id"]), what=f"a notice in {name}'s mailbox")
    identifier = world.come_in("lost@unit.example")     # no mailbox of his: a notice would go the same way
    record = world.wait_left(identifier, "lost's letter")
    wait_until(lambda: world.notices_to("officer", record["id"]), what="a notice to the officer")
    world.gateway.settle()
    assert not [letter for letter in world.gateway.delivered() if b"postmaster@unit.example" in letter], "an outsider was told"
    stopped = [r for r in world.gateway.records() if r["sender"] == "" and r["answer"] in ("reject", "hold")]
    assert len(stopped) <= 4, len(stopped)    # what li's script makes of notices is stopped, and makes no more of them


def test_what_the_register_allows_leaves():
    world.set()
    world.authd.call("unit", unit="示例单位", domain="unit.example", role="leader", person="leader@unit.example")
    world.authd.call("add", address="fan@unit.example", owner="Fan", kind="person", unit="示例单位", purpose="work")
    until = (datetime.date.today() + datetime.timedelta(days=20)).isoformat()
    identifier = world.come_in("fan@unit.example")
    wait_until(lambda: world.in_mailbox("fan", identifier), what="the letter in fan's mailbox")
    world.authd.call("exception", account="fan@unit.example", problem="auto-forward", approver="leader@unit.example",
                     reason="on a mission", until=until)
    identifier = world.come_in("fan@unit.example")
    wait_until(lambda: world.outside(identifier), what="the allowed forward outside")
    record, = world.left(identifier)
    assert record["answer"] == "accept" and not record["forward"]["auto"], record
    assert "allowed: register" in record["forward"]["evidence"], record
    rows = world.gateway.hangu("account", "audit-forwards", "--config", world.gateway.config, "--no-postfix", "--json", "--sieve",
                               f"{world.dovecot.directory}/mail/%u/.dovecot.sieve").stdout.splitlines()
    row, = [row for row in map(json.loads, rows) if row["who"] == "fan@unit.example"]
    assert row["allowed_by"] == "leader@unit.example" and row["allowed_until"] > until, row


def test_a_redirect_inside_passes():
    world.set()
    identifier = world.come_in("hu@unit.example")
    wait_until(lambda: world.in_mailbox("wang", identifier), what="the letter in wang's mailbox")


def test_the_audit_lists_them_all_with_file_and_line():
    world.set()
    gateway, dovecot = world.gateway, world.dovecot
    def audit(*more):
        return gateway.hangu("account", "audit-forwards", "--config", gateway.config, "--postfix-config", gateway.postfix_config,
                             "--sieve", f"{dovecot.directory}/mail/%u/.dovecot.sieve", *more)
    (gateway.directory / "people.ldif").write_text("dn: uid=sun\nmail: sun@unit.example\nmailForwardingAddress: sun@partner.example\n")
    done = audit("--json", "--all", "--ldif", gateway.directory / "people.ldif", "--partner", "partner.example")
    assert done.returncode == 1, done
    rows = {row["who"]: row for row in map(json.loads, done.stdout.splitlines())}
    found = {who: (row["to"], row["where"], row["source"], row["line"], row["copy"]) for who, row in rows.items()}
    home = "home@outside.example"
    wanted = {"li@unit.example": (f"li-{home}", "outside", "sieve", 1, "no"),
              "zhang@unit.example": (f"zhang-{home}", "outside", "sieve", 3, "yes"),
              "hu@unit.example": ("wang@unit.example", "inside", "sieve", 1, "no"),
              "lost": ("finder@outside.example", "outside", "alias", 1, "no"),
              "sun@unit.example": ("sun@partner.example", "partner", "ldap", 3, "unknown")}
    assert all(found.get(who) == row for who, row in wanted.items()), found
    assert rows["lost"]["seen"] > 0 and rows["sun@unit.example"]["seen"] == 0, rows
    assert "inline" in done.stderr, done.stderr   # told, not left out
    text = audit()
    assert text.returncode == 1 and "lost" in text.stdout and "hu@unit.example" not in text.stdout, text
    table = audit("--csv").stdout.splitlines()
    assert table[0].startswith("who,to,where") and len(table) > 4, table


if __name__ == "__main__":
    try:
        need_root()
    except Exception as why:
        print(f"1..0 # SKIP {why}")
        sys.exit(0)
    world = World()
    try:
        run(globals())
    finally:
        world.stop()
