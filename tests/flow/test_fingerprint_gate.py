#!/usr/bin/python3
"""Registered papers and a gate that runs: a change is in force at once, what is wrong leaves the old register in force."""
import json
import os
import pathlib
import subprocess
import sys

from gate_kit import Gate
from tap import TOP, run

sys.path.insert(0, str(TOP / "tests/documents"))
import write_papers             # noqa: E402

HANGU = pathlib.Path(os.environ["top_builddir"]) / "hangu"


def fingerprint(gate, *words):
    done = subprocess.run([HANGU, "fingerprint", *map(str, words), "--config", gate.config, "--json"], capture_output=True, text=True, check=False)
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()], done.stderr


def copy(gate, index):
    return gate.send(("\r\n".join(write_papers.paper(index)[1:]) + "\r\n").encode(), sender="li@unit.example", recipients=["x@outside.example"], user="li",
                     headers=[("From", "li@unit.example"), ("To", "x@outside.example"), ("Subject", "x"), ("MIME-Version", "1.0"),
                              ("Content-Type", "text/plain; charset=utf-8"), ("Content-Transfer-Encoding", "8bit")])


def test_a_registered_paper_is_held_from_then_on():
    with Gate() as gate:
        file = pathlib.Path(gate.directory) / "paper.txt"
        file.write_text("\n".join(write_papers.paper(1)) + "\n", encoding="utf-8")
        assert copy(gate, 1).word == "accept"
        status, answers, said = fingerprint(gate, "add", file, "--label", "甲")
        assert status == 0 and answers[0]["number"] == 1, (status, answers, said)
        assert copy(gate, 2).word == "accept"
        assert copy(gate, 1).word == "hold", gate.log()
        record = gate.records()[-1]
        (finding,) = [one for one in record["findings"] if one["rule"] == "registered-paper"]
        assert finding["paper"] == 1 and finding["percent"] > 80 and record["policy"] == "out-registered", record
        assert record["papers_digest"].startswith("sha256:")
        assert "甲" not in json.dumps(gate.records(), ensure_ascii=False) and "甲" not in gate.log()
        register = next(pathlib.Path(gate.directory).rglob("papers"))
        good = register.read_bytes()
        register.write_bytes(good[:-1] + bytes([good[-1] ^ 1]))
        gate.reload()
        assert copy(gate, 1).word == "hold", gate.log()         # the old one stays in force
        register.write_bytes(good)
        status, answers, said = fingerprint(gate, "remove", 1)
        assert status == 0 and answers[0]["gate"] == "loaded", (status, answers, said)
        assert copy(gate, 1).word == "accept", gate.log()
        added, removed = gate.records("papers", "hangu ")
        assert (added["change"], added["papers"], removed["change"]) == ("add", ["1"], "remove")
        assert added["papers_digest"] == record["papers_digest"] == removed["papers_before"]
        loads = [one.get("papers_digest") for one in gate.records("start") + gate.records("reload") if one.get("reason") != "refused"]
        assert loads[0] is None and loads[1] == added["papers_digest"] and loads[-1] == removed["papers_digest"], loads


if __name__ == "__main__":
    run(globals())
