"""The real hangu-milter and hangu-ledger without Postfix: a directory of their own, driven by mta.py. No root needed."""
import base64
import json
import os
import pathlib
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import threading
import time

from confine import ORDINARY
from mta import Closed, Mta
from tap import TOP
import warm

SETTINGS = """\
unit: 示例单位
mode: {mode}
on_failure: {on_failure}
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
  inspectors: {inspectors}
  connections: {connections}
  message_size: {message_size}
  deadline: {deadline}
  deadline_submission: {deadline}
extract:
  socket: {directory}/run/extract.sock
{extract}
ledger:
  socket: {directory}/run/ledger.sock
  directory: {directory}/state/ledger
  timeout: {ledger_timeout}
  group: ""
notices:
  send: no
log:
  sink: stderr
  level: debug
"""
DEFAULTS = dict(mode="enforce", on_failure="tempfail", inspectors=2, connections=100, message_size="100M", deadline="30s",
                ledger_timeout="5s", extract="")

# hangu/lib/frame.h: magic, version, type, length; a body (s) is the text, a zero
STATUS, STATUS_IS, RELOAD, DONE = 0x301, 0x302, 0x303, 0x304

CLEAN = [("From", "Li <li@unit.example>"), ("To", "friend@outside.example"), ("Subject", "Tuesday"),
         ("MIME-Version", "1.0"), ("Content-Type", "text/plain; charset=utf-8")]
CLEAN_TEXT = "周二下午两点在三楼会议室开会。\r\n".encode()
MARKED_TEXT = "机密★10年\r\n\r\n关于设备采购的通知\r\n\r\n各处室:现将有关事项通知如下。\r\n".encode()


def letter_with(name, data, kind="application/octet-stream"):
    """Headers and body of a letter with one attachment."""
    shown = "=?utf-8?B?" + base64.b64encode(name.encode()).decode() + "?="
    headers = [row for row in CLEAN if row[0] != "Content-Type"] + [("Content-Type", "multipart/mixed; boundary=B")]
    body = (b"--B\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n" + CLEAN_TEXT
            + f"--B\r\nContent-Type: {kind}\r\nContent-Disposition: attachment; filename=\"{shown}\"\r\n".encode()
            + b"Content-Transfer-Encoding: base64\r\n\r\n"
            + base64.encodebytes(data).replace(b"\n", b"\r\n") + b"--B--\r\n")
    return headers, body


def wait_until(condition, seconds=20, what="it"):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = condition()
        if found:
            return found
        time.sleep(0.02)
    raise AssertionError(f"waited {seconds} s for {what}")


def parent_table():
    table = {}
    for entry in pathlib.Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if fields[0] != "Z":
                table[int(entry.name)] = int(fields[1])
    return table


def name_of(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/comm").read_text().strip()
    except OSError:
        return ""


class Gate:
    def __init__(self, ledger=True, confine=None, **settings):
        """confine: what each program does before it is one (confine.py)."""
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="hangu-gate-", dir="/var/tmp"))
        self.build = pathlib.Path(os.environ["top_builddir"])
        self.address = f"unix:{self.directory}/run/milter.sock"
        self.policy = self.directory / "policy.yaml"
        self.rules = self.directory / "packs"
        self.settings = {**DEFAULTS, **settings}
        self.config = self.directory / "hangu.yaml"
        self.processes, self.with_ledger, self.sessions, self.confine = {}, ledger, [], confine
        for name in ("run", "state", "cache", "spool"):
            (self.directory / name).mkdir()
        shutil.copy(TOP / "contrib/policy.yaml", self.policy)
        shutil.copytree(TOP / "rules/packs", self.rules)
        self.write_settings()
        warm.borrow(self.directory)
        if confine is not None and os.geteuid() == 0:
            for path in (self.directory, *self.directory.rglob("*")):
                os.chown(path, ORDINARY, ORDINARY)

    def write_settings(self, **changes):
        self.settings.update(changes)
        self.config.write_text(SETTINGS.format(directory=self.directory, socket=self.address, policy=self.policy,
                                               rules=self.rules, **self.settings))

    def __enter__(self):
        try:
            if self.with_ledger:
                self.start_ledger()
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for session in self.sessions:
            session.quit()
        for name in list(self.processes):
            self.stop(name)
        warm.keep(self.directory)
        shutil.rmtree(self.directory, ignore_errors=True)

    @staticmethod
    def built(name):
        return pathlib.Path(os.environ["top_builddir"]) / name

    # --- processes -------------------------------------------------------------------------
    def program(self, name):
        return os.environ.get(name.upper().replace("-", "_"), str(self.build / name))

    def spawn(self, name):
        with open(self.directory / f"{name}.log", "ab") as log:
            self.processes[name] = subprocess.Popen([self.program(name), "--config", str(self.config)], stdout=log,
                                                    stderr=log, stdin=subprocess.DEVNULL, preexec_fn=self.confine)

    def start_ledger(self):
        self.spawn("hangu-ledger")
        wait_until(lambda: self.accepts(self.directory / "run/ledger.sock", socket.SOCK_SEQPACKET), what="hangu-ledger")

    def start(self):
        self.spawn("hangu-milter")
        wait_until(self.is_ready, 60, "hangu-milter")

    def is_ready(self):
        if self.processes["hangu-milter"].poll() is not None:
            raise AssertionError(f"hangu-milter ended: {self.log()}")
        return self.accepts(self.directory / "run/milter.sock", socket.SOCK_STREAM)

    @staticmethod
    def accepts(path, kind):
        with socket.socket(socket.AF_UNIX, kind) as probe:
            return probe.connect_ex(str(path)) == 0

    def stop(self, name="hangu-milter", how=signal.SIGTERM, seconds=30):
        process = self.processes.pop(name, None)
        if process is None:
            return None
        if process.poll() is None:
            process.send_signal(how)
        try:
            return process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            return None

    @property
    def pid(self):
        return self.processes["hangu-milter"].pid

    def family(self, name):
        """Pids of the gate's descendants with that name: hangu-keeper, hangu-loader, hangu-inspect, hangu-extract,
        hangu-reader."""
        table, found, level = parent_table(), [], [self.pid]
        while level:
            level = [pid for pid, parent in table.items() if parent in level]
            found += level
        return [pid for pid in found if name_of(pid) == name]

    def log(self, name="hangu-milter"):
        path = self.directory / f"{name}.log"
        return path.read_text(errors="replace") if path.exists() else ""

    # --- talk ------------------------------------------------------------------------------
    def mta(self, ip="192.0.2.7", listener="mx", user=None, **options):
        macros = {"{daemon_name}": listener}
        if user:
            macros.update({"{auth_authen}": user, "{auth_type}": "PLAIN"})
        session = Mta(self.address, macros=macros, **options)
        self.sessions.append(session)
        session.first = session.open(ip=ip)
        return session

    def send(self, body=CLEAN_TEXT, headers=CLEAN, sender="a@outside.example", recipients=("b@unit.example",), **options):
        with self.mta(**options) as session:
            return session.letter(sender, list(recipients), headers, body)

    def ask(self, request, seconds=60):
        """One request to the control socket; gives the body's strings and numbers as bytes."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as link:
            link.settimeout(seconds)
            link.connect(str(self.directory / "run/milter.control"))
            link.send(struct.pack("=3sBII", b"HGU", 1, request, 0))
            answer = link.recv(256 * 1024)
        kind, length = struct.unpack("=II", answer[4:12])
        assert length == len(answer) - 12
        return kind, answer[12:]

    def status(self):
        kind, body = self.ask(STATUS)
        assert kind == STATUS_IS
        return json.loads(body.rstrip(b"\0"))

    def reload(self):
        """SIGHUP's work by the control socket, which waits for the end. Gives (good, text)."""
        kind, body = self.ask(RELOAD)
        assert kind == DONE
        return struct.unpack("=I", body[:4])[0] == 0, body[4:].rstrip(b"\0").decode()

    def records(self, kind="letter", program="hangu-milter"):
        found = []
        for path in sorted((self.directory / "state/ledger").glob("*.log")):
            found += [json.loads(line) for line in path.read_text().splitlines()]
        return [record for record in found if record["kind"] == kind and record["program"].startswith(program)]


def inspectors(gate, count):
    return wait_until(lambda: len(gate.family("hangu-inspect")) == count and gate.family("hangu-inspect"), what=f"{count} inspectors")


class Sender(threading.Thread):
    """One letter in the background."""

    def __init__(self, gate, body=CLEAN_TEXT, **options):
        super().__init__()
        self.gate, self.body, self.options, self.answer, self.problem = gate, body, options, None, None
        self.start()

    def run(self):
        try:
            self.answer = self.gate.send(self.body, **self.options)
        except (Closed, OSError) as problem:
            self.problem = problem

    def word(self, seconds=40):
        self.join(seconds)
        return self.answer.word if self.answer else repr(self.problem)
