#!/usr/bin/python3
"""Rule sets in force: kept under their digest, found again, and a decision of the past made again by them."""
import json
import os
import subprocess

from confine import ORDINARY
from gate_kit import CLEAN, MARKED_TEXT, Gate, letter_with
from tap import TOP, run

NOTE = "现将蓝图计划的进展报告如下。\r\n".encode()
PACK = """\
pack: own
title_zh: 本单位
title_en: our own
rules:
  - id: own-plan
    title_zh: 蓝图计划
    title_en: blue plan
    class: work
    level: work-secret
    words: [{word}]
    scores: {{anywhere: 110}}
    match: ['{word}']
    nomatch: [计划]
"""
OUT = dict(sender="li@unit.example", recipients=["x@outside.example"], user="li")


def hangu(gate, *words, program="hangu"):
    done = subprocess.run([str(gate.build / program), *words], capture_output=True, text=True,
                          env={**os.environ, "LC_ALL": "C.UTF-8"})
    return done.returncode, done.stdout, done.stderr


def save(gate, body, headers=CLEAN):
    path = gate.directory / "letter.eml"
    path.write_bytes(b"".join(f"{name}: {value}\r\n".encode() for name, value in headers) + b"\r\n" + body)
    return path


def replay(gate, *words):
    status, out, err = hangu(gate, "check", "--config", str(gate.config), "--json", *words)
    assert out, err
    return status, json.loads(out)


def write_pack(gate, word):
    (gate.rules / "own.yaml").write_text(PACK.format(word=word))


def own_rules():
    gate = Gate()
    write_pack(gate, "蓝图计划")
    return gate


def test_a_past_decision_is_made_again_by_the_rules_of_then():
    with own_rules() as gate:
        answer = gate.send(NOTE, **OUT)
        (record,) = gate.records()
        letter = save(gate, NOTE)
        assert answer.word == "hold", (answer, gate.log())
        for name in ("engine", "fold", "received"):
            assert record[name], record
        write_pack(gate, "绿图计划")
        good, text = gate.reload()
        assert good, text

        status, now = replay(gate, "--from", OUT["sender"], "--rcpt", OUT["recipients"][0], str(letter))
        assert (status, now["verdict"]) == (0, "accept"), now
        status, then = replay(gate, "--record", record["id"], str(letter))
        assert (status, then["verdict"]) == (1, "hold"), then
        assert then["ruleset"] == record["ruleset"] and then["policy_digest"] == record["policy_digest"]
        assert then["policy"] == record["policy"] and then["findings"][0]["rule"] == "own-plan"
        assert then["replay"]["same"] is True, then["replay"]
        assert then["replay"]["decision"] == [] and then["replay"]["made_with"] == [], then["replay"]

        # the digest and the time alone
        status, then = replay(gate, "--ruleset", record["ruleset"], "--now", record["time"], "--from", OUT["sender"],
                              "--rcpt", OUT["recipients"][0], str(letter))
        assert (status, then["verdict"], then["policy"]) == (1, "hold", record["policy"]), then
        assert then["findings"][0]["score"] == record["findings"][0]["score"]
        assert then["replay"]["same"] is None

        # the record from a file, and what it was made with says something else
        (gate.directory / "record.json").write_text(json.dumps({**record, "engine": "judge-1/hs-4.7.0"}))
        status, then = replay(gate, "--record", str(gate.directory / "record.json"), str(letter))
        assert [row["what"] for row in then["replay"]["made_with"]] == ["engine"], then["replay"]

        # another letter than that of the record
        other = save(gate, NOTE.replace("蓝".encode(), "红".encode()))
        status, then = replay(gate, "--record", record["id"], str(other))
        assert then["replay"]["same"] is False
        assert "verdict" in [row["what"] for row in then["replay"]["decision"]], then["replay"]


def test_policy_and_settings_of_then_decide_as_well():
    with own_rules() as gate:
        gate.send(NOTE, **OUT)
        (record,) = gate.records()
        letter = save(gate, NOTE)
        gate.policy.write_text(gate.policy.read_text().replace("reply: 550 5.7.1", "reply: 554 5.7.1") + "\n")
        gate.write_settings(mode="observe")
        good, text = gate.reload()
        assert good, text
        status, then = replay(gate, "--record", record["id"], str(letter))
        assert then["mode"] == "enforce" and then["policy_digest"] == record["policy_digest"], then
        assert then["replay"]["same"] is True and then["replay"]["made_with"] == [], then["replay"]


def test_the_record_names_what_read_a_document():
    headers, body = letter_with("清单.zip", b"PK\x05\x06" + b"\0" * 18)
    with own_rules() as gate:
        gate.send(body, headers, **OUT)
        (record,) = gate.records()
        assert record["reader"].startswith("0.") and "/poppler-" in record["reader"], record
        assert record.get("ocr", "sha256:").startswith("sha256:")
        letter = save(gate, body, headers)
        status, then = replay(gate, "--record", record["id"], str(letter))
        assert then["replay"]["same"] is True and then["replay"]["made_with"] == [], then["replay"]


def test_sets_are_listed_and_a_changed_one_is_refused():
    with own_rules() as gate:
        gate.send(NOTE, **OUT)
        (record,) = gate.records()
        letter = save(gate, NOTE)
        write_pack(gate, "绿图计划")
        assert gate.reload()[0]
        status, out, err = hangu(gate, "rules", "sets", "--config", str(gate.config), "--json")
        sets = [json.loads(line) for line in out.splitlines()]
        assert status == 0 and len(sets) == 2, (out, err)
        assert sets[0]["ruleset"] == record["ruleset"] and sets[0]["until"] == sets[1]["from"]
        assert sets[1]["until"] is None
        status, out, _ = hangu(gate, "rules", "sets", "--config", str(gate.config))
        assert status == 0 and record["ruleset"] in out and "in force" in out

        kept = gate.directory / "state/milter/rulesets/sets" / record["ruleset"].partition(":")[2] / "own.yaml"
        kept.write_text(PACK.format(word="黄图计划"))
        status, out, err = hangu(gate, "check", "--config", str(gate.config), "--record", record["id"], str(letter))
        assert status == 65 and "were changed" in err, (status, out, err)
        status, out, err = hangu(gate, "check", "--config", str(gate.config), "--ruleset", "sha256:" + "0" * 64, str(letter))
        assert status == 78 and "are not kept" in err, (status, err)


def test_the_register_of_then_is_looked_for_again():
    with own_rules() as gate:
        paper = gate.directory / "paper.txt"
        text = "".join(f"第{number}批设备于{number}月运抵{number * 7}号库房，由{place}组验收登记。" for number, place in
                       enumerate("东西南北前后左右上中下里外甲乙丙丁", 1))
        paper.write_text(text)

        def fingerprint(*words):
            status, out, err = hangu(gate, "fingerprint", *words, "--config", str(gate.config), "--json")
            assert status == 0, (out, err)
        fingerprint("add", str(paper))
        assert gate.send(text.encode(), **OUT).word == "hold", gate.log()
        (record,) = gate.records()
        letter = save(gate, text.encode())
        fingerprint("remove", "1")
        status, now = replay(gate, "--from", OUT["sender"], "--rcpt", OUT["recipients"][0], str(letter))
        assert (status, now["findings"]) == (0, []), now
        status, then = replay(gate, "--record", record["id"], str(letter))
        assert status == 1 and then["replay"]["same"] is True and then["replay"]["made_with"] == [], then["replay"]
        status, then = replay(gate, "--ruleset", record["ruleset"], "--now", record["time"], "--from", OUT["sender"],
                              "--rcpt", OUT["recipients"][0], str(letter))
        assert status == 1 and then["findings"][0]["paper"]["number"] == 1, then

        # no register then, one now
        assert gate.send(NOTE, **OUT).word == "hold"
        letter = save(gate, NOTE)
        fingerprint("add", str(letter))
        status, then = replay(gate, "--record", gate.records()[-1]["id"], str(letter))
        assert then["replay"]["same"] is True and then["replay"]["made_with"] == [], then["replay"]

        # what is kept is not trusted, and told when it is gone
        letter = save(gate, text.encode())
        kept = gate.directory / "state/milter/rulesets/papers" / record["papers_digest"].partition(":")[2]
        kept.write_bytes((gate.directory / "state/milter/papers").read_bytes())
        status, _, err = hangu(gate, "check", "--config", str(gate.config), "--record", record["id"], str(letter))
        assert status == 65 and "was changed" in err, (status, err)
        kept.unlink()
        status, then = replay(gate, "--record", record["id"], str(letter))
        assert [row["what"] for row in then["replay"]["made_with"]] == ["papers"], then["replay"]
        assert then["replay"]["same"] is False


def test_members_of_the_gates_group_need_not_be_root():
    if os.geteuid() != 0:
        print("# needs root to be somebody else", flush=True)
        return
    with own_rules() as gate:
        gate.send(NOTE, **OUT)
        (record,) = gate.records()
        letter = save(gate, NOTE)
        words = ["rules", "sets", "--config", str(gate.config), "--json"]
        again = ["check", "--config", str(gate.config), "--ruleset", record["ruleset"], "--from", OUT["sender"], "--rcpt", OUT["recipients"][0], str(letter)]

        def as_officer(words, groups):
            return subprocess.run([str(gate.build / "hangu"), *words], capture_output=True, text=True, check=False, user=ORDINARY, group=ORDINARY,
                                  extra_groups=groups, env={**os.environ, "LC_ALL": "C.UTF-8"})
        gate.directory.chmod(0o711)
        (gate.directory / "state/milter").chmod(0o700)
        closed = as_officer(words, [0])
        assert closed.returncode == 77 and "systemd-tmpfiles" in closed.stderr, closed
        (gate.directory / "state/milter").chmod(0o710)          # as hangu.tmpfiles has it
        assert as_officer(words, []).returncode == 77
        listed = as_officer(words, [0])
        assert json.loads(listed.stdout)["ruleset"] == record["ruleset"], listed
        write_pack(gate, "绿图计划")
        assert gate.reload()[0]
        then = as_officer(again, [0])
        assert then.returncode == 1 and "own-plan" in then.stdout, then
        assert as_officer(again, []).returncode == 77
        assert (gate.directory / "state/milter/rulesets/papers").stat().st_mode & 0o777 == 0o700


def test_rules_that_cannot_be_kept_load_and_an_alert_says_so():
    gate = own_rules()
    (gate.directory / "state/milter").mkdir(mode=0o700, exist_ok=True)
    (gate.directory / "state/milter/rulesets").write_text("in the way, as a full disk would be")
    with gate:
        assert gate.send(NOTE, **OUT).word == "hold"
        status, out, _ = hangu(gate, "status", "--config", str(gate.config))
        assert status == 1 and "are not kept" in out, out
        assert "are not kept" in gate.log()
        (gate.directory / "state/milter/rulesets").unlink()
        good, text = gate.reload()
        assert good and text == "loaded", text
        assert "reload" in [record["kind"] for record in gate.records("reload")]



def sign(gate, version, key="key"):
    status, out, err = hangu(gate, "rules", "sign", "--key", str(gate.directory / key), "--set-version", str(version),
                             str(gate.rules))
    assert status == 0, (out, err)


def with_keys():
    """A gate that trusts one key, its rules signed as version 5."""
    gate = own_rules()
    for name in ("key", "stranger"):
        assert hangu(gate, "rules", "keygen", "--key", str(gate.directory / name))[0] == 0
    text = gate.config.read_text()
    gate.config.write_text(text + f"rule_sets:\n  keys: [{gate.directory}/key.pub]\n")
    sign(gate, 5)
    return gate


def test_signed_rules_load_and_others_do_not():
    with with_keys() as gate:
        assert gate.send(NOTE, **OUT).word == "hold", gate.log()
        first = gate.status()["ruleset"]
        write_pack(gate, "绿图计划")
        good, text = gate.reload()
        assert not good and "was changed after it was signed" in text, text
        sign(gate, 6, "stranger")
        good, text = gate.reload()
        assert not good and "none of the trusted keys" in text, text
        sign(gate, 4)
        good, text = gate.reload()
        assert not good and "older than version 5" in text, text

        # the old rules judge on, and everybody is told
        assert gate.status()["ruleset"] == first and gate.send(NOTE, **OUT).word == "hold"
        status, out, _ = hangu(gate, "status", "--config", str(gate.config))
        assert status == 1 and "older than version 5" in out, out
        assert "none of the trusted keys" in gate.log()
        assert [record["reason"] for record in gate.records("reload")] == ["refused-signature"] * 3
        status, out, _ = hangu(gate, "check-settings", "--config", str(gate.config))
        assert status == 78 and "older than version 5" in out, out

        sign(gate, 6)
        assert gate.reload() == (True, "loaded"), gate.log()
        assert gate.send(NOTE, **OUT).word == "accept"
        status, out, _ = hangu(gate, "rules", "verify", "--config", str(gate.config), str(gate.rules))
        assert status == 0 and "version 6" in out, out
        status, _, err = hangu(gate, "rules", "verify", "--public", str(gate.directory / "stranger.pub"), str(gate.rules))
        assert status == 1 and "none of the trusted keys" in err, err


def test_unsigned_rules_do_not_start_a_gate_that_has_keys():
    gate = with_keys()
    try:
        (gate.rules / "MANIFEST.sig").unlink()
        status, out, err = hangu(gate, "--check", "--config", str(gate.config), program="hangu-milter")
        assert status == 78 and "the rules are not signed" in err, (status, out, err)
    finally:
        gate.__exit__()

run(globals())
