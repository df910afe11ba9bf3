"""house: the real hangu-ledger, hangu-authd and hangu-milter under a clock that the simulation sets, and the ends that talk to them:
Dovecot's auth policy by HTTP, Postfix's milter protocol, and a mail server that takes notices. No root needed."""
import email
import email.policy
import hashlib
import json
import mmap
import os
import pathlib
import re
import shutil
import socket
import struct
import subprocess
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "flow"))
from authd_kit import Authd, Refused                                    # noqa: E402,F401
from gate_kit import Gate, wait_until                                   # noqa: E402
from mta import Closed, Mta                                             # noqa: E402

UNIT, DOMAIN = "示例局", "unit.example"
HERE = pathlib.Path(__file__).resolve().parent
SETTINGS = """\
unit: {unit}
mode: {mode}
policy: {policy}
rules: {rules}
cache: {directory}/cache
state: {directory}/state
mail:
  local_domains: [unit.example]
milter:
  socket: {socket}
  socket_group: ""
  control_socket: {directory}/run/milter.control
  spool_dir: {directory}/spool
  inspectors: 4
extract:
  socket: {directory}/run/extract.sock
accounts:
  ask: yes
  socket: {directory}/run/authd.sock
  group: ""
  policy_listen: 127.0.0.1:{policy_port}
  home_networks: [10.0.0.0/8, 100.64.0.0/10]
ledger:
  socket: {directory}/run/ledger.sock
  directory: {directory}/state/ledger
  timeout: 20s
  group: ""
notices:
  smtp: 127.0.0.1:{smtp_port}
  phone: "010-1234 5678"
  officers: [{duty}]
log:
  sink: stderr
  level: info
"""


class Clock:
    """Of the programs that run under it."""

    def __init__(self, directory):
        self.path, self.library = directory / "clock", directory / "shift_clock.so"
        self.path.write_bytes(bytes(16))
        subprocess.run([os.environ.get("CC", "cc").split()[-1], "-O2", "-shared", "-fPIC", "-o", self.library, HERE / "shift_clock.c", "-ldl"],
                       check=True)
        with open(self.path, "r+b") as file:
            self.map = mmap.mmap(file.fileno(), 16)
        self.wall, self.monotonic = 0, 0

    def environment(self):
        return {"LD_PRELOAD": str(self.library), "SHIFT_CLOCK": str(self.path), "TZ": "Asia/Shanghai"}

    def now(self):
        return time.time() + self.wall / 1e9

    def set(self, wall):
        """Seconds since 1970: never back while programs run."""
        step = int((wall - self.now()) * 1e9)
        self.wall += step
        self.monotonic += max(step, 0)
        self.map[:] = struct.pack("=qq", self.wall, self.monotonic)

    def set_back(self, wall):
        """While nothing runs."""
        self.wall, self.monotonic = int((wall - time.time()) * 1e9), 0
        self.map[:] = struct.pack("=qq", self.wall, self.monotonic)


class NoticeServer(threading.Thread):
    """Takes notices as Postfix does: through the gate again, which must know its own."""

    def __init__(self, house):
        super().__init__(daemon=True)
        self.house, self.taken, self.refused, self.troubles = house, [], [], []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.start()

    def run(self):
        while True:
            try:
                link, _ = self.listener.accept()
            except OSError:
                return
            with link:
                try:
                    self.converse(link.makefile("rwb"))
                except (OSError, Closed) as problem:
                    self.troubles.append(repr(problem))

    def converse(self, stream):
        def say(text):
            stream.write(text.encode() + b"\r\n")
            stream.flush()

        recipient = None
        say("220 mail.unit.example")
        for line in stream:
            word = line[:4].upper()
            if word == b"RCPT":
                recipient = re.search(rb"<([^>]*)>", line)[1].decode()
            if word == b"DATA":
                say("354 go on")
                lines = []
                for row in stream:
                    if row == b".\r\n":
                        break
                    lines.append(row[1:] if row.startswith(b".") else row)
                say(self.take(recipient, b"".join(lines)))
            elif word == b"QUIT":
                say("221 bye")
                return
            else:
                say("250 ok")

    def take(self, recipient, data):
        head, _, body = data.partition(b"\r\n\r\n")
        unfolded = head.replace(b"\r\n ", b" ").replace(b"\r\n\t", b" ").split(b"\r\n")
        headers = [tuple(part.decode().strip() for part in row.split(b":", 1)) for row in unfolded]
        answer = self.house.letter("", [recipient], headers, body, ip="127.0.0.1")
        message = email.message_from_bytes(data, policy=email.policy.default)
        self.taken.append((recipient, self.house.clock.now(), message["Subject"], message.get_content()))
        if answer.word != "accept":
            self.refused.append((recipient, answer))
            return "554 5.7.1 no"
        return "250 ok"


class House(Gate):
    def __init__(self, duty="duty@unit.example"):
        self.policy_port, self.smtp_port, self.duty = 0, 0, duty
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.policy_port = probe.getsockname()[1]
        super().__init__()
        self.clock = Clock(self.directory)
        self.register = Authd.__new__(Authd)
        self.register.directory, self.register.processes, self.register.config = self.directory, self.processes, self.config
        self.server = NoticeServer(self)
        self.smtp_port = self.server.port
        self.links = threading.local()
        self.write_settings()

    def write_settings(self, **changes):
        self.settings.update(changes)
        self.config.write_text(SETTINGS.format(directory=self.directory, socket=self.address, policy=self.policy, rules=self.rules,
                                               unit=UNIT, duty=self.duty, mode=self.settings["mode"], policy_port=self.policy_port,
                                               smtp_port=self.smtp_port))

    # --- processes ---------------------------------------------------------------------------
    def spawn(self, name):
        with open(self.directory / f"{name}.log", "ab") as log:
            self.processes[name] = subprocess.Popen([self.program(name), "--config", str(self.config)], stdout=log, stderr=log,
                                                    stdin=subprocess.DEVNULL, env={**os.environ, **self.clock.environment()})

    def start_authd(self):
        self.spawn("hangu-authd")
        wait_until(lambda: self.register.listens("hangu-authd", "authd.sock"), 30, "hangu-authd")
        authd = self.directory / "state/authd"
        self.nonce, self.key = ((authd / name).read_bytes().hex() for name in ("policy.nonce", "policy.key"))

    def stop_all(self):
        for name in reversed(list(self.processes)):
            self.stop(name)

    def __exit__(self, *words):
        self.server.listener.close()
        for name in ("hangu-authd", "hangu-milter"):    # they have something to say to the ledger
            self.stop(name)
        super().__exit__(*words)

    def save(self):
        """What the programs keep; none may run."""
        self.kept = self.directory / "kept"
        shutil.copytree(self.directory / "state", self.kept)

    def restore(self):
        shutil.rmtree(self.directory / "state")
        shutil.copytree(self.kept, self.directory / "state")
        del self.server.taken[:], self.server.refused[:]

    # --- logins ------------------------------------------------------------------------------
    def policy_call(self, command, body):
        data = json.dumps(body).encode()
        request = (f"POST /?command={command} HTTP/1.1\r\nHost: a\r\nX-Hangu-Key: {self.key}\r\nContent-Type: application/json\r\n"
                   f"Content-Length: {len(data)}\r\n\r\n").encode() + data
        for _ in range(3):                              # the server closes what was idle while the clock was set
            link = getattr(self.links, "policy", None)
            try:
                if link is None:
                    link = self.links.policy = socket.create_connection(("127.0.0.1", self.policy_port), 60)
                link.sendall(request)
                answer = self.read_answer(link)
                if answer is not None:
                    return answer
            except OSError:
                pass
            self.links.policy = None
        raise AssertionError("hangu-authd does not answer")

    @staticmethod
    def read_answer(link):
        got = b""
        while True:
            head, end, rest = got.partition(b"\r\n\r\n")
            length = re.search(rb"Content-Length: (\d+)", head) if end else None
            if length and len(rest) >= int(length[1]):
                assert head.startswith(b"HTTP/1.1 200"), head
                return json.loads(rest)
            more = link.recv(65536)
            if not more:
                return None
            got += more

    def login(self, user, password, right, ip, protocol="imap", mechanism="PLAIN", tls=True):
        """As Dovecot asks: before, after, and what became of it. TRUE: he is in."""
        digest = hashlib.sha256(self.nonce.encode() + user.encode() + b"\0" + password.encode()).hexdigest()
        body = {"login": user, "pwhash": digest, "remote": ip, "protocol": protocol, "session": "", "mech": mechanism,
                "secured": "secured" if tls else "", "tls": tls}
        refused = self.policy_call("allow", body)["status"] < 0
        if right and not refused:
            refused = self.policy_call("allow", body)["status"] < 0
        self.policy_call("report", {**body, "success": right and not refused, "policy_reject": refused})
        return right and not refused

    # --- letters -----------------------------------------------------------------------------
    def letter(self, sender, recipients, headers, body, ip, listener="mx", user=None, mechanism="PLAIN", tls=False):
        macros = {"{daemon_name}": listener}
        if user:
            macros.update({"{auth_authen}": user, "{auth_type}": mechanism})
        if tls:
            macros["{tls_version}"] = "TLSv1.3"
        with Mta(self.address, macros=macros) as session:
            session.open(ip=ip)
            return session.letter(sender, recipients, headers, body)





__all__ = ["Closed", "DOMAIN", "House", "Refused", "UNIT", "wait_until"]
