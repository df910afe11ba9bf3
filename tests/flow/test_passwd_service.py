#!/usr/bin/python3
"""hangu-passwd-service as webmail uses it: a real hangu-authd, a real Dovecot, the service as a user of its own.

One of each for all; each test has people of its own.
"""
import atexit
import grp
import http.client
import json
import os
import pwd
import re
import shutil
import socket
import subprocess
import threading
import time

from tap import need_root, run

from authd_kit import Authd
from dovecot_kit import Dovecot, free_port
from gate_kit import wait_until

KEY, API_KEY = "shared-with-webmail", "doveadm-key"
PEOPLE = {
    "li@unit.example": "Kx7-lampe", "wu@unit.example": "Hg2-teller", "sun@unit.example": "Rt5.kessel",
    "zhou@unit.example": "Pw9-tasse", "qian@unit.example": "Uv3,brille", "he@unit.example": "Ck4-nebel",
    "lu@unit.example": "Fd8-zweig",
}
authd = dovecot = service = config = None


class Service:
    """The program, and webmail before it."""

    def __init__(self, path):
        self.path, self.process = path, None

    def start(self):
        with open(authd.directory / "service.log", "ab") as log:
            self.process = subprocess.Popen(
                [str(authd.build / "hangu-passwd-service"), "--config", str(config), "--user", "nobody"], stdout=log,
                stderr=log, stdin=subprocess.DEVNULL)
        wait_until(self.is_ready, 30, "hangu-passwd-service")

    def is_ready(self):
        if self.process.poll() is not None:
            raise AssertionError("it ended: " + self.log())
        with socket.socket(socket.AF_UNIX) as probe:
            return probe.connect_ex(str(self.path)) == 0

    def stop(self):
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(30)

    def log(self):
        return (authd.directory / "service.log").read_text()

    def send(self, body, method="POST", path="/password", **headers):
        link = http.client.HTTPConnection("localhost", timeout=60)
        link.sock = socket.socket(socket.AF_UNIX)
        link.sock.settimeout(60)
        link.sock.connect(str(self.path))
        link.request(method, path, body, {"X-Hangu-Key": KEY, **headers})
        answer = link.getresponse()
        said = answer.status, json.loads(answer.read())
        link.close()
        return said

    def change(self, account, old, new, client="192.0.2.7", **headers):
        body = json.dumps({"account": account, "old": old, "new": new, "client": client}, ensure_ascii=False)
        return self.send(body.encode(), **headers)


def start():
    global authd, dovecot, service, config
    authd = Authd()
    atexit.register(lambda: authd.__exit__())
    authd.directory.chmod(0o755)
    text = authd.config.read_text().replace('  group: ""', "  group: nogroup", 1)
    place, doveadm_port = authd.directory / "users", free_port()
    for name, value in (("key", KEY), ("api.key", API_KEY)):
        (authd.directory / name).write_text(value + "\n")
        (authd.directory / name).chmod(0o640)
        shutil.chown(authd.directory / name, "root", "nogroup")
    authd.config.write_text(text + f"""\
passwords:
  backend: passwd-file
  file: {place}/passwd
  sessions_url: http://127.0.0.1:{doveadm_port}/doveadm/v1
  sessions_key_file: {authd.directory}/api.key
passwd_service:
  listen: unix:{authd.directory}/sock/passwd.sock
  group: nogroup
  key_file: {authd.directory}/key
  user: nobody
""")
    config = authd.config
    authd.__enter__()
    authd.call("unit", unit="江州市水务局", domain="unit.example", role="approver", person="ju@unit.example")
    for account in PEOPLE:
        authd.call("import", address=account, unit="江州市水务局", owner="张伟", purpose="公务",
                   approver="ju@unit.example", approved="2026-01-05", tier="high" if "zhou" in account else "base")

    more = (f"doveadm_api_key = {API_KEY}\nservice doveadm {{\n  chroot =\n  inet_listener http {{\n    address = 127.0.0.1\n"
            f"    port = {doveadm_port}\n  }}\n}}\n")
    dovecot = Dovecot(PEOPLE, policy=authd.run("--dovecot").stdout, more=more)
    atexit.register(lambda: dovecot.__exit__())
    # its directory belongs to the service, its group (setgid) is Dovecot's
    place.mkdir()
    shutil.move(dovecot.directory / "passwd", place / "passwd")
    os.chown(place, pwd.getpwnam("nobody").pw_uid, grp.getgrnam("dovecot").gr_gid)
    os.chown(place / "passwd", pwd.getpwnam("nobody").pw_uid, grp.getgrnam("dovecot").gr_gid)
    place.chmod(0o2750)
    (place / "passwd").chmod(0o640)
    dovecot.config.write_text(dovecot.config.read_text().replace(f"{dovecot.directory}/passwd", f"{place}/passwd"))
    dovecot.start()
    (authd.directory / "sock").mkdir()
    os.chown(authd.directory / "sock", pwd.getpwnam("nobody").pw_uid, grp.getgrnam("nogroup").gr_gid)
    service = Service(authd.directory / "sock/passwd.sock")
    atexit.register(service.stop)
    service.start()


def stored(account):
    lines = (authd.directory / "users/passwd").read_text().splitlines()
    return next(line for line in lines if line.startswith(account + ":"))


def events(account):
    return [one["event"] for one in authd.records("password", account=account) if "actor" in one]


def test_new_password_logs_in_is_recorded_and_ends_sessions():
    name, old, new = "li@unit.example", PEOPLE["li@unit.example"], "Wm4+dose+rad"
    with socket.create_connection(("127.0.0.1", dovecot.imap_port), 60) as link:
        stream = link.makefile("rwb")
        stream.readline()
        stream.write(f'a LOGIN {name} "{old}"\r\n'.encode())
        stream.flush()
        while not stream.readline().startswith(b"a OK"):
            pass
        status, said = service.change(name.upper(), old, new)
        assert status == 200 and said["changed"] and said["sessions"] == "ended", (status, said, service.log())
        link.settimeout(20)
        rest = stream.read()        # to its end: the session is over
        assert b"BYE" in rest or rest == b"", rest
    wait_until(lambda: dovecot.login(name, new) is None, 10, "login with the new password")
    assert dovecot.login(name, old) is not None
    assert events(name) == ["changed"]
    assert authd.records("password", account=name)[0]["actor"] == "nobody"
    facts = (authd.directory / "users/passwd").stat()
    assert facts.st_mode & 0o777 == 0o640 and facts.st_gid == grp.getgrnam("dovecot").gr_gid
    assert os.listdir(authd.directory / "users") == ["passwd"]
    assert service.change(name, new, old)[1]["faults"][0]["word"] == "used-before"
    left = (service.log() + authd.log() + json.dumps(authd.records()))
    assert not any(word in left for word in (old, new, "$y$")), left


def test_every_fault_in_the_language_that_was_asked_for():
    name = "wu@unit.example"
    before = stored(name)
    for language, pattern in (("zh-CN,zh;q=0.9,en;q=0.8", "[一-鿿]"), ("en-GB,en;q=0.9,zh;q=0.1", "^[ -~]+$"), (None, "[一-鿿]")):
        headers = {"Accept-Language": language} if language else {}
        status, said = service.change(name, PEOPLE[name], "zhangw1", **headers)
        words = {fault["word"] for fault in said["faults"]}
        assert status == 422 and not said["changed"] and {"too-short", "easy"} <= words, said
        assert all(re.search(pattern, fault["message"]) for fault in said["faults"]), (language, said)
        assert all(re.search("[一-鿿]", fault["zh"]) and fault["en"].isascii() for fault in said["faults"])
    assert "at least 10" in service.change("zhou@unit.example", PEOPLE["zhou@unit.example"], "Tu4-lipe")[1]["faults"][0]["en"]
    assert stored(name) == before and not events(name)


def test_wrong_present_password_counts_as_a_failed_login():
    name = "sun@unit.example"
    for wrong in ("Aq1-falsch", "Aq2-falsch", "Aq2-falsch"):
        status, said = service.change(name, wrong, "Tu4-lipe-Glas", client="198.51.100.9")
        assert status == 403 and said["word"] == "wrong-password" and said["faults"] == [], said
    unknown = service.change("nobody@unit.example", "Aq1-falsch", "Tu4-lipe-Glas", client="198.51.100.10")
    assert unknown[0] == 403 and unknown[1] == said
    failed = wait_until(lambda: authd.records("login", event="failed", account=name), 20, "records") or \
        authd.records("login", event="failed", account=name)
    assert failed[0]["client_ip"] == "198.51.100.9" and failed[0]["protocol"] == "passwd", failed
    service.change(name, "Aq3-falsch", "Tu4-lipe-Glas", client="198.51.100.9")
    wait_until(lambda: authd.records("login", event="locked", account=name), 20, "the lock")
    assert not events(name)
    # one more within ten minutes is one too many, whatever it says
    status, said = service.change(name, PEOPLE[name], "Tu4-lipe-Glas", client="198.51.100.9")
    assert status in (200, 429), said


def test_requests_that_are_none_get_a_clear_answer():
    good = {"account": "qian@unit.example", "old": PEOPLE["qian@unit.example"], "new": "Tu4-lipe-Glas"}
    cases = [(b"", 400), (b"[]", 400), (b"{", 400), (json.dumps({**good, "new": 7}).encode(), 400),
             (json.dumps({**good, "more": "x"}).encode(), 400), (json.dumps({**good, "new": ""}).encode(), 400),
             (json.dumps({**good, "new": "x" * 513}).encode(), 400), (json.dumps({**good, "client": "x"}).encode(), 400),
             (json.dumps({**good, "new": "a\nb"}).encode(), 400), (b'{"account": "\xff"}', 400),
             (json.dumps({**good, "new": "x\0y"}).encode(), 400), (b"x" * 9000, 413),
             (json.dumps({key: good[key] for key in ("account", "new")}).encode(), 400)]
    for body, status in cases:
        said = service.send(body)
        assert said[0] == status and said[1]["changed"] is False, (body[:60], said)
        assert "Tu4" not in json.dumps(said) and PEOPLE["qian@unit.example"] not in json.dumps(said)
    assert service.send(b"{}", method="GET")[0] == 405
    assert service.send(b"{}", path="/")[0] == 404
    assert service.send(b"{}", **{"X-Hangu-Key": "wrong"})[0] == 401
    assert stored("qian@unit.example").endswith(PEOPLE["qian@unit.example"])


def test_slow_clients_hold_up_nobody():
    links = []
    for _ in range(40):
        link = socket.socket(socket.AF_UNIX)
        link.settimeout(60)
        link.connect(str(service.path))
        link.sendall(b"POST /password HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\nX-Hangu-Key: " + KEY.encode() + b"\r\n\r\n{")
        links.append(link)
    name = "he@unit.example"
    assert service.change(name, PEOPLE[name], "Tu4-lipe-Glas")[0] == 200
    begin = time.monotonic()
    for link in links:
        while link.recv(4096):
            pass
        link.close()
    assert time.monotonic() - begin < 40
    assert events(name) == ["changed"]


def memory_has(pid, words):
    """Which of these stand in memory that the process can write."""
    found = set()
    with open(f"/proc/{pid}/maps", encoding="ascii", errors="replace") as maps, open(f"/proc/{pid}/mem", "rb", 0) as memory:
        for line in maps:
            area, rights = line.split()[:2]
            first, last = (int(end, 16) for end in area.split("-"))
            if "w" not in rights or "[v" in line:
                continue
            try:
                memory.seek(first)
                held = memory.read(last - first)
            except OSError:
                continue
            found |= {word for word in words if word.encode() in held}
    return found


def test_nothing_of_a_password_stays_in_memory():
    name, new, weak = "lu@unit.example", "Zt6+kiosk+bahn", "Qz5-kur"
    assert service.change(name, PEOPLE[name], weak)[0] == 422
    status, said = service.change(name, PEOPLE[name], new)
    assert status == 200, said
    marker = memory_has(service.process.pid, [KEY])
    assert marker == {KEY}, "the search finds nothing"
    left = memory_has(service.process.pid, [PEOPLE[name], new, weak])
    assert not left, left
    limits = open(f"/proc/{service.process.pid}/limits", encoding="ascii").read()
    assert re.search(r"Max core file size +0 +0", limits)


def test_without_hangu_authd_nothing_is_changed():
    name = "qian@unit.example"
    before = stored(name)
    authd.stop()
    try:
        status, said = service.change(name, PEOPLE[name], "Tu4-lipe-Glas")
        assert status == 503 and said["word"] == "unavailable" and stored(name) == before, said
    finally:
        authd.start()
    ledger = "hangu-ledger"
    authd.stop(ledger)
    try:
        status, said = service.change(name, PEOPLE[name], "Tu4-lipe-Glas")
        assert status == 503 and stored(name) == before, said
    finally:
        authd.start(ledger, "ledger.sock")
    wait_until(lambda: service.change(name, PEOPLE[name], "Tu4-lipe-Glas")[0] in (200, 429), 30, "the ledger")
    assert os.listdir(authd.directory / "users") == ["passwd"]


def test_settings_that_leave_the_door_open_are_refused():
    path = authd.directory / "open.yaml"
    text = config.read_text()
    for change, word in ((("listen: unix:" + str(service.path), "listen: 127.0.0.1:4002"), None),
                         (("listen: unix:" + str(service.path), 'listen: ""'), "listen"),
                         (("backend: passwd-file", "backend: ldap"), "ldap_uri")):
        path.write_text(text.replace(*change))
        done = subprocess.run([str(authd.build / "hangu-passwd-service"), "--config", str(path), "--check"],
                              capture_output=True, text=True, timeout=60)
        assert (done.returncode == 0) == (word is None) and (word is None or word in done.stderr), done
    path.write_text(text.replace("listen: unix:" + str(service.path), "listen: 127.0.0.1:4002").replace("  key_file", "  #key_file"))
    done = subprocess.run([str(authd.build / "hangu-passwd-service"), "--config", str(path), "--check"],
                          capture_output=True, text=True, timeout=60)
    assert done.returncode == 78 and "key_file" in done.stderr, done


if __name__ == "__main__":
    need_root()
    start()
    run(globals())
