#!/usr/bin/python3
"""Mail that machines send on (R-165): real Postfix, Dovecot LMTP and Sieve; what leaves, what is stopped, what passes."""
import contextlib
import datetime
import email
import email.policy
import json
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
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
{way}
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
mail_spool_directory = {directory}/boxes/
"""
# sendmail(1) as it is called by who may not name another configuration directory: root calls it for him.
MIME = "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n"
PROXY = """#!/usr/bin/python3
import json, socket, sys
link = socket.socket(socket.AF_UNIX)
link.connect("{socket}")
link.sendall(json.dumps(sys.argv[1:]).encode() + b"\\n" + sys.stdin.buffer.read())
link.shutdown(socket.SHUT_WR)
sys.exit(int(link.recv(16) or b"75"))
"""
PEOPLE = ["li", "zhang", "hu", "away", "wang", "chen", "week", "fan", "officer", "qing"]


class World:
    """Gateway and mailboxes, started once."""

    def __init__(self):
        port = dovecot_kit.free_port()
        self.authd = Authd()
        self.authd.config.write_text(self.authd.config.read_text().replace('group: ""', "group: postfix", 1))
        for path in (self.authd.directory, self.authd.directory / "run"):
            path.chmod(0o755)
        mailboxes = ", ".join(f"{{ {name}@unit.example = lmtp:inet:127.0.0.1:{port} }}" for name in PEOPLE + ["ghost"])
        names = ", ".join(f"{{ {name}@unit.example = x }}" for name in PEOPLE + ["lost", "daemon", "bin", "sales", "boss", "both", "ghost"])
        self.gateway = PrivateGateway(aliases={"lost": "finder@outside.example"}, forward={"daemon": "daemon-home@outside.example"})
        directory = self.gateway.directory
        self.proxy, boxes = directory / "sendmail", directory / "boxes"
        self.gateway.postfix_more = POSTFIX.format(mailboxes=mailboxes, names=names, directory=directory)
        self.gateway.forward["bin"] = f'\\\\bin, "|{self.proxy} -i -f bin@unit.example -- bin-home@outside.example"'
        boxes.mkdir()
        boxes.chmod(0o777)
        self.serve_sendmail()
        self.gateway.settings_more = f"accounts:\n  ask: yes\n  socket: {self.authd.directory}/run/authd.sock\n"
        self.gateway.notices = (f"  smtp: 127.0.0.1:{self.gateway.smtp_port}\n  each: 100\n  each_officer: 1000\n  pause: 0s\n"
                                "  officers: [officer@unit.example]")
        self.lmtp_port = port
        more = LMTP.format(port=port, way=f"submission_host = 127.0.0.1:{self.gateway.smtp_port}")
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
        self.number, self.registered = 0, False

    def register(self):
        """The unit, once."""
        if not self.registered:
            self.authd.call("unit", unit="示例单位", domain="unit.example", role="leader", person="leader@unit.example")
        self.registered = True

    def serve_sendmail(self):
        path = self.gateway.directory / "sendmail.sock"
        self.proxy.write_text(PROXY.format(socket=path))
        self.proxy.chmod(0o755)
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(str(path))
        path.chmod(0o666)
        listener.listen()

        def serve():
            while True:
                link, _ = listener.accept()
                with link, link.makefile("rb") as stream:
                    words, letter = json.loads(stream.readline()), stream.read()
                    done = subprocess.run(["sendmail", "-C", str(self.gateway.postfix_config), *words], input=letter, timeout=60)
                    link.sendall(b"%d" % done.returncode)

        threading.Thread(target=serve, daemon=True).start()

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

    def by_sendmail(self, identifier):
        return [record for record in self.gateway.records() if record.get("message_id") == identifier
                and record.get("listener") == "pickup"]

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
    for mode, answer in (("observe", "accept"), ("enforce", "hold")):
        world.set(mode=mode)
        identifier, text = world.letter(sender="boss@unit.example")
        assert world.gateway.send(text, "boss@unit.example", ["chen@unit.example"], login="boss").code == 250
        record = world.wait_left(identifier, "a copy")
        assert record["recipients"] == ["watcher@outside.example"] and record["verdict"] == "reject", record
        assert (record["answer"], record["mode"]) == (answer, mode), record
        wait_until(lambda: world.in_mailbox("chen", identifier), what="the letter in chen's mailbox")
        if mode == "observe":
            wait_until(lambda: world.outside(identifier), what="the copy outside")
        else:
            assert not world.outside(identifier)


def test_a_program_in_a_forward_file_is_stopped_and_the_copy_stays():
    """\\bin, "|program": the program sends the letter on by sendmail(1), under the user's own name."""
    world.set()
    before = len(world.to_author())
    identifier = world.come_in("bin@unit.example")
    wait_until(lambda: world.by_sendmail(identifier), what="a record of what the program sent")
    world.gateway.settle()
    record, = world.by_sendmail(identifier)
    assert record["recipients"] == ["bin-home@outside.example"] and record["answer"] == "hold", record
    assert record["forward"]["auto"] and "seen-inbound:body" in record["forward"]["evidence"], record
    assert world.held("bin-home@outside.example") and not world.outside(identifier)
    assert any(identifier.encode() in path.read_bytes() for path in (world.gateway.directory / "boxes/bin/new").iterdir())
    assert len(world.to_author()) == before


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
    # the same by a program that writes no Resent-*: he logged in and sent it there
    again = world.come_in("chen@unit.example")
    wait_until(lambda: world.in_mailbox("chen", again), what="the second letter in chen's mailbox")
    _, bare = world.letter()
    bare = bare.replace(f"{world.number}.{id(world)}@far.example".encode(), again.encode())
    assert world.gateway.send(bare, "chen@unit.example", [FRIEND], login="chen").code == 250
    wait_until(lambda: world.outside(again), what="the second redirected letter outside")
    # "forward": a letter of its own around the old one
    new, wrapper = world.letter("MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n",
                                "--b\r\n\r\nsee below\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n" + text.decode() + "\r\n--b--",
                                "chen@unit.example")
    assert world.gateway.send(wrapper, "chen@unit.example", [FRIEND], login="chen").code == 250
    wait_until(lambda: world.outside(new), what="the forwarded letter outside")


def test_a_local_list_passes():
    world.set()
    headers = ("Errors-To: week-bounces@unit.example\r\nSender: \"Weekly\" <week-bounces@unit.example>\r\nX-BeenThere: week@unit.example\r\n"
               "X-Mailman-Version: 3.3.8\r\nPrecedence: list\r\nX-Original-To: week@unit.example\r\nDelivered-To: week@unit.example\r\n"
               "List-Id: Weekly <week.unit.example>\r\nList-Help: <mailto:week-request@unit.example?subject=help>\r\n"
               "List-Owner: <mailto:week-owner@unit.example>\r\nList-Post: <mailto:week@unit.example>\r\n"
               "List-Unsubscribe: <mailto:week-leave@unit.example>\r\n")
    identifier, text = world.letter(headers)
    assert world.gateway.send(text, AUTHOR, ["week@unit.example"], client=OUTSIDE).code == 250
    wait_until(lambda: world.in_mailbox("week", identifier), what="the letter at the list's")
    smtp_port = world.gateway.smtp_port
    verp = "week-bounces+friend=outside.example@unit.example"
    assert world.gateway.send(text, verp, [FRIEND], port=smtp_port).code == 250
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


def test_a_bounce_and_a_read_receipt_pass():
    world.set()
    before = len(world.to_author())
    identifier, text = world.letter(to="ghost@unit.example")    # Dovecot knows no such user
    assert world.gateway.send(text, AUTHOR, ["ghost@unit.example"], client=OUTSIDE).code == 250
    wait_until(lambda: len(world.to_author()) == before + 1, what="the bounce")
    assert any(b"report-type=delivery-status" in letter and identifier.encode() in letter for letter in world.to_author())
    read = ("From: chen@unit.example\r\nTo: author@far.example\r\nSubject: Read: pumps\r\nMIME-Version: 1.0\r\n"
            "Message-ID: <mdn-1@unit.example>\r\nReferences: <%s>\r\n"
            "Content-Type: multipart/report; report-type=disposition-notification; boundary=m\r\n\r\n"
            "--m\r\nContent-Type: text/plain\r\n\r\nYour letter was displayed.\r\n"
            "--m\r\nContent-Type: message/disposition-notification\r\n\r\nReporting-UA: desk; mail\r\n"
            "Final-Recipient: rfc822;chen@unit.example\r\nOriginal-Message-ID: <%s>\r\n"
            "Disposition: manual-action/MDN-sent-manually; displayed\r\n\r\n--m--\r\n" % (identifier, identifier)).encode()
    assert world.gateway.send(read, "", [AUTHOR], login="chen").code == 250
    wait_until(lambda: len(world.to_author()) == before + 2, what="the read receipt")
    passed = [r for r in world.gateway.records() if r.get("listener") == "egress" and r["recipients"] == [AUTHOR]][-2:]
    assert all(r["answer"] == "accept" and not r["forward"]["auto"] for r in passed), passed


def test_a_freemail_address_of_the_owner_is_known_by_his_name():
    world.set(mode="observe")
    world.register()
    world.authd.call("add", address="qing@unit.example", owner="李青", kind="person", unit="示例单位", purpose="work")
    paper = "青水发〔2026〕45号 关于资金安排情况的报告\r\n"
    wife = "晚上我晚点回来，孩子的作业你看一下。\r\n"
    found = {}
    for recipient, body in (("lq1985@qq.com", paper), ("lq1985@qq.com", wife), ("wangfang@qq.com", wife), ("wangfang@qq.com", paper)):
        identifier, text = world.letter(MIME, body, "qing@unit.example", recipient)
        assert world.gateway.send(text, "qing@unit.example", [recipient], login="qing@unit.example").code == 250
        record = next(r for r in world.gateway.records() if r.get("message_id") == identifier)
        found[recipient, body] = [finding["rule"] for finding in record["findings"]], "note-account" in record["actions"], record.get("history")
    assert found["lq1985@qq.com", paper] == (["cn-own-mailbox"], True, ["0:own"]), found
    assert found["lq1985@qq.com", wife] == ([], False, ["0:2:1", "0:own"]), found    # counted: one paper before
    assert found["wangfang@qq.com", wife] == ([], False, None) and found["wangfang@qq.com", paper] == ([], False, None), found
    # the same papers to her for days: the days before are written into what the gate keeps
    assert world.gateway.stop_process("milter") == 0
    with contextlib.closing(sqlite3.connect(world.gateway.directory / "state/milter/tracks.db")) as kept, kept:
        assert len(kept.execute("SELECT * FROM history").fetchall()) == 2
        for ago in (1, 2):
            kept.execute("INSERT INTO history SELECT high, low, day - ?, 5 FROM history WHERE letters = 1", (ago,))
    world.gateway.start_milter()
    for body, wanted in ((wife, []), (paper, ["cn-mailbox-bulk"])):
        identifier, text = world.letter(MIME, body, "qing@unit.example", "wangfang@qq.com")
        assert world.gateway.send(text, "qing@unit.example", ["wangfang@qq.com"], login="qing@unit.example").code == 250
        record = next(r for r in world.gateway.records() if r.get("message_id") == identifier)
        assert [finding["rule"] for finding in record["findings"]] == wanted, record
        assert record["history"] == ["0:12:3"] and ("note-account" in record["actions"]) == bool(wanted), record


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
    world.register()
    world.authd.call("add", address="fan@unit.example", owner="Fan", kind="person", unit="示例单位", purpose="work")
    until = (datetime.date.today() + datetime.timedelta(days=20)).isoformat()
    world.authd.call("exception", account="fan@unit.example", to="mission.example", approver="leader@unit.example",
                     reason="on a mission", until=until)
    identifier = world.come_in("fan@unit.example")              # its script leads elsewhere
    wait_until(lambda: world.in_mailbox("fan", identifier), what="the letter in fan's mailbox")
    world.authd.call("exception", account="fan@unit.example", to="outside.example", approver="leader@unit.example",
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
    records = [r for r in world.gateway.records() if r.get("message_id") == identifier and r["recipients"] == ["wang@unit.example"]]
    assert records and all(r["answer"] == "accept" and r["direction"] != "out" for r in records), records


def test_sieve_redirects_by_sendmail_are_held():
    """Without submission_host Dovecot runs sendmail(1): it is not refused, so what goes without :copy is held, not lost."""
    world.set()
    before = len(world.to_author())
    world.dovecot.restart(more=LMTP.format(port=world.lmtp_port, way=f"sendmail_path = {world.proxy}"))
    for name, kept in (("li", False), ("zhang", True)):
        target = f"{name}-home@outside.example"
        identifier = world.come_in(f"{name}@unit.example")
        wait_until(lambda: world.by_sendmail(identifier), what=f"a record of {name}'s redirect")
        world.gateway.settle()
        record, = world.by_sendmail(identifier)
        assert record["recipients"] == [target] and record["answer"] == "hold" and record["forward"]["auto"], record
        assert "X-Sieve-Redirected-From" in record["forward"]["evidence"], record
        assert world.held(target) and not world.outside(identifier)
        wait_until(lambda: world.in_mailbox(name, identifier) == kept, what=f"a copy in {name}'s mailbox: {kept}")
    assert len(world.to_author()) == before, "a bounce went to the outside author"


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
