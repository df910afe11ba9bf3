"""The mail server's end of the milter protocol (version 6), scripted: drives the real hangu-milter.

    mta = Mta("unix:/path")          # or "inet:port@host"; connects and negotiates
    mta.open(ip="192.0.2.7")         # connect and helo
    answer = mta.letter("a@x.example", ["b@y.example"], [("Subject", "hello")], b"text\\r\\n")
    answer.word                      # "accept", "hold", "reject", "tempfail"
    answer.headers                   # the header as a mail server would have it afterwards

Speaks like Postfix: macros before each command, no reply awaited where the milter asked for none.
"""
import re
import socket
import struct
import time

ADDHDRS, CHGHDRS, QUARANTINE, SETSYMLIST = 0x01, 0x10, 0x20, 0x100
ALL_ACTIONS = 0x1FF
NOHELO, NODATA, NOUNKNOWN, NOEOH, NORCPT, NOCONNECT = 0x02, 0x200, 0x100, 0x40, 0x08, 0x01
NR_HDR, NR_CONN, NR_HELO, NR_MAIL, NR_RCPT, NR_DATA, NR_EOH, NR_BODY = (
    0x80, 0x1000, 0x2000, 0x4000, 0x8000, 0x10000, 0x40000, 0x80000)
HDR_LEADSPC = 0x100000
ALL_STEPS = 0x1FFFFF
NO_REPLY = {"C": NR_CONN, "H": NR_HELO, "M": NR_MAIL, "R": NR_RCPT, "T": NR_DATA, "L": NR_HDR, "N": NR_EOH, "B": NR_BODY}
NOT_SENT = {"C": NOCONNECT, "H": NOHELO, "R": NORCPT, "T": NODATA, "N": NOEOH}
STAGES = ["C", "H", "M", "R", "T", "E", "N"]
CHUNK = 65535

# What Postfix 3.7 has to say where (measured); `i` only from the second recipient on.
DEFAULT_MACROS = {
    "C": ["j", "{daemon_name}", "{daemon_addr}", "v"],
    "H": ["{tls_version}", "{cipher}", "{cipher_bits}"],
    "M": ["i", "{auth_type}", "{auth_authen}", "{mail_addr}", "{mail_host}", "{mail_mailer}"],
    "R": ["i", "{rcpt_addr}", "{rcpt_host}", "{rcpt_mailer}"],
    "T": ["i"], "N": ["i"], "E": ["i"],
}


class Closed(Exception):
    """The milter closed the connection."""


class Answer:
    """What the milter said at the end of a letter (or at an earlier step)."""

    def __init__(self):
        self.code, self.reply, self.quarantine = None, None, None
        self.changes, self.progress, self.seconds, self.headers = [], 0, 0.0, []

    @property
    def word(self):
        if self.code == "y":
            return "reject" if self.reply.startswith("5") else "tempfail"
        if self.code in "ac" and self.quarantine is not None:
            return "hold"
        return {"a": "accept", "c": "accept", "r": "reject", "t": "tempfail", "d": "discard"}[self.code]

    def header(self, name):
        return [value for key, value in self.headers if key.lower() == name.lower()]

    def __repr__(self):
        return f"<{self.word} {self.reply or ''} quarantine={self.quarantine} changes={self.changes}>"


def unzero(data):
    return [item.decode("utf-8", "surrogateescape") for item in data.split(b"\0")[:-1]]


def encode(text):
    return text if isinstance(text, bytes) else text.encode("utf-8", "surrogateescape")


class Mta:
    def __init__(self, where, timeout=60, actions=ALL_ACTIONS, steps=ALL_STEPS, macros=None):
        self.timeout = timeout
        self.macros = {"j": "mx.unit.example", "{daemon_name}": "mx", "v": "Postfix 3.7.11",
                       "{daemon_addr}": "192.0.2.1", **(macros or {})}
        self.symbols = dict(DEFAULT_MACROS)
        self.socket = self.dial(where)
        self.queue = 0
        self.negotiate(actions, steps)

    def dial(self, where):
        kind, _, rest = where.partition(":")
        if kind == "inet":
            port, _, host = rest.partition("@")
            return socket.create_connection((host or "127.0.0.1", int(port)), self.timeout)
        link = socket.socket(socket.AF_UNIX)
        link.settimeout(self.timeout)
        link.connect(rest if kind == "unix" else where)
        return link

    # --- packets ---------------------------------------------------------------------------
    def send(self, command, data=b""):
        self.socket.sendall(struct.pack("!I", len(data) + 1) + command.encode() + data)

    def receive_exactly(self, length):
        data = b""
        while len(data) < length:
            piece = self.socket.recv(length - len(data))
            if not piece:
                raise Closed()
            data += piece
        return data

    def receive(self):
        (length,) = struct.unpack("!I", self.receive_exactly(4))
        data = self.receive_exactly(length)
        return data[:1].decode("latin-1"), data[1:]

    def negotiate(self, actions, steps):
        self.send("O", struct.pack("!III", 6, actions, steps))
        command, data = self.receive()
        if command != "O":
            raise Closed(f"negotiation answered by {command!r}")
        self.version, self.actions, self.steps = struct.unpack("!III", data[:12])
        if self.actions & ~actions or self.steps & ~steps:
            raise AssertionError(f"asked for what was not offered: {self.actions:#x} {self.steps:#x}")
        rest = data[12:]
        while len(rest) >= 4:
            (stage,) = struct.unpack("!I", rest[:4])
            names, _, rest = rest[4:].partition(b"\0")
            self.symbols[STAGES[stage]] = names.decode().split()

    def send_macros(self, command):
        data = b""
        for name in self.symbols.get(command, []):
            plain = name if len(name) == 1 else "{" + name.strip("{}") + "}"
            value = self.macros.get(plain)
            if value is not None:
                data += encode(plain) + b"\0" + encode(value) + b"\0"
        self.send("D", command.encode() + data)

    def step(self, command, data=b""):
        """Sends one command; returns None where no answer is due, else the answer."""
        if self.steps & NOT_SENT.get(command, 0):
            return None
        if command not in "LB":
            self.send_macros(command)
        self.send(command, data)
        if self.steps & NO_REPLY.get(command, 0):
            return None
        return self.answer()

    def answer(self):
        answer = Answer()
        started = time.monotonic()
        while True:
            code, data = self.receive()
            if code == "p":
                answer.progress += 1
            elif code == "q":
                answer.quarantine = unzero(data)[0]
            elif code == "h":
                answer.changes.append(("add", *unzero(data)))
            elif code in "im":
                answer.changes.append(("insert" if code == "i" else "change", struct.unpack("!I", data[:4])[0],
                                       *unzero(data[4:])))
            elif code in "acrtdys":
                answer.code = code
                # a mail server takes the text as a format: a lone percent sign would vanish with what follows
                answer.reply = re.sub(r"%(.?)", lambda found: "%" if found[1] == "%" else "", unzero(data)[0]) if code == "y" else None
                answer.seconds = time.monotonic() - started
                return answer
            else:
                raise AssertionError(f"answer {code!r} was not negotiated")

    # --- a session -------------------------------------------------------------------------
    def open(self, ip="192.0.2.7", name="client.example", helo="client.example", **macros):
        self.macros.update({key if len(key) == 1 else "{" + key + "}": value for key, value in macros.items()})
        family = b"6" if ":" in ip else b"4"
        answer = self.step("C", encode(name) + b"\0" + family + struct.pack("!H", 4711) + encode(ip) + b"\0")
        if answer is None or answer.word == "accept":
            self.step("H", encode(helo) + b"\0")
        return answer

    def mail(self, sender, *arguments):
        self.queue += 1
        self.macros.pop("i", None)
        self.macros["{mail_addr}"] = sender
        return self.step("M", b"\0".join(map(encode, (f"<{sender}>", *arguments))) + b"\0")

    def rcpt(self, recipient, *arguments):
        self.macros["{rcpt_addr}"] = recipient
        answer = self.step("R", b"\0".join(map(encode, (f"<{recipient}>", *arguments))) + b"\0")
        self.macros["i"] = f"4Q{id(self) & 0xFFFFFF:06X}{self.queue:04d}"
        return answer

    def header(self, name, value):
        space = " " if self.steps & HDR_LEADSPC and not encode(value).startswith((b" ", b"\t")) else ""
        return self.step("L", encode(name) + b"\0" + encode(space) + encode(value) + b"\0")

    def body(self, data):
        for start in range(0, len(data), CHUNK):
            self.step("B", data[start:start + CHUNK])

    def begin(self, sender, recipients, headers, mail_arguments=()):
        """Everything up to the body. An early refusal is returned."""
        for answer in self.envelope(sender, recipients, mail_arguments):
            if answer is not None and answer.word != "accept":
                return answer
        for name, value in headers:
            self.header(name, value)
        self.step("N")
        return None

    def envelope(self, sender, recipients, mail_arguments):
        yield self.mail(sender, *mail_arguments)
        for recipient in recipients:
            yield self.rcpt(recipient)
        yield self.step("T")

    def end(self, headers=()):
        answer = self.step("E")
        answer.headers = apply(headers, answer.changes)
        return answer

    def letter(self, sender, recipients, headers, body=b"", mail_arguments=()):
        early = self.begin(sender, recipients, headers, mail_arguments)
        if early is not None:
            return early
        self.body(body)
        return self.end(headers)

    def abort(self):
        self.send("A")

    def quit(self):
        try:
            self.send("Q")
        except OSError:
            pass
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.quit()


def apply(headers, changes):
    """The header after the changes, in order, as a mail server carries them out."""
    result = list(headers)
    for change in changes:
        if change[0] == "add":
            result.append((change[1], change[2]))
        elif change[0] == "insert":
            result.insert(min(change[1], len(result)), (change[2], change[3]))
        else:
            places = [at for at, (name, _) in enumerate(result) if name.lower() == change[2].lower()]
            if change[1] > len(places):
                raise AssertionError(f"there is no header {change[1]} {change[2]}")
            at = places[max(change[1], 1) - 1]
            if change[3]:
                result[at] = (result[at][0], change[3])
            else:
                del result[at]
    return result
