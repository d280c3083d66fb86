"""Which digest a document has to have, and where a demand stands on a day."""

import datetime as dt
import uuid

import pytest

from protocol.codes import EvidenceDocument
from protocol.states import DemandState
from registry.domain.evidence import EvidenceDemand, NoSuchDocument, promised_digest
from tests.support.builders import NOW, TODAY, a_manifest

MANIFEST = a_manifest()


def a_demand(**changes: object) -> EvidenceDemand:
    values: dict[str, object] = {
        "subject_key": b"S" * 16,
        "demand_id": uuid.UUID(int=1),
        "record_id": uuid.UUID(int=2),
        "creditor_id": "carrier-a",
        "demanded_by": "auditor",
        "document": EvidenceDocument.NOTICE,
        "bill": None,
        "digest": MANIFEST.notice,
        "demanded_at": NOW,
        "answer_due": TODAY,
        "rules_version": "2026-01",
        "log_entry_id": uuid.UUID(int=3),
    }
    return EvidenceDemand(**(values | changes))  # type: ignore[arg-type]


def test_each_document_has_its_digest_and_bills_count_from_one() -> None:
    assert promised_digest(MANIFEST, EvidenceDocument.NOTICE, None) == MANIFEST.notice
    assert promised_digest(MANIFEST, EvidenceDocument.CONTRACT, None) == MANIFEST.contract
    assert [promised_digest(MANIFEST, EvidenceDocument.BILL, n) for n in (1, 2)] == list(MANIFEST.bills)


@pytest.mark.parametrize("bill", [None, 0, -1, 3])
def test_a_bill_that_the_manifest_does_not_name_is_none(bill: int | None) -> None:
    with pytest.raises(NoSuchDocument):
        promised_digest(MANIFEST, EvidenceDocument.BILL, bill)


def test_a_demand_is_overdue_after_its_day_unless_it_was_met() -> None:
    tomorrow = TODAY + dt.timedelta(days=1)
    asked = a_demand()
    assert [asked.state_on(TODAY), asked.state_on(tomorrow)] == [DemandState.OPEN, DemandState.OVERDUE]
    wrong = asked.answered(matches=False, log_entry_id=uuid.UUID(int=4))
    assert [wrong.state_on(TODAY), wrong.state_on(tomorrow)] == [DemandState.DIFFERS, DemandState.OVERDUE]
    right = wrong.answered(matches=True, log_entry_id=uuid.UUID(int=5))
    assert [right.state_on(TODAY), right.state_on(tomorrow)] == [DemandState.MATCHES, DemandState.MATCHES]
    assert right.answers == 2
