#!/usr/bin/python3
"""hangu-extract below the gate: it is there, comes again when it is killed, says what is missing, and leaves nobody behind."""
import base64
import io
import os
import pathlib
import signal
import subprocess
import sys
import zipfile

from confine import ORDINARY, confined
from gate_kit import CLEAN, CLEAN_TEXT, Gate, letter_with, wait_until
from sample_documents import docx
from tap import TOP, run

sys.dont_write_bytecode = True
sys.path.insert(0, str(TOP / "tests/documents"))
import write_bombs  # noqa: E402

OUT = dict(sender="li@unit.example", recipients=["x@outside.example"], user="li")


def processes(gate, readers=2):
    """The spawner and its readers, once they are there."""
    return wait_until(lambda: len(gate.family("hangu-extract")) == 1 and len(gate.family("hangu-reader")) >= readers and
                      gate.family("hangu-extract") + gate.family("hangu-reader"), what="hangu-extract and its readers")


def is_alive(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_is_ready_with_the_gate():
    with Gate() as gate:
        processes(gate)
        assert gate.status()["extract"] == {"alive": True}
        assert os.stat(gate.directory / "run/extract.sock").st_mode & 0o777 == 0o600
        assert gate.send(CLEAN_TEXT).word == "accept"


def test_readers_stand_behind_walls():
    """As the kernel tells of a process: seccomp filter, no new privileges, nothing open but socket, pipe and streams."""
    with Gate() as gate:
        for reader in processes(gate)[1:]:
            status = dict(line.split(":\t", 1) for line in pathlib.Path(f"/proc/{reader}/status").read_text().splitlines())
            assert (status["Seccomp"], status["NoNewPrivs"]) == ("2", "1"), status
            assert int(status["CapEff"], 16) == 0 or os.readlink(f"/proc/{reader}/ns/user") != os.readlink("/proc/self/ns/user")
            if os.geteuid() == 0:
                assert sorted(int(fd) for fd in os.listdir(f"/proc/{reader}/fd")) == [0, 1, 2, 3, 4]
                assert os.readlink(f"/proc/{reader}/ns/net") != os.readlink("/proc/self/ns/net")


def test_comes_again_when_killed():
    with Gate() as gate:
        spawner, *readers = processes(gate)
        os.kill(spawner, signal.SIGKILL)
        wait_until(lambda: not any(map(is_alive, readers)), what="the end of its readers")
        wait_until(lambda: gate.family("hangu-extract") not in ([], [spawner]), what="another hangu-extract")
        assert gate.status()["extract"] == {"alive": True}
        assert "hangu-extract was killed by signal 9 (Killed); it is started again in" in gate.log()


def test_killed_reader_is_replaced():
    with Gate() as gate:
        _, *readers = processes(gate)
        os.kill(readers[0], signal.SIGKILL)
        wait_until(lambda: f"reader {readers[0]} was killed by signal 9 (Killed) before it had a document" in gate.log(), what="a line in the log")
        assert gate.status()["extract"] == {"alive": True}
        assert readers[0] not in processes(gate)


def test_term_to_the_group_is_for_the_gate():
    with Gate() as gate:
        spawner, *_ = processes(gate)
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
            os.kill(spawner, number)
        assert gate.status()["extract"] == {"alive": True}
        assert gate.family("hangu-extract") == [spawner]


def test_nobody_is_left_behind():
    for how in (signal.SIGTERM, signal.SIGKILL):
        with Gate() as gate:
            found = processes(gate)
            gate.stop(how=how)
            wait_until(lambda: not any(map(is_alive, found)), what="the end of all")
            assert how == signal.SIGKILL or not (gate.directory / "run/extract.sock").exists()


def test_missing_program_is_said():
    with Gate(extract="  program: /no/such/program") as gate:
        status = gate.status()["extract"]
        assert status["alive"] is False and status["error"], status
        assert "/no/such/program cannot be started: No such file or directory" in gate.log()
        assert gate.send(CLEAN_TEXT).word == "accept"
        shown = subprocess.run([gate.program("hangu"), "status", "--config", str(gate.config)], capture_output=True, text=True,
                               env={**os.environ, "LC_ALL": "C"})
        assert shown.returncode == 1 and "no document or archive is read" in shown.stdout, shown


def packed(megabytes):
    """A zip that unpacks to so much."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.txt", ("周二下午两点在三楼会议室开会。" * 40 + "\n").encode() * (megabytes * 10**6 // 1801))
    return data.getvalue()


def test_attachments_of_a_letter_share_one_budget_of_bytes():
    """Six, each below its own limit of 8 MB; together they have 20."""
    part = (b"--B\r\nContent-Type: application/zip\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: attachment\r\n\r\n" +
            base64.encodebytes(packed(7)).replace(b"\n", b"\r\n"))
    headers = [row for row in CLEAN if row[0] != "Content-Type"] + [("Content-Type", "multipart/mixed; boundary=B")]
    with Gate(extract="  max_bytes: 8M\n  letter_bytes: 20M") as gate:
        answers = [gate.send(part * count + b"--B--\r\n", headers, **OUT) for count in (2, 6)]
        assert [answer.word for answer in answers] == ["accept", "hold"], answers
        whole, cut = [{part["number"]: part.get("why", part["coverage"]) for part in record["parts"]} for record in gate.records()]
        assert set(whole.values()) == {"complete"}, whole
        assert [cut[str(number)] for number in range(1, 7)] == ["complete"] * 2 + ["over-budget"] * 4, cut
        assert gate.records()[1]["coverage"] == "partial" and "5.1" not in cut, "nobody reads the fifth"


def send_marked(gate):
    headers, body = letter_with("x.docx", docx(["会议"], header=["机密★10年"]))
    return gate.send(body, headers, **OUT), gate.records()[-1]


def test_is_small_and_was_there_first():
    """Another program than the gate, without its rules, started before any of them was loaded."""
    with Gate() as gate:
        spawner, *readers = processes(gate)
        maps = {pid: pathlib.Path(f"/proc/{pid}/maps").read_text() for pid in (spawner, *readers, *gate.family("hangu-inspect"))}
        started = {name: int(pathlib.Path(f"/proc/{gate.family(name)[0]}/stat").read_text().rpartition(")")[2].split()[19])
                   for name in ("hangu-keeper", "hangu-extract", "hangu-loader")}
        assert started["hangu-keeper"] <= started["hangu-extract"] <= started["hangu-loader"], started
        assert all("libhs" not in maps[pid] and "libmilter" not in maps[pid] for pid in (spawner, *readers))
        assert all("libhs" in maps[pid] and "libpoppler" not in maps[pid] for pid in gate.family("hangu-inspect"))
        assert pathlib.Path(f"/proc/{spawner}/status").read_text().count("Threads:\t1\n") == 1


def test_budgets_of_a_reader_come_from_the_settings():
    # what the settings say, what is sent, what the log says of its reader, why the part was not read to its end
    cases = [("  cpu: 1s\n  max_bytes: 8G", write_bombs.zip_ten_gigabytes(), "its processor time was over", "over-budget"),
             ("  memory: 128M", write_bombs.pdf_of_text(), "its memory may have been over", "reader-failed"),
             ("  letter: 1s\n  max_bytes: 8G", write_bombs.zip_ten_gigabytes(), None, "over-budget"),
             ("  max_bytes: 1M", write_bombs.zip_ten_gigabytes(), None, "over-budget"),
             ("  max_depth: 2", write_bombs.deep_zip(5), None, "over-budget")]
    for settings, data, logged, why in cases:
        with Gate(extract=settings, deadline="30s") as gate:
            headers, body = letter_with("x.bin", data)
            answer = gate.send(body, headers, **OUT)
            record = gate.records()[-1]
            print(f"# {settings.split()}: {answer.word} after {answer.seconds:.1f} s", flush=True)
            assert answer.word == "hold" and answer.seconds < 15 and why in {part.get("why") for part in record["parts"]}, (settings, answer, record)
            if logged:
                wait_until(lambda: logged in gate.log(), 5, logged)


def test_works_as_under_systemd_without_user_namespaces():
    """An ordinary user without capabilities, and without a way to get any: the second walls are missing, that is said once."""
    with Gate(confine=confined(["unshare", "capset"])) as gate:
        _, reader, *_ = processes(gate)
        if os.geteuid() == 0:
            status = pathlib.Path(f"/proc/{reader}/status").read_text()
            assert f"Uid:\t{ORDINARY}\t{ORDINARY}" in status and "Seccomp:\t2" in status and "CapEff:\t0000000000000000" in status, status
        answer, _ = send_marked(gate)
        assert answer.word == "reject", answer
        assert gate.status()["extract"] == {"alive": True}
        assert gate.log().count("readers of documents do without these walls: network (Operation not permitted)") == 1, gate.log()


def test_without_landlock_it_is_said_and_read():
    with Gate(confine=confined(["landlock_restrict_self"])) as gate:
        processes(gate)
        assert send_marked(gate)[0].word == "reject"
        assert gate.log().count("readers of documents do without these walls: files (Operation not permitted)") == 1, gate.log()


def test_without_a_needed_wall_nothing_is_read_unless_told():
    with Gate(confine=confined(["seccomp"])) as gate:
        answer, record = send_marked(gate)
        assert answer.word == "hold" and record["coverage"] == "unreadable" and record["findings"] == [], (answer, record)
        status = gate.status()["extract"]
        assert status["alive"] is False and "calls" in status["error"], status
        assert "no document is read: these walls around readers cannot be closed: calls" in gate.log()
        assert gate.send(CLEAN_TEXT).word == "accept"
    with Gate(confine=confined(["seccomp"]), extract="  walls: available") as gate:
        answer, _ = send_marked(gate)
        assert answer.word == "reject" and "readers of documents do without these walls: calls" in gate.log(), answer


def test_second_gate_is_refused():
    with Gate() as gate:
        processes(gate)
        second = subprocess.run([gate.program("hangu-milter"), "--config", str(gate.config)], capture_output=True, text=True, timeout=60)
        assert second.returncode == 69, second
        assert gate.status()["extract"] == {"alive": True}


run(globals())
