"""Read what became of an order, and which order is asked about again."""

from typing import Any

from gateway.counter.activation_batches import UnreadRow
from gateway.counter.activations import ToldOutcome
from gateway.identity.context import ContextDefaults
from gateway.local import members
from gateway.local.contract.bodies import OutcomeReport, OutcomeReports, OutcomeRow, RecheckRequest, names_of
from protocol.activations import ActivationOutcome, ActivationReason, UncheckedCause
from protocol.codes import ServiceClass
from protocol.context import MOST_LINES, Channel
from protocol.messages.activations import MOST_DEPOSIT_FEN, MOST_PARTS, MOST_REVISIONS
from protocol.messages.limits import MAX_BATCH
from protocol.names import PLACE_CODE
from protocol.problems import Problem, Refusal


def read_order(body: dict[str, Any]) -> tuple[str, ServiceClass | None]:
    """Read the body of ``POST /recheck``: the order's number and, where an order has several services, which one."""
    members.only(body, names_of(RecheckRequest), "")
    return members.number(body, "order", needed=True) or "", _service(body)


def read_outcome(body: dict[str, Any], idempotency_key: str | None, defaults: ContextDefaults) -> ToldOutcome:
    """Read the body of ``POST /activations``; ``defaults`` hold of an order without a decision."""
    members.only(body, names_of(OutcomeReport), "")
    members.check_key(idempotency_key)
    return _outcome(body, defaults)


def read_outcomes(body: dict[str, Any], defaults: ContextDefaults) -> list[ToldOutcome | UnreadRow]:
    """Read the body of ``POST /activations/batch``; a row that cannot be read stops none of the others."""
    members.only(body, names_of(OutcomeReports), "")
    rows = body.get("outcomes")
    if not isinstance(rows, list):
        raise members.invalid("outcomes", "WRONG_TYPE" if "outcomes" in body else "REQUIRED")
    if not 1 <= len(rows) <= MAX_BATCH:
        raise members.invalid("outcomes", "OUT_OF_RANGE")
    return [_row(each, defaults) for each in rows]


def _row(row: object, defaults: ContextDefaults) -> ToldOutcome | UnreadRow:
    if not isinstance(row, dict):
        return UnreadRow(faults={"row": "WRONG_TYPE"})
    try:
        members.only(row, names_of(OutcomeRow), "")
        return _outcome(row, defaults)
    except Refusal as refused:
        if refused.problem is not Problem.INVALID_FIELD:
            raise
        return UnreadRow(faults=refused.fields)


def _outcome(body: dict[str, Any], defaults: ContextDefaults) -> ToldOutcome:
    unchecked = members.code(body, "unchecked", "", UncheckedCause) if "unchecked" in body else None
    otherwise = defaults if unchecked is not None else ContextDefaults()
    return ToldOutcome(
        order=members.number(body, "order", needed=True) or "",
        outcome=members.code(body, "outcome", "", ActivationOutcome),
        at=members.moment(body, "at"),
        part=_whole(body, "part", MOST_PARTS),
        revision=_whole(body, "revision", MOST_REVISIONS),
        lines=_whole(body, "lines", MOST_LINES),
        service_class=_service(body),
        reason=members.code(body, "reason", "", ActivationReason) if "reason" in body else None,
        channel=members.code(body, "channel", "", Channel) if "channel" in body else otherwise.channel,
        outlet=members.matching(body, "outlet", PLACE_CODE, otherwise.outlet, needed=False),
        dealer=members.matching(body, "dealer", PLACE_CODE, None, needed=False),
        agent=members.number(body, "agent", needed=False),
        approved_by=members.number(body, "approved_by", needed=False),
        deposit_fen=_whole(body, "deposit_fen", MOST_DEPOSIT_FEN),
        unchecked=unchecked,
    )


def _service(body: dict[str, Any]) -> ServiceClass | None:
    return members.code(body, "service_class", "", ServiceClass) if "service_class" in body else None


def _whole(body: dict[str, Any], name: str, most: int) -> int | None:
    return members.whole(body, name, 1, most) if name in body else None
