"""`clearline audit grade`: an auditor computes grades again from entries that were proved."""

import datetime as dt
import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from crypto.signing.keys import public_bytes, save_private_key
from protocol.encodings import b64url_encode, canonical_json, format_time
from protocol.log_entries import EntryKind
from protocol.messages.rules import RulesVersion
from protocol.states import RulesState
from protocol.wire.codec import write
from tests.support.auditing import reseal
from tests.support.commands import called
from tests.support.grade_audits import GRADING
from tests.support.log_server import LOG, REGISTRY_KEY, START, YEAR, LogServer, kept_request, listening
from tests.support.logs import seeded_key

RULES = replace(GRADING, version="2026-02")
DIGEST = hashlib.sha256(canonical_json(write(RULES))).hexdigest()
PUBLISHED = RulesVersion(
    rules=RULES,
    state=RulesState.APPROVED,
    sha256=DIGEST,
    proposed_by="operator",
    proposed_at=START,
    approved_by="regulator",
    approved_at=START,
)
Facts = dict[str, str | int]
Run = Callable[..., tuple[int, str, str]]
DAY = dt.timedelta(days=1)
CLEARED = "o0 p0 d3 c1 b10 k0 t0 C"


def person(number: int) -> str:
    return f"{number:032x}"


def whose(number: int) -> Facts:
    return {"subject": person(number)}


def record(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012x}"


def tell(server: LogServer, kind: EntryKind, at: dt.datetime, facts: Facts, personal: Facts) -> None:
    """Log an act of carrier-a, as its signed request led to it."""
    request = kept_request(server.participants["carrier-a"], "carrier-a-1", at, str(len(server.entries)))
    server.log(kind, by="carrier-a", at=at, facts=facts, personal=personal, request=request)


def approve(server: LogServer, digest: str) -> None:
    facts: Facts = {"version": RULES.version, "effective_from": "2026-01-01", "sha256": digest}
    server.log(EntryKind.RULES_APPROVED, facts=facts)


def a_log(*texts: str | None, digest: str = DIGEST) -> LogServer:
    """Each person's debt is listed, paid after ten days, and three days later its inquiry holds one of these texts."""
    server = LogServer()
    server.admit("carrier-a")
    approve(server, digest)
    for number in range(len(texts)):
        lists(server, number, START + dt.timedelta(minutes=1))
    for number in range(len(texts)):
        pays(server, number, START + 10 * DAY)
    for number, text in enumerate(texts):
        asks(server, number, START + 13 * DAY, text)
    return server


def lists(server: LogServer, number: int, at: dt.datetime) -> None:
    facts: Facts = {"verdict": "ACTIVE", "rules": RULES.version, "record": record(number)}
    facts |= {"edges": "RECEIVED>PENDING>ACTIVE", "enforceable_from": at.date().isoformat()}
    tell(server, EntryKind.REPORT_LISTED, at, facts, whose(number) | {"account": "d4" * 32, "principal_fen": 1})


def pays(server: LogServer, number: int, at: dt.datetime) -> None:
    facts: Facts = {"record": record(number), "kind": "FULL", "settled_at": format_time(at)}
    tell(server, EntryKind.SETTLEMENT, at, facts, whose(number) | {"amount_fen": 1})
    edge: Facts = {"record": record(number), "edge": "ACTIVE>CLEARED", "party": "CREDITOR", "rules": RULES.version}
    tell(server, EntryKind.RECORD_TRANSITION, at, edge, whose(number))


def asks(server: LogServer, number: int, at: dt.datetime, text: str | None) -> None:
    told: Facts = {"decision": "ALLOW", "reasons": ""}
    told |= {} if text is None else {"credit": text}
    facts: Facts = {"service": "MOBILE", "rules": RULES.version, "purpose": "NEW_LINE"}
    tell(server, EntryKind.INQUIRY, at, facts, whose(number) | told)


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    save_private_key(seeded_key("auditor"), tmp_path / "auditor.pem")
    registry = b64url_encode(public_bytes(REGISTRY_KEY))
    who = ["--key", str(tmp_path / "auditor.pem"), "--key-id", "auditor-1"]
    pinned = ["--vkey", LOG.vkey, *who, "--registry-key", registry, "--registry-key-id", "registry-1"]

    def running(log: LogServer, *more: str) -> tuple[int, str, str]:
        log.publish()
        log.documents[f"/v1/rules/{RULES.version}"] = json.dumps(write(PUBLISHED)).encode()
        with listening(log) as server:
            address = f"{server.url}/log/{YEAR}"
            return called(capsys, "audit", "grade", "--log-url", address, *pinned, *more)

    return running


def id_of(log: LogServer, text: str) -> str:
    return str(next(each["id"] for each in log.openings if f'"credit":"{text}"' in each.get("personal", "")))


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
