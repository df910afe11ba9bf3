#!/usr/bin/python3
"""A small unit's day (tests/day) with a real gate and a real hangu-authd: who is told how often, and that a gate that is killed
loses no notice."""
import pathlib
import signal
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "day"))
from day import MIDNIGHT, MOST_OFFICER, MOST_PERSON, simulate           # noqa: E402
from gate_kit import wait_until                                         # noqa: E402
from tap import run                                                     # noqa: E402
from town import DOUBT, Letter                                          # noqa: E402

PEOPLE = 40
FOUND = {}


def killed(house, simulation):
    """After the last stage: a letter is held while the mail server is away, the gate dies, and comes back."""
    clerk = next(one for one in simulation.day.people if one.role == "clerk" and not simulation.notices().get(one.address))
    port, house.smtp_port = house.smtp_port, 1
    house.write_settings()
    house.clock.set(MIDNIGHT + 86400 + 10 * 3600)
    house.start_ledger()
    house.start_authd()
    house.start()
    headers, body = simulation.text(Letter(0, clerk.address, ["friend@partner.example"], DOUBT, clerk))
    FOUND["answer"] = house.letter(clerk.address, ["friend@partner.example"], headers, body, clerk.ip, "submission", clerk.address, tls=True)
    house.stop("hangu-milter", how=signal.SIGKILL)
    FOUND["id"] = [record["id"] for record in house.records() if record["answer"] == "hold"][-1]
    FOUND["files"] = [path.read_text() for path in (house.directory / "state/milter/notices").iterdir()]
    house.smtp_port = port
    house.write_settings()
    house.start()
    wait_until(lambda: any(FOUND["id"] in text for _, _, _, text in house.server.taken), 30, "the notice after the kill")
    wait_until(lambda: house.status()["notices"]["waiting"] == 0, 30, "the rest")
    FOUND["left"] = list((house.directory / "state/milter/notices").iterdir())
    FOUND["told"] = [recipient for recipient, _, _, text in house.server.taken if FOUND["id"] in text]
    FOUND["clerk"] = clerk.address


def results():
    """Stage to Result and what was told then, made once."""
    if "stages" not in FOUND:
        FOUND["stages"] = {result.stage: result for result in simulate(PEOPLE, stages=("warn", "enforce"), step=15, after=killed)}
    return FOUND["stages"]


def people(result, role):
    return [one for one in result.people if one.role == role]


def test_nobody_is_flooded():
    for stage, result in results().items():
        assert not result.faults, (stage, result.faults)
        for address, kinds in result.told.items():
            assert sum(not officer for _, officer in kinds) <= MOST_PERSON and sum(officer for _, officer in kinds) <= MOST_OFFICER, (address, kinds)


def test_who_must_act_is_told():
    warn = results()["warn"]
    for role, words in (("weak password", ("password weak", "warned")), ("old password", ("warned", "password ends")),
                        ("password ends soon", ("password ends",)), ("suspended", ("warned",)), ("administrator", ("warned",)),
                        ("forgets the password", ("locked",)), ("sender of a doubt", ("held", "several things"))):
        for one in people(warn, role):
            kinds = [kind for kind, _ in warn.told.get(one.address, [])]
            assert set(kinds) & set(words), (role, one.address, kinds)
    for stage, result in results().items():
        told = [kind for one in people(result, "sender of a marked letter") for kind, _ in result.told.get(one.address, [])]
        assert "stopped" in told, (stage, told)
        told = [result.told.get(one.address) for one in people(result, "auto-forward") if one.forward[0] == "sieve"]
        assert told and all(told), (stage, told)
        officers = [one for one in result.people if one.duty == "handler"]
        assert all(any(officer for _, officer in result.told.get(one.address, [])) for one in officers), stage


def test_who_did_nothing_wrong_is_left_alone():
    for stage, result in results().items():
        for role in ("clerk", "reviewer", "phone, old password"):
            for one in people(result, role):
                assert one.address not in result.told, (stage, role, result.told[one.address])
                assert not result.refused[one.address], (stage, role, one.address)


def test_enforce_stops_what_warn_let_go():
    warn, enforce = results()["warn"], results()["enforce"]
    for role in ("administrator", "unregistered", "suspended"):
        for one in people(warn, role):
            assert warn.sent[one.address] and not enforce.sent[one.address], (role, warn.sent[one.address], enforce.sent[one.address])
    for one in people(warn, "alien sender"):            # what he sends from his own address still leaves
        assert not warn.refused[one.address] and enforce.refused[one.address], one.address
    flood, = [one for one in warn.people if one is warn.taken]
    assert warn.sent[flood.address] >= 40 > enforce.sent[flood.address], "the guessed password still floods"


def test_a_killed_gate_loses_no_notice():
    results()
    assert FOUND["answer"].word == "hold", FOUND["answer"]
    assert any(FOUND["id"] in text for text in FOUND["files"]), "the notice was not on file when the gate died"
    for text in FOUND["files"]:
        assert "Tuesday" not in text and "座谈会" not in text, text
    assert FOUND["told"] == [FOUND["clerk"]], FOUND["told"]
    assert not FOUND["left"], FOUND["left"]


if __name__ == "__main__":
    run(globals())
