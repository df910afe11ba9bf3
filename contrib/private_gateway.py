"""A private Postfix with Hangu in front: own directory, own ports, loopback only.

Used by quickstart, the flow tests and the benchmark. Nothing outside `directory` is written, no
system service is touched, and every process is stopped by its pid.

    with PrivateGateway(build="build/release") as gateway:
        answer = gateway.send(letter_bytes, "a@unit.example", ["b@outside.example"], login="a")
"""
import json
import os
import pathlib
import pwd
import shutil
import signal
import smtplib
import socket
import subprocess
import tempfile
import time

TOP = pathlib.Path(__file__).resolve().parent.parent
OUTSIDE = "192.0.2.25"      # TEST-NET-1: what an outside client is told to be (XCLIENT)

MASTER_CF = """\
# service                 type  private unpriv chroot wakeup maxproc command
127.0.0.1:{smtp_port}       inet  n - n - - smtpd -o milter_macro_daemon_name=mx
127.0.0.1:{submission_port} inet  n - n - - smtpd -o milter_macro_daemon_name=submission
127.0.0.1:{egress_port}     inet  n - n - - smtpd -o milter_macro_daemon_name=egress
  -o content_filter=smtp:[127.0.0.1]:{sink_port} -o receive_override_options=no_address_mappings
  -o smtpd_authorized_xforward_hosts=127.0.0.0/8
postlog   unix-dgram n - n - 1 postlogd
pickup    unix n - n 1  1 pickup
cleanup   unix n - n - 0 cleanup -o milter_macro_daemon_name=pickup
qmgr      unix n - n 300 1 qmgr
tlsmgr    unix - - n 1000? 1 tlsmgr
rewrite   unix - - n - - trivial-rewrite
bounce    unix - - n - 0 bounce
defer     unix - - n - 0 bounce
trace     unix - - n - 0 bounce
verify    unix - - n - 1 verify
flush     unix n - n 1000? 0 flush
proxymap  unix - - n - - proxymap
proxywrite unix - - n - 1 proxymap
smtp      unix - - n - - smtp
relay     unix - - n - - smtp
egress    unix - - n - - smtp -o smtp_send_xforward_command=yes
showq     unix n - n - - showq
error     unix - - n - - error
retry     unix - - n - - error
discard   unix - - n - - discard
local     unix - n n - - local
virtual   unix - n n - - virtual
lmtp      unix - - n - - lmtp
anvil     unix - - n - 1 anvil
scache    unix - - n - 1 scache
"""

MAIN_CF = """\
compatibility_level = 3.6
queue_directory = {directory}/queue
data_directory = {directory}/data
maillog_file = {directory}/mail.log
maillog_file_prefixes = {directory}
multi_instance_enable = no
mail_owner = postfix
setgid_group = postdrop
myhostname = gate.unit.example
mydomain = unit.example
myorigin = unit.example
mydestination = unit.example, branch.unit.example
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
smtpd_authorized_xclient_hosts = 127.0.0.0/8
smtpd_relay_restrictions = permit_mynetworks, permit_sasl_authenticated, reject_unauth_destination
smtpd_recipient_restrictions =
disable_dns_lookups = yes
smtp_dns_support_level = disabled
smtp_host_lookup = native
notify_classes =
in_flow_delay = 0
smtpd_client_connection_count_limit = 0
smtpd_client_connection_rate_limit = 0
default_process_limit = 150
message_size_limit = 104857600
mailbox_size_limit = 0
smtputf8_enable = yes
alias_maps = {aliases}
alias_database =
local_recipient_maps =
local_transport = {local_transport}
default_transport = {default_transport}
relay_transport = {default_transport}
smtpd_milters = unix:{milter_socket}
non_smtpd_milters = unix:{milter_socket}
milter_default_action = tempfail
milter_protocol = 6
milter_content_timeout = 300s
{more}
"""

SETTINGS = """\
unit: 示例单位
mode: {mode}
on_failure: {on_failure}
policy: {policy}
rules: {rules}
cache: {directory}/cache
state: {directory}/state
mail:
  local_domains: [unit.example, .unit.example]
  local_networks: [{local_networks}]
milter:
  socket: unix:{milter_socket}
  socket_group: ""
  control_socket: {directory}/run/milter.control
  spool_dir: {directory}/spool
{milter_more}
extract:
  socket: {directory}/run/extract.sock
ledger:
  socket: {directory}/run/ledger.sock
  directory: {directory}/state/ledger
  group: ""
notices:
{notices}
log:
  sink: stderr
  level: {log_level}
{more}
"""


def free_ports(count):
    """Ports nobody listens on now."""
    holders = [socket.socket() for _ in range(count)]
    for holder in holders:
        holder.bind(("127.0.0.1", 0))
    ports = [holder.getsockname()[1] for holder in holders]
    for holder in holders:
        holder.close()
    return ports


def wait_until(question, seconds=20, what="it"):
    """Polls until question() is true; the deadline is generous because the answer ends the wait."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if question():
            return
        time.sleep(0.02)
    raise TimeoutError(f"{what} did not happen within {seconds} s")


class Answer:
    """What SMTP said to one letter."""

    def __init__(self, code, text, seconds, refused=()):
        self.code, self.text, self.seconds, self.refused = code, text, seconds, refused

    def __repr__(self):
        return f"{self.code} {self.text}"


class PrivateGateway:
    # What a test does with the directory before the programs start in it, and when they have ended.
    before_start = staticmethod(lambda directory, uid, gid: None)
    after_stop = staticmethod(lambda directory: None)

    def __init__(self, build=None, directory=None, mode="enforce", on_failure="tempfail", egress=True,
                 aliases=None, postfix_more="", settings_more="", milter_more="", milter=True, policy=None,
                 local_networks="", log_level="info", rules=None, forward=None):
        self.build = pathlib.Path(build or os.environ.get("top_builddir", TOP / "build/release")).resolve()
        self.own_directory = directory is None
        base = "/var/tmp" if directory is None else None
        self.directory = pathlib.Path(directory or tempfile.mkdtemp(prefix="hangu-", dir=base))
        self.directory.mkdir(parents=True, exist_ok=True)
        self.directory.chmod(0o755)
        self.smtp_port, self.submission_port, self.egress_port, self.sink_port = free_ports(4)
        self.milter_socket = self.directory / "run/milter.sock"
        self.config = self.directory / "hangu.yaml"
        self.postfix_config = self.directory / "postfix"
        self.milter = milter
        self.processes = {}
        alias_file = self.directory / "aliases"
        transport = f"egress:[127.0.0.1]:{self.egress_port}" if egress else f"smtp:[127.0.0.1]:{self.sink_port}"
        self.values = dict(
            directory=self.directory, smtp_port=self.smtp_port, submission_port=self.submission_port,
            egress_port=self.egress_port, sink_port=self.sink_port, milter_socket=self.milter_socket,
            default_transport=transport, local_transport="local" if aliases or forward else f"smtp:[127.0.0.1]:{self.sink_port}",
            aliases=f"texthash:{alias_file}" if aliases else "", more="")
        self.postfix_more, self.settings_more, self.milter_more = postfix_more, settings_more, milter_more
        self.notices = "  send: no"         # port 25 of this machine is somebody else's
        self.aliases, self.alias_file = aliases or {}, alias_file
        self.forward = forward or {}        # user of this machine: address in his .forward
        self.settings = dict(mode=mode, on_failure=on_failure, policy=policy or TOP / "contrib/policy.yaml",
                             rules=rules or TOP / "rules/packs", local_networks=local_networks, log_level=log_level)

    # --- start and stop ---------------------------------------------------------------------
    def __enter__(self):
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_):
        self.stop()

    def start(self):
        self.make_directories()
        self.write_configuration()
        owner = (self.user.pw_uid, self.postfix_user.pw_gid) if os.geteuid() == 0 else (-1, -1)
        self.before_start(self.directory, *owner)
        self.start_sink()
        if self.milter:
            self.start_ledger()
            self.start_milter()
        self.postfix("start")
        wait_until(lambda: self.listens(self.smtp_port) and self.listens(self.submission_port), what="Postfix listening")

    def stop(self):
        try:
            if (self.postfix_config / "main.cf").exists():
                self.postfix("stop", check=False)
        finally:
            for name in ("milter", "ledger", "sink"):
                self.stop_process(name)
            self.after_stop(self.directory)
            if self.own_directory:
                shutil.rmtree(self.directory, ignore_errors=True)

    def make_directories(self):
        for name in ("run", "state", "cache", "spool", "sink"):
            path = self.directory / name
            path.mkdir(exist_ok=True)
            path.chmod(0o755 if name in ("run", "sink") else 0o700)
            if os.geteuid() == 0:
                os.chown(path, self.user.pw_uid, self.postfix_user.pw_gid)
        for name in ("postfix", "queue", "data"):
            (self.directory / name).mkdir(exist_ok=True)
        if os.geteuid() == 0:
            os.chown(self.directory / "data", self.postfix_user.pw_uid, 0)

    def write_configuration(self):
        (self.postfix_config / "master.cf").write_text(MASTER_CF.format(**self.values))
        forward = f"forward_path = {self.directory}/forward/$user\n" if self.forward else ""
        values = dict(self.values, more=forward + self.postfix_more)
        text = MAIN_CF.format(**values)
        if not self.milter:
            text = "\n".join(line for line in text.splitlines() if "_milters" not in line) + "\n"
        (self.postfix_config / "main.cf").write_text(text)
        self.alias_file.write_text("".join(f"{name} {to}\n" for name, to in self.aliases.items()))
        for user, to in self.forward.items():
            file = self.directory / "forward" / user
            file.parent.mkdir(exist_ok=True)
            file.write_text(f"{to}\n")
            shutil.chown(file, user)
        self.config.write_text(self.settings_text())
        self.config.chmod(0o644)

    def settings_text(self):
        values = dict(self.values, **self.settings)
        values.update(milter_more=self.milter_more, more=self.settings_more, notices=self.notices)
        return SETTINGS.format(**values)

    user = property(lambda self: pwd.getpwnam("daemon"))
    postfix_user = property(lambda self: pwd.getpwnam("postfix"))

    def unprivileged(self, *command):
        """The daemons run as a plain user whose group Postfix shares."""
        if os.geteuid() != 0:
            return list(map(str, command))
        return ["setpriv", "--reuid", "daemon", "--regid", "postfix", "--clear-groups", *map(str, command)]

    def spawn(self, name, *command):
        log = open(self.directory / f"{name}.log", "ab")
        self.processes[name] = subprocess.Popen(self.unprivileged(*command), stdout=log, stderr=log,
                                                stdin=subprocess.DEVNULL, start_new_session=True)
        log.close()
        return self.processes[name]

    def start_sink(self):
        self.spawn("sink", "smtp-sink", "-d", f"{self.directory}/sink/", f"127.0.0.1:{self.sink_port}", "200")
        wait_until(lambda: self.listens(self.sink_port), what="smtp-sink listening")

    def program(self, name):
        path = self.build / name
        return path if path.exists() else shutil.which(name) or path

    def start_ledger(self):
        self.spawn("ledger", self.program("hangu-ledger"), "--config", self.config)
        wait_until(lambda: self.alive("ledger") and (self.directory / "run/ledger.sock").exists(), what="hangu-ledger ready")

    def start_milter(self):
        self.spawn("milter", self.program("hangu-milter"), "--config", self.config)
        wait_until(lambda: self.alive("milter") and self.milter_answers(), what="hangu-milter ready")

    def milter_answers(self):
        with socket.socket(socket.AF_UNIX) as probe:
            try:
                probe.connect(str(self.milter_socket))
                return True
            except OSError:
                return False

    def alive(self, name):
        process = self.processes.get(name)
        if process is None or process.poll() is not None:
            raise RuntimeError(f"{name} ended: {self.log(name)[-2000:]}")
        return True

    def stop_process(self, name, how=signal.SIGTERM):
        process = self.processes.pop(name, None)
        if process is None:
            return None
        process.send_signal(how)
        try:
            return process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            return process.wait()

    def postfix(self, *arguments, check=True):
        done = subprocess.run(["postfix", "-c", str(self.postfix_config), *arguments], capture_output=True, text=True,
                              timeout=60, stdin=subprocess.DEVNULL)
        if check and done.returncode != 0:
            raise RuntimeError(f"postfix {' '.join(arguments)}: {done.stderr} {self.log('mail')[-2000:]}")
        return done

    def listens(self, port):
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0

    def log(self, name):
        path = self.directory / f"{name}.log"
        return path.read_text(errors="replace") if path.exists() else ""

    # --- mail in ----------------------------------------------------------------------------
    def connect(self, client=None, login=None, port=None, timeout=120):
        """An SMTP session; `client` and `login` are what XCLIENT makes Postfix believe."""
        smtp = smtplib.SMTP("127.0.0.1", port or (self.submission_port if login else self.smtp_port), "client.example",
                            timeout=timeout)
        attributes = []
        if client:
            attributes += [f"ADDR={client}", "NAME=[UNAVAILABLE]"]
        if login:
            attributes.append(f"LOGIN={login}")
        smtp.ehlo()
        if attributes:
            code, text = smtp.docmd("XCLIENT", " ".join(attributes))
            if code != 220:
                smtp.close()
                raise RuntimeError(f"XCLIENT: {code} {text}")
            smtp.ehlo()
        return smtp

    def send(self, letter, sender, recipients, client=None, login=None, port=None, options=()):
        """Sends one letter (bytes) in a session of its own and tells how it was answered."""
        start = time.monotonic()
        smtp = self.connect(client, login, port)
        try:
            return self.send_in(smtp, letter, sender, recipients, options, start)
        finally:
            try:
                smtp.quit()
            except (smtplib.SMTPException, OSError):
                smtp.close()

    def send_in(self, smtp, letter, sender, recipients, options=(), start=None):
        start = start or time.monotonic()

        def answer(code, text, refused=()):
            return Answer(code, text.decode("utf-8", "replace"), time.monotonic() - start, refused)

        code, text = smtp.mail(sender, list(options))
        if code != 250:
            return answer(code, text)
        refused = []
        for recipient in recipients:
            code, text = smtp.rcpt(recipient)
            if code not in (250, 251):
                refused.append((recipient, code, text))
        if len(refused) == len(recipients):
            return answer(code, text, refused)
        code, text = smtp.data(letter)
        return answer(code, text, refused)

    def sendmail(self, letter, sender, recipients):
        """A sendmail(1) submission."""
        return subprocess.run(["sendmail", "-C", str(self.postfix_config), "-i", "-f", sender, "--", *recipients], input=letter,
                              capture_output=True, timeout=60)

    # --- what became of it ------------------------------------------------------------------
    def delivered(self):
        """Bytes of every letter that reached the sink (with the sink's X-... envelope lines in front)."""
        return [path.read_bytes() for path in sorted((self.directory / "sink").iterdir()) if path.stat().st_size]

    def queue(self, name=None):
        """Queue entries as Postfix tells them; name: "hold", "deferred", "active"."""
        done = subprocess.run(["postqueue", "-c", str(self.postfix_config), "-j"], capture_output=True, text=True, timeout=60)
        entries = [json.loads(line) for line in done.stdout.splitlines()]
        return [entry for entry in entries if name is None or entry["queue_name"] == name]

    def settle(self, seconds=30):
        """Waits until nothing is on its way any more (held letters may stay)."""
        wait_until(lambda: not [entry for entry in self.queue() if entry["queue_name"] in ("incoming", "active", "maildrop")],
                   seconds, "the queue running empty")

    def hangu(self, *arguments, **options):
        environment = dict(os.environ, HANGU_LOCALEDIR=str(self.build / "locale"), **options.pop("environment", {}))
        return subprocess.run([str(self.program("hangu")), *map(str, arguments)], capture_output=True, text=True, timeout=120,
                              env=environment, **options)

    def records(self, kind="letter"):
        """The ledger's lines of one kind, as objects."""
        found = []
        for path in sorted((self.directory / "state/ledger").glob("*.log")):
            for line in path.read_bytes().splitlines():
                record = json.loads(line)
                if kind is None or record["kind"] == kind:
                    found.append(record)
        return found
