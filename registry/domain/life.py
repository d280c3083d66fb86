"""One table holds the life of a record: each edge has a state, an action, the next state, and its parties."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from protocol.states import CLOSED_STATES, Action, Party, RecordState


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """One permitted change of state."""

    target: RecordState
    parties: frozenset[Party]
    when: str
    """A further condition, in words for people; the use case checks it."""
    two_people: bool = False
    """One person of the creditor proposes, another of the same creditor confirms under another key."""


class EdgeNotAllowed(Exception):
    """The table has no such edge; ``allowed`` are the actions that the state does have."""

    def __init__(self, state: RecordState, action: Action) -> None:
        super().__init__(f"{state} has no edge {action}")
        self.state = state
        self.action = action
        self.allowed = next_actions(state)


class WrongParty(Exception):
    """The edge exists, but this party may not take it."""

    def __init__(self, action: Action, parties: Iterable[Party]) -> None:
        super().__init__(f"{action} is taken by {', '.join(sorted(parties))}")
        self.action = action


def _edge(target: RecordState, *parties: Party, when: str, two_people: bool = False) -> Edge:
    return Edge(target=target, parties=frozenset(parties), when=when, two_people=two_people)


_S, _A, _P = RecordState, Action, Party

EDGES: Final[Mapping[tuple[RecordState, Action], Edge]] = MappingProxyType(
    {
        (_S.RECEIVED, _A.REJECT): _edge(_S.REJECTED, _P.REGISTRY, when="a listing rule fails"),
        (_S.RECEIVED, _A.ACCEPT): _edge(_S.PENDING, _P.REGISTRY, when="no listing rule fails"),
        (_S.PENDING, _A.ENFORCE): _edge(_S.ACTIVE, _P.CLOCK, when="the lead time since the notice has run"),
        (_S.PENDING, _A.CLEAR): _edge(_S.CANCELLED, _P.CREDITOR, when="settled within the lead time"),
        (_S.PENDING, _A.WITHDRAW): _edge(_S.CANCELLED, _P.CREDITOR, when="reported in error"),
        (_S.PENDING, _A.LAPSE): _edge(
            _S.CANCELLED, _P.CLOCK, when="the creditor was asked and never confirmed that it is still unpaid"
        ),
        (_S.PENDING, _A.DISPUTE): _edge(_S.DISPUTED, _P.FILER, when="the subject disputes the debt"),
        (_S.ACTIVE, _A.DISPUTE): _edge(_S.DISPUTED, _P.FILER, when="the subject disputes the debt"),
        (_S.ACTIVE, _A.CLEAR): _edge(
            _S.CLEARED, _P.CREDITOR, _P.COLLECTOR, when="settled in full, waived, or paid at another counter"
        ),
        (_S.ACTIVE, _A.ARRANGE): _edge(_S.ARRANGED, _P.CREDITOR, when="an instalment plan is agreed"),
        (_S.ACTIVE, _A.STOP): _edge(
            _S.DISPUTED, _P.ADJUDICATOR, when="a further ground is heard, and the record is not to block meanwhile"
        ),
        (_S.ACTIVE, _A.SUSPEND): _edge(
            _S.SUSPENDED, _P.CLOCK, when="a further ground is heard, and the creditor was silent for 15 days"
        ),
        (_S.ACTIVE, _A.WITHDRAW): _edge(
            _S.WITHDRAWN, _P.CREDITOR, _P.ADJUDICATOR, when="reported in error, or a further ground shows it"
        ),
        (_S.ACTIVE, _A.VOID): _edge(_S.VOID_IDENTITY_THEFT, _P.ADJUDICATOR, when="the identity was stolen"),
        (_S.ACTIVE, _A.DISCHARGE): _edge(_S.DISCHARGED, _P.REGULATOR, when="a court discharged the debt"),
        (_S.ACTIVE, _A.TRANSFER): _edge(
            _S.TRANSFERRED, _P.CREDITOR, when="sold or merged; the new record keeps the clocks", two_people=True
        ),
        (_S.ACTIVE, _A.FREEZE): _edge(_S.FROZEN, _P.REGULATOR, when="a regulator orders it"),
        (_S.DISPUTED, _A.UPHOLD): _edge(_S.ACTIVE, _P.ADJUDICATOR, when="the debt stands; the lead time has run"),
        (_S.DISPUTED, _A.SUSPEND): _edge(_S.SUSPENDED, _P.CLOCK, when="the creditor was silent for 15 days"),
        (_S.DISPUTED, _A.WITHDRAW): _edge(_S.WITHDRAWN, _P.CREDITOR, _P.ADJUDICATOR, when="the debt does not stand"),
        (_S.DISPUTED, _A.VOID): _edge(_S.VOID_IDENTITY_THEFT, _P.ADJUDICATOR, when="the identity was stolen"),
        (_S.DISPUTED, _A.CLEAR): _edge(_S.CLEARED, _P.CREDITOR, when="settled while disputed"),
        (_S.SUSPENDED, _A.ANSWER_LATE): _edge(
            _S.ACTIVE, _P.CREDITOR, when="the creditor answers late, once, and the debt stands"
        ),
        (_S.SUSPENDED, _A.LAPSE): _edge(_S.WITHDRAWN, _P.CLOCK, when="30 more days of silence"),
        (_S.SUSPENDED, _A.WITHDRAW): _edge(_S.WITHDRAWN, _P.CREDITOR, when="the creditor concedes, though late"),
        (_S.SUSPENDED, _A.CLEAR): _edge(_S.CLEARED, _P.CREDITOR, when="settled while suspended"),
        (_S.ARRANGED, _A.BREAK_PLAN): _edge(
            _S.ACTIVE, _P.CLOCK, when="an instalment was missed; the default date stays"
        ),
        (_S.ARRANGED, _A.CLEAR): _edge(_S.CLEARED, _P.CREDITOR, when="the plan was kept, or the rest was settled"),
        (_S.ARRANGED, _A.WITHDRAW): _edge(_S.WITHDRAWN, _P.CREDITOR, when="reported in error, plan or not"),
        (_S.FROZEN, _A.UNFREEZE): _edge(_S.ACTIVE, _P.REGULATOR, when="the order is lifted; the clocks ran on"),
        (_S.FROZEN, _A.CLEAR): _edge(_S.CLEARED, _P.CREDITOR, when="settled while frozen"),
        (_S.FROZEN, _A.WITHDRAW): _edge(
            _S.WITHDRAWN, _P.CREDITOR, _P.ADJUDICATOR, when="reported in error, or a further ground shows it"
        ),
        (_S.FROZEN, _A.VOID): _edge(_S.VOID_IDENTITY_THEFT, _P.ADJUDICATOR, when="the identity was stolen"),
        (_S.FROZEN, _A.LAPSE): _edge(
            _S.WITHDRAWN, _P.CLOCK, when="a further ground was heard, and the creditor was silent for 45 days"
        ),
        (_S.FROZEN, _A.DISCHARGE): _edge(_S.DISCHARGED, _P.REGULATOR, when="a court discharged the debt"),
        (_S.CLEARED, _A.REVERSE): _edge(
            _S.ACTIVE, _P.CREDITOR, when="the payment was reversed, with evidence", two_people=True
        ),
        **{
            (state, _A.EXPIRE): _edge(_S.EXPIRED, _P.CLOCK, when="five years since listing, whatever else is under way")
            for state in (_S.ACTIVE, _S.DISPUTED, _S.SUSPENDED, _S.ARRANGED, _S.FROZEN)
        },
        **{
            (state, _A.PURGE): _edge(_S.PURGED, _P.CLOCK, when="the retention time is over")
            for state in RecordState
            if state in CLOSED_STATES
        },
    }
)
"""The whole table. No other edit exists, and no hard delete."""


def next_actions(state: RecordState) -> tuple[Action, ...]:
    """Return the actions of a state, in the table's order."""
    return tuple(action for source, action in EDGES if source is state)


def next_state(state: RecordState, action: Action, party: Party) -> RecordState:
    """Return the state after ``action``; raises EdgeNotAllowed or WrongParty."""
    edge = EDGES.get((state, action))
    if edge is None:
        raise EdgeNotAllowed(state, action)
    if party not in edge.parties:
        raise WrongParty(action, edge.parties)
    return edge.target
