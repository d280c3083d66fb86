"""Reads the decision whose token a report shows: it names the people by its seal, so that nobody searches for them."""

import datetime as dt
import uuid
from dataclasses import dataclass, field
from typing import Final

from protocol.codes import DecisionCode, ServiceClass
from protocol.encodings import b64url_decode, parse_moment
from protocol.messages.activations import ActivationReport
from protocol.messages.inquiries import Alternative
from protocol.messages.rules import Rules
from protocol.problems import Problem, Refusal
from protocol.wire.codec import read
from registry.domain.activations import ShownDecision
from registry.policy.alternatives import alternatives
from registry.usecases.act import Act
from registry.usecases.context import Registry
from registry.usecases.inquiries.handles import Claims, people_of, read_any_token
from registry.usecases.pseudonyms import Names

_ORDER_BYTES: Final = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A report with what its token says; ``names`` is None without a token, or for one that names nobody."""

    report: ActivationReport
    claims: Claims | None = field(default=None, repr=False)
    names: Names | None = None


def sent(registry: Registry, report: ActivationReport, participant_id: str) -> Sent:
    """Open a report's token; raises Refusal TOKEN_INVALID or TOKEN_FOREIGN."""
    if report.decision_token is None:
        return Sent(report=report)
    claims, case = read_any_token(registry, report.decision_token, participant_id)
    return Sent(report=report, claims=claims, names=None if case is None else people_of(case))


def shown(act: Act, claims: Claims) -> ShownDecision:
    """Read a token's claims, which its seal or its signature covers; older tokens lack what the rules say then."""
    decision, service = DecisionCode(claims["decision"]), ServiceClass(claims["service_class"])
    decided_at = parse_moment(claims["decided_at"])
    rules = act.book.version(claims["rules_version"])
    return ShownDecision(
        inquiry_id=uuid.UUID(claims["inquiry_id"]),
        service_class=service,
        decision=decision,
        first=DecisionCode(claims.get("first", decision)),
        alternatives=_alternatives(claims, decision, service, rules),
        decided_at=decided_at,
        valid_until=parse_moment(claims["expires_at"]),
        report_by=_report_by(claims, decided_at, rules),
        order=b64url_decode(claims["order"], length=_ORDER_BYTES) if "order" in claims else None,
        lines=claims.get("lines"),
        outlet=claims.get("outlet"),
        deposit_fen=claims.get("deposit_fen", 0),
    )


def _alternatives(
    claims: Claims, decision: DecisionCode, service: ServiceClass, rules: Rules
) -> tuple[Alternative, ...]:
    if "alternatives" in claims:
        return tuple(read(Alternative, each) for each in claims["alternatives"])
    return alternatives(decision, service, quote_fen=0, terms=rules.alternatives)


def _report_by(claims: Claims, decided_at: dt.datetime, rules: Rules) -> dt.datetime:
    if "report_by" in claims:
        return parse_moment(claims["report_by"])
    return decided_at + dt.timedelta(days=rules.activation.report_days)


def keys_of(act: Act, asked: Sent) -> frozenset[bytes]:
    """Return the keys under which the inquiry of a token may lie: a person who is listed gets another one.

    Raises Refusal NOT_FOUND for a token without a case whose inquiry is not kept.
    """
    if asked.names is not None:
        return frozenset({act.key_of(asked.names), asked.names.index_key})
    if asked.claims is None:
        return frozenset()
    # Nothing in such a token tells whom it was about: its entry does, and every node is asked for it.
    entry = uuid.UUID(asked.claims["inquiry_id"])
    found = frozenset(subject_key for _, subject_key, _, _ in act.tx.personal.of_entries((entry,)))
    if not found:
        raise Refusal(Problem.NOT_FOUND)
    return found
