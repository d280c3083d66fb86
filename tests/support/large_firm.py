"""One firm with many records, and one household with many debtors."""

import datetime as dt
import hashlib
import json
from typing import Final

from protocol.beijing import beijing_date
from protocol.codes import DisputeGround, ServiceClass
from protocol.messages.disputes import DisputeFiling
from protocol.messages.inquiries import InquiryRequest
from protocol.messages.records import RecordReport
from protocol.messages.tokens import SubjectTokens
from registry.usecases.chunks import Chunk
from registry.usecases.disputes.open import open_dispute
from registry.usecases.inquiries.inquire import inquire
from registry.usecases.records.report import report_chunk
from tests.support.builders import a_report, account, tokens
from tests.support.world import World

FEW, MANY = 4, 20

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


def ask(world: World) -> None:
    request = InquiryRequest(inquiry_ref="1", tokens=tokens("firm"), service_class=ServiceClass.MOBILE)
    answer = inquire(world.registry, world.actor("carrier-b"), world.call(), request)
    assert json.loads(answer.body)["decision"] == "PAY_FIRST"


def dispute(world: World) -> None:
    filing = DisputeFiling(tokens=tokens("firm"), ground=DisputeGround.NOT_MY_DEBT)
    open_dispute(world.registry, world.actor("carrier-c"), world.call(), filing)
