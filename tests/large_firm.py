"""One firm with many records, and one household with many debtors."""

import hashlib
from typing import Final

from protocol.codes import ServiceClass
from protocol.messages import SubjectTokens
from protocol.reports import RecordReport
from registry.usecases.reports.report import Chunk, report_chunk
from tests.builders import a_report, account, tokens
from tests.world import World

MEMBERS: Final = 3
"""Debtors among whom a household's records are shared."""
_CHUNK: Final = 500


def report_firm(world: World, size: int, creditor: str = "carrier-a") -> None:
    """``size`` broadband debts of the subject ``firm``."""
    firm = tokens("firm")
    _report(world, creditor, "firm", [_debt(number, firm) for number in range(size)])


def report_household(world: World, size: int) -> None:
    """``size`` broadband debts of a few others who live where ``member`` lives."""
    members = [tokens(f"member-{number}", register="house") for number in range(MEMBERS)]
    _report(world, "carrier-a", "house", [_debt(number, members[number % MEMBERS], "H") for number in range(size)])


def _debt(number: int, whose: SubjectTokens, prefix: str = "F") -> RecordReport:
    name = f"{prefix}{number}"
    return a_report("nobody", name, tokens=whose, account_ref=account(name), service_class=ServiceClass.BROADBAND)


def _report(world: World, creditor: str, key: str, rows: list[RecordReport]) -> None:
    for number, start in enumerate(range(0, len(rows), _CHUNK)):
        digest = hashlib.sha256(f"{key}/{number}".encode()).digest()
        chunk = Chunk(batch_key=key, number=number, rows_digest=digest, rows=tuple(rows[start : start + _CHUNK]))
        report_chunk(world.registry, world.actor(creditor), chunk)
