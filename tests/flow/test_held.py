#!/usr/bin/python3
"""`hangu held`: a letter that waits for review is listed, shown, released (and leaves) or dropped; all of it is recorded."""
import json
import subprocess
import sys

from authd_kit import Authd
from tap import need_root, run
from private_gateway import PrivateGateway, wait_until

INTERNAL = "Subject: plan\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n内部资料 注意保存\r\n\r\n机构调整方案\r\n".encode()
MARKED = "Subject: report\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n机密★10年\r\n\r\n关于调度的报告\r\n".encode()
A, OUT = "li@unit.example", "friend@outside.example"


def held(gateway, *words):
    return gateway.hangu("held", "--config", gateway.config, "--postfix-config", gateway.postfix_config, *words)


def hold_one(gateway, letter=INTERNAL, recipients=(OUT,)):
    assert gateway.send(letter, A, list(recipients), login="li").code == 250
    wait_until(lambda: gateway.queue("hold"), what="a held letter")
    return gateway.queue("hold")[0]["queue_id"]


def test_list_and_show_tell_who_and_why_but_no_text():
    with PrivateGateway() as gateway:
        queue_id = hold_one(gateway)
        done = held(gateway, "list", "--json")
        assert done.returncode == 0, done
        entry = json.loads(done.stdout)
        assert entry["v"] == 1 and entry["queue_id"] == queue_id and entry["level"] == "work-secret" and entry["policy"].startswith("out-"), entry
        for shown in (held(gateway, "list"), held(gateway, "show", queue_id)):
            assert shown.returncode == 0 and queue_id in shown.stdout, shown
            assert "内部" not in shown.stdout and "plan" not in shown.stdout and "机构" not in shown.stdout


def test_a_released_letter_leaves_and_both_queue_ids_are_recorded():
    with PrivateGateway() as gateway:
        queue_id = hold_one(gateway, recipients=(OUT, "hu@outside.example"))
        refused = held(gateway, "release", queue_id)
        assert refused.returncode == 64, "a release without a reason"
        done = held(gateway, "release", queue_id, "--reason", "approved by the office")
        assert done.returncode == 0, done
        wait_until(lambda: len(gateway.delivered()) >= 1, what="the released letter leaving")
        gateway.settle()
        assert not gateway.queue(), gateway.queue()
        releases = gateway.records("release")
        assert releases[0]["queue_id"] == queue_id and releases[0]["actor"] and releases[0]["note"] == "approved by the office"
        assert releases[-1].get("new_queue_id"), releases
        passed = [r for r in gateway.records() if r.get("listener") == "egress"]
        assert passed and passed[-1]["answer"] == "accept" and passed[-1]["released"] == releases[0]["id"], passed


def test_a_release_serves_its_own_letter_only():
    with PrivateGateway() as gateway:
        queue_id = hold_one(gateway)
        assert held(gateway, "release", queue_id, "--reason", "once").returncode == 0
        wait_until(lambda: gateway.delivered(), what="the released letter leaving")
        hold_one(gateway)
        assert len(gateway.delivered()) == 1, "the same text again is held again"


def leaving(gateway, authd, address):
    """What `hangu account leave` says of held letters: status and words."""
    done = gateway.hangu("account", "leave", address, "--config", gateway.config, "--postfix-config", gateway.postfix_config,
                         "--socket", f"{authd.directory}/run/authd.sock", "--json")
    assert done.returncode in (0, 1), done
    return next((row["status"], row["what"]) for row in map(json.loads, done.stdout.splitlines()) if row["item"] == "held")


def test_a_dropped_letter_is_gone_and_recorded():
    with PrivateGateway() as gateway, Authd() as authd:
        authd.call("unit", unit="示例单位", domain="unit.example", role="leader", person="wang@unit.example")
        for address in (A, "hu@unit.example"):
            authd.call("add", address=address, owner=address, purpose="x")
        assert leaving(gateway, authd, A) == ("done", "none of his")
        queue_id = hold_one(gateway)
        assert leaving(gateway, authd, "hu@unit.example") == ("done", "none of his")
        status, what = leaving(gateway, authd, A)
        assert status == "to-do" and queue_id in what, what
        assert held(gateway, "drop", queue_id, "--reason", "not needed").returncode == 0
        assert not gateway.queue() and not gateway.delivered()
        assert gateway.records("drop")[0]["queue_id"] == queue_id
        assert leaving(gateway, authd, A) == ("done", "none of his")
        queue_id = hold_one(gateway)
        subprocess.run(["postsuper", "-c", str(gateway.postfix_config), "-d", queue_id], check=True,
                       capture_output=True, timeout=30)                         # past Hangu: that is told
        status, what = leaving(gateway, authd, A)
        assert status == "done" and queue_id in what and "no decision" in what, what


def test_a_confirmed_secret_held_at_egress_is_not_released():
    with PrivateGateway() as gateway:
        gateway.sendmail(MARKED.replace(b"\r\n", b"\n"), A, [OUT])
        wait_until(lambda: gateway.queue("hold"), what="a held letter")
        queue_id = gateway.queue("hold")[0]["queue_id"]
        done = held(gateway, "release", queue_id, "--reason", "please")
        assert done.returncode == 77 and gateway.queue("hold"), done


def test_words_that_are_off():
    with PrivateGateway() as gateway:
        assert held(gateway, "show", "NOSUCHID0").returncode == 66
        assert held(gateway, "show", "../../etc").returncode == 64
        assert held(gateway, "free").returncode == 64


if __name__ == "__main__":
    try:
        need_root()
    except Exception as why:
        print(f"1..0 # SKIP {why}")
        sys.exit(0)
    run(globals())
