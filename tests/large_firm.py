"""One firm with many records, and one household with many debtors."""

import datetime as dt
import hashlib
from typing import Final

from protocol.beijing import beijing_date
from protocol.codes import ServiceClass
from protocol.messages.records import RecordReport
from protocol.messages.tokens import SubjectTokens
from registry.usecases.records.report import Chunk, report_chunk
from tests.builders import a_report, account, tokens
from tests.world import World

MEMBERS: Final = 3
"""Debtors among whom a household's records are shared."""
_CHUNK: Final = 500


def report_firm(world: World, size: int, creditor: str = "carrier-a") -> None:
    """``size`` broadband debts of the subject ``firm``."""
    firm = tokens("firm")
    _report(world, creditor, "firm", [_debt(world, number, firm) for number in range(size)])


def report_household(world: World, size: int) -> None:
    """``size`` broadband debts of a few others who live where ``member`` lives."""
    members = [tokens(f"member-{number}", register="house") for number in range(MEMBERS)]
    rows = [_debt(world, number, members[number % MEMBERS], "H") for number in range(size)]
    _report(world, "carrier-a", "house", rows)


def _debt(world: World, number: int, whose: SubjectTokens, prefix: str = "F") -> RecordReport:
    """A listable debt of the world's day, which may be years on."""
    name, today = f"{prefix}{number}", beijing_date(world.clock())
    return a_report(
        "nobody",
        name,
        tokens=whose,
        account_ref=account(name),
        service_class=ServiceClass.BROADBAND,
        due_date=today - dt.timedelta(days=200),
        notice_date=today - dt.timedelta(days=150),
    )


def _report(world: World, creditor: str, key: str, rows: list[RecordReport]) -> None:
    for number, start in enumerate(range(0, len(rows), _CHUNK)):
        digest = hashlib.sha256(f"{key}/{number}".encode()).digest()
        chunk = Chunk(batch_key=key, number=number, rows_digest=digest, rows=tuple(rows[start : start + _CHUNK]))
        report_chunk(world.registry, world.actor(creditor), chunk)
