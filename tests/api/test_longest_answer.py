"""The longest answer to an inquiry fits into the one size that all answers are brought to."""

import datetime as dt
import os
import uuid
from typing import Any

from api.answers import PADDED_BYTES
from crypto.envelope.handle import HANDLE_BYTES
from crypto.signing.jws import sign_compact
from crypto.signing.keys import generate_signing_key
from protocol.context import MOST_LINES, TokenName
from protocol.encodings import canonical_json
from protocol.messages.inquiries import InquiryAnswer
from protocol.names import MAX_JWS
from protocol.wire.codec import ListOf, Part, Shape, shape_of
from protocol.wire.kinds import Code, Identifier, Kind, Moment, Text, Whole, YesNo
from registry.usecases.inquiries.handles import DECISION_TYPE

AT = dt.datetime(2026, 11, 21, 8, 0, 0, 123456, tzinfo=dt.UTC)
CLAIMS = {
    "v": 2,
    "inquiry_id": str(uuid.UUID(int=0)),
    "participant": "p" * 64,
    "decision": "PREPAID_ONLY",
    "service_class": "FIXED_VOICE",
    "rules_version": "r" * 32,
    "decided_at": "2026-11-21T08:00:00.123456Z",
    "expires_at": "2026-11-21T08:00:00.123456Z",
    "log": "log.clearline.example/a-name-as-long-as-names-are/2026",
    "leaf": "l" * 43,
    "incarnation": 2**31 - 1,
    "order": "o" * 22,
    "lines": MOST_LINES,
    "outlet": "X" * 32,
    "checked": [each.value for each in TokenName],
    "first": "PREPAID_ONLY",
    "check": 20,
    "purpose": "OWNERSHIP_CHANGE",
    "tariff": "T" * 16,
    "grade": "D",
    "deposit_fen": 100_000_00,
    "alternatives": [{"amount_fen": 10_000_00, "kind": "DEPOSIT"}, {"kind": "PREPAID_ONLY"}],
    "report_by": "2026-11-21T08:00:00.123456Z",
    "handle": "h" * ((HANDLE_BYTES * 8 + 5) // 6),
}
OF_ONE_LENGTH: dict[type[Kind], Any] = {
    Identifier: str(uuid.UUID(int=0)),
    Moment: Moment().write(AT),
    YesNo: False,
}


def longest_token() -> str:
    """A decision token with the longest value of every claim."""
    return sign_compact(
        canonical_json(CLAIMS), typ=DECISION_TYPE, key_id="k" * 64, private_key=generate_signing_key(os.urandom)
    )


def longest(kind: Kind) -> Any:
    """The longest JSON value of a kind."""
    match kind:
        case Whole():
            return kind.most
        case Text() if kind.most == MAX_JWS:
            return longest_token()
        case Text():
            return "x" * kind.most
        case Code():
            return max((each.value for each in kind.vocabulary), key=len)
        case Identifier() | Moment() | YesNo():
            return OF_ONE_LENGTH[type(kind)]
        case Part():
            return longest_message(kind.shape)
        case ListOf() if isinstance(kind.member, Code):
            # Each code of a vocabulary stands in a list once.
            return [each.value for each in kind.member.vocabulary]
        case ListOf():
            return [longest(kind.member)] * kind.most
        case _:
            raise TypeError(type(kind).__name__)


def longest_message(shape: Shape) -> dict[str, Any]:
    """A message with every member, each as long as it may be."""
    return {member.key: longest(member.kind) for member in shape.members}


def test_the_longest_answer_is_padded_and_not_cut_in_two() -> None:
    answer = canonical_json(longest_message(shape_of(InquiryAnswer)))
    assert len(answer) + len(str(len(answer))) < PADDED_BYTES
