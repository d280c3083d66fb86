"""Report many outcomes in one call: a verdict for each, in their order, and a bad one stops none of the others.

A report is known by its order, part, revision and content, as a single one is: the same call again finds what was
taken, and the registry judges anew what it refused. So a call needs no name of its own, and each sends its reports
under a new one: under a name made of their content, a refusal of then would be the answer for ever.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from client.errors import RegistryAnswerBroken
from client.registry import RegistryClient
from client.resources.activations import report_activations
from gateway.counter.activations import TAKEN, Activator, LocalVerdict, ToldOutcome, report_of
from gateway.errors import ApplicationInvalid
from gateway.orders.values import Plan, Wish
from gateway.tools import Tools
from protocol.activations import ActivationVerdict
from protocol.encodings import b64url_encode
from protocol.messages.activations import ActivationAnswer, ActivationRowVerdict
from protocol.wire.codec import message_of

MOST_TOGETHER: Final = 250
"""Reports that are planned, sent and noted together. No check keeps its token meanwhile, for hundredths of a second."""
_NAME_BYTES: Final = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class UnreadRow:
    """An outcome that cannot be read: its wrong members and their faults, never their values."""

    faults: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """The verdict on one outcome of many, with the answer where the registry has it."""

    verdict: ActivationVerdict | LocalVerdict
    told: ToldOutcome | None = field(default=None, repr=False)
    """None where it could not be read."""
    plan: Plan | None = field(default=None, repr=False)
    """None where nothing was sent."""
    said: ActivationRowVerdict | None = None
    """The registry's own verdict."""
    faults: Mapping[str, str] = field(default_factory=dict)

    @property
    def answer(self) -> ActivationAnswer | None:
        """The answer that a single report gets; None where the registry did not take it."""
        return message_of(ActivationAnswer, self.said) if self.said is not None and self.verdict in TAKEN else None


def report_many(tools: Tools, activator: Activator, rows: Sequence[ToldOutcome | UnreadRow]) -> list[Judged]:
    """Report the outcomes in their order; raises OrdersUnusable, and the registry's refusals of a whole call.

    After an error, the same call again doubles nothing of what was sent before it.
    """
    # The stream of verdicts is not signed. So the request names the incarnation, and a refusal is signed.
    registry = tools.registry.under(tools.registry.ask_incarnation())
    piece = min(MOST_TOGETHER, tools.chunk_rows)

    def report(some: Sequence[ToldOutcome | UnreadRow]) -> list[Judged]:
        judged: list[Judged] = []
        for start in range(0, len(some), piece):
            name = f"outcomes-{b64url_encode(tools.random(_NAME_BYTES))}"
            judged += _report(registry, activator, some[start : start + piece], name)
        return judged

    verdicts = report(rows)
    # A refused row stands in no other's way: what was planned as its next revision may be the first one.
    early = [place for place, each in enumerate(verdicts) if each.verdict is ActivationVerdict.REJ_EDGE]
    for place, judged in zip(early, report([rows[place] for place in early]), strict=True):
        verdicts[place] = judged
    return verdicts


def _report(
    registry: RegistryClient, activator: Activator, rows: Sequence[ToldOutcome | UnreadRow], name: str
) -> list[Judged]:
    wished = [_wish(activator, each) for each in rows]
    wishes = [each for each in wished if isinstance(each, Wish)]
    plans = iter(activator.plan(wishes) if wishes else ())
    planned = [next(plans) if isinstance(each, Wish) else each for each in wished]
    sent = [(place, each) for place, each in enumerate(planned) if isinstance(each, Plan) and each.can_be_sent]
    reports = [report_of(plan, str(place)) for place, plan in sent]
    verdicts = report_activations(registry, name, reports) if reports else ()
    if any(each.verdict in TAKEN and not _is_whole(each) for each in verdicts):
        raise RegistryAnswerBroken("the registry's verdict on a report that it took is not whole")
    activator.note(zip((plan for _, plan in sent), verdicts, strict=True))
    by_place = {place: verdict for (place, _), verdict in zip(sent, verdicts, strict=True)}
    return [
        _judged(told, each, by_place.get(place)) for place, (told, each) in enumerate(zip(rows, planned, strict=True))
    ]


def _wish(activator: Activator, row: ToldOutcome | UnreadRow) -> Wish | UnreadRow:
    if isinstance(row, UnreadRow):
        return row
    try:
        return activator.wish(row)
    except ApplicationInvalid as invalid:
        return UnreadRow(faults={invalid.field: invalid.code})


def _is_whole(verdict: ActivationRowVerdict) -> bool:
    needed = (verdict.activation_id, verdict.basis, verdict.obeyed, verdict.unchecked_lines)
    return None not in needed and verdict.log_entry_id is not None and verdict.recorded_at is not None


def _judged(told: ToldOutcome | UnreadRow, each: Plan | UnreadRow, said: ActivationRowVerdict | None) -> Judged:
    if isinstance(each, UnreadRow) or isinstance(told, UnreadRow):
        faults = each.faults if isinstance(each, UnreadRow) else {}
        return Judged(verdict=ActivationVerdict.REJ_MALFORMED_ROW, faults=faults)
    if said is None:
        return Judged(verdict=LocalVerdict.REJ_ORDER_UNKNOWN, told=told)
    return Judged(
        verdict=said.verdict, told=told, plan=each, said=said, faults={each.field: each.code for each in said.errors}
    )
