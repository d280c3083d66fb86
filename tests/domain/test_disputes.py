"""A disputed record: deadlines to the day, one way out of each state, documents known by their first bytes."""

import datetime as dt
import uuid
from dataclasses import replace
from typing import Any

import pytest

from protocol.codes import DisputeAnswer, DisputeGround, DisputeOutcome
from protocol.events import EventKind
from protocol.messages.limits import MAX_DOCUMENT_BYTES, MAX_DOCUMENTS
from protocol.messages.rules import DisputeTerms
from protocol.states import DisputeState, MediaType, RecordState, Side
from registry.domain.disputes import (
    Dispute,
    DisputeStateForbids,
    DocumentRefused,
    Paper,
    VictimMarker,
    answered,
    answered_late,
    check_document,
    closed,
    deadlines,
    first_reminder,
    lapsed,
    lead_time_runs,
    marked,
    pauses,
    reminded,
    reminder,
    silent,
    stopped,
    suspended,
)
from registry.domain.hearings import Hearing, hearing
from tests.support.builders import NOW, TODAY, a_dispute, a_record

TERMS = DisputeTerms(answer_days=15, close_days=20, lapse_days=30)
ENTRY = uuid.UUID(int=9)
PDF = b"%PDF-1.7 a receipt"


def day(number: int) -> dt.date:
    return TODAY + dt.timedelta(days=number)


def a_document(number: int, side: Side) -> Paper:
    return Paper(
        subject_key=b"S" * 16,
        document_id=uuid.UUID(int=number),
        dispute_id=uuid.UUID(int=5),
        side=side,
        added_by="carrier-b",
        added_at=NOW,
        media_type=MediaType.PDF,
        content_bytes=18,
        suite="AES-256-GCM",
        kek_epoch=1,
        wrapped_key=b"w" * 40,
        ciphertext=b"c" * 46,
        log_entry_id=ENTRY,
    )


def test_the_deadlines_are_15_20_and_30_more_days() -> None:
    assert deadlines(TODAY, TERMS) == (day(15), day(20), day(45))


@pytest.mark.parametrize(("on", "is_silent"), [(14, False), (15, False), (16, True)])
def test_the_creditor_has_the_whole_last_day_for_its_answer(on: int, is_silent: bool) -> None:
    assert silent(a_dispute(), day(on)) is is_silent
    assert not silent(a_dispute(state=DisputeState.ANSWERED), day(on))


@pytest.mark.parametrize(("on", "is_lapsed"), [(44, False), (45, False), (46, True)])
def test_the_suspended_record_has_the_whole_last_day_as_well(on: int, is_lapsed: bool) -> None:
    assert lapsed(a_dispute(state=DisputeState.SUSPENDED), day(on)) is is_lapsed
    assert not lapsed(a_dispute(), day(on))


@pytest.mark.parametrize("state", list(RecordState))
def test_what_is_not_or_no_longer_enforced_cannot_be_disputed(state: RecordState) -> None:
    how = hearing(a_record(state=state), DisputeGround.NO_NOTICE, ())
    assert how is (Hearing.STOPS if state in (RecordState.PENDING, RecordState.ACTIVE) else None)


def judged(**changes: Any) -> Dispute:
    return a_dispute(**{"state": DisputeState.CLOSED, "outcome": DisputeOutcome.UPHELD, **changes})


PAID, AMOUNT, NOTICE, THEFT = (
    DisputeGround.ALREADY_PAID,
    DisputeGround.WRONG_AMOUNT,
    DisputeGround.NO_NOTICE,
    DisputeGround.IDENTITY_THEFT,
)
STOPS, BESIDE = Hearing.STOPS, Hearing.BESIDE
OPEN_BESIDE = a_dispute(dispute_id=uuid.UUID(int=6), ground=NOTICE, stopped_on=None)


@pytest.mark.parametrize(
    ("record", "ground", "cases", "how"),
    [
        # One case stops the record; whatever was not judged counts for nothing.
        ({}, PAID, [], STOPS),
        ({}, PAID, [judged(outcome=DisputeOutcome.ANSWERED_LATE)], STOPS),
        ({}, AMOUNT, [judged(outcome=DisputeOutcome.SETTLED)], STOPS),
        # Over the figures that were judged: its ground no more, another one while the record blocks on.
        ({}, PAID, [judged()], None),
        ({}, AMOUNT, [judged()], BESIDE),
        ({"principal_fen": 100_00}, PAID, [judged()], None),
        ({"paid_fen": 20_00}, AMOUNT, [judged()], BESIDE),
        ({}, AMOUNT, [judged(), judged(ground=NOTICE, stopped_on=None)], BESIDE),
        ({}, NOTICE, [judged(), judged(ground=NOTICE, stopped_on=None)], None),
        # A stolen identity stops once more, and once.
        ({}, THEFT, [judged()], STOPS),
        ({}, THEFT, [judged(), judged(ground=THEFT)], None),
        ({}, AMOUNT, [judged(ground=THEFT)], BESIDE),
        # Higher figures were not judged, whichever of them rose.
        ({"principal_fen": 120_01}, PAID, [judged()], STOPS),
        ({"costs_fen": 1}, PAID, [judged()], STOPS),
        ({"paid_fen": 0}, PAID, [judged(paid_fen=20_00)], STOPS),
        ({"principal_fen": 130_00, "paid_fen": 10_00}, AMOUNT, [judged()], STOPS),
        ({"principal_fen": 130_00}, PAID, [judged(), judged(ground=AMOUNT, principal_fen=130_00)], BESIDE),
        # One is heard at a time, and a case that stops takes its place.
        ({}, AMOUNT, [judged(), OPEN_BESIDE], None),
        ({}, THEFT, [judged(), OPEN_BESIDE], STOPS),
        ({"costs_fen": 1}, AMOUNT, [judged(), OPEN_BESIDE], STOPS),
        # What waits for its lead time blocks nobody, so nothing goes on blocking.
        ({"state": RecordState.PENDING}, AMOUNT, [judged()], STOPS),
        ({"state": RecordState.DISPUTED}, THEFT, [judged()], None),
    ],
)
def test_one_case_stops_a_record_and_its_figures_and_a_further_ground_is_heard_beside(
    record: dict[str, Any], ground: DisputeGround, cases: list[Dispute], how: Hearing | None
) -> None:
    assert hearing(a_record(**record), ground, cases) is how


def test_a_case_that_is_heard_beside_stops_when_it_is_said_so_or_the_creditor_is_silent() -> None:
    assert pauses([OPEN_BESIDE], OPEN_BESIDE.record_id) == ()
    now = stopped(OPEN_BESIDE, on=day(3), log_entry_id=ENTRY)
    assert (now.state, now.version, now.stops) == (DisputeState.OPEN, 2, True)
    assert pauses([now], now.record_id) == ((day(3), None),)
    mute = suspended(OPEN_BESIDE, log_entry_id=ENTRY)
    assert pauses([mute], mute.record_id) == ((day(16), None),)
    assert suspended(now, log_entry_id=ENTRY).stopped_on == day(3)
    for case in (now, a_dispute(), judged(stopped_on=None)):
        with pytest.raises(DisputeStateForbids):
            stopped(case, on=day(4), log_entry_id=ENTRY)


def test_the_lead_time_is_over_on_its_first_enforceable_day() -> None:
    assert lead_time_runs(a_record(enforceable_from=day(1)), TODAY)
    assert not lead_time_runs(a_record(enforceable_from=TODAY), TODAY)


def test_an_answer_keeps_the_case_open_for_the_adjudicator() -> None:
    told = answered(a_dispute(), DisputeAnswer.CONTRACT_SHOWN, at=NOW, log_entry_id=ENTRY)
    assert (told.state, told.answer, told.version) == (DisputeState.ANSWERED, DisputeAnswer.CONTRACT_SHOWN, 2)
    with pytest.raises(DisputeStateForbids):
        answered(told, DisputeAnswer.CONTRACT_SHOWN, at=NOW, log_entry_id=ENTRY)
    with pytest.raises(DisputeStateForbids):
        suspended(told, log_entry_id=ENTRY)


def test_a_late_answer_closes_a_suspended_case_and_no_other() -> None:
    shut = suspended(a_dispute(), log_entry_id=ENTRY)
    told = answered_late(shut, DisputeAnswer.CONTRACT_SHOWN, at=NOW, on=day(20), log_entry_id=ENTRY)
    assert (told.state, told.outcome) == (DisputeState.CLOSED, DisputeOutcome.ANSWERED_LATE)
    assert (told.answer, told.answered_at) == (DisputeAnswer.CONTRACT_SHOWN, NOW)
    with pytest.raises(DisputeStateForbids):
        answered_late(a_dispute(), DisputeAnswer.CONTRACT_SHOWN, at=NOW, on=TODAY, log_entry_id=ENTRY)


def test_a_case_closes_once() -> None:
    done = closed(a_dispute(), DisputeOutcome.WITHDRAWN, at=NOW, on=TODAY, log_entry_id=ENTRY)
    with pytest.raises(DisputeStateForbids) as refused:
        closed(done, DisputeOutcome.UPHELD, at=NOW, on=TODAY, log_entry_id=ENTRY)
    assert refused.value.state is DisputeState.CLOSED


def test_the_fee_pauses_from_filing_to_closing() -> None:
    cases = (a_dispute(closed_on=day(4)), a_dispute(stopped_on=day(9)), a_dispute(record_id=uuid.UUID(int=2)))
    assert pauses(cases, uuid.UUID(int=1)) == ((TODAY, day(4)), (day(9), None))


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (PDF, MediaType.PDF),
        (b"\x89PNG\r\n\x1a\nIHDR", MediaType.PNG),
        (b"\xff\xd8\xff\xe0JFIF", MediaType.JPEG),
        (PDF.ljust(MAX_DOCUMENT_BYTES), MediaType.PDF),
    ],
)
def test_a_document_is_known_by_its_first_bytes(content: bytes, media_type: MediaType) -> None:
    assert check_document(content, (), Side.FILER) is media_type


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "not-a-document"),
        (b"%PDF-", "not-a-document"),
        (b" %PDF-1.7", "not-a-document"),
        (b"<html>", "not-a-document"),
        (b"MZ\x90\x00", "not-a-document"),
        (PDF.ljust(MAX_DOCUMENT_BYTES + 1), "too-large"),
    ],
)
def test_anything_else_is_refused(content: bytes, code: str) -> None:
    with pytest.raises(DocumentRefused) as refused:
        check_document(content, (), Side.FILER)
    assert refused.value.code == code


def test_each_side_has_its_own_five_places() -> None:
    full = tuple(a_document(number, Side.FILER) for number in range(MAX_DOCUMENTS))
    assert check_document(PDF, full, Side.CREDITOR) is MediaType.PDF
    with pytest.raises(DocumentRefused) as refused:
        check_document(PDF, full, Side.FILER)
    assert refused.value.code == "too-many"


def test_a_marker_holds_up_to_its_day_and_not_on_it() -> None:
    marker = VictimMarker(
        subject_key=b"S" * 16, marker_id=ENTRY, set_by="court", set_at=NOW, until=day(1), log_entry_id=ENTRY
    )
    assert marked((marker,), TODAY)
    assert not marked((marker,), day(1))
    assert marked((marker, replace(marker, until=day(5))), day(1))
    assert not marked((), TODAY)


def test_the_creditor_is_reminded_some_days_before_its_answer_is_due() -> None:
    assert first_reminder(TODAY, day(15), 5) == day(10)
    assert first_reminder(TODAY, day(15), 15) is None
    case = a_dispute(remind_on=day(10))
    assert reminder(case, day(9)) is None
    assert reminder(case, day(10)) is reminder(case, day(15)) is EventKind.DISPUTE_ANSWER_DUE
    assert reminder(reminded(case), day(10)) is None
    assert reminded(case).version == case.version


def test_the_adjudicators_are_reminded_on_the_day_after_their_last_one() -> None:
    case = answered(a_dispute(remind_on=day(10)), DisputeAnswer.CONTRACT_SHOWN, at=NOW, log_entry_id=ENTRY)
    assert reminder(case, day(20)) is None
    assert reminder(case, day(21)) is EventKind.DISPUTE_DECISION_DUE
    assert closed(case, DisputeOutcome.UPHELD, at=NOW, on=day(20), log_entry_id=ENTRY).remind_on is None


def test_a_suspended_case_reminds_nobody() -> None:
    case = suspended(a_dispute(remind_on=day(10)), log_entry_id=ENTRY)
    assert case.remind_on is None
    assert reminder(replace(case, remind_on=day(10)), day(30)) is None
