"""Write docs/record-life.md, table and diagram, from the table in the code: ``python -m docs.record_life``."""

# ruff: noqa: INP001, T201 (a script beside the page it writes; it says what it wrote)

import pathlib
from typing import Final

from registry.domain.life import EDGES, OPEN_STATES, RecordState

PAGE: Final = pathlib.Path(__file__).with_name("record-life.md")
_INTRODUCTION: Final = """\
# The life of a record

<!-- written by `python -m docs.record_life` from registry/domain/life.py; a test fails when they differ -->

A record is in one state, and only the edges below lead out of it. Each edge belongs to somebody, is written together
with one entry of the access log, and is refused (409, naming the state and its edges) where the table has none.
**Only ACTIVE blocks.** There is no other edit and no hard delete.
"""


def page() -> str:
    """The whole page."""
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
        f"In {still_owed} the debt is still owed here: one such record at most for a subject, creditor and account.",
        f"Nothing leads out of {final}.",
    ]


def main() -> None:
    """Write the page."""
    PAGE.write_text(page(), encoding="utf-8")
    print(PAGE.name)


if __name__ == "__main__":
    main()
