"""Word the result of a restore check, and the message to each participant."""

import datetime as dt
from typing import Any, Final

from protocol.codes import Role
from protocol.encodings import format_time
from registry.domain.participants import Participant
from registry.usecases.restores.check_restore import RestoreCheck, TreeCheck
from registry.usecases.restores.evidence import SeenEntry

_REPORTS: Final = (
    "Run your last imports again (`clearline gateway report ...`): what the registry has comes back as DUPLICATE, and"
    " the rest is listed again."
)
_SETTLES: Final = "Send your settlements, withdrawals and answers to disputes since then again; look at your own books."
_EVENTS: Final = (
    "`clearline gateway events` says EVENTS_DROPPED and reads from the restored beginning: read your open disputes and"
    " their terms anew."
)
_ASKS: Final = "Keep the tokens of the decisions since then: the registry cannot prove them from its own side any more."
_WITNESS: Final = "Hold on to the heads, receipts and promises that you have: they prove what was acknowledged."


def as_document(check: RestoreCheck) -> dict[str, Any]:
    """Return the whole finding, for scripts."""
    return {
        "incarnation": check.standing.incarnation,
        "undeclared": check.standing.undeclared,
        "newest_entry_at": _time(check.newest),
        "trees": [_tree(each) for each in check.trees],
        "lost": [_entry(each) for each in check.lost],
        "messages": {each.participant_id: message(check, each) for each in check.participants},
    }


def message(check: RestoreCheck, to: Participant) -> str:
    """Word the message to a participant; it names no entry of anybody else."""
    lines = [
        f"To {to.name} ({to.participant_id}): the registry's database was restored.",
        f"It holds what was acknowledged up to {_time(check.newest) or 'nothing'}; acts after that moment are gone.",
    ]
    lines += [
        f"Of the log of {tree.year}, {tree.lost} entries that were published are missing."
        for tree in check.trees
        if tree.lost
    ]
    own = [each for each in check.lost if each.participant == to.participant_id]
    lines += [f"Yours, and missing: {_told(each)}." for each in own]
    if Role.REPORTER in to.roles:
        lines += [_REPORTS, _SETTLES]
    if to.roles & {Role.REPORTER, Role.INQUIRER}:
        lines.append(_EVENTS)
    if Role.INQUIRER in to.roles:
        lines.append(_ASKS)
    return "\n".join([*lines, _WITNESS])


def lines_of(check: RestoreCheck) -> list[str]:
    """Write the finding for a person, then the messages."""
    lines = [
        f"incarnation       {check.standing.incarnation}",
        f"undeclared        {check.standing.undeclared or '-'}",
        f"newest entry      {_time(check.newest) or '-'}",
    ]
    lines += [
        f"log of {each.year}  {each.size} entries, {each.seen_size} seen, {each.lost} lost; {each.fault or 'sound'}"
        for each in check.trees
    ]
    lines += [f"lost              {_told(each)}" for each in check.lost]
    for each in check.participants:
        lines += ["", message(check, each)]
    return lines


def _told(entry: SeenEntry) -> str:
    where = "" if entry.place is None else f" at place {entry.place} of {entry.year}"
    when = "" if entry.at is None else f" of {format_time(entry.at)}"
    return f"{entry.kind or 'an entry'} {entry.entry_id or ''}".rstrip() + when + where


def _tree(tree: TreeCheck) -> dict[str, Any]:
    told = {"year": tree.year, "size": tree.size, "seen_size": tree.seen_size}
    return told | {"lost": tree.lost, "fault": tree.fault}


def _entry(entry: SeenEntry) -> dict[str, Any]:
    return {
        "year": entry.year,
        "entry_id": None if entry.entry_id is None else str(entry.entry_id),
        "place": entry.place,
        "participant": entry.participant,
        "kind": entry.kind,
        "at": _time(entry.at),
    }


def _time(moment: dt.datetime | None) -> str | None:
    return None if moment is None else format_time(moment)
