"""Write docs/record-life.md, table and diagram, from the table in the code: ``python -m docs.record_life``."""

# ruff: noqa: E501, INP001, T201 (a script beside the page it writes, whose tables are wide; it says what it wrote)

import pathlib
from typing import Final

from protocol.states import OPEN_STATES, RecordState
from registry.domain.life import EDGES

PAGE: Final = pathlib.Path(__file__).with_name("record-life.md")
_INTRODUCTION: Final = """\
# The life of a record

<!-- written by `python -m docs.record_life` from registry/domain/life.py; a test fails when they differ -->

A record is in one state, and only the edges below lead out of it. Each edge belongs to a party. An act writes one entry of the
access log for each record, together with the edges that it takes: a report that lists a debt whose lead time has run takes it from
RECEIVED over PENDING to ACTIVE, and its one entry names all three. The registry refuses an act without an edge (409, with the state
and its edges).
**Only ACTIVE blocks.** There is no other edit and no hard delete.
"""
_LATER_REPORTS: Final = """\
## By its date

The scheduler's edges except ENFORCE are due on a day (`registry/domain/standing.py`), and count from that day on, even if the worker is
late: an act on a record takes them first, and an inquiry is answered as if they had been taken. The edge that was due first comes
first. Only a broken plan lets its record block no earlier than its entry. The entry of an edge names the day on which it was `due`.

## A later report

The registry judges a row first beside its creditor's records on the account, then by the listing rules (`registry/policy/reporting.py`).

**An open record on the account.** A row without tokens, or about another person, is about the same debt if that was due by the day
on which the record was first reported; otherwise REJ_ACCOUNT_IN_USE, and nothing changes. Of the same debt:

| the row has | effect | verdict |
|---|---|---|
| category not listable, a minor, principal 0 | CANCELLED if PENDING, else WITHDRAWN, for the code's reason; inquirers with a hit are told | WITHDRAWN |
| another person | the record is WITHDRAWN as WRONG_SUBJECT; the new person is listed only on a notice later than that record's figures | that of the new person, `withdrew` names the record |
| the same, or a figure that may not rise | nothing; FIGURES_STAND notes a part of the row that was ignored | DUPLICATE |
| other facts, a lower figure (also below the minimum) | taken; a record that blocks goes on blocking | UPDATED |
| too recent, no notice, beyond the years of limitation, unreadable | nothing; STILL_BLOCKS if the record does | the code |

Principal, costs, an earlier due date and a later end of the service are taken from PENDING and ACTIVE records on a notice later than
the report that set the present figures, otherwise never. A reduction of principal and costs by an export reduces the payments too, so
that a payment counts once.

**A closed record of the same person on the account** bars debts that were due by a day, for ever; the row is DUPLICATE:

| end | barred if due by |
|---|---|
| CLEARED, TRANSFERRED, CANCELLED by a payment | its own due date or, if later, `minimum_days_past_due` before the closing: a debt that could have been listed then was part of it |
| withdrawn by its creditor while no case was open, CANCELLED by WITHDRAW or LAPSE | nothing is barred |
| withdrawn by an adjudicator, by silence, or conceded in a case | its own due date |
| DISCHARGED | the closing, or its own due date if later |
| EXPIRED | the day on which its years were over |
| VOID_IDENTITY_THEFT | every day |

A sale that both parties undo puts the debt back on the seller's account as a record of its own, past this bar, with the date of the first
listing and the payments made meanwhile. The seller's TRANSFERRED record stays as it is.

A debt that was due before a closing needs **a notice later than the closing**: on every account after an ending without payment, on the
same account after a payment. While a record of this person is DISPUTED, SUSPENDED or FROZEN, it needs a notice later than the filing or the order.
Otherwise the verdict is REJ_NO_NOTICE. The notice of a record withdrawn as WRONG_SUBJECT does not count for the right person.

**Five years count from the first listing**: a debt that was due by the closing of a former record on its account keeps that record's
date of listing.

A creditor has at most 20,000 records of one person or firm on the list (REJ_TOO_MANY_RECORDS), of 10^10 fen of principal and of costs."""


def page() -> str:
    """Write the whole page."""
    return "\n".join([_INTRODUCTION, *_diagram(), "", *_table(), "", *_closing()]) + "\n"


def _diagram() -> list[str]:
    arrows: dict[tuple[RecordState, RecordState], list[str]] = {}
    for (source, action), edge in EDGES.items():
        arrows.setdefault((source, edge.target), []).append(action.lower().replace("_", " "))
    lines = [f"    {source} --> {target}: {', '.join(actions)}" for (source, target), actions in arrows.items()]
    return ["```mermaid", "stateDiagram-v2", "    [*] --> RECEIVED", *lines, "```"]


def _table() -> list[str]:
    rows = ["| from | action | to | who | when |", "|---|---|---|---|---|"]
    for (source, action), edge in EDGES.items():
        who = " or ".join(sorted(party.lower() for party in edge.parties))
        if edge.two_people:
            who += ", two people"
        rows.append(f"| {source} | {action} | {edge.target} | {who} | {edge.when} |")
    return rows


def _closing() -> list[str]:
    still_owed = ", ".join(state for state in RecordState if state in OPEN_STATES)
    final = ", ".join(state for state in RecordState if all(source is not state for source, _ in EDGES))
    return [
        f"In {still_owed} the debt is still owed here: a creditor has at most one such record on an account, of any person.",
        f"Nothing leads out of {final}.",
        "",
        _LATER_REPORTS,
    ]


def main() -> None:
    """Write the page to its file."""
    PAGE.write_text(page(), encoding="utf-8")
    print(PAGE.name)


if __name__ == "__main__":
    main()
