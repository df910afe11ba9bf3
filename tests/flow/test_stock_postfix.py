#!/usr/bin/python3
"""contrib/postfix/hangu-postfix on Debian's stock master.cf (chrooted services), as shipped."""
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

from tap import TOP, Skip, need_root, run
from private_gateway import OUTSIDE, PrivateGateway, wait_until

STOCK = pathlib.Path("/usr/share/postfix/master.cf.dist")
TOOL = TOP / "contrib/postfix/hangu-postfix"
A, B, OUT = "li@unit.example", "wang@unit.example", "friend@outside.example"
PLAIN = "Subject: meeting\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n周三下午两点开会。\r\n".encode()
MARKED = "Subject: report\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n机密★10年\r\n\r\n关于调度的报告\r\n".encode()


class StockGateway(PrivateGateway):
    """Stock master.cf with other ports; main.cf as an administrator has it, then the tool."""

    def write_configuration(self):
        super().write_configuration()
        if not STOCK.exists():
            raise Skip(f"{STOCK} is missing")
        master = STOCK.read_text()
        master = re.sub(r"^smtp(\s+inet)", f"127.0.0.1:{self.smtp_port}\\1", master, count=1, flags=re.M)
        master += f"127.0.0.1:{self.submission_port} inet n - y - - smtpd\n"
        (self.postfix_config / "master.cf").write_text(master)
        main = [line for line in (self.postfix_config / "main.cf").read_text().splitlines()
                if not line.startswith(("smtpd_milters", "non_smtpd_milters", "milter_", "default_transport", "relay_transport"))]
        main.append(f"relayhost = [127.0.0.1]:{self.sink_port}")
        (self.postfix_config / "main.cf").write_text("\n".join(main) + "\n")
        self.before = (self.postfix_config / "main.cf").read_text(), master
        self.tool("apply", "-p", str(self.egress_port))

    def make_directories(self):
        super().make_directories()
        # Inside the chroot, as the shipped tmpfiles entry puts it.
        inside = self.directory / "queue/hangu"
        inside.mkdir(parents=True, exist_ok=True)
        shutil.chown(inside, "daemon", "postfix")
        inside.chmod(0o750)
        self.milter_socket = inside / "milter.sock"
        self.values["milter_socket"] = self.milter_socket

    def tool(self, action, *options):
        done = subprocess.run([str(TOOL), action, "-c", str(self.postfix_config), *options], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done
        return done.stdout


def test_all_ways_meet_the_gate():
    with StockGateway() as gateway:
        assert gateway.send(PLAIN, A, [OUT], login="li").code == 250
        assert gateway.send(MARKED, A, [OUT], login="li").code == 550
        assert gateway.send(MARKED, "x@outside.example", [B], client=OUTSIDE).code == 550
        wait_until(lambda: len(gateway.delivered()) == 1, what="the delivery through egress and relayhost")
        gateway.sendmail(MARKED.replace(b"\r\n", b"\n"), A, [OUT])
        wait_until(lambda: gateway.queue("hold"), what="the sendmail submission being held")
        gateway.settle()
        listeners = [r.get("listener") for r in gateway.records()]
        assert listeners.count("egress") == 1 and "pickup" in listeners, listeners


def test_status_finds_no_way_round():
    with StockGateway() as gateway:
        done = gateway.hangu("status", "--json", "--config", gateway.config, "--postfix-config", gateway.postfix_config)
        status = json.loads(done.stdout)
        assert status["unguarded"] == [] and done.returncode == 0, status
        subprocess.run(["postconf", "-c", str(gateway.postfix_config), "-e", "non_smtpd_milters="], check=True)
        done = gateway.hangu("status", "--json", "--config", gateway.config, "--postfix-config", gateway.postfix_config)
        assert done.returncode == 1 and json.loads(done.stdout)["unguarded"], "an open way for sendmail(1) was not seen"


def test_remove_puts_everything_back():
    with StockGateway() as gateway:
        gateway.tool("remove")

        def plain(text):
            return sorted(" ".join(line.replace("=", " = ", 1).split()) for line in text.splitlines() if line.strip() and not line.startswith("#"))

        assert plain((gateway.postfix_config / "main.cf").read_text()) == plain(gateway.before[0])
        assert plain((gateway.postfix_config / "master.cf").read_text()) == plain(gateway.before[1])


def test_a_signer_runs_after_the_gate_at_egress():
    with StockGateway() as gateway:
        gateway.tool("remove")
        gateway.tool("apply", "-p", str(gateway.egress_port), "-s", "inet:127.0.0.1:8891, unix:signer/other.sock")
        done = subprocess.run(["postconf", "-c", str(gateway.postfix_config), "-P", f"127.0.0.1:{gateway.egress_port}/inet/smtpd_milters"],
                              capture_output=True, text=True, check=True)
        assert done.stdout.strip().endswith("= unix:hangu/milter.sock,inet:127.0.0.1:8891,unix:signer/other.sock"), done.stdout


def test_show_changes_nothing_and_apply_twice_is_the_same():
    with StockGateway() as gateway:
        main, master = gateway.postfix_config / "main.cf", gateway.postfix_config / "master.cf"
        once = main.read_text(), master.read_text()
        assert "hangu" in gateway.tool("show", "-p", str(gateway.egress_port))
        gateway.tool("apply", "-p", str(gateway.egress_port))
        assert (main.read_text(), master.read_text()) == once



def test_submission_services_get_a_name_and_lose_it_again():
    def named(service):
        return subprocess.run(["postconf", "-c", directory, "-P", f"{service}/inet/milter_macro_daemon_name"], capture_output=True,
                              text=True).stdout.partition("=")[2].strip()

    def tool(action):
        subprocess.run([str(TOOL), action, "-c", directory], check=True, capture_output=True, timeout=120)

    with tempfile.TemporaryDirectory(dir="/var/tmp") as directory:
        path = pathlib.Path(directory)
        (path / "main.cf").write_text("compatibility_level = 3.6\n")
        (path / "master.cf").write_text(STOCK.read_text() + "submission inet n - y - - smtpd\nsmtps inet n - y - - smtpd\n"
                                        "  -o milter_macro_daemon_name=ORIGINATING\n")
        before = (path / "master.cf").read_text()
        for _ in range(2):
            tool("apply")
            assert (named("submission"), named("smtps"), named("submissions")) == ("submission", "ORIGINATING", "")
        tool("remove")
        assert (named("submission"), named("smtps")) == ("", "ORIGINATING")
        assert (path / "master.cf").read_text().split() == before.split()


if __name__ == "__main__":
    try:
        need_root()
    except Exception as why:
        print(f"1..0 # SKIP {why}")
        sys.exit(0)
    run(globals())
