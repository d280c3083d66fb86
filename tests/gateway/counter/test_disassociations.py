import base64
from pathlib import Path

import pytest

from client.errors import RegistryRefused
from client.resources import disassociations
from gateway.bulk.applications import Application
from gateway.counter.disassociations import Separation
from gateway.errors import ApplicationInvalid
from gateway.gateway import Gateway
from gateway.identity.documents import RawIdentity
from gateway.local.requests import read_separation
from protocol.codes import DecisionCode, RebuttalGround, ServiceClass
from protocol.identifiers import DocumentKind
from protocol.problems import Refusal
from tests.support.exports import ADDRESS as HOME
from tests.support.exports import debt, resident, write
from tests.support.local import a_client
from tests.support.parties import Parties

SON = resident(2)
IDENTITY = RawIdentity(kind=DocumentKind.RESIDENT_ID, number=SON, address=HOME)
SEPARATION = Separation(identity=IDENTITY, ground=RebuttalGround.MOVED_AWAY, evidence_digest=b"e" * 32)
ASKED = Application(identity=IDENTITY, service_class=ServiceClass.BROADBAND)
DIGEST = base64.urlsafe_b64encode(b"e" * 32).rstrip(b"=").decode()
BODY = {
    "document": {"kind": "RESIDENT_ID", "number": SON},
    "address": HOME,
    "ground": "MOVED_AWAY",
    "evidence_digest": DIGEST,
}


@pytest.fixture
def broadband_owed(gateway: Gateway, tmp_path: Path, mappings: Path) -> None:
    row = debt("OWED", 证件号码=resident(1), 地址=HOME, 业务="宽带")
    source = write(tmp_path / "arrears.csv", [row])
    gateway.report_file(source=source, mapping=mappings / "arrears.toml", output=tmp_path / "reported.csv")


def test_a_subject_is_kept_apart_from_a_household_and_the_rebuttal_taken_back(
    parties: Parties, gateway: Gateway, broadband_owed: None
) -> None:
    with parties.gateway("carrier-b") as other:
        assert other.check(ASKED).decision is DecisionCode.PAY_FIRST
        rebuttal = other.rebut(SEPARATION, idempotency_key="rebuttal-1")
        assert other.rebut(SEPARATION, idempotency_key="rebuttal-1") == rebuttal
        assert other.check(ASKED).decision is DecisionCode.ALLOW
        rebuttal_id = rebuttal.rebuttal_id
        with pytest.raises(RegistryRefused, match="not-found"):
            disassociations.read(gateway.registry, rebuttal_id)
        for _ in range(2):
            assert disassociations.withdraw(other.registry, rebuttal_id).state == "WITHDRAWN"
        assert disassociations.read(other.registry, rebuttal_id).state == "WITHDRAWN"
        assert other.check(ASKED).decision is DecisionCode.PAY_FIRST
    for raw in (SON, HOME, "学府路"):
        assert raw.encode() not in parties.everything_sent()


def test_a_household_that_gives_no_key_is_refused_before_anything_leaves(gateway: Gateway, parties: Parties) -> None:
    before = len(parties.everything_sent())
    roomless = RawIdentity(kind=DocumentKind.RESIDENT_ID, number=SON, address="学府路287号")
    bad = RawIdentity(kind=DocumentKind.RESIDENT_ID, number="1", address=HOME)
    for identity, field in ((roomless, "household"), (bad, r"document\.number")):
        with pytest.raises(ApplicationInvalid, match=field):
            gateway.rebut(Separation(identity=identity, ground=SEPARATION.ground, evidence_digest=b"e" * 32))
    assert len(parties.everything_sent()) == before


def test_a_rebuttal_through_the_local_service(gateway: Gateway, broadband_owed: None, tmp_path: Path) -> None:
    with a_client(gateway, tmp_path / "local-tokens.json") as service:
        told = service.post("/rebut", json=BODY, base_url="http://127.0.0.1:9201")
    assert (told.status_code, told.json["households"]) == (201, ["ADDRESS"])
    assert gateway.check(ASKED).decision is DecisionCode.ALLOW


def test_what_is_read_is_what_was_written() -> None:
    assert read_separation(BODY, "key-1") == (SEPARATION, "key-1")


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"ground": "ANGER"}, "ground", "NOT_IN_VOCABULARY"),
        ({"evidence_digest": DIGEST[:-1]}, "evidence_digest", "NOT_A_DIGEST"),
        ({"creditor": "carrier-a"}, "creditor", "UNKNOWN_FIELD"),
    ],
)
def test_a_bad_rebuttal_names_its_field_and_not_its_value(changes: dict[str, str], field: str, code: str) -> None:
    with pytest.raises(Refusal) as refused:
        read_separation(BODY | changes, None)
    assert refused.value.fields == {field: code}
