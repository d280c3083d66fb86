"""A file of who pays in time is attested row by row; the exact months, and the proof of a consent, stay here."""

import csv
import datetime as dt
from pathlib import Path
from typing import Any

import httpx
import pytest

from client.errors import NotOffered, RegistryUnreachable
from gateway.bulk.attest import AttestSummary, attest_file
from gateway.bulk.file_guards import NUMBERS_DAMAGED
from gateway.bulk.standing_verdicts import CAUSES
from gateway.counter.attestations import demand, withdraw_consent
from gateway.errors import FileBroken, FileSuspicious
from gateway.gateway import Gateway
from gateway.identity.documents import RawIdentity
from protocol.attestations import AttestationVerdict, StandingDemandState
from protocol.identifiers import DocumentKind
from tests.support.apps import an_app
from tests.support.attestations import allows
from tests.support.exports import resident
from tests.support.orders import OfBefore
from tests.support.parties import Parties
from tests.support.standing import good, standing
from tests.support.world import World


@pytest.fixture
def world(world: World) -> World:
    """Under rules that allow attestations."""
    return allows(world)


@pytest.fixture
def run(gateway: Gateway, tmp_path: Path) -> Any:
    def attest(*rows: dict[str, str], name: str = "standing", **options: Any) -> AttestSummary:
        source = standing(tmp_path / f"{name}.csv", *rows)
        return attest_file(
            gateway.tools, source=source, output=tmp_path / f"{name}-out.csv", today=gateway.today(), **options
        )

    return attest


def lines(tmp_path: Path, name: str = "standing") -> list[dict[str, str]]:
    with (tmp_path / f"{name}-out.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def held(world: World) -> list[tuple[int, str]]:
    found = world.registry.store.read(lambda tx: tx.attestations.over(dt.date(2030, 1, 1), 100))
    return sorted((each.band, each.participant_id) for each in found)


def test_each_row_has_its_verdict_and_the_months_are_cut_here(
    run: Any, parties: Parties, world: World, tmp_path: Path
) -> None:
    done = run(
        good("A1", 1),
        good("A2", 2, months="26"),
        good("A3", 3, months="11"),
        good("A4", 4, months=""),
        good("A5", 5, months="forty"),
        good("A6", 6, consent=""),
        good("A7", 7, consent_proof="../proof.pdf"),
        good("A8", 8, consent_until="2029-01-01"),
        good("A9", 9, as_of="2026-13-01"),
        good("A10", 10, document_number="1"),
        good("A1", 1),
    )
    assert (done.rows, done.left_out, done.verdicts) == (
        9,
        2,
        {"ACCEPTED": 2, "ATT_CONSENT_TOO_LONG": 1, "DUPLICATE": 1, "REJ_MALFORMED_ROW": 5},
    )
    told = lines(tmp_path)
    assert [(each["field"], each["code"]) for each in told if each["verdict"] == "REJ_MALFORMED_ROW"] == [
        ("months", "NOT_A_NUMBER"),
        ("consent", "REQUIRED"),
        ("consent_proof", "NO_SUCH_FILE"),
        ("as_of", "NOT_A_DATE"),
        ("document_number", "MALFORMED"),
    ]
    assert told[0]["attestation_id"] == told[-1]["attestation_id"] != ""
    assert all(each["cause"] and each["cause_zh"] for each in told)
    assert held(world) == [(24, "carrier-a"), (36, "carrier-a")]
    sent = b"".join(parties.registry.sent)
    assert b'"band":36' in sent
    for secret in (b'"40"', b":40", b":26", b"CONSENT-A1", b"a consent", resident(1).encode(), b"proof.pdf"):
        assert secret not in sent
    assert set(CAUSES) == set(AttestationVerdict)


def test_the_same_file_again_is_known_and_a_run_that_was_cut_off_goes_on(
    run: Any, parties: Parties, tmp_path: Path
) -> None:
    line = parties.registry
    rows = [good(f"A{number}", number) for number in range(1, 6)]
    line.after_next = [httpx.ReadError] * 9
    with pytest.raises(RegistryUnreachable):
        run(*rows)
    line.after_next = []
    assert run(*rows).verdicts == {"ACCEPTED": 5}
    again = run(*rows, name="next")
    assert (again.verdicts, again.all_refused) == ({"DUPLICATE": 5}, False)


def test_a_harmful_file_is_refused_before_anything_is_sent(
    run: Any, gateway: Gateway, world: World, tmp_path: Path
) -> None:
    damaged = [good(f"A{n}", document_number=f"11010519800{n}100"[:15] + "000") for n in range(100, 160)]
    with pytest.raises(FileSuspicious, match="numbers") as refused:
        run(*damaged)
    assert NUMBERS_DAMAGED in str(refused.value.code)
    (tmp_path / "none.csv").write_text("account,months\n")
    with pytest.raises(FileBroken, match="missing column"):
        attest_file(gateway.tools, source=tmp_path / "none.csv", output=tmp_path / "out.csv", today=gateway.today())
    assert held(world) == []


def test_the_counter_demands_an_attestation_and_ends_the_consent_to_it(
    run: Any, gateway: Gateway, parties: Parties, world: World, tmp_path: Path
) -> None:
    person = RawIdentity(kind=DocumentKind.RESIDENT_ID, number=resident(1))
    with parties.gateway("carrier-b") as other:
        demanded = demand(other.tools, person, "carrier-a", today=other.today())
        assert demanded.state is StandingDemandState.OPEN
        run(good("A1", 1))
        assert demand(other.tools, person, "carrier-a", today=other.today()).demand_id != demanded.demand_id
        assert withdraw_consent(other.tools, person, None, today=other.today()).attestations == 1
    assert held(world) == []
    assert run(good("A1", 1), name="again").verdicts == {"ATT_NO_CONSENT": 1}


def test_a_registry_of_before_attestations_offers_none(run: Any, parties: Parties, world: World) -> None:
    parties.registry.inner = httpx.WSGITransport(OfBefore(an_app(world.registry), ("/v1/attestation",)))
    with pytest.raises(NotOffered, match="attestations"):
        run(good("A1"))
