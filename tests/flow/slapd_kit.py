"""A real OpenLDAP server on loopback, with a directory and a socket of its own. Needs root.

    with Slapd({"li@unit.example": "Kx7-lampe"}) as slapd:
        slapd.lets_in("li@unit.example", "Kx7-lampe")    # by a simple bind, as Dovecot with auth_bind
"""
import base64
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import urllib.parse

from gate_kit import wait_until

BASE = "dc=unit,dc=example"
WRITER, READER, WRITER_PASSWORD = f"cn=hangu,{BASE}", f"cn=reader,{BASE}", "bind+secret 7"
CONFIG = """\
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
pidfile {directory}/slapd.pid
modulepath /usr/lib/ldap
moduleload back_mdb
TLSCACertificateFile {directory}/ca.pem
TLSCertificateFile {directory}/server.pem
TLSCertificateKeyFile {directory}/server.key
database mdb
suffix "{base}"
rootdn "cn=root,{base}"
rootpw {root}
directory {directory}/data
access to attrs=userPassword by dn.exact="{writer}" write by dn.exact="{reader}" read by anonymous auth by * none
access to * by dn.exact="{writer}" read by dn.exact="{reader}" read by anonymous auth by * none
"""
ROOT_PASSWORD = "root-of-the-test"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Slapd:
    def __init__(self, people):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="hangu-slapd-", dir="/var/tmp"))
        self.port, self.process = free_port(), None
        self.ldapi = "ldapi://" + urllib.parse.quote(str(self.directory / "socket"), safe="")
        self.ldap = f"ldap://127.0.0.1:{self.port}"
        (self.directory / "data").mkdir()
        self.make_certificates()
        (self.directory / "slapd.conf").write_text(
            CONFIG.format(directory=self.directory, base=BASE, writer=WRITER, reader=READER, root=ROOT_PASSWORD))
        self.people = people

    def openssl(self, *words):
        subprocess.run(["openssl", *words], cwd=self.directory, check=True, capture_output=True)

    def make_certificates(self):
        new = ("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2")
        for name in ("ca", "other"):
            self.openssl(*new, "-subj", f"/CN=test {name}", "-keyout", f"{name}.key", "-out", f"{name}.pem")
        self.openssl(*new, "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-addext",
                     "basicConstraints=critical,CA:FALSE", "-CA", "ca.pem", "-CAkey", "ca.key", "-keyout", "server.key",
                     "-out", "server.pem")

    def __enter__(self):
        try:
            self.start()
            self.fill()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        if self.process is not None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        shutil.rmtree(self.directory, ignore_errors=True)

    def start(self):
        with open(self.directory / "log", "ab") as log:
            self.process = subprocess.Popen(
                ["/usr/sbin/slapd", "-f", str(self.directory / "slapd.conf"), "-h", f"{self.ldapi} {self.ldap}", "-d", "0"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        wait_until(self.is_ready, 30, "slapd")

    def is_ready(self):
        if self.process.poll() is not None:
            raise AssertionError("slapd ended: " + (self.directory / "log").read_text())
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def tool(self, name, *words, text=None):
        return subprocess.run([name, "-x", "-H", self.ldapi, *words], input=text, capture_output=True, text=True,
                              timeout=60, env=dict(os.environ, LDAPNOINIT="1"))

    def fill(self):
        entries = [f"dn: {BASE}\nobjectClass: dcObject\nobjectClass: organization\no: unit\ndc: unit\n",
                   *(f"dn: {dn}\nobjectClass: applicationProcess\nobjectClass: simpleSecurityObject\n"
                     f"userPassword: {WRITER_PASSWORD}\n" for dn in (WRITER, READER))]
        for address, password in self.people.items():
            entries.append(f"dn: {self.dn(address)}\nobjectClass: inetOrgPerson\nsn: x\ncn: x\nmail: {address}\n"
                           f"userPassword: {password}\n")
        done = self.tool("ldapadd", "-D", f"cn=root,{BASE}", "-w", ROOT_PASSWORD, text="\n".join(entries))
        assert done.returncode == 0, done.stderr

    @staticmethod
    def dn(address):
        return f"uid={address.split('@')[0]},{BASE}"

    def lets_in(self, address, password):
        return self.tool("ldapwhoami", "-D", self.dn(address), "-w", password).returncode == 0

    def values(self, address):
        """What is stored, as ldapsearch prints it (decoded)."""
        done = self.tool("ldapsearch", "-LLL", "-o", "ldif-wrap=no", "-D", WRITER, "-w", WRITER_PASSWORD, "-b",
                         self.dn(address), "userPassword")
        return [base64.b64decode(line.split(":: ")[1]).decode() for line in done.stdout.splitlines() if ":: " in line]

    def modify(self, ldif):
        done = self.tool("ldapmodify", "-D", WRITER, "-w", WRITER_PASSWORD, text=ldif)
        assert done.returncode == 0, done.stderr
