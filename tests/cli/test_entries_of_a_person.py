"""One person at a real registry: who asked, why, from which outlet, and what followed, by a single command."""

import datetime as dt
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from client.peer import SignedPeer, Signer
from client.registry import RegistryClient
from client.resources import inquiries, settlements
from client.resources.records import report_batch
from crypto.references import Named, References
from crypto.signing.keys import public_bytes, save_private_key
from protocol.activations import ActivationOutcome, ActivationReason
from protocol.codes import DecisionCode, Role, ServiceClass
from protocol.context import Channel, Purpose
from protocol.encodings import b64url_encode
from protocol.messages.activations import ActivationAnswer, ActivationReport
from protocol.messages.inquiries import InquiryAnswer, InquiryRequest, RecheckRequest
from tests.support.activations import AGENT, MANAGER, a_report_on
from tests.support.api import admit
from tests.support.builders import a_report, account, tokens
from tests.support.commands import called
from tests.support.contexts import with_context
from tests.support.log_rounds import integrator
from tests.support.loopback import NO_TLS
from tests.support.world import World

Find = Callable[..., tuple[int, list[dict[str, Any]], str]]
CLERK = b64url_encode(AGENT)
HERE: dict[str, Any] = {"channel": Channel.OUTLET, "outlet": "SH-PD-0123", "agent": AGENT}


@contextmanager
def at_the_registry(world: World, who: str) -> Iterator[RegistryClient]:
    """A carrier's client, whose signed requests the registry keeps."""
    signer = Signer(key_id=f"{who}-1", private_key=world.signing_keys[who], clock=world.clock, random=os.urandom)
    with httpx.Client(trust_env=False, verify=NO_TLS) as http:
        yield RegistryClient(
            SignedPeer(world.registry.public_url, http, signer),
            signer,
            key_id="registry-1",
            public_key=public_bytes(world.signing_keys["registry"]),
            attempts=1,
            monotonic=lambda: 0.0,
            sleep=lambda seconds: None,
        )


def asks(world: World, who: str, **changes: Any) -> InquiryAnswer:
    world.clock.forward(seconds=1)
    request = InquiryRequest(inquiry_ref="order-1", tokens=tokens("ann"), service_class=ServiceClass.MOBILE)
    with at_the_registry(world, who) as registry:
        return inquiries.ask(registry, with_context(request, **changes))


def reports(world: World, who: str, report: ActivationReport) -> ActivationAnswer:
    world.clock.forward(seconds=1)
    with at_the_registry(world, who) as registry:
        return registry.post("/v1/activations", report, ActivationAnswer)


@pytest.fixture
def find(world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Find:
    admit(world, "auditor", Role.AUDITOR)

    def finding(*more: str, who: str = "auditor") -> tuple[int, list[dict[str, Any]], str]:
        assert integrator(world, tmp_path).round().faults == ()
        if not (tmp_path / f"{who}.pem").exists():
            save_private_key(world.signing_keys[who], tmp_path / f"{who}.pem")
        year = world.clock().year
        words = ["audit", "entries", "--log-url", f"{world.registry.public_url}/log/{year}", "--json"]
        words += ["--vkey", world.registry.log.key(year).vkey, "--key", str(tmp_path / f"{who}.pem")]
        words += ["--key-id", f"{who}-1", "--registry-key-id", "registry-1"]
        words += ["--registry-key", b64url_encode(public_bytes(world.signing_keys["registry"]))]
        code, out, err = called(capsys, *words, *more)
        return code, [json.loads(line) for line in out.splitlines()], err

    return finding


@pytest.fixture
def story(world: World) -> dict[str, InquiryAnswer]:
    """Asked before the listing; then listed, asked, paid, asked again under the same inquiry, and activated."""
    told = {
        "before": asks(world, "carrier-c", purpose=Purpose.ADD_LINE, channel=Channel.ONLINE, outlet=None, agent=None)
    }
    today = world.clock().date()
    report = a_report("ann", "A1", due_date=today - dt.timedelta(days=200), notice_date=today - dt.timedelta(days=150))
    with at_the_registry(world, "carrier-a") as registry:
        report_batch(registry, "ann", [report])
    told["asked"] = asked = asks(world, "carrier-b")
    assert asked.decision is DecisionCode.PAY_FIRST
    world.clock.forward(seconds=1)
    with at_the_registry(world, "carrier-a") as registry:
        settlements.settle(registry, world.order("carrier-a", tokens("ann"), account("A1")))
    again = RecheckRequest(inquiry_ref="again", decision_token=asked.decision_token)
    world.clock.forward(seconds=1)
    with at_the_registry(world, "carrier-b") as registry:
        told["again"] = inquiries.recheck(registry, asked.inquiry_id, again)
    reports(world, "carrier-b", a_report_on(world, told["again"], ActivationOutcome.ACTIVATED, **HERE))
    return told


def test_an_inquiry_leads_to_what_was_asked_before_and_what_followed(
    find: Find, story: dict[str, InquiryAnswer]
) -> None:
    code, lines, err = find("--like-entry", str(story["asked"].inquiry_id))
    kinds = [line["kind"] for line in lines]
    assert set(kinds) == {
        "report.listed",
        "inquiry",
        "settlement",
        "record.transition",
        "clearance",
        "inquiry.rechecked",
        "activation",
    }
    assert (kinds[0], kinds[1], kinds[-2:]) == ("report.listed", "inquiry", ["inquiry.rechecked", "activation"])
    question, again, activation = (line for line in lines if "inquiry" in line)
    assert question["inquiry"] == again["inquiry"] == activation["inquiry"] == str(story["asked"].inquiry_id)
    assert (question["by"], question["facts"]["purpose"], question["facts"]["outlet"]) == (
        "carrier-b",
        "NEW_LINE",
        "SH-PD-0123",
    )
    assert (question["facts"]["decision"], again["facts"]["decision"]) == ("PAY_FIRST", "ALLOW")
    assert (activation["facts"]["outcome"], activation["facts"]["obeyed"]) == ("ACTIVATED", "YES")
    # The test's own operator acts without signed requests: that is named, exit 1, and hides none of the proved lines.
    assert (code, "request-missing at entry" in err) == (1, True)
    assert {line.split()[0] for line in err.splitlines() if line.startswith("  ")} <= {"request-missing", "and"}


def test_a_question_from_before_the_listing_is_another_example(find: Find, story: dict[str, InquiryAnswer]) -> None:
    before, asked = (str(story[name].inquiry_id) for name in ("before", "asked"))
    [alone] = find("--like-entry", before)[1]
    assert (alone["id"], alone["facts"]["purpose"], "outlet" in alone["facts"]) == (before, "ADD_LINE", False)
    both = find("--like-entry", before, "--like-entry", asked, "--kind", "inquiry")[1]
    assert [line["id"] for line in both] == [before, asked]


@pytest.mark.parametrize(
    ("filters", "kinds"),
    [
        ("--outcome ACTIVATED", ["activation"]),
        ("--basis CHECKED", ["activation"]),
        ("--basis STALE", []),
        (f"--agent {CLERK}", ["inquiry", "activation"]),
        ("--kind activation --dealer D-9", []),
        ("--decision ALLOW --outlet SH-PD-0123", ["activation"]),
        ("--kind inquiry --kind activation --channel OUTLET", ["inquiry", "activation"]),
    ],
)
def test_the_facts_of_questions_and_activations_are_found_by_name(
    find: Find, story: dict[str, InquiryAnswer], filters: str, kinds: list[str]
) -> None:
    assert [line["kind"] for line in find(*filters.split())[1]] == kinds


def test_an_override_tells_who_did_it_and_who_approved_it(find: Find, world: World) -> None:
    asked = asks(world, "carrier-b")
    why = HERE | {"reason": ActivationReason.MANAGER, "approved_by": MANAGER, "outlet": "SH-PD-0200"}
    reports(world, "carrier-b", a_report_on(world, asked, ActivationOutcome.OVERRIDDEN, **why))
    [line] = find("--kind", "activation", "--outcome", "OVERRIDDEN", "--by", "carrier-b")[1]
    facts = line["facts"]
    assert (facts["agent"], facts["approved_by"]) == (CLERK, b64url_encode(MANAGER))
    assert (facts["reason"], facts["outlet"], facts["moved"]) == ("MANAGER", "SH-PD-0200", "SH-PD-0123")


def test_an_activation_is_found_at_the_outlet_from_which_was_asked(find: Find, world: World) -> None:
    reports(world, "carrier-b", a_report_on(world, asks(world, "carrier-b"), ActivationOutcome.ACTIVATED))
    _, lines, err = find("--outlet", "SH-PD-0123")
    assert [line["kind"] for line in lines] == ["inquiry", "activation"]
    assert "inherited" not in err


@pytest.mark.parametrize("place", ["--channel OUTLET", f"--agent {CLERK}"])
def test_an_activation_without_a_place_of_its_own_is_not_passed_over_in_silence(
    find: Find, world: World, place: str
) -> None:
    reports(world, "carrier-b", a_report_on(world, asks(world, "carrier-b"), ActivationOutcome.ACTIVATED))
    _, lines, err = find(*place.split())
    assert [line["kind"] for line in lines] == ["inquiry"]
    assert "inherited: 1 activations within the other filters" in err
    assert "inherited" not in find(*place.split(), "--basis", "STALE")[2]


def test_each_reading_is_in_the_log(find: Find, story: dict[str, InquiryAnswer]) -> None:
    assert find("--kind", "log.read")[1] == []
    [reading] = find("--kind", "log.read", "--by", "auditor")[1]
    assert (reading["facts"]["from"], reading["facts"]["year"]) == (0, reading["year"])


def test_an_office_says_in_its_settings_why_it_asks_and_who(find: Find, world: World, tmp_path: Path) -> None:
    (tmp_path / "reference.key").touch(mode=0o600)
    (tmp_path / "reference.key").write_text(b64url_encode(bytes(32)))
    told = 'purpose = "COMPLAINT"\nagent = "B-2"\nreference_key = "reference.key"\n'
    (tmp_path / "office.toml").write_text(f"[reading]\n{told}")
    config = ["--config", str(tmp_path / "office.toml")]
    find(*config)
    [reading] = find("--kind", "log.read", *config)[1]
    reader = reading["facts"]["agent"]
    assert (reading["facts"]["purpose"], reader, "agent_salt" in reading["facts"]) == (
        "COMPLAINT",
        b64url_encode(References(bytes(32)).of(Named.AGENT, "B-2")),
        False,
    )
    assert {line["kind"] for line in find("--agent", reader, *config)[1]} == {"log.read"}


def test_a_carrier_finds_its_own_entries(find: Find, story: dict[str, InquiryAnswer]) -> None:
    code, lines, err = find("--own", "carrier-b", who="carrier-b")
    assert (code, [line["kind"] for line in lines]) == (0, ["inquiry", "inquiry.rechecked", "activation"])
    assert "only an auditor is shown all" in err
    code, lines, err = find("--own", "carrier-b", "--like-entry", str(story["before"].inquiry_id), who="carrier-b")
    assert (code, lines, "entry-unknown" in err) == (1, [], True)
