"""Every message that we write is read again as it was; a member that differs is refused by its path."""

import dataclasses
import datetime as dt
import importlib
import pkgutil
import uuid
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import protocol.messages
from protocol.encodings import canonical_json
from protocol.messages.disputes import DisputeFiling
from protocol.messages.inquiries import InquiryAnswer
from protocol.messages.log import OpeningsQuery
from protocol.messages.records import RecordReport, RowVerdict
from protocol.messages.rules import TakeOutTerms
from protocol.messages.statements import StatedEvent
from protocol.messages.steps import Versioned
from protocol.names import (
    BASE64URL,
    COMPACT_JWS,
    CONSENT_TEXT,
    IDEMPOTENCY_KEY,
    KEY_ID,
    MONTH,
    PARTICIPANT_ID,
    PLACE_CODE,
    REFERENCE,
    RULES_NAME,
    TARIFF,
    VISIBLE,
    WITNESS_NAME,
)
from protocol.problems import FieldCode
from protocol.states import Party
from protocol.strict_json import load_object
from protocol.wire import codec, kinds
from protocol.wire.codec import Malformed, Shape, read, read_query, shape_of, write
from tests.support.cells import every_cell

MAX_BYTES = 2**24
NOT_OF_THE_CODEC = {"EvaluationTally"}
"""A signed payload with codes of its own."""


def messages() -> Iterator[type[Any]]:
    for module in pkgutil.iter_modules(protocol.messages.__path__, "protocol.messages."):
        loaded = importlib.import_module(module.name)
        for name, kind in vars(loaded).items():
            if dataclasses.is_dataclass(kind) and kind.__module__ == module.name and name not in NOT_OF_THE_CODEC:
                yield kind


MESSAGES = sorted(set(messages()), key=lambda kind: f"{kind.__module__}.{kind.__name__}")
TEXTS = {
    BASE64URL: "AAAA",
    COMPACT_JWS: "e30.e30.AA",
    CONSENT_TEXT: "standard-1",
    TARIFF: "59",
    "[A-Z][A-Z0-9_]{1,39}": "PAID_LATE",
    IDEMPOTENCY_KEY: "key:1",
    KEY_ID: "key-1",
    MONTH: "2026-11",
    PARTICIPANT_ID: "carrier-a",
    PLACE_CODE: "SH-PD-0123",
    REFERENCE: "a" * 22,
    RULES_NAME: "2026-01",
    VISIBLE: "row/1",
    WITNESS_NAME: "carrier-a.example/witness",
    "[ -~]+": "{}",
    "[0-9a-f]{64}": "0f" * 32,
    "[A-Z_]+": "NOT_FOUND",
    "[A-Za-z0-9_-]{1,64}": "before-the-decision",
    r"[a-z0-9_.\[\]*]{1,64}": "at",
    "[a-z-]+": "late",
    "[a-z0-9-]+": "http-503",
    "urn:clearline:problem:[a-z-]+": "urn:clearline:problem:not-found",
}
"""A text for each pattern; every pattern that a message has is here."""
FIRST_DAY, LAST_DAY = dt.date(1900, 1, 1).toordinal(), dt.date(9998, 12, 31).toordinal()
FIRST_SECOND, LAST_SECOND = -2_200_000_000, 7_200_000_000
READERS: dict[type[kinds.Kind], Callable[[Any, Random], Any]] = {
    codec.Part: lambda kind, random: sample(kind.shape, random),
    codec.ListOf: lambda kind, random: tuple(
        value(kind.member, random) for _ in range(random.randint(kind.least, min(kind.most, kind.least + 1)))
    ),
    kinds.Whole: lambda kind, random: random.choice((kind.least, kind.most, random.randint(kind.least, kind.most))),
    kinds.PlainText: lambda _, random: random.choice(("张三", "A name with blanks")),
    kinds.Text: lambda kind, _: TEXTS[kind.pattern],
    kinds.Code: lambda kind, random: random.choice(kind.vocabulary),
    kinds.Octets: lambda kind, random: random.randbytes(kind.length),
    kinds.Blob: lambda _, random: random.randbytes(random.randint(1, 8)),
    kinds.Identifier: lambda _, random: uuid.UUID(bytes=random.randbytes(16)),
    kinds.YesNo: lambda _, random: random.random() < HALF,
    kinds.Day: lambda _, random: dt.date.fromordinal(random.randint(FIRST_DAY, LAST_DAY)),
    kinds.Moment: lambda _, random: (
        dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
        + dt.timedelta(seconds=random.randint(FIRST_SECOND, LAST_SECOND), microseconds=random.randint(0, 999_999))
    ),
    kinds.OpenText: lambda _, random: random.choice(("", "any text")),
    kinds.OpenObject: lambda _, random: {"blocks": random.random() < HALF},
}
HALF = 0.5


def value(kind: kinds.Kind, random: Random) -> Any:
    return READERS[type(kind)](kind, random)


def sample(shape: Shape, random: Random) -> Any:
    """A message with whatever its members allow; one that forbids a pair of members is drawn again."""
    while True:
        members: dict[str, Any] = {}
        for each in shape.members:
            if each.nullable and random.random() < HALF:
                members[each.name] = None
            elif each.required or random.random() < HALF:
                members[each.name] = value(each.kind, random)
        try:
            return shape.message(**members)
        except ValueError:
            continue


@settings(max_examples=3)
@given(seed=st.integers(0, 2**32))
def test_a_message_that_is_written_is_read_again_as_it_was(seed: int) -> None:
    with every_cell() as table:
        for message in MESSAGES:
            with table.cell(message.__name__):
                whole = sample(shape_of(message), Random(seed))
                raw = canonical_json(write(whole))
                assert read(message, load_object(raw, max_bytes=MAX_BYTES)) == whole


def test_a_member_that_nobody_agreed_on_is_refused_and_skipped_only_from_a_newer_sender() -> None:
    with every_cell() as table:
        for message in MESSAGES:
            with table.cell(message.__name__):
                whole = sample(shape_of(message), Random(1))
                document = write(whole) | {"added_later": 1}
                assert faults(message, document) == {".": FieldCode.UNKNOWN_FIELD}
                assert read(message, document, open_ended=True) == whole


def test_every_member_that_is_missing_null_or_of_another_type_is_named() -> None:
    with every_cell() as table:
        for message in MESSAGES:
            document = write(sample(shape_of(message), Random(2)))
            for each in shape_of(message).members:
                with table.cell(message.__name__, each.key):
                    without = {key: member for key, member in document.items() if key != each.key}
                    if each.required:
                        assert faults(message, without) == {each.key: FieldCode.REQUIRED}
                    if not each.nullable:
                        assert faults(message, without | {each.key: None}) == {each.key: FieldCode.NULL}
                    assert faults(message, without | {each.key: 1.5}) == {each.key: FieldCode.WRONG_TYPE}


def faults(message: type[Any], document: dict[str, Any]) -> dict[str, FieldCode]:
    with pytest.raises(Malformed) as refused:
        read(message, document)
    return dict(refused.value.faults)


REPORT: dict[str, Any] = {
    "row_id": "1",
    "tokens": {"epoch": 1, "subject": "A" * 43},
    "account_ref": "A" * 43,
    "service_class": "BROADBAND",
    "category": "MISSED_CYCLE",
    "principal_fen": 12_000,
    "due_date": "2026-05-05",
    "debtor_of_age": True,
}


def test_all_that_is_wrong_is_told_at_once_with_its_path() -> None:
    wrong = REPORT | {
        "tokens": {"epoch": 0, "subject": "A" * 42, "strange": 1},
        "principal_fen": True,
        "costs_fen": 10**11,
        "due_date": "2026-02-30",
        "notice_date": "20260501",
        "category": "OTHER",
        "debtor_of_age": 1,
        "dealer": "a b",
    }
    assert faults(RecordReport, wrong) == {
        "tokens": FieldCode.UNKNOWN_FIELD,
        "tokens.epoch": FieldCode.OUT_OF_RANGE,
        "tokens.subject": FieldCode.NOT_BASE64URL,
        "principal_fen": FieldCode.WRONG_TYPE,
        "costs_fen": FieldCode.OUT_OF_RANGE,
        "due_date": FieldCode.INVALID,
        "notice_date": FieldCode.WRONG_TYPE,
        "category": FieldCode.INVALID,
        "debtor_of_age": FieldCode.WRONG_TYPE,
        "dealer": FieldCode.INVALID,
    }


def test_a_fault_in_a_list_names_the_place() -> None:
    verdict = {"row_id": "1", "verdict": "ACTIVE", "notes": ["STILL_BLOCKS", "OTHER"], "withdrew": []}
    assert faults(RowVerdict, verdict) == {"notes.1": FieldCode.INVALID, "withdrew": FieldCode.OUT_OF_RANGE}
    assert faults(RowVerdict, verdict | {"notes": [None], "withdrew": {}}) == {
        "notes.0": FieldCode.NULL,
        "withdrew": FieldCode.WRONG_TYPE,
    }


def test_a_word_of_a_later_release_is_given_as_it_is_unless_somebody_acts_on_it() -> None:
    event = {"at": "2026-11-21T08:00:00.000000Z", "action": "FREEZE_PARTLY", "state": "HALF_FROZEN", "party": "CLOCK"}
    told = read(StatedEvent, event | {"by": "registry", "reason": "x"}, open_ended=True)
    assert (told.action, told.state, told.party) == ("FREEZE_PARTLY", "HALF_FROZEN", Party.CLOCK)
    assert write(told) == event | {"by": "registry", "reason": "x"}
    for wrong in ("half frozen", "", 7, "x" * 70):
        with pytest.raises(Malformed):
            read(StatedEvent, event | {"by": "registry", "reason": "x", "state": wrong}, open_ended=True)
    with pytest.raises(Malformed) as refused:
        read(RowVerdict, {"row_id": "1", "verdict": "REJ_OTHERWISE"}, open_ended=True)
    assert refused.value.faults == {"verdict": FieldCode.INVALID}


def test_a_figure_that_a_later_release_widened_is_read() -> None:
    terms = {"daily_share_ppm": 10**9, "daily_least": 0}
    assert read(TakeOutTerms, terms, open_ended=True) == TakeOutTerms(daily_share_ppm=10**9, daily_least=0)
    with pytest.raises(Malformed):
        read(TakeOutTerms, terms)
    with pytest.raises(Malformed):
        read(TakeOutTerms, terms | {"daily_least": "0"}, open_ended=True)


ANSWER: dict[str, Any] = {
    "inquiry_ref": "1",
    "inquiry_id": "018f5e7a-0000-7000-8000-000000000001",
    "decision": "PAY_FIRST",
    "reasons": ["OWN_ARREARS"],
    "remedies": ["PAY_QUOTE"],
    "rules_version": "2026-01",
    "decided_at": "2026-11-21T08:00:00.000000Z",
    "decision_token": "a.b.c",
}


def test_an_answer_without_alternatives_is_one_that_offers_none() -> None:
    answer = read(InquiryAnswer, ANSWER, open_ended=True)
    assert answer.alternatives == ()
    assert write(answer) == ANSWER


def test_a_gateway_of_before_passes_over_the_members_of_a_later_release() -> None:
    later = {"alternatives_of_2030": [{"kind": "INSTALMENTS"}], "offered_until": 7}
    assert read(InquiryAnswer, ANSWER | later, open_ended=True) == read(InquiryAnswer, ANSWER)


def test_an_alternative_of_a_later_release_breaks_no_answer() -> None:
    newer = ANSWER | {"alternatives": [{"kind": "PREPAID_ONLY"}, {"kind": "GUARANTOR", "amount_fen": 5, "since": 1}]}
    kinds = [each.kind for each in read(InquiryAnswer, newer, open_ended=True).alternatives]
    assert kinds == ["PREPAID_ONLY", "GUARANTOR"]
    with pytest.raises(Malformed):
        read(InquiryAnswer, newer)


def test_what_is_no_object_is_no_message() -> None:
    documents: list[Any] = [None, [], "text", 1]
    for document in documents:
        with pytest.raises(Malformed) as refused:
            read(RecordReport, document)
        assert refused.value.faults == {".": FieldCode.WRONG_TYPE}


def test_a_member_with_its_default_is_left_out() -> None:
    report = read(RecordReport, REPORT | {"costs_fen": 0, "collective_household": False})
    assert write(report) == REPORT


def test_a_refusal_repeats_neither_a_value_nor_an_unknown_name() -> None:
    with pytest.raises(Malformed) as refused:
        read(RecordReport, REPORT | {"11010519491231002X": "张伟", "dealer": "张伟"})
    assert "张伟" not in str(refused.value) + str(refused.value.faults)
    assert "11010519491231002X" not in str(refused.value.faults)


def test_a_query_reads_texts_and_uses_its_own_names() -> None:
    assert read_query(OpeningsQuery, {"from": "7", "limit": "10"}) == OpeningsQuery(start=7, limit=10)
    for text in ("07", "+7", " 7", "7.0", "", "٧"):
        with pytest.raises(Malformed) as refused:
            read_query(OpeningsQuery, {"from": text})
        assert refused.value.faults == {"from": FieldCode.WRONG_TYPE}
    with pytest.raises(Malformed) as refused:
        read_query(OpeningsQuery, {"start": "7"})
    assert refused.value.faults == {".": FieldCode.UNKNOWN_FIELD}


def test_only_a_nullable_member_may_be_null() -> None:
    assert read(Versioned, {"expected_version": None}) == Versioned()
    assert faults(DisputeFiling, {"tokens": REPORT["tokens"], "ground": "NO_NOTICE", "creditor": None}) == {
        "creditor": FieldCode.NULL
    }


def test_a_member_without_bounds_is_no_message() -> None:
    @dataclasses.dataclass(frozen=True)
    class Unbounded:
        text: str

    with pytest.raises(TypeError, match="needs a kind"):
        shape_of(Unbounded)
