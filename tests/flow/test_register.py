#!/usr/bin/python3
"""The register of accounts by its own command line: hangu account against the real hangu-authd and hangu-ledger."""
import datetime
import gzip
import imaplib
import json
import os
import pathlib
import signal
import subprocess

from authd_kit import Authd
from dovecot_kit import Dovecot
from gate_kit import wait_until
from tap import need_root, run

UNIT = "江州市水务局"
LIST = ("邮箱,类型,姓名,部门,用途,批准人,批准日期\r\n"
        "zhangwei@water.example,个人,张伟,办公室,公文,,\r\n"
        "qian@water.example,个人,钱江,办公室,公文,李强,2024/5/6\r\n")
LOG = """\
Nov 22 08:00:01 mx postfix/submission/smtpd[11]: 4AbC12dEf3: client=pc7[127.0.0.20], sasl_method=PLAIN, sasl_username=sunhong
Nov 22 08:00:01 mx postfix/qmgr[3]: 4AbC12dEf3: from=<sunhong@water.example>, size=900, nrcpt=1 (queue active)
Nov 22 08:01:00 mx postfix/smtpd[12]: 4AbC12dEf4: client=unknown[127.0.0.7]
Nov 22 08:01:00 mx postfix/qmgr[3]: 4AbC12dEf4: from=<scan1@water.example>, size=900, nrcpt=1 (queue active)
"""
NETWORKS = "mail:\n  local_domains: [water.example]\n  local_networks: [127.0.0.0/8]\n"


class Desk:
    """The command, with the settings of one hangu-authd."""
    def __init__(self, authd):
        self.authd = authd
        authd.config.write_text(authd.config.read_text() + NETWORKS)

    def __call__(self, *words, status=0, language="C.UTF-8", **options):
        arguments = [str(self.authd.build / "hangu"), "account", *words, "--config", str(self.authd.config)]
        done = subprocess.run(arguments, capture_output=True, env={**os.environ, "LC_ALL": language, **options},
                              timeout=60, check=False)
        assert status is None or done.returncode == status, f"{words}: {done.returncode}\n{done.stdout.decode()}{done.stderr.decode()}"
        return done.stdout.decode() + done.stderr.decode()

    def rows(self, *words):
        return [json.loads(line) for line in self(*words, "--json").splitlines()]

    def unit(self):
        self("unit", UNIT, "--abbreviation", "市水务局", "--domain", "water.example", "--role", "leader",
             "--person", "wang@water.example", "--name", "王刚")
        self("department", UNIT, "办公室", "--role", "approver", "--person", "li@water.example", "--name", "李强")

    def add(self, address, owner="张伟", *more, status=0):
        return self("add", address, "--owner", owner, "--purpose", "公文", "--department", "办公室", *more, status=status)


def test_from_request_to_closed():
    with Authd() as authd:
        desk = Desk(authd)
        assert "No unit yet" in desk("unit")
        desk.unit()
        desk.add("zhangwei@water.example")
        assert "unregistered" in authd.ask("zhangwei@water.example")["problems"]
        assert "requested" in desk("open", "zhangwei@water.example", status=77)
        assert "王刚" in desk("approve", "zhangwei@water.example", "--approver", "张伟", status=77)
        desk("approve", "zhangwei@water.example", "--approver", "李强", "--open")
        facts = authd.ask("zhangwei@water.example")
        assert facts["problems"] == [] and facts["stage"] in ("", "observe"), facts
        desk("suspend", "zhangwei@water.example", "--reason", "借调", "--by", "王刚")
        assert authd.ask("zhangwei@water.example")["problems"] == ["suspended"]
        desk("resume", "zhangwei@water.example")
        desk("close", "zhangwei@water.example", "--reason", "撤销")
        assert authd.ask("zhangwei@water.example")["problems"] == ["closed"]
        events = [line["event"] for line in authd.records("account")]
        assert events[-5:] == ["requested", "approved", "suspended", "resumed", "closed"], events
        shown = desk("show", "zhangwei@water.example", language="zh_CN.UTF-8",
                     HANGU_LOCALEDIR=str(authd.build / "locale"))
        assert "已注销" in shown and "责任人" in shown and "借调" in shown, shown
        assert "zhangwei@water.example" in desk("show", "zhangwie@water.example", status=66)    # the nearest one


def test_without_the_ledger_nothing_changes():
    with Authd() as authd:
        desk = Desk(authd)
        desk.unit()
        desk.add("zhangwei@water.example")
        authd.stop("hangu-ledger")
        assert "nothing was changed" in desk("approve", "zhangwei@water.example", "--approver", "李强", status=69)
        authd.start("hangu-ledger", "ledger.sock")
        assert desk.rows("show", "zhangwei@water.example")[0]["state"] == "requested"
        desk("approve", "zhangwei@water.example", "--approver", "李强")


def test_lists_come_and_go():
    with Authd() as authd:
        desk = Desk(authd)
        desk.unit()
        path = authd.directory / "台账.csv"
        path.write_bytes((LIST + "li @water.example,个人,李,办公室,公文,,\r\nwu@water.example,个人,吴,保卫处,公文,,\r\n"
                          "zhou@water.example,个人,周,办公室,公文,张三,2024/1/1\r\n").encode("gb18030"))
        said = desk("import", str(path), status=65)
        assert f"{path}:4:1: " in said                              # what the file shows
        path.write_bytes(path.read_bytes().replace("li @".encode(), b"li2@"))
        said = desk("import", str(path), status=65)
        assert f"{path}:5:1: " in said and "保卫处" in said and f"{path}:6:1: " in said, said   # and what the register knows
        assert desk.rows("list") == []
        path.write_bytes(LIST.encode("gb18030"))
        assert "would add 2" in desk("import", str(path), "--dry-run")
        assert desk.rows("list") == []
        assert "2 added" in desk("import", str(path))
        assert "2 as they were" in desk("import", str(path))
        assert authd.ask("zhangwei@water.example")["problems"] == []    # until the deadline
        assert [row["address"] for row in desk.rows("list", "--pending")] == ["zhangwei@water.example"]
        assert desk.rows("show", "qian@water.example")[0]["state"] == "open"
        desk("set", "qian@water.example", "--purpose", "=1+1", "--note", "'=x")     # what a spreadsheet would compute
        desk("set", "zhangwei@water.example", "--purpose", "@公文", "--note", "'x'")
        copy = authd.directory / "copy.csv"
        copy.write_text(desk("export"), encoding="utf-8")
        assert ",\"'=1+1\"," in copy.read_text() and ",\"''=x\"," in copy.read_text(), copy.read_text()
        assert "2 as they were" in desk("import", str(copy))


def test_discover_then_enforce():
    with Authd() as authd:
        desk = Desk(authd)
        desk.unit()
        log = authd.directory / "mail.log.2.gz"
        log.write_bytes(gzip.compress(LOG.encode()))
        found = {row["name"]: row for row in desk.rows("discover", "--log", str(log), "--logs-only")}
        assert found["sunhong"]["kind"] == "person" and found["sunhong"]["registered"] is False
        assert found["127.0.0.7"]["kind"] == "service" and found["127.0.0.7"]["address"] == "scan1@water.example"
        assert "2 imported" in desk("discover", "--log", str(log), "--logs-only", "--import", "--days", "30")
        assert "0 imported" in desk("discover", "--log", str(log), "--logs-only", "--import")
        assert authd.ask("sunhong")["problems"] == []
        desk("set", "sunhong@water.example", "--owner", "孙红", "--purpose", "公文", "--department", "办公室")
        desk("approve", "sunhong@water.example", "--approver", "王刚")
        assert desk.rows("show", "sunhong@water.example")[0]["state"] == "open"
        place = UNIT + "/办公室"
        assert "warned first" in desk("enforce", place, status=77)
        desk("enforce", place, "--stage", "warn", "--by", "王刚")
        desk("enforce", place, "--by", "王刚")
        assert authd.ask("sunhong")["stage"] == "enforce"
        assert authd.ask("scan1@water.example")["stage"] != "enforce"
        assert [row["by"] for row in desk.rows("enforce")] == ["王刚"]


def test_an_import_that_is_killed_is_told_and_goes_on():
    with Authd() as authd:
        desk = Desk(authd)
        desk.unit()
        path = authd.directory / "台账.csv"
        path.write_text("邮箱,姓名,部门,用途\n" +
                        "".join(f"person{i:04}@water.example,张伟,办公室,公文\n" for i in range(600)), encoding="utf-8")
        words = [str(authd.build / "hangu"), "account", "import", str(path), "--config", str(authd.config)]
        before = len(authd.records("account"))
        with subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as command:
            wait_until(lambda: len(authd.records("account")) > before or command.poll() is not None, 60, "records")
            authd.stop(how=signal.SIGKILL)          # between the records and the rows, or a little later
            command.wait(60)
        authd.start()
        present = {row["address"] for row in desk.rows("list")}
        balance = {}
        for record in authd.records("account"):
            if record["event"] in ("imported", "undone"):
                balance[record["account"]] = record["event"]    # the last one counts
        assert present == {address for address, event in balance.items() if event == "imported"}, len(present)
        said = desk("import", str(path))
        assert f"{600 - len(present)} added" in said and f"{len(present)} as they were" in said, said
        assert len(desk.rows("list")) == 600


def write_tables(directory):
    """A Postfix and a Dovecot configuration with a table of every sort, the compiled ones made by postmap."""
    postfix = directory / "postfix"
    postfix.mkdir()
    (postfix / "users").mkdir()
    tables = {"senders": "zw@water.example sunhong\ninfo@water.example sunhong, wu01\n",
              "mailboxes": "sunhong@water.example water/sunhong/\nold@water.example water/old/\n",
              "more": "fax@water.example water/fax/\n", "local": "root x\n",
              "virtual": "info@water.example old@water.example\n", "aliases": "postmaster: root\n"}
    for name, text in tables.items():
        (postfix / name).write_text(text)
    (postfix / "main.cf").write_text(f"""\
compatibility_level = 3.6
mydestination = water.example
mynetworks = 127.0.0.0/8
alias_maps = hash:{postfix}/aliases
local_recipient_maps = hash:{postfix}/local $alias_maps unix:passwd.byname
virtual_mailbox_maps = hash:{postfix}/mailboxes, texthash:{postfix}/more, ldap:{postfix}/ldap.cf
virtual_alias_maps = hash:{postfix}/virtual regexp:{postfix}/patterns inline:{{ jubao@water.example=old@water.example }}
""")
    (postfix / "master.cf").write_text("smtp inet n - n - - smtpd\nsubmission inet n - n - - smtpd\n"
                                       f"  -o smtpd_sender_login_maps=hash:{postfix}/senders\n")
    for name in ("senders", "mailboxes", "local", "virtual"):
        subprocess.run(["postmap", "-c", str(postfix), f"hash:{postfix}/{name}"], check=True, timeout=30)
    subprocess.run(["postalias", "-c", str(postfix), f"hash:{postfix}/aliases"], check=True, timeout=30)
    for name in ("mailboxes", "virtual"):       # the compiled table is what counts
        (postfix / name).unlink()
    (postfix / "users/water.example").write_text("li:{PLAIN}x\nsunhong:{PLAIN}y\n")
    (directory / "dovecot.conf").write_text(f"""\
passdb {{
  driver = passwd-file
  args = scheme=PLAIN username_format=%n {postfix}/users/%d
}}
passdb {{
  driver = ldap
  args = {postfix}/ldap.conf
}}
userdb {{
  driver = static
  args = uid=nobody gid=nogroup home=/nonexistent
}}
""")
    return postfix, directory / "dovecot.conf"


def test_discover_reads_the_tables_of_postfix_and_dovecot():
    with Authd() as authd:
        desk = Desk(authd)
        desk.unit()
        log = authd.directory / "mail.log"
        log.write_text(LOG)
        postfix, dovecot = write_tables(authd.directory)
        words = ("discover", "--log", str(log), "--postfix-config", str(postfix), "--dovecot-config", str(dovecot))
        rows = desk.rows(*words)
        found = {row["name"]: row for row in rows if "name" in row}
        sources = {name: " ".join(row["sources"]) for name, row in found.items()}
        for name, submits, by, *tables in (
                ("sunhong", True, "login", "log ", f"hash:{postfix}/mailboxes", f"passwd-file {postfix}/users/water.example",
                 "submission/inet/smtpd_sender_login_maps"),
                ("127.0.0.7", True, "host", "log "),
                ("old@water.example", False, "mailbox", f"virtual_mailbox_maps hash:{postfix}/mailboxes"),
                ("fax@water.example", False, "mailbox", f"texthash:{postfix}/more"),
                ("wu01", False, "login", f"hash:{postfix}/senders"),
                ("li@water.example", False, "login", f"passwd-file {postfix}/users/water.example"),
                ("info@water.example", False, "alias", f"hash:{postfix}/virtual"),
                ("jubao@water.example", False, "alias", "virtual_alias_maps inline:"),
                ("postmaster", False, "alias", f"alias_maps hash:{postfix}/aliases")):
            assert found[name]["submits"] is submits and found[name]["by"] == by, found[name]
            for table in tables:
                assert table in sources[name], sources[name]
        unread = {row["not_listed"]: row["why"] for row in rows if "not_listed" in row}
        for part in (f"ldap:{postfix}/ldap.cf", "regexp:", "unix:passwd.byname", "Dovecot passdb ldap"):
            assert any(part in what for what in unread), unread
        said = desk(*words)
        assert said.index("sunhong") < said.index("not seen submitting") < said.index("old@water.example"), said
        desk(*words, "--import")
        registered = {row["address"]: row for row in desk.rows("list")}
        assert "old@water.example" in registered and "info@water.example" not in registered, registered
        assert registered["sunhong@water.example"]["aliases"] == ["zw@water.example"]     # info@ is of two
        assert "0 imported" in desk(*words, "--import")


def test_delegates_handover_and_leave():
    with Authd() as authd:
        desk = Desk(authd)
        desk.unit()
        for address, owner in (("chief@water.example", "吴军"), ("zhaomin@water.example", "赵敏")):
            desk.add(address, owner)
            desk("approve", address, "--approver", "李强", "--open")
        month = (datetime.date.today() + datetime.timedelta(days=30)).isoformat()
        desk("delegate", "chief@water.example", "zhaomin@water.example", "--approver", "王刚", "--until", month)
        assert "chief@water.example" in authd.ask("zhaomin@water.example")["addresses"]
        desk("alias", "zhaomin@water.example", "zhao.min@water.example")
        assert "zhao.min@water.example" in authd.ask("zhaomin@water.example")["addresses"]
        empty = {"PATH": str(pathlib.Path(authd.directory))}                        # no doveadm there
        said = desk("handover", "chief@water.example", "--owner", "周洁", "--approver", "王刚", status=1, **empty)
        assert "doveadm kick chief@water.example" in said, said
        assert desk.rows("show", "chief@water.example")[0]["new_password"]
        for _ in range(2):                                                          # as often as needed
            said = desk("leave", "zhaomin@water.example", "--role", "core", "--date", "2026-03-31", status=1, **empty)
            assert "2028-03-31" in said and "zhao.min@water.example" in said, said
        assert authd.ask("zhaomin@water.example")["problems"] == ["suspended"]
        assert desk.rows("show", "zhaomin@water.example")[0]["delegated"] == []
        assert [line["event"] for line in authd.records("account")].count("left") == 1


SIEVE = """\
plugin {
  sieve = file:%h/sieve;active=%h/.dovecot.sieve
}
"""


def put_scripts(dovecot, user, linked):
    """A script that is active, as ManageSieve links it, or as a file in its place."""
    home = dovecot.directory / "mail" / user
    (home / "sieve").mkdir(parents=True)
    (home / "sieve/main.sieve").write_text("redirect \"friend@outside.example\";\n")
    active = home / ".dovecot.sieve"
    if linked:
        active.symlink_to("sieve/main.sieve")
    else:
        active.write_text("redirect \"friend@outside.example\";\n")
    subprocess.run(["chown", "-Rh", "nobody:nogroup", str(home)], check=True)
    return active


def steps(desk, address, *more, status=None):
    rows = [json.loads(line) for line in desk("leave", address, *more, "--json", status=status).splitlines()]
    return {row["item"]: (row["status"], row["what"]) for row in rows}


def test_leaving_ends_sessions_and_scripts_of_dovecot():
    need_root()
    with Authd() as authd, Dovecot({"chief@water.example": "Kx7-lampe", "wu01": "Mq2-stern"}, more=SIEVE) as dovecot:
        desk = Desk(authd)
        desk.unit()
        desk.add("chief@water.example", "吴军")
        desk.add("wumin@water.example", "吴敏", "--alias", "wu01")
        session = imaplib.IMAP4("127.0.0.1", dovecot.imap_port)
        session.login("chief@water.example", "Kx7-lampe")
        other = imaplib.IMAP4("127.0.0.1", dovecot.imap_port)
        other.login("wu01", "Mq2-stern")
        here = ("--dovecot-config", str(dovecot.config))
        desk("handover", "chief@water.example", "--owner", "周洁", "--approver", "王刚", *here)
        linked, placed = put_scripts(dovecot, "chief@water.example", True), put_scripts(dovecot, "wu01", False)
        try:
            session.noop()
        except (imaplib.IMAP4.abort, OSError):
            pass
        else:
            raise AssertionError("the session of the one before goes on")
        said = steps(desk, "chief@water.example", "--dry-run", *here)
        assert said["sieve"][0] == "to-do" and "main" in said["sieve"][1] and linked.is_symlink(), said
        said = steps(desk, "chief@water.example", *here)
        assert said["sessions"] == ("done", "there were no sessions"), said
        assert said["sieve"] == ("done", "switched off: main") and not linked.is_symlink(), said
        assert steps(desk, "chief@water.example", *here)["sieve"] == ("done", "no script is active")
        said = steps(desk, "wumin@water.example", *here)
        assert said["sessions"] == ("done", "sessions ended"), said     # by a login name of his
        assert said["sieve"][0] == "done" and "dovecot.orig" in said["sieve"][1] and not placed.exists(), said
        assert said["aliases"][0] == "to-do", said
        desk("alias", "wumin@water.example", "wu01", "--remove")
        said = steps(desk, "wumin@water.example", *here)
        assert {status for status, _ in said.values()} - {"done"} <= {"to-do"} and said["aliases"][0] == "done", said
        assert said["sieve"] == ("done", "Dovecot knows no user wumin@water.example"), said
        assert [line["event"] for line in authd.records("account")].count("left") == 2


def test_names_of_the_unit_are_found():
    with Authd() as authd:
        desk = Desk(authd)
        desk.unit()
        assert "shuiwuju" in desk.add("shuiwuju2026@water.example", status=65)
        desk.add("swj@water.example", "办公室", "--note", "上级统一规定")
        desk.add("zhangwei1@water.example")
        assert "one letter from zhangwei1" in desk.add("zhangwei2@water.example", "张巍")      # told when it is added,
        path = authd.directory / "台账.csv"
        path.write_text("邮箱,姓名\nzhangwei3@water.example,张薇\nshuiwuju9@water.example,办公室\n", encoding="utf-8")
        said = desk("import", str(path))                                                   # and imported,
        assert "one letter from zhangwei" in said and "shuiwuju" in said, said
        rows = {row["address"]: row for row in desk.rows("list", "--names")}
        assert rows["swj@water.example"]["name_fault"] == "unit-initials", rows["swj@water.example"]
        assert rows["zhangwei1@water.example"]["name_near"] in ("zhangwei2", "zhangwei3")  # and listed
        assert rows["shuiwuju9@water.example"]["name_fault"] == "unit-pinyin", rows["shuiwuju9@water.example"]
        assert "(swj)" in desk("list", "--names") and "(swj)" not in desk("list")


if __name__ == "__main__":
    run(globals())
