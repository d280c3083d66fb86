"""Read a range of the log entry by entry, each compared with the signed tree and opened, until enough was read."""

import datetime as dt
from collections.abc import Callable
from typing import Final

from auditlog.audit.entries import each_stretch, signed_frontier
from auditlog.audit.findings import Findings
from auditlog.audit.openings import OpeningAudit
from auditlog.audit.places import MARGIN
from auditlog.names import refusing
from auditlog.reader import LogReader
from crypto.tlog.authentic import AuthenticTiles
from crypto.tlog.checkpoint import Checkpoint
from crypto.tlog.frontier import Frontier

STRETCH: Final = 1 << 12
"""Entries between two comparisons with the signed tree; a reader waits so long for its first line."""

OnProgress = Callable[[int, int], None]


class Enough(Exception):
    """Whoever is shown the openings wants no more of them."""


def read_range(
    checkpoint: Checkpoint,
    start: int,
    *,
    reader: LogReader,
    tiles: AuthenticTiles,
    openings: OpeningAudit,
    findings: Findings,
    until: dt.datetime | None,
    audited: int,
    on_progress: OnProgress,
    stretch: int = STRETCH,
) -> int:
    """Read from a place on to the head, or to a place behind which nothing is older than ``until``; return that place.

    It stops there only among the first ``audited`` entries, of which an audit found none that was dated back. Behind
    them a single entry with a false time would hide all others. ``openings`` may raise Enough. Raises LogRefused where
    the log does not show the tiles under its head.
    """
    end = start
    with refusing("the tiles"):
        frontier = signed_frontier(start, tiles, checkpoint.size) if start else Frontier()
    stretches = each_stretch(checkpoint, reader, tiles, frontier, findings=findings, stretch=stretch)
    for checked in stretches:
        checked.show(openings)
        end = checked.frontier.size
        on_progress(end - start, checkpoint.size - start)
        newest = openings.prover.erasures.newest
        if end <= audited and until is not None and newest is not None and newest >= until + MARGIN:
            break
    openings.settle()
    return end
