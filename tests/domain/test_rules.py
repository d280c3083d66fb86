"""A change of the rules takes two parties and enough notice."""

import datetime as dt
import hashlib
import uuid

import pytest

from protocol.states import RulesState
from registry.domain.rules import (
    Approver,
    ApproverNotAnother,
    EffectiveDateRefused,
    RulesVersion,
    VersionApproved,
    approved,
    check_effective_date,
)
from tests.support.builders import NOW, TODAY

PROPOSAL = RulesVersion(
    version="2027-01",
    effective_from=TODAY + dt.timedelta(days=30),
    document=b'{"version":"2027-01"}',
    proposed_by="operator",
    proposed_key_id="operator-1",
    proposed_at=NOW,
    log_entry_id=uuid.UUID(int=1),
)
KEY, OTHER_KEY = b"k" * 32, b"l" * 32


def by(participant: str, public_key: bytes = OTHER_KEY) -> Approver:
    return Approver(participant_id=participant, key_id=f"{participant}-1", public_key=public_key, at=NOW)


def test_an_approval_by_another_party_brings_the_version_into_force() -> None:
    done = approved(PROPOSAL, by("regulator"), KEY, uuid.UUID(int=2))
    assert (PROPOSAL.state, done.state) == (RulesState.PROPOSED, RulesState.APPROVED)
    assert (done.approved_by, done.approved_key_id, done.approved_at) == ("regulator", "regulator-1", NOW)
    assert done.log_entry_id == uuid.UUID(int=2)
    assert done.document == PROPOSAL.document


def test_the_digest_is_that_of_the_document() -> None:
    assert PROPOSAL.digest == hashlib.sha256(PROPOSAL.document).digest()
    assert "2027-01" not in repr(PROPOSAL).replace("version='2027-01'", "")


@pytest.mark.parametrize(("who", "key"), [("operator", OTHER_KEY), ("regulator", KEY)])
def test_who_proposed_does_not_approve_under_any_name_or_key(who: str, key: bytes) -> None:
    with pytest.raises(ApproverNotAnother):
        approved(PROPOSAL, by(who, key), KEY, uuid.UUID(int=2))


def test_a_version_is_approved_once() -> None:
    done = approved(PROPOSAL, by("regulator"), KEY, uuid.UUID(int=2))
    with pytest.raises(VersionApproved):
        approved(done, by("other-operator"), KEY, uuid.UUID(int=3))


@pytest.mark.parametrize(
    ("days", "code"),
    [(13, "notice-too-short"), (-1, "notice-too-short"), (14, None), (20, "not-the-latest"), (21, None)],
)
def test_a_version_takes_effect_after_its_notice_and_after_every_other(days: int, code: str | None) -> None:
    taken = (TODAY - dt.timedelta(days=300),) if days < 20 else (TODAY, TODAY + dt.timedelta(days=20))
    effective_from = TODAY + dt.timedelta(days=days)
    if code is None:
        check_effective_date(effective_from, TODAY, 14, taken)
        return
    with pytest.raises(EffectiveDateRefused) as refused:
        check_effective_date(effective_from, TODAY, 14, taken)
    assert refused.value.code == code
