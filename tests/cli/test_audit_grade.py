"""`clearline audit grade`: an auditor computes grades again from entries that were proved."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from crypto.signing.keys import public_bytes, save_private_key
from protocol.encodings import b64url_encode
from tests.support.auditing import reseal
from tests.support.commands import called
from tests.support.graded_log import CLEARED, DAY, DIGEST, a_log, id_of, record
from tests.support.log_server import LOG, REGISTRY_KEY, START, YEAR, LogServer, listening
from tests.support.logs import seeded_key

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    save_private_key(seeded_key("auditor"), tmp_path / "auditor.pem")
    registry = b64url_encode(public_bytes(REGISTRY_KEY))
    who = ["--key", str(tmp_path / "auditor.pem"), "--key-id", "auditor-1"]
    pinned = ["--vkey", LOG.vkey, *who, "--registry-key", registry, "--registry-key-id", "registry-1"]

    def running(log: LogServer, *more: str) -> tuple[int, str, str]:
        log.publish()
        with listening(log) as server:
            address = f"{server.url}/log/{YEAR}"
            return called(capsys, "audit", "grade", "--log-url", address, *pinned, *more)

    return running


def test_each_grade_of_a_year_is_computed_again(run: Run) -> None:
    log = a_log(CLEARED, CLEARED, None)
    log.erase([len(log.entries) - 2], at=START + 14 * DAY)
    code, out, err = run(log, "--all", "--json")
    assert (code, json.loads(out)) == (
        0,
        {"log": LOG.name, "inquiries": 3, "outcomes": {"erased": 1, "holds": 1, "not-graded": 1}, "findings": 0},
    )
    assert "holds: the letter follows from its inputs, and these from the person's other entries" in err


def test_one_falsified_grade_among_many_is_found(run: Run) -> None:
    log = a_log(*[CLEARED] * 30, "o0 p0 d- c0 b0 k0 t0 C", *[CLEARED] * 30)
    code, out, err = run(log, "--all", "--json")
    (found,) = json.loads(out)["found"]
    assert code == 1
    assert (found["inquiry"], found["outcome"]) == (id_of(log, "o0 p0 d- c0 b0 k0 t0 C"), "grade-inputs-differ")
    assert (found["told"], found["rebuilt"]) == ("o0 p0 d- c0 b0 k0 t0 C", CLEARED)
    assert "grade-inputs-differ: 1 of 61 grades do not hold" in err


def test_one_inquiry_is_computed_again(run: Run) -> None:
    log = a_log(CLEARED, "o0 p0 d3 c1 b10 k0 t0 D")
    code, out, err = run(log, id_of(log, CLEARED), "--json")
    assert (code, json.loads(out)["rebuilt"]) == (0, CLEARED)
    code, out, err = run(log, id_of(log, "o0 p0 d3 c1 b10 k0 t0 D"))
    assert code == 1
    assert "grade-letter-differs: 1 of 1 grades do not hold" in err
    code, out, err = run(log, "00000000-0000-4000-8000-000000000000")
    assert (code, out) == (1, "")
    assert "entry-unknown: 00000000-0000-4000-8000-000000000000: the log of 2026 has no such inquiry" in err


def test_a_change_of_an_entry_that_the_tree_does_not_hold_is_not_believed(run: Run) -> None:
    log = a_log(CLEARED)
    log.publish()
    place = next(at for at, each in enumerate(log.openings) if "ACTIVE>CLEARED" in each["core"])
    log.openings[place]["core"] = log.openings[place]["core"].replace("ACTIVE>CLEARED", "ACTIVE>EXPIRED")
    code, _, err = run(log, "--all")
    assert code == 1
    assert "not-proved: 1 entries do not hold (opening-mismatch), and grades may rest on them" in err


@pytest.mark.parametrize("digest", ["00" * 32, DIGEST])
def test_rules_are_those_that_the_log_approved(run: Run, digest: str) -> None:
    code, out, _ = run(a_log(CLEARED, digest=digest), "--all", "--json")
    wanted = (0, {"holds": 1}) if digest == DIGEST else (1, {"grade-rules-unproved": 1})
    assert (code, json.loads(out)["outcomes"]) == wanted


def test_an_entry_without_the_facts_of_its_kind_is_a_finding(run: Run) -> None:
    log = a_log(CLEARED)
    place = next(at for at, each in enumerate(log.openings) if "ACTIVE>CLEARED" in each["core"])
    reseal(log, place, facts={"record": record(0)})
    code, out, err = run(log, "--all", "--json")
    assert (code, json.loads(out)["findings"]) == (1, 1)
    assert "core-facts" in err


@pytest.mark.parametrize("options", [[], ["--all", "00000000-0000-4000-8000-000000000000"]])
def test_either_one_inquiry_or_all_of_them(run: Run, options: list[str]) -> None:
    code, _, err = run(a_log(CLEARED), *options)
    assert (code, "either an inquiry's id or --all" in err) == (2, True)


def test_earlier_years_come_in_order(run: Run) -> None:
    code, _, err = run(a_log(CLEARED), "--all", "--before", "https://registry.test/log/2026", LOG.vkey)
    assert (code, "--before: each earlier year once, in order" in err) == (2, True)
