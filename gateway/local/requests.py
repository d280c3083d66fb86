"""Read requests of local programs: exact fields and vocabularies; a refusal names the field and never the value."""

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import fields
from enum import StrEnum
from typing import Any, Final, TypeVar

from gateway.bulk.check import Application
from gateway.counter.collected import Takings
from gateway.counter.disassociations import Separation
from gateway.counter.disputes import Complaint
from gateway.counter.red_list import Candidate
from gateway.counter.settlements import Payment
from gateway.counter.words import Language
from gateway.identity.context import NOTHING_SAID, Circumstances, ContextDefaults
from gateway.identity.documents import HOME_ISSUER, RawIdentity
from gateway.identity.references import is_name
from protocol.codes import (
    ORDERED_KINDS,
    DisputeGround,
    RebuttalGround,
    RedListGround,
    ServiceClass,
    SettlementKind,
)
from protocol.context import (
    MOST_LINES,
    WITH_DEALER,
    WITH_OUTLET,
    WITHOUT_AGENT,
    Channel,
    HouseholdSource,
    IdentityCheck,
    Purpose,
)
from protocol.encodings import MAX_FEN, EncodingCode, EncodingError, b64url_decode, parse_moment
from protocol.identifiers import DocumentKind
from protocol.messages.context import ONE_LINE
from protocol.messages.disputes import NewDisputeDocument
from protocol.names import CONSENT_TEXT, IDEMPOTENCY_KEY, PLACE_CODE, REFERENCE
from protocol.problems import Problem, Refusal
from protocol.states import Side

_MAX_TEXT: Final = 300
_MAX_REFERENCE: Final = 64
_SHA256_BYTES: Final = 32
_REFERENCE: Final = re.compile(REFERENCE)
_IDEMPOTENCY_KEY: Final = re.compile(IDEMPOTENCY_KEY)
_IDENTITY: Final = frozenset({"document", "household_register", "address", "collective_household"})
_CIRCUMSTANCES: Final = frozenset(each.name for each in fields(Circumstances))
_DOCUMENT: Final = frozenset({"kind", "number", "issuer"})

_Code = TypeVar("_Code", bound=StrEnum)


def read_application(body: dict[str, Any], defaults: ContextDefaults = NOTHING_SAID) -> tuple[str | None, Application]:
    """Read the body of ``POST /check``: the caller's own reference, the applicant, the service, the circumstances."""
    _only(body, _IDENTITY | _CIRCUMSTANCES | {"service_class", "reference", "languages"}, "")
    reference = _text(body, "reference", "", most=_MAX_REFERENCE)
    identity = _identity(body)
    service_class = _code(body, "service_class", "", ServiceClass)
    circumstances = None if body.keys().isdisjoint(_CIRCUMSTANCES) else _circumstances(body, reference, defaults)
    return reference or None, Application(identity=identity, service_class=service_class, circumstances=circumstances)


def _circumstances(body: dict[str, Any], reference: str, defaults: ContextDefaults) -> Circumstances:
    """Read why, where and how somebody applies: whoever says a part of it says what its channel needs."""
    channel = _code(body, "channel", "", Channel) if "channel" in body or not defaults.channel else defaults.channel
    return Circumstances(
        purpose=_code(body, "purpose", "", Purpose),
        channel=channel,
        identity=_code(body, "identity", "", IdentityCheck),
        consent_text=_matching(body, "consent_text", CONSENT_TEXT, defaults.consent_text, needed=True) or "",
        consent=_name(body, "consent", needed=True) or "",
        order=_order(body, reference),
        agent=_name(body, "agent", needed=channel not in WITHOUT_AGENT),
        outlet=_matching(body, "outlet", PLACE_CODE, defaults.outlet, needed=channel in WITH_OUTLET),
        dealer=_matching(body, "dealer", PLACE_CODE, None, needed=channel in WITH_DEALER),
        lines=_whole(body, "lines", ONE_LINE, MOST_LINES),
        port_in=_flag(body, "port_in"),
        household_source=(
            _code(body, "household_source", "", HouseholdSource)
            if "household_source" in body
            else HouseholdSource.DECLARED
        ),
    )


def _order(body: dict[str, Any], reference: str) -> str:
    """Read the order's number; the caller's reference stands for it where there is none."""
    named = "reference" if reference and "order" not in body else "order"
    return _name(body, named, needed=True) or ""


def read_languages(body: dict[str, Any]) -> tuple[Language, ...]:
    """Read the languages that ``POST /check`` is to answer in, each once; Chinese where none is named."""
    asked = body.get("languages", [Language.ZH.value])
    if not isinstance(asked, list):
        raise _invalid("languages", "WRONG_TYPE")
    known = [each.value for each in Language]
    if not asked or any(each not in known for each in asked):
        raise _invalid("languages", "NOT_IN_VOCABULARY" if asked else "EMPTY")
    if len(set(asked)) < len(asked):
        raise _invalid("languages", "REPEATED")
    return tuple(map(Language, asked))


def read_payment(body: dict[str, Any], idempotency_key: str | None) -> tuple[Payment, str | None]:
    """Read the body of ``POST /settlements``; ``amount_fen`` in fen, ``settled_at`` in UTC (absent: now).

    ``waive_rest`` gives up the rest of the debt beyond a FULL payment.
    A caller that wants to repeat a call safely sends a key and the time: "now" would make it another settlement.
    """
    _only(body, frozenset({"document", "account", "kind", "amount_fen", "settled_at", "waive_rest"}), "")
    amount_fen = body.get("amount_fen")
    if type(amount_fen) is not int or not 0 <= amount_fen <= MAX_FEN:
        raise _invalid("amount_fen", "OUT_OF_RANGE")
    settled_at = _moment(body, "settled_at", idempotency_key)
    payment = Payment(
        identity=_identity(body),
        account=_text(body, "account", "", required=True),
        kind=_code(body, "kind", "", ORDERED_KINDS),
        amount_fen=amount_fen,
        settled_at=settled_at,
        waive_rest=_flag(body, "waive_rest"),
    )
    if payment.amount_fen == 0 and payment.kind is not SettlementKind.WAIVER:
        raise _invalid("amount_fen", "NOTHING_PAID_IS_A_WAIVER")
    if payment.waive_rest and payment.kind is not SettlementKind.FULL:
        raise _invalid("waive_rest", "ONLY_WITH_FULL")
    return payment, idempotency_key


def read_takings(body: dict[str, Any], idempotency_key: str | None) -> tuple[Takings, str | None]:
    """Read the body of ``POST /collect``: the quote's reference, its total in fen, its payment time (absent: now)."""
    _only(body, frozenset({"quote_reference", "amount_fen", "collected_at"}), "")
    reference = _text(body, "quote_reference", "", required=True, most=_MAX_REFERENCE)
    if _REFERENCE.fullmatch(reference) is None:
        raise _invalid("quote_reference", "MALFORMED")
    amount_fen = body.get("amount_fen")
    if type(amount_fen) is not int or not 0 < amount_fen <= MAX_FEN:
        raise _invalid("amount_fen", "OUT_OF_RANGE")
    collected_at = _moment(body, "collected_at", idempotency_key)
    return Takings(quote_reference=reference, amount_fen=amount_fen, collected_at=collected_at), idempotency_key


def read_candidate(body: dict[str, Any], idempotency_key: str | None) -> tuple[Candidate, str | None]:
    """Read an organisation for the red list: its document, the ground, and the end date of the entry."""
    _only(body, frozenset({"document", "ground", "expires_on"}), "")
    _check_key(idempotency_key)
    candidate = Candidate(
        identity=_identity(body),
        ground=_code(body, "ground", "", RedListGround),
        expires_on=_day(body, "expires_on"),
    )
    return candidate, idempotency_key


def read_complaint(body: dict[str, Any], idempotency_key: str | None) -> tuple[Complaint, str | None]:
    """Read a dispute: the subject's document, the ground and, where it is narrowed, the creditor and the service."""
    _only(body, frozenset({"document", "ground", "creditor", "service_class"}), "")
    _check_key(idempotency_key)
    complaint = Complaint(
        identity=_identity(body),
        ground=_code(body, "ground", "", DisputeGround),
        creditor=_text(body, "creditor", "", most=_MAX_REFERENCE) or None,
        service_class=_code(body, "service_class", "", ServiceClass) if "service_class" in body else None,
    )
    return complaint, idempotency_key


def read_paper(body: dict[str, Any]) -> NewDisputeDocument:
    """Read a paper of a case: its side (the filer's by default), and its bytes in base64url."""
    _only(body, frozenset({"side", "content"}), "")
    side = _code(body, "side", "", Side) if "side" in body else Side.FILER
    content = body.get("content")
    if not isinstance(content, str):
        raise _invalid("content", "REQUIRED" if "content" not in body else "WRONG_TYPE")
    try:
        return NewDisputeDocument(side=side, content=b64url_decode(content))
    except EncodingError:
        raise _invalid("content", "NOT_BASE64URL") from None


def read_separation(body: dict[str, Any], idempotency_key: str | None) -> tuple[Separation, str | None]:
    """Read a household rebuttal: document and household of the subject, the ground, and the SHA-256 of the proof."""
    _only(body, _IDENTITY | {"ground", "evidence_digest"}, "")
    _check_key(idempotency_key)
    digest = _text(body, "evidence_digest", "", required=True)
    try:
        evidence = b64url_decode(digest, length=_SHA256_BYTES)
    except EncodingError:
        raise _invalid("evidence_digest", "NOT_A_DIGEST") from None
    separation = Separation(
        identity=_identity(body), ground=_code(body, "ground", "", RebuttalGround), evidence_digest=evidence
    )
    return separation, idempotency_key


def read_statement_request(
    body: dict[str, Any], idempotency_key: str | None
) -> tuple[RawIdentity, Language | None, str | None]:
    """Read a request for a statement: the subject, and the language to print it in (None: as data alone)."""
    _only(body, frozenset({"document", "language"}), "")
    _check_key(idempotency_key)
    language = _code(body, "language", "", Language) if "language" in body else None
    return _identity(body), language, idempotency_key


def read_reference(reference: str) -> str:
    """Read a quote's reference from the path."""
    if _REFERENCE.fullmatch(reference) is None:
        raise Refusal(Problem.NOT_FOUND)
    return reference


def _identity(body: dict[str, Any]) -> RawIdentity:
    document = body.get("document")
    if not isinstance(document, dict):
        raise _invalid("document", "REQUIRED")
    _only(document, _DOCUMENT, "document.")
    collective = _flag(body, "collective_household")
    return RawIdentity(
        kind=_code(document, "kind", "document.", DocumentKind),
        number=_text(document, "number", "document.", required=True),
        issuer=_text(document, "issuer", "document.") or HOME_ISSUER,
        household_register=_text(body, "household_register", ""),
        address=_text(body, "address", ""),
        collective_household=collective,
    )


def _only(table: dict[str, Any], known: frozenset[str], prefix: str) -> None:
    if not table.keys() <= known:
        # A member's name is input as well, perhaps a misplaced number: do not repeat it.
        raise _invalid(f"{prefix}*", "UNKNOWN_FIELD")


def _text(table: dict[str, Any], name: str, prefix: str, *, required: bool = False, most: int = _MAX_TEXT) -> str:
    value = table.get(name)
    if value is None and not required and name not in table:
        return ""
    if not isinstance(value, str):
        raise _invalid(prefix + name, "REQUIRED" if name not in table else "WRONG_TYPE")
    if len(value) > most or (required and not value.strip()):
        raise _invalid(prefix + name, "TOO_LONG" if len(value) > most else "EMPTY")
    return value


def _name(body: dict[str, Any], name: str, *, needed: bool) -> str | None:
    """Read a number of the carrier's own, of which a reference is made."""
    text = _text(body, name, "", required=needed, most=_MAX_REFERENCE)
    if text and not is_name(text):
        raise _invalid(name, "MALFORMED")
    return text or None


def _matching(body: dict[str, Any], name: str, pattern: str, otherwise: str | None, *, needed: bool) -> str | None:
    """Read a code of the carrier's; ``otherwise`` holds where the body has none."""
    if name not in body and (otherwise is not None or not needed):
        return otherwise
    text = _text(body, name, "", required=True)
    if re.fullmatch(pattern, text) is None:
        raise _invalid(name, "MALFORMED")
    return text


def _whole(body: dict[str, Any], name: str, otherwise: int, most: int) -> int:
    value = body.get(name, otherwise)
    if type(value) is not int or not 1 <= value <= most:
        raise _invalid(name, "OUT_OF_RANGE")
    return value


def _flag(body: dict[str, Any], name: str) -> bool:
    value = body.get(name, False)
    if not isinstance(value, bool):
        raise _invalid(name, "WRONG_TYPE")
    return value


def _moment(body: dict[str, Any], name: str, idempotency_key: str | None) -> dt.datetime | None:
    text = _text(body, name, "")
    try:
        moment = parse_moment(text) if text else None
    except EncodingError as wrong:
        out_of_range = wrong.code is EncodingCode.TIME_OUT_OF_RANGE
        raise _invalid(name, "OUT_OF_RANGE" if out_of_range else "NOT_A_TIME") from None
    if idempotency_key is not None and moment is None:
        raise _invalid(name, "REQUIRED_WITH_IDEMPOTENCY_KEY")
    _check_key(idempotency_key)
    return moment


def _day(table: dict[str, Any], name: str) -> dt.date:
    text = _text(table, name, "", required=True)
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        raise _invalid(name, "NOT_A_DATE") from None
    if day.isoformat() != text:
        raise _invalid(name, "NOT_A_DATE")
    return day


def _check_key(idempotency_key: str | None) -> None:
    if idempotency_key is not None and _IDEMPOTENCY_KEY.fullmatch(idempotency_key) is None:
        raise _invalid("Idempotency-Key", "MALFORMED")


def _code(table: dict[str, Any], name: str, prefix: str, kind: Iterable[_Code]) -> _Code:
    value = table.get(name)
    for each in kind:
        if each.value == value:
            return each
    raise _invalid(prefix + name, "REQUIRED" if name not in table else "NOT_IN_VOCABULARY")


def _invalid(field: str, code: str) -> Refusal:
    return Refusal(Problem.INVALID_FIELD, fields={field: code})
