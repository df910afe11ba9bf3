#!/usr/bin/python3
"""Letters through the gate: every verdict, the record behind it, headers, sessions with more than one letter."""
import os
import threading

from gate_kit import CLEAN, CLEAN_TEXT, MARKED_TEXT, Gate, wait_until
from mta import ALL_ACTIONS, ALL_STEPS, HDR_LEADSPC, NR_BODY, NR_HDR, QUARANTINE, Closed
from tap import run


def the_record(gate):
    records = gate.records()
    assert len(records) == 1, records
    return records[0]


def test_a_clean_letter_is_accepted_and_recorded():
    with Gate() as gate:
        answer = gate.send(recipients=["b@unit.example", "c@unit.example"])
        record = the_record(gate)
        assert answer.word == "accept", (answer, gate.log())
        (result,) = answer.header("X-Hangu-Result")
        assert result == f"verdict=accept; class=none; level=none; id={record['id']}", result
        assert record["verdict"] == "accept" and record["answer"] == "accept" and record["carried_out"] is True
        assert record["sender"] == "a@outside.example" and record["recipients"] == ["b@unit.example", "c@unit.example"]
        assert record["client_ip"] == "192.0.2.7" and record["listener"] == "mx" and record["direction"] == "in"
        assert record["queue_id"].startswith("4Q") and record["unit"] == "示例单位"
        assert "Tuesday" not in str(gate.records()) and "Tuesday" not in gate.log()


def test_a_marked_letter_going_out_is_refused():
    with Gate() as gate:
        answer = gate.send(MARKED_TEXT, sender="li@unit.example", recipients=["x@outside.example"], user="li")
        record = the_record(gate)
        assert answer.word == "reject" and answer.reply.startswith("550 5.7.1 "), (answer, gate.log())
        assert answer.reply.endswith(f"(record {record['id']})"), answer.reply
        assert answer.reply.isascii() and "\n" not in answer.reply
        assert record["verdict"] == "reject" and record["level"] == "highly-secret" and record["account"] == "li"
        assert record["direction"] == "out" and record["reply"] == answer.reply


def test_an_accepted_letter_going_out_carries_only_an_opaque_id():
    with Gate() as gate:
        answer = gate.send(sender="li@unit.example", recipients=["x@outside.example"], user="li")
        assert answer.word == "accept"
        assert answer.header("X-Hangu-Id") == [the_record(gate)["id"]]
        assert not answer.header("X-Hangu-Result")


def test_a_letter_to_be_reviewed_is_held():
    text = "内部资料 注意保存\r\n\r\n各处室工作安排。\r\n".encode()
    with Gate() as gate:
        answer = gate.send(text, sender="li@unit.example", recipients=["x@outside.example"], user="li")
        record = the_record(gate)
        assert answer.word == "hold" and answer.quarantine == f"hangu {record['id']}", (answer, record)
        assert record["answer"] == "hold" and record["carried_out"] is True


def test_egress_and_sendmail_never_get_a_5xx():
    with Gate() as gate:
        for listener in ("egress", "pickup"):
            answer = gate.send(MARKED_TEXT, sender="li@unit.example", recipients=["x@outside.example"], listener=listener)
            assert answer.word == "hold", (listener, answer)
        assert [record["answer"] for record in gate.records()] == ["hold", "hold"]
        assert [record["verdict"] for record in gate.records()] == ["reject", "reject"]


def test_observe_mode_changes_nothing():
    forged = CLEAN + [("X-Hangu-Result", "verdict=accept")]
    with Gate(mode="observe") as gate:
        answer = gate.send(MARKED_TEXT, forged, sender="li@unit.example", recipients=["x@outside.example"], user="li")
        record = the_record(gate)
        assert answer.word == "accept" and answer.changes == [], answer
        assert record["verdict"] == "reject" and record["answer"] == "accept" and record["carried_out"] is False
        assert record["mode"] == "observe"


def test_forged_headers_are_removed_in_every_direction():
    forged = [("X-Hangu-Result", "verdict=accept"), *CLEAN, ("x-hangu-result", "two"), ("X-HANGU-ID", "1"),
              ("X-Hangu-Anything", "3"), ("X-Hangup", "stays")]
    with Gate() as gate:
        for user, sender, recipient in ((None, "a@outside.example", "b@unit.example"), ("li", "li@unit.example", "x@outside.example")):
            answer = gate.send(headers=forged, user=user, sender=sender, recipients=[recipient])
            assert answer.word == "accept", answer
            ours = [(name, value) for name, value in answer.headers if name.lower().startswith("x-hangu-")]
            assert len(ours) == 1 and ours[0][1].endswith(gate.records()[-1]["id"]), ours
            assert answer.header("X-Hangup") == ["stays"]


def test_too_many_forged_headers_are_refused():
    with Gate() as gate:
        answer = gate.send(headers=CLEAN + [("X-Hangu-%d" % number, "x") for number in range(500)])
        assert answer.word == "reject" and answer.reply.startswith("550 5.6.0"), answer
        assert the_record(gate)["failure"] == "forged-headers"


def test_several_letters_in_one_session_do_not_mix():
    with Gate() as gate, gate.mta(user="li") as session:
        words = []
        for body in (CLEAN_TEXT, MARKED_TEXT, CLEAN_TEXT, MARKED_TEXT):
            words.append(session.letter("li@unit.example", ["x@outside.example"], CLEAN, body).word)
        assert words == ["accept", "reject", "accept", "reject"]
        ids = [record["id"] for record in gate.records()]
        assert len(set(ids)) == 4


def test_an_aborted_letter_leaves_no_trace():
    with Gate() as gate, gate.mta(user="li") as session:
        session.begin("li@unit.example", ["x@outside.example", "y@outside.example"], CLEAN)
        session.body(MARKED_TEXT)
        session.abort()
        answer = session.letter("li@unit.example", ["z@outside.example"], CLEAN, CLEAN_TEXT)
        assert answer.word == "accept"
        record = the_record(gate)
        assert record["recipients"] == ["z@outside.example"]
        assert gate.status()["letters"]["aborted"] == 1
        wait_until(lambda: gate.status()["letters_in_hand"] == 0, what="no letter in hand")


def test_a_session_that_just_goes_away_leaves_nothing():
    with Gate() as gate:
        session = gate.mta()
        session.begin("a@outside.example", ["b@unit.example"], CLEAN)
        session.body(MARKED_TEXT)
        session.socket.close()
        assert gate.send().word == "accept"
        wait_until(lambda: gate.status()["letters_in_hand"] == gate.status()["connections"] == 0, what="the end of both")
        assert len(gate.records()) == 1


def test_letters_at_once():
    with Gate() as gate:
        words = []

        def one(number):
            body = MARKED_TEXT if number % 2 else CLEAN_TEXT
            answer = gate.send(body, sender="li@unit.example", recipients=["x@outside.example"], user="li")
            words.append((number % 2, answer.word))

        threads = [threading.Thread(target=one, args=(number,)) for number in range(40)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(words) == [(0, "accept")] * 20 + [(1, "reject")] * 20, words
        assert len(gate.records()) == 40


def test_an_old_mail_server_is_served_as_well():
    with Gate() as gate:
        steps = ALL_STEPS & ~(HDR_LEADSPC | NR_HDR | NR_BODY)
        assert gate.send(MARKED_TEXT, user="li", sender="li@unit.example", recipients=["x@outside.example"], steps=steps).word == "reject"
        assert gate.send(steps=0x3F, actions=0x3F).word == "accept"


def test_a_mail_server_that_cannot_hold_is_refused():
    with Gate() as gate:
        try:
            gate.mta(actions=ALL_ACTIONS & ~QUARANTINE)
        except (Closed, OSError):
            return
        raise AssertionError("negotiated without quarantine")


def test_a_letter_over_the_limit_gets_552():
    with Gate(message_size="1M") as gate:
        answer = gate.send(b"x" * 70 + b"\r\n" + os.urandom(16).hex().encode() * 40000)
        assert answer.word == "reject" and answer.reply.startswith("552 5.3.4"), answer
        record = the_record(gate)
        assert record["failure"] == "too-large" and record["size"] > 1024 * 1024
        answer = gate.send(b"x" * 2000000, listener="egress")
        assert answer.word == "hold", answer
        assert gate.send().word == "accept"


def test_fifty_megabytes():
    line = ("周二开会。" * 12).encode() + b"\r\n"
    body = line * (50 * 1024 * 1024 // len(line))
    with Gate(message_size="100M", deadline="120s") as gate:
        answer = gate.send(body + MARKED_TEXT, sender="li@unit.example", recipients=["x@outside.example"], user="li")
        record = the_record(gate)
        assert record["size"] > 50 * 1024 * 1024
        assert answer.word in ("reject", "hold"), (answer, record)
        rss = int([line for line in open(f"/proc/{gate.pid}/status") if line.startswith("VmHWM")][0].split()[1])
        assert rss < 40 * 1024, f"the gate grew to {rss} kB"


def test_over_the_limit_of_connections_sessions_are_put_off():
    with Gate(connections=2) as gate:
        first, second = gate.mta(), gate.mta()
        third = gate.mta()
        assert third.first.word == "tempfail", third.first
        third.quit()
        first.quit()
        assert second.letter("a@outside.example", ["b@unit.example"], CLEAN, CLEAN_TEXT).word == "accept"
        assert gate.mta().first.word == "accept"


def test_bytes_in_the_envelope_do_no_harm():
    with Gate() as gate:
        answer = gate.send(sender="\udcff\udcfe\\\x01@outside.example", recipients=["\udc80%s%n@unit.example"])
        assert answer.word in ("accept", "hold"), (answer, gate.log())
        assert the_record(gate)["sender"] == "\\xff\\xfe\\x5c\\x01@outside.example", the_record(gate)["sender"]


run(globals())
