"""Read requests of local programs: exact fields and vocabularies; a refusal names the field and never the value."""

import datetime as dt
import re
from typing import Any, Final

from gateway.bulk.applications import Application
from gateway.counter.collected import Takings
from gateway.counter.disassociations import Separation
from gateway.counter.disputes import Complaint
from gateway.counter.red_list import Candidate
from gateway.counter.settlements import Payment
from gateway.counter.words import Language
from gateway.identity.context import NOTHING_SAID, ContextDefaults
from gateway.identity.documents import HOME_ISSUER, RawIdentity
from gateway.local import members
from gateway.local.circumstances import read_circumstances
from gateway.local.contract import bodies
from gateway.local.contract.bodies import names_of
from protocol.codes import (
    ORDERED_KINDS,
    DisputeGround,
    RebuttalGround,
    RedListGround,
    ServiceClass,
    SettlementKind,
)
from protocol.encodings import MAX_FEN, EncodingError, b64url_decode
from protocol.identifiers import DocumentKind
from protocol.messages.disputes import NewDisputeDocument
from protocol.names import PARTICIPANT_ID, REFERENCE
from protocol.problems import Problem, Refusal
from protocol.states import Side

_SHA256_BYTES: Final = 32
_REFERENCE_BYTES: Final = 16
_REFERENCE: Final = re.compile(REFERENCE)


def read_application(body: dict[str, Any], defaults: ContextDefaults = NOTHING_SAID) -> tuple[str | None, Application]:
    """Read the body of ``POST /check``: the caller's own reference, the applicant, the service, the circumstances."""
    members.only(body, names_of(bodies.CheckRequest), "")
    reference = members.text(body, "reference", "", most=members.MOST_OF_A_REFERENCE)
    identity = _identity(body)
    service_class = members.code(body, "service_class", "", ServiceClass)
    circumstances = read_circumstances(body, reference, defaults)
    return reference or None, Application(identity=identity, service_class=service_class, circumstances=circumstances)


def read_languages(body: dict[str, Any]) -> tuple[Language, ...]:
    """Read the languages that ``POST /check`` is to answer in, each once; Chinese where none is named."""
    asked = body.get("languages", [Language.ZH.value])
    if not isinstance(asked, list):
        raise members.invalid("languages", "WRONG_TYPE")
    known = [each.value for each in Language]
    if not asked or any(each not in known for each in asked):
        raise members.invalid("languages", "NOT_IN_VOCABULARY" if asked else "EMPTY")
    if len(set(asked)) < len(asked):
        raise members.invalid("languages", "REPEATED")
    return tuple(map(Language, asked))


def read_payment(body: dict[str, Any], idempotency_key: str | None) -> tuple[Payment, str | None]:
    """Read the body of ``POST /settlements``; ``amount_fen`` in fen, ``settled_at`` in UTC (absent: now).

    ``waive_rest`` gives up the rest of the debt beyond a FULL payment.
    A caller that wants to repeat a call safely sends a key and the time: "now" would make it another settlement.
    """
    members.only(body, names_of(bodies.Payment), "")
    amount_fen = body.get("amount_fen")
    if type(amount_fen) is not int or not 0 <= amount_fen <= MAX_FEN:
        raise members.invalid("amount_fen", "OUT_OF_RANGE")
    settled_at = _moment(body, "settled_at", idempotency_key)
    payment = Payment(
        identity=_identity(body),
        account=members.text(body, "account", "", required=True),
        kind=members.code(body, "kind", "", ORDERED_KINDS),
        amount_fen=amount_fen,
        settled_at=settled_at,
        waive_rest=members.flag(body, "waive_rest"),
    )
    if payment.amount_fen == 0 and payment.kind is not SettlementKind.WAIVER:
        raise members.invalid("amount_fen", "NOTHING_PAID_IS_A_WAIVER")
    if payment.waive_rest and payment.kind is not SettlementKind.FULL:
        raise members.invalid("waive_rest", "ONLY_WITH_FULL")
    return payment, idempotency_key


def read_takings(body: dict[str, Any], idempotency_key: str | None) -> tuple[Takings, str | None]:
    """Read the body of ``POST /collect``: the quote's reference, its total in fen, its payment time (absent: now)."""
    members.only(body, names_of(bodies.Takings), "")
    reference = members.text(body, "quote_reference", "", required=True, most=members.MOST_OF_A_REFERENCE)
    if _REFERENCE.fullmatch(reference) is None:
        raise members.invalid("quote_reference", "MALFORMED")
    amount_fen = body.get("amount_fen")
    if type(amount_fen) is not int or not 0 < amount_fen <= MAX_FEN:
        raise members.invalid("amount_fen", "OUT_OF_RANGE")
    collected_at = _moment(body, "collected_at", idempotency_key)
    return Takings(quote_reference=reference, amount_fen=amount_fen, collected_at=collected_at), idempotency_key


def read_candidate(body: dict[str, Any], idempotency_key: str | None) -> tuple[Candidate, str | None]:
    """Read an organisation for the red list: its document, the ground, and the end date of the entry."""
    members.only(body, frozenset({"document", "ground", "expires_on"}), "")
    members.check_key(idempotency_key)
    candidate = Candidate(
        identity=_identity(body),
        ground=members.code(body, "ground", "", RedListGround),
        expires_on=_day(body, "expires_on"),
    )
    return candidate, idempotency_key


def read_complaint(body: dict[str, Any], idempotency_key: str | None) -> tuple[Complaint, str | None]:
    """Read a dispute: the subject's document, the ground and, where it is narrowed, the creditor and the service."""
    members.only(body, names_of(bodies.Complaint), "")
    members.check_key(idempotency_key)
    complaint = Complaint(
        identity=_identity(body),
        ground=members.code(body, "ground", "", DisputeGround),
        creditor=members.text(body, "creditor", "", most=members.MOST_OF_A_REFERENCE) or None,
        service_class=members.code(body, "service_class", "", ServiceClass) if "service_class" in body else None,
    )
    return complaint, idempotency_key


def read_paper(body: dict[str, Any]) -> NewDisputeDocument:
    """Read a paper of a case: its side (the filer's by default), and its bytes in base64url."""
    members.only(body, names_of(bodies.Paper), "")
    side = members.code(body, "side", "", Side) if "side" in body else Side.FILER
    content = body.get("content")
    if not isinstance(content, str):
        raise members.invalid("content", "REQUIRED" if "content" not in body else "WRONG_TYPE")
    try:
        return NewDisputeDocument(side=side, content=b64url_decode(content))
    except EncodingError:
        raise members.invalid("content", "NOT_BASE64URL") from None


def read_separation(body: dict[str, Any], idempotency_key: str | None) -> tuple[Separation, str | None]:
    """Read a household rebuttal: document and household of the subject, the ground, and the SHA-256 of the proof."""
    members.only(body, names_of(bodies.Separation), "")
    members.check_key(idempotency_key)
    digest = members.text(body, "evidence_digest", "", required=True)
    try:
        evidence = b64url_decode(digest, length=_SHA256_BYTES)
    except EncodingError:
        raise members.invalid("evidence_digest", "NOT_A_DIGEST") from None
    separation = Separation(
        identity=_identity(body), ground=members.code(body, "ground", "", RebuttalGround), evidence_digest=evidence
    )
    return separation, idempotency_key


def read_statement_request(
    body: dict[str, Any], idempotency_key: str | None
) -> tuple[RawIdentity, Language | None, str | None]:
    """Read a request for a statement: the subject, and the language to print it in (None: as data alone)."""
    members.only(body, names_of(bodies.StatementRequest), "")
    members.check_key(idempotency_key)
    language = members.code(body, "language", "", Language) if "language" in body else None
    return _identity(body), language, idempotency_key


def read_consent_withdrawal(
    body: dict[str, Any], idempotency_key: str | None
) -> tuple[RawIdentity, bytes | None, str | None]:
    """Read the end of a consent: the subject, and the consent's reference; None for all of the subject's consents."""
    members.only(body, names_of(bodies.ConsentWithdrawal), "")
    members.check_key(idempotency_key)
    if members.flag(body, "all") is ("consent_ref" in body):
        raise members.invalid("consent_ref", "ONE_OF_TWO")
    if "consent_ref" not in body:
        return _identity(body), None, idempotency_key
    try:
        reference = b64url_decode(members.text(body, "consent_ref", "", required=True), length=_REFERENCE_BYTES)
    except EncodingError:
        raise members.invalid("consent_ref", "MALFORMED") from None
    return _identity(body), reference, idempotency_key


def read_attestation_demand(body: dict[str, Any], idempotency_key: str | None) -> tuple[RawIdentity, str, str | None]:
    """Read a demand for an attestation: the subject, and the carrier that is to attest."""
    members.only(body, names_of(bodies.DemandedAttestation), "")
    members.check_key(idempotency_key)
    participant = members.text(body, "participant", "", required=True, most=members.MOST_OF_A_REFERENCE)
    if re.fullmatch(PARTICIPANT_ID, participant) is None:
        raise members.invalid("participant", "MALFORMED")
    return _identity(body), participant, idempotency_key


def read_reference(reference: str) -> str:
    """Read a quote's reference from the path."""
    if _REFERENCE.fullmatch(reference) is None:
        raise Refusal(Problem.NOT_FOUND)
    return reference


def _identity(body: dict[str, Any]) -> RawIdentity:
    document = body.get("document")
    if not isinstance(document, dict):
        raise members.invalid("document", "REQUIRED")
    members.only(document, names_of(bodies.Document), "document.")
    collective = members.flag(body, "collective_household")
    return RawIdentity(
        kind=members.code(document, "kind", "document.", DocumentKind),
        number=members.text(document, "number", "document.", required=True),
        issuer=members.text(document, "issuer", "document.") or HOME_ISSUER,
        household_register=members.text(body, "household_register", ""),
        address=members.text(body, "address", ""),
        collective_household=collective,
    )


def _moment(body: dict[str, Any], name: str, idempotency_key: str | None) -> dt.datetime | None:
    moment = members.moment(body, name)
    if idempotency_key is not None and moment is None:
        raise members.invalid(name, "REQUIRED_WITH_IDEMPOTENCY_KEY")
    members.check_key(idempotency_key)
    return moment


def _day(table: dict[str, Any], name: str) -> dt.date:
    return members.as_day(members.text(table, name, "", required=True), name)
