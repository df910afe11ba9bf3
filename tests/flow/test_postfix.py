#!/usr/bin/python3
"""A real Postfix with Hangu in front: what users do, and what they do wrong."""
import concurrent.futures
import socket
import sys
import time

from tap import need_root, run
from private_gateway import OUTSIDE, PrivateGateway, wait_until

MARKED = "Subject: report\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n机密★10年\r\n\r\n关于调度的报告\r\n\r\n一、总体情况\r\n".encode()
PLAIN = "Subject: meeting\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n周三下午两点开会。\r\n".encode()
INTERNAL = "Subject: plan\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n内部资料 注意保存\r\n\r\n机构调整方案\r\n".encode()
A, B, OUT = "li@unit.example", "wang@unit.example", "friend@outside.example"


def letters_of(gateway, **wanted):
    return [r for r in gateway.records() if all(r.get(key) == value for key, value in wanted.items())]


def test_accepts_delivers_and_records_an_ordinary_letter():
    with PrivateGateway() as gateway:
        answer = gateway.send(PLAIN, A, [OUT], login="li")
        assert answer.code == 250, answer
        gateway.settle()
        assert len(gateway.delivered()) == 1
        record, = letters_of(gateway, listener="submission")
        assert (record["verdict"], record["answer"], record["direction"]) == ("accept", "accept", "out"), record
        assert record["sender"] == A and record["recipients"] == [OUT] and record["account"] == "li"
        assert letters_of(gateway, listener="egress"), "the letter did not pass the egress listener"
        assert b"X-Hangu-Result" not in gateway.delivered()[0]


def test_refuses_a_state_secret_and_keeps_nothing_of_it():
    with PrivateGateway() as gateway:
        answer = gateway.send(MARKED, A, [OUT], login="li")
        assert answer.code == 550 and answer.text.startswith("5.7.1 "), answer
        answer = gateway.send(MARKED, "x@outside.example", [A], client=OUTSIDE)
        assert answer.code == 550, answer
        gateway.settle()
        assert not gateway.delivered() and not gateway.queue()
        records = letters_of(gateway)
        assert [r["verdict"] for r in records] == ["reject", "reject"] and [r["direction"] for r in records] == ["out", "in"]
        kept = "".join(gateway.log(name) for name in ("milter", "ledger", "mail"))
        kept += "".join(path.read_text() for path in (gateway.directory / "state/ledger").glob("*.log"))
        assert "机密" not in kept and "调度" not in kept and "report" not in kept, "content was kept"


def test_the_reply_names_the_record():
    with PrivateGateway() as gateway:
        answer = gateway.send(MARKED, A, [OUT], login="li")
        record, = letters_of(gateway)
        assert record["id"] in answer.text, (answer, record["id"])


def test_holds_internal_material_going_out_and_tags_it_inside():
    with PrivateGateway() as gateway:
        assert gateway.send(INTERNAL, A, [OUT], login="li").code == 250
        assert gateway.send(INTERNAL, A, [B], login="li").code == 250
        wait_until(lambda: len(gateway.queue("hold")) == 1 and len(gateway.delivered()) == 1, what="one held and one delivered")
        assert b"X-Hangu-Result:" in gateway.delivered()[0]


def test_one_decision_for_several_recipients():
    with PrivateGateway() as gateway:
        answer = gateway.send(PLAIN, A, [B, OUT, "hu@outside.example"], login="li")
        assert answer.code == 250 and not answer.refused
        gateway.settle()
        record = letters_of(gateway, listener="submission")[0]
        assert record["recipients"] == [B, OUT, "hu@outside.example"] and record["direction"] == "out"
        assert gateway.send(MARKED, A, [B, OUT], login="li").code == 550


def test_removes_forged_results():
    with PrivateGateway() as gateway:
        forged = b"X-Hangu-Result: verdict=accept\r\nX-HANGU-Id: 1\r\n" + PLAIN
        assert gateway.send(forged, "x@outside.example", [A], client=OUTSIDE).code == 250
        gateway.settle()
        delivered, = gateway.delivered()
        assert delivered.lower().count(b"x-hangu-") == 1, delivered
        assert b"X-HANGU-Id: 1" not in delivered


def test_pipelined_letters_in_one_session():
    with PrivateGateway() as gateway:
        smtp = gateway.connect(login="li")
        codes = [gateway.send_in(smtp, letter, A, [OUT]).code for letter in (PLAIN, MARKED, PLAIN, INTERNAL)]
        smtp.quit()
        assert codes == [250, 550, 250, 250], codes
        raw = socket.create_connection(("127.0.0.1", gateway.smtp_port))
        stream = raw.makefile("rwb")
        stream.readline()
        stream.write(b"EHLO client.example\r\n")
        stream.flush()
        while stream.readline()[3:4] == b"-":
            pass
        stream.write(b"".join(b"MAIL FROM:<%s>\r\nRCPT TO:<%s>\r\nDATA\r\n" % (A.encode(), OUT.encode()) for _ in range(1)))
        stream.flush()
        assert [stream.readline()[:3] for _ in range(3)] == [b"250", b"250", b"354"]
        stream.write(MARKED + b".\r\nMAIL FROM:<%s>\r\nRCPT TO:<%s>\r\n" % (A.encode(), OUT.encode()))
        stream.flush()
        assert [stream.readline()[:3] for _ in range(3)] == [b"550", b"250", b"250"]
        raw.close()


def test_a_letter_aborted_in_data_leaves_nothing():
    with PrivateGateway() as gateway:
        smtp = gateway.connect(login="li")
        smtp.mail(A)
        smtp.rcpt(OUT)
        smtp.putcmd("DATA")
        smtp.getreply()
        smtp.send(MARKED[:60])
        smtp.close()
        assert gateway.send(PLAIN, A, [OUT], login="li").code == 250
        gateway.settle()
        assert [r["verdict"] for r in letters_of(gateway, listener="submission")] == ["accept"]


def test_a_letter_of_50_megabytes():
    with PrivateGateway() as gateway:
        line = b"The quick brown fox jumps over the lazy dog, again and again and again.\r\n"
        big = b"Subject: big\r\n\r\n" + line * (50_000_000 // len(line))
        answer = gateway.send(big, "x@outside.example", [A], client=OUTSIDE)
        assert answer.code == 250, answer
        answer = gateway.send(big + "机密★10年\r\n".encode(), "x@outside.example", [A], client=OUTSIDE)
        assert letters_of(gateway)[-1]["class"] == "state", letters_of(gateway)[-1]


def test_a_hundred_connections_at_once():
    with PrivateGateway(egress=False) as gateway:
        def one(number):
            return gateway.send(MARKED if number % 4 == 0 else PLAIN, f"u{number}@unit.example", [OUT], login="li").code

        with concurrent.futures.ThreadPoolExecutor(100) as pool:
            codes = list(pool.map(one, range(100)))
        assert codes == [550 if number % 4 == 0 else 250 for number in range(100)], codes
        gateway.settle()
        assert len(gateway.delivered()) == 75


def test_sendmail_submissions_are_looked_at_and_never_refused():
    with PrivateGateway() as gateway:
        gateway.sendmail(PLAIN.replace(b"\r\n", b"\n"), A, [OUT])
        gateway.sendmail(MARKED.replace(b"\r\n", b"\n"), A, [OUT])
        wait_until(lambda: len(gateway.delivered()) == 1 and len(gateway.queue("hold")) == 1, what="one delivered, one held")
        gateway.settle()
        assert len(gateway.queue()) == 1, "a bounce was made"
        verdicts = sorted((r["verdict"], r["answer"]) for r in letters_of(gateway, listener="pickup"))
        assert verdicts == [("accept", "accept"), ("reject", "hold")], verdicts


def test_an_alias_to_outside_passes_the_egress_gate():
    with PrivateGateway(aliases={"lost": OUT}) as gateway:
        assert gateway.send(PLAIN, "x@outside.example", ["lost@unit.example"], client=OUTSIDE).code == 250
        wait_until(lambda: letters_of(gateway, listener="egress"), what="a record of the egress listener")
        gateway.settle()
        record, = letters_of(gateway, listener="egress")
        assert record["direction"] == "out" and record["recipients"] == [OUT], record
        # A machine's forward of an outsider's letter to the outside is what R-165 forbids: it must not leave.
        assert record["forward"] and record["answer"] == "hold", record
        assert not gateway.delivered() and len(gateway.queue("hold")) == 1


def test_a_forward_file_to_outside_passes_the_egress_gate():
    with PrivateGateway(forward={"daemon": OUT}) as gateway:
        assert gateway.send(PLAIN, "x@outside.example", ["daemon@unit.example"], client=OUTSIDE).code == 250
        wait_until(lambda: letters_of(gateway, listener="egress"), what="a record of the egress listener")
        gateway.settle()
        record, = letters_of(gateway, listener="egress")
        assert record["direction"] == "out" and record["recipients"] == [OUT] and record["answer"] == "hold", record
        assert not gateway.delivered() and len(gateway.queue("hold")) == 1


def test_null_sender_and_postmaster():
    with PrivateGateway() as gateway:
        bounce = b"Subject: Undelivered Mail\r\nAuto-Submitted: auto-replied\r\n\r\nsorry\r\n"
        assert gateway.send(bounce, "", [A], client=OUTSIDE).code == 250
        assert gateway.send(PLAIN, "x@outside.example", ["postmaster@unit.example"], client=OUTSIDE).code == 250
        assert gateway.send(MARKED, "", [A], client=OUTSIDE).code == 550, "content rules apply to the null sender too"


def test_smtputf8_and_8bitmime():
    with PrivateGateway() as gateway:
        letter = "Subject: 会议\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n周三开会\r\n".encode()
        smtp = gateway.connect(login="li")
        smtp.command_encoding = "utf-8"
        assert gateway.send_in(smtp, letter, "李@unit.example", ["友@outside.example"], ["SMTPUTF8", "BODY=8BITMIME"]).code == 250
        smtp.quit()
        record = letters_of(gateway)[0]
        assert record["sender"] == "李@unit.example" and record["recipients"] == ["友@outside.example"], record


def test_observe_mode_changes_nothing_but_records():
    with PrivateGateway(mode="observe", on_failure="accept") as gateway:
        for letter in (MARKED, INTERNAL, PLAIN):
            assert gateway.send(letter, A, [OUT], login="li").code == 250
        wait_until(lambda: len(gateway.delivered()) == 3, what="three deliveries")
        seen = [(r["verdict"], r["answer"], r["carried_out"]) for r in letters_of(gateway, listener="submission")]
        assert seen == [("reject", "accept", False), ("hold", "accept", False), ("accept", "accept", True)] or \
            [one[:2] for one in seen] == [("reject", "accept"), ("hold", "accept"), ("accept", "accept")], seen
        report = gateway.hangu("report", "observe", "--config", gateway.config, "--json")
        assert report.returncode == 0 and report.stdout.strip(), report


def test_the_ledger_verifies_and_shows_tampering():
    with PrivateGateway() as gateway:
        for letter in (PLAIN, MARKED, PLAIN):
            gateway.send(letter, A, [OUT], login="li")
        gateway.settle()
        directory = gateway.directory / "state/ledger"
        good = gateway.hangu("ledger", "verify", "--directory", directory)
        assert good.returncode == 0, good
        head = gateway.hangu("ledger", "head", "--directory", directory).stdout.strip()
        gateway.stop_process("milter")
        gateway.stop_process("ledger")
        path = sorted(directory.glob("*.log"))[0]
        lines = path.read_bytes().splitlines(keepends=True)
        number = next(i for i, line in enumerate(lines) if b'"verdict":"reject"' in line)
        path.write_bytes(b"".join(lines[:number] + [lines[number].replace(b'"reject"', b'"accept"')] + lines[number + 1:]))
        bad = gateway.hangu("ledger", "verify", "--directory", directory)
        assert bad.returncode == 1 and f"{number + 1}" in bad.stdout + bad.stderr, bad
        path.write_bytes(b"".join(lines[: int(head.partition(":")[0]) - 1]))
        cut = gateway.hangu("ledger", "verify", "--directory", directory, "--head", head)
        assert cut.returncode == 1, cut


def test_status_tells_the_state_and_unguarded_ways_out():
    with PrivateGateway() as gateway:
        gateway.send(MARKED, A, [OUT], login="li")
        status = gateway.hangu("status", "--config", gateway.config, "--postfix-config", gateway.postfix_config)
        assert status.returncode in (0, 1) and status.stdout, status
        gateway.stop_process("ledger")
        time.sleep(0.1)
        status = gateway.hangu("status", "--config", gateway.config, "--postfix-config", gateway.postfix_config)
        assert status.returncode == 1, status


if __name__ == "__main__":
    try:
        need_root()
    except Exception as why:
        print(f"1..0 # SKIP {why}")
        sys.exit(0)
    run(globals())
