import base64
from pathlib import Path

import pytest

from client.errors import RegistryRefused
from client.resources import disputes
from gateway.bulk.applications import Application
from gateway.counter.disputes import Complaint, add_paper
from gateway.errors import ApplicationInvalid
from gateway.gateway import Gateway
from gateway.identity.documents import RawIdentity
from gateway.local.requests import read_complaint
from protocol.codes import DecisionCode, DisputeAnswer, DisputeDecision, DisputeGround, Role, ServiceClass
from protocol.identifiers import DocumentKind
from protocol.messages.disputes import DisputeDecisionBody, NewDisputeDocument
from protocol.messages.limits import MAX_DOCUMENT_BYTES
from protocol.problems import Refusal
from protocol.states import DisputeState, Side
from registry.usecases.disputes.decide import decide_dispute
from tests.support.api import admit
from tests.support.exports import debt, resident, write
from tests.support.local import a_client
from tests.support.parties import Parties
from tests.support.world import World

NUMBER = resident(1)
IDENTITY = RawIdentity(kind=DocumentKind.RESIDENT_ID, number=NUMBER)
COMPLAINT = Complaint(identity=IDENTITY, ground=DisputeGround.ALREADY_PAID, creditor="carrier-a")
ASKED = Application(identity=IDENTITY, service_class=ServiceClass.MOBILE)


def test_a_dispute_is_filed_at_another_counter_answered_and_decided(
    world: World, parties: Parties, gateway: Gateway, tmp_path: Path, mappings: Path
) -> None:
    source = write(tmp_path / "arrears.csv", [debt("OWED", 证件号码=NUMBER)])
    gateway.report_file(source=source, mapping=mappings / "arrears.toml", output=tmp_path / "reported.csv")
    with parties.gateway("carrier-b") as other:
        assert other.check(ASKED).decision is DecisionCode.PAY_FIRST
        [case] = other.file_dispute(COMPLAINT, idempotency_key="filing-1").disputes
        assert other.file_dispute(COMPLAINT, idempotency_key="filing-1").disputes == (case,)
        assert other.check(ASKED).decision is DecisionCode.ALLOW
        dispute_id = case.dispute_id
        with pytest.raises(RegistryRefused, match=r"role-missing|not-the-creditor"):
            disputes.answer(other.registry, dispute_id, DisputeAnswer.CONCEDED)
        for _ in range(2):
            answered = disputes.answer(gateway.registry, dispute_id, DisputeAnswer.CONTRACT_SHOWN)
            assert answered.state == "ANSWERED"
        admit(world, "court", Role.ADJUDICATOR)
        decide_dispute(
            world.registry,
            world.actor("court", Role.ADJUDICATOR),
            world.call(),
            dispute_id=dispute_id,
            body=DisputeDecisionBody(decision=DisputeDecision.UPHOLD),
        )
        assert disputes.read(other.registry, dispute_id).outcome == "UPHELD"
        assert other.check(ASKED).decision is DecisionCode.PAY_FIRST
    assert NUMBER.encode() not in parties.everything_sent()


def test_a_document_that_is_none_is_refused_before_anything_leaves(gateway: Gateway, parties: Parties) -> None:
    before = len(parties.everything_sent())
    bad = Complaint(identity=RawIdentity(kind=DocumentKind.RESIDENT_ID, number="1"), ground=DisputeGround.NOT_MY_DEBT)
    with pytest.raises(ApplicationInvalid, match=r"document\.number"):
        gateway.file_dispute(bad)
    assert len(parties.everything_sent()) == before


BODY = {"document": {"kind": "RESIDENT_ID", "number": NUMBER}, "ground": "ALREADY_PAID", "creditor": "carrier-a"}


def test_what_is_read_is_what_was_written() -> None:
    assert read_complaint(BODY, "key-1") == (COMPLAINT, "key-1")
    narrowed, _ = read_complaint(BODY | {"service_class": "IPTV"}, None)
    assert narrowed.service_class is ServiceClass.IPTV


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"ground": "ANGER"}, "ground", "NOT_IN_VOCABULARY"),
        ({"service_class": "FAX"}, "service_class", "NOT_IN_VOCABULARY"),
        ({"creditor": "c" * 65}, "creditor", "TOO_LONG"),
        ({"address": "somewhere"}, "address", "UNKNOWN_FIELD"),
    ],
)
def test_a_bad_complaint_names_its_field_and_not_its_value(changes: dict[str, str], field: str, code: str) -> None:
    with pytest.raises(Refusal) as refused:
        read_complaint(BODY | changes, None)
    assert refused.value.fields == {field: code}


PDF = b"%PDF-1.7 the receipt of November"
HERE = "http://127.0.0.1:9201"


def test_both_sides_add_documents_and_the_creditor_reads_the_filers(
    parties: Parties, gateway: Gateway, owed: None
) -> None:
    with parties.gateway("carrier-b") as other:
        [case] = other.file_dispute(COMPLAINT).disputes
        dispute_id = case.dispute_id
        for _ in range(2):
            added = add_paper(other.registry, dispute_id, NewDisputeDocument(side=Side.FILER, content=PDF))
        contract = NewDisputeDocument(side=Side.CREDITOR, content=PDF + b" contract")
        add_paper(gateway.registry, dispute_id, contract)
        large = NewDisputeDocument(side=Side.FILER, content=b"%PDF-" + b"x" * MAX_DOCUMENT_BYTES)
        with pytest.raises(ApplicationInvalid, match="content"):
            add_paper(other.registry, dispute_id, large)
        sides = [paper.side for paper in disputes.papers(gateway.registry, dispute_id).documents]
        assert sorted(sides) == ["CREDITOR", "FILER"]
        paper = disputes.open_paper(gateway.registry, dispute_id, added.document_id)
        assert (paper.media_type, paper.content) == ("application/pdf", PDF)
        assert [each.dispute_id for each in disputes.every(gateway.registry)] == [dispute_id]
        assert list(disputes.every(gateway.registry, DisputeState.CLOSED)) == []
    with parties.gateway("carrier-c") as stranger:
        assert list(disputes.every(stranger.registry)) == []


def test_a_dispute_through_the_local_service(gateway: Gateway, owed: None, tmp_path: Path) -> None:
    encoded = base64.urlsafe_b64encode(PDF + b"x" * 100_000).rstrip(b"=").decode()
    with a_client(gateway, tmp_path / "local-tokens.json") as service:
        filed = service.post("/dispute", json=BODY, base_url=HERE)
        assert filed.status_code == 201
        path = f"/dispute/{filed.json['disputes'][0]['dispute_id']}"
        assert service.get(path, base_url=HERE).json["state"] == "OPEN"
        added = service.post(f"{path}/documents", json={"content": encoded}, base_url=HERE)
        assert (added.status_code, added.json["side"]) == (201, "FILER")
        listed = service.get(f"{path}/documents", base_url=HERE).json["documents"]
        assert [each["document_id"] for each in listed] == [added.json["document_id"]]
        for body in ({}, {"content": 1}, {"content": "="}, {"content": encoded, "side": "JUDGE"}):
            assert service.post(f"{path}/documents", json=body, base_url=HERE).status_code == 422
        huge = {"content": "A" * (3 * 1024 * 1024)}
        assert service.post(f"{path}/documents", json=huge, base_url=HERE).status_code == 413
        assert service.post("/dispute", json=BODY | {"ground": "x" * 20_000}, base_url=HERE).status_code == 413


def test_a_victim_renews_its_marker_at_any_counter_and_nobody_else_begins_one(
    world: World, parties: Parties, gateway: Gateway, tmp_path: Path, mappings: Path
) -> None:
    source = write(tmp_path / "arrears.csv", [debt("STOLEN", 证件号码=NUMBER)])
    gateway.report_file(source=source, mapping=mappings / "arrears.toml", output=tmp_path / "reported.csv")
    with parties.gateway("carrier-b") as other:
        with pytest.raises(RegistryRefused, match="not-found"):
            other.renew_marker(IDENTITY)
        [case] = other.file_dispute(Complaint(identity=IDENTITY, ground=DisputeGround.IDENTITY_THEFT)).disputes
        admit(world, "court", Role.ADJUDICATOR)
        disputes.answer(gateway.registry, case.dispute_id, DisputeAnswer.IDENTITY_CHECKED)
        decide_dispute(
            world.registry,
            world.actor("court", Role.ADJUDICATOR),
            world.call(),
            dispute_id=case.dispute_id,
            body=DisputeDecisionBody(decision=DisputeDecision.VOID),
        )
        renewed = other.renew_marker(IDENTITY)
        assert renewed == other.renew_marker(IDENTITY)
        assert renewed.until > world.clock.now.date()
        assert other.check(ASKED).decision is DecisionCode.VERIFY_ID
        with pytest.raises(ApplicationInvalid):
            other.renew_marker(RawIdentity(kind=DocumentKind.RESIDENT_ID, number="1"))
    assert NUMBER.encode() not in parties.everything_sent()
