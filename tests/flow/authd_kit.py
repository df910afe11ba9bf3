"""The real hangu-authd and hangu-ledger in a directory of their own. No root needed.

    with Authd() as authd:
        authd.call("list", state="open")        # rows; raises Refused with code and text
        authd.ask("li@unit.example")            # what the gate is told: stage, address, problems, addresses, officers
        authd.records("login")                  # of the audit log
"""
import json
import os
import pathlib
import shutil
import signal
import socket
import struct
import subprocess
import tempfile

from gate_kit import wait_until

SETTINGS = """\
unit: 示例单位
state: {directory}/state
accounts:
  socket: {directory}/run/authd.sock
  group: ""
  policy_listen: 127.0.0.1:{port}
{accounts}
milter:
  control_socket: {directory}/run/milter.control
ledger:
  socket: {directory}/run/ledger.sock
  directory: {directory}/state/ledger
  timeout: 5s
  group: ""
log:
  sink: stderr
  level: debug
"""
ASK, FACTS, CALL, RESULT = 0x401, 0x402, 0x403, 0x404


class Refused(Exception):
    def __init__(self, code, text):
        super().__init__(f"{code}: {text}")
        self.code, self.text = code, text


def strings(*texts):
    """A body (sss...): the texts with their zeros, then the ends of all but the last, last end first."""
    parts = [text.encode() + b"\0" for text in texts]
    ends, at = [], 0
    for part in parts[:-1]:
        at += len(part)
        ends.append(at)
    body = b"".join(parts)
    for size, code in ((1, "B"), (2, "H"), (4, "I")):
        if len(body) + size * len(ends) < 1 << 8 * size:
            return body + b"".join(struct.pack("=" + code, end) for end in reversed(ends))
    raise ValueError("too long")


def frame_end(body, count):
    """The last `count` offsets of a variant's container, in the order of its members."""
    size = 1 if len(body) < 1 << 8 else 2 if len(body) < 1 << 16 else 4
    code = {1: "B", 2: "H", 4: "I"}[size]
    found = [struct.unpack_from("=" + code, body, len(body) - size * (i + 1))[0] for i in range(count)]
    return found, len(body) - size * count


def read_list(body):
    """An (as)."""
    if not body:
        return []
    (last,), _ = frame_end(body, 1)
    size = 1 if len(body) < 1 << 8 else 2 if len(body) < 1 << 16 else 4
    count = (len(body) - last) // size
    ends, _ = frame_end(body, count)
    texts, start = [], 0
    for end in reversed(ends):
        texts.append(body[start:end - 1].decode())
        start = end
    return texts


class Authd:
    def __init__(self, accounts="", ledger=True, words=()):
        """accounts: more lines of that section; words: more options of hangu-authd. The auth policy gets a port of its own."""
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="hangu-authd-", dir="/var/tmp"))
        self.build = pathlib.Path(os.environ["top_builddir"])
        self.config = self.directory / "hangu.yaml"
        self.processes, self.with_ledger, self.words = {}, ledger, list(words)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.policy_port = probe.getsockname()[1]
        for name in ("run", "state"):
            (self.directory / name).mkdir()
        self.write_settings(accounts)

    def write_settings(self, accounts):
        self.config.write_text(SETTINGS.format(directory=self.directory, port=self.policy_port, accounts=accounts))

    def __enter__(self):
        try:
            if self.with_ledger:
                self.start("hangu-ledger", "ledger.sock")
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for name in reversed(list(self.processes)):     # hangu-authd has something to say to the ledger
            self.stop(name)
        shutil.rmtree(self.directory, ignore_errors=True)

    # --- processes ---------------------------------------------------------------------------
    def start(self, name="hangu-authd", listens="authd.sock"):
        with open(self.directory / f"{name}.log", "ab") as log:
            self.processes[name] = subprocess.Popen([str(self.build / name), "--config", str(self.config),
                                                     *(self.words if name == "hangu-authd" else [])], stdout=log,
                                                    stderr=log, stdin=subprocess.DEVNULL)
        wait_until(lambda: self.listens(name, listens), 30, name)

    def listens(self, name, path):
        if self.processes[name].poll() is not None:
            raise AssertionError(f"{name} ended: {self.log(name)}")
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as probe:
            return probe.connect_ex(str(self.directory / "run" / path)) == 0

    def stop(self, name="hangu-authd", how=signal.SIGTERM, seconds=30):
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

    def run(self, *words):
        """hangu-authd once, with these options."""
        return subprocess.run([str(self.build / "hangu-authd"), "--config", str(self.config), *words],
                              capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL)

    def log(self, name="hangu-authd"):
        path = self.directory / f"{name}.log"
        return path.read_text(errors="replace") if path.exists() else ""

    # --- what it is asked ----------------------------------------------------------------------
    def connect(self):
        link = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        link.settimeout(60)
        link.connect(str(self.directory / "run/authd.sock"))
        return link

    @staticmethod
    def send(link, kind, body):
        link.send(struct.pack("=3sBII", b"HGU", 1, kind, len(body)) + body)

    @staticmethod
    def receive(link):
        answer = link.recv(256 * 1024)
        kind, length = struct.unpack("=II", answer[4:12])
        assert length == len(answer) - 12
        return kind, answer[12:]

    def call(self, verb, **arguments):
        """Rows of the answer."""
        rows = []
        with self.connect() as link:
            self.send(link, CALL, strings(json.dumps({"verb": verb, **arguments})))
            while True:
                kind, body = self.receive(link)
                code, more = struct.unpack_from("=IB", body)
                text = body[5:].rstrip(b"\0").decode()
                assert kind == RESULT, kind
                if code:
                    raise Refused(code, text)
                if not more:
                    return rows
                rows.append(json.loads(text))

    def ask(self, account, mechanism="PLAIN", client="192.0.2.7", tls="TLSv1.3", sender=""):
        with self.connect() as link:
            self.send(link, ASK, strings(account, mechanism, client, tls, sender))
            kind, body = self.receive(link)
        if kind == RESULT:
            raise Refused(struct.unpack_from("=I", body)[0], body[5:].rstrip(b"\0").decode())
        assert kind == FACTS, kind
        (stage, address, problems, addresses, officers), _ = frame_end(body, 5)
        return {"stage": body[:stage - 1].decode(), "address": body[stage:address - 1].decode(),
                "problems": read_list(body[address:problems]), "addresses": read_list(body[problems:addresses]),
                "officers": read_list(body[addresses:officers])}

    def records(self, kind=None, **fields):
        found = []
        for path in sorted((self.directory / "state/ledger").glob("*.log")):
            found += [json.loads(line) for line in path.read_text().splitlines()]
        return [record for record in found if (kind is None or record["kind"] == kind)
                and all(record.get(name) == value for name, value in fields.items())]
