"""The real Dovecot (2.3) on loopback: a directory, ports and mailboxes of its own, stopped by pid. Needs root.

    with Dovecot({"li@unit.example": "Kx7-lampe"}, policy="...settings...") as dovecot:
        dovecot.login("li@unit.example", "Kx7-lampe")         # IMAP: None, or what it said
        dovecot.postfix_settings()                            # SASL for smtpd, in main.cf's words

`policy` are settings of auth-policy as `hangu-authd --dovecot` prints them. `more` are any others: a protocol added
there (lmtp, sieve) gets its sockets below `directory`. What a client does comes from `client_ip` (TEST-NET addresses:
Dovecot believes loopback, its trusted network, by ID or by `rip=` of the SASL socket).
"""
import base64
import hmac
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time

from gate_kit import wait_until

CONFIG = """\
base_dir = {directory}/run
state_dir = {directory}/state
instance_name = {name}
listen = 127.0.0.1
protocols = {protocols}
log_path = {directory}/dovecot.log
info_log_path = {directory}/dovecot.log
debug_log_path = {directory}/dovecot.log
auth_verbose = yes
auth_debug = {debug}
ssl = no
disable_plaintext_auth = no
auth_mechanisms = {mechanisms}
auth_failure_delay = 0
auth_cache_size = 0
login_trusted_networks = 127.0.0.0/8
mail_location = maildir:{directory}/mail/%u
mail_uid = nobody
mail_gid = nogroup
first_valid_uid = 1
first_valid_gid = 1
passdb {{
  driver = passwd-file
  args = scheme=PLAIN username_format=%u {directory}/passwd
}}
userdb {{
  driver = static
  args = uid=nobody gid=nogroup home={directory}/mail/%u
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    address = 127.0.0.1
    port = {imap_port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service auth {{
  unix_listener {directory}/run/postfix-auth {{
    mode = 0666
  }}
}}
{policy}
{more}
"""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Dovecot:
    def __init__(self, people, policy="", more="", protocols="imap", mechanisms="plain login cram-md5", debug="no"):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="hangu-dovecot-", dir="/var/tmp"))
        self.directory.chmod(0o755)
        self.config = self.directory / "dovecot.conf"
        self.sasl_socket = self.directory / "run/postfix-auth"
        self.imap_port = free_port()
        self.values = dict(directory=self.directory, name=self.directory.name, imap_port=self.imap_port, more=more,
                           protocols=protocols, mechanisms=mechanisms, debug=debug, policy=policy)
        self.process = None
        for name in ("run", "state", "mail"):
            (self.directory / name).mkdir()
        shutil.chown(self.directory / "mail", "nobody", "nogroup")
        self.set_people(people)
        self.write_config()

    def write_config(self, **changes):
        self.values.update(changes)
        self.config.write_text(CONFIG.format(**self.values))
        self.config.chmod(0o600)

    def set_people(self, people):
        path = self.directory / "passwd"
        path.write_text("".join(f"{name}:{{PLAIN}}{password}\n" for name, password in people.items()))
        shutil.chown(path, "dovecot")
        path.chmod(0o600)
        if self.process is not None:
            time.sleep(1.1)     # Dovecot looks at the file once a second

    # --- start and stop ----------------------------------------------------------------------
    def __enter__(self):
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_):
        self.stop()
        shutil.rmtree(self.directory, ignore_errors=True)

    def start(self):
        with open(self.directory / "stderr", "ab") as log:
            self.process = subprocess.Popen(["dovecot", "-F", "-c", str(self.config)], stdin=subprocess.DEVNULL,
                                            stdout=log, stderr=log, start_new_session=True)
        wait_until(self.is_ready, 30, "Dovecot")

    def is_ready(self):
        if self.process.poll() is not None:
            raise AssertionError(f"Dovecot ended: {(self.directory / 'stderr').read_text()} {self.log()}")
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.imap_port)) == 0 and self.sasl_socket.exists()

    def stop(self):
        process, self.process = self.process, None
        if process is None:
            return
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)  # its session is its own
            process.wait()

    def restart(self, **changes):
        self.stop()
        self.write_config(**changes)
        self.start()

    def log(self):
        path = self.directory / "dovecot.log"
        return path.read_text(errors="replace") if path.exists() else ""

    # --- clients -----------------------------------------------------------------------------
    def login(self, user, password, client_ip="192.0.2.7", seconds=60):
        """By IMAP. None: he is in; else the server's words."""
        with socket.create_connection(("127.0.0.1", self.imap_port), seconds) as link:
            stream = link.makefile("rwb")
            stream.readline()
            stream.write(f'i ID ("x-originating-ip" "{client_ip}" "x-originating-port" "40000")\r\n'.encode())
            stream.flush()
            while not stream.readline().startswith(b"i "):
                pass
            token = base64.b64encode(b"\0" + user.encode() + b"\0" + password.encode()).decode()
            stream.write(f"a AUTHENTICATE PLAIN {token}\r\n".encode())
            stream.flush()
            while True:
                line = stream.readline()
                if not line:
                    return "closed"
                if line.startswith(b"a "):
                    return None if line.startswith(b"a OK") else line[2:].decode("utf-8", "replace").strip()

    def sasl(self, user, password, client_ip="192.0.2.7", mechanism="PLAIN", service="smtp", secured=True, seconds=60):
        """As smtpd asks: the protocol of Dovecot's auth socket. None: he is in; else the fields of the answer."""
        with socket.socket(socket.AF_UNIX) as link:
            link.settimeout(seconds)
            link.connect(str(self.sasl_socket))
            stream = link.makefile("rwb")
            stream.write(f"VERSION\t1\t1\nCPID\t{os.getpid()}\n".encode())
            stream.flush()
            while not stream.readline().startswith(b"DONE"):
                pass
            fields = [f"AUTH\t1\t{mechanism}", f"service={service}", f"rip={client_ip}", "lip=127.0.0.1", "nologin"]
            fields += ["secured"] if secured else []
            if mechanism == "PLAIN":
                token = base64.b64encode(b"\0" + user.encode() + b"\0" + password.encode()).decode()
                fields.append(f"resp={token}")
            stream.write(("\t".join(fields) + "\n").encode())
            stream.flush()
            while True:
                words = stream.readline().decode("utf-8", "replace").rstrip("\n").split("\t")
                if words[0] == "OK":
                    return None
                if words[0] in ("FAIL", ""):
                    return "\t".join(words[2:]) or "failed"
                if words[0] == "CONT":
                    stream.write(f"CONT\t1\t{self.continue_sasl(mechanism, words[2], user, password)}\n".encode())
                    stream.flush()

    @staticmethod
    def continue_sasl(mechanism, challenge, user, password):
        if mechanism != "CRAM-MD5":
            raise AssertionError(f"{mechanism} was continued")
        digest = hmac.new(password.encode(), base64.b64decode(challenge), "md5").hexdigest()
        return base64.b64encode(f"{user} {digest}".encode()).decode()

    def postfix_settings(self):
        return (f"smtpd_sasl_auth_enable = yes\nsmtpd_sasl_type = dovecot\nsmtpd_sasl_path = {self.sasl_socket}\n"
                "smtpd_sasl_security_options = noanonymous\nbroken_sasl_auth_clients = yes\n")
