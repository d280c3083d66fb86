"""An inquiry on spread tables writes on its subject's node, and on as few others as are named here."""

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from protocol.codes import ServiceClass
from protocol.messages.inquiries import InquiryRequest
from registry.store.columns import metadata
from registry.store.distribution import PLAIN, REFERENCE, SUBJECT, group_of
from registry.usecases.inquiries.inquire import inquire
from registry.usecases.records.report import report
from tests.support.builders import a_report, tokens
from tests.support.world import World

_WRITES = re.compile(r"\b(?:INSERT INTO|UPDATE|DELETE FROM)\s+(\w+)", re.IGNORECASE)
ELSEWHERE = {"log_opening", "log_pending", "stored_answer"}
"""The answer is led by its sender, and ADR 0047 says where it belongs; an entry of the log is led by its own id."""


def beside_the_subject(statements: Iterable[str]) -> set[str]:
    """Name the spread tables that statements write outside the group of the subject."""
    written = {name for statement in statements for name in _WRITES.findall(statement)} & metadata.tables.keys()
    return {name for name in written if group_of(metadata.tables[name]) not in {SUBJECT, REFERENCE, PLAIN}}


@contextmanager
def noted() -> Iterator[list[str]]:
    """The statements of all connections meanwhile."""
    ran: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        ran.append(statement)

    event.listen(sa.Engine, "before_cursor_execute", note)
    try:
        yield ran
    finally:
        event.remove(sa.Engine, "before_cursor_execute", note)


@pytest.mark.parametrize("name", ["debtor", "somebody"])
def test_an_inquiry_writes_on_its_subjects_node_and_where_its_answer_and_its_entry_are_kept(
    world: World, name: str
) -> None:
    report(world.registry, world.actor("carrier-a"), world.call(), a_report("debtor", "A1"))
    request = InquiryRequest(inquiry_ref="1", tokens=tokens(name), service_class=ServiceClass.MOBILE)
    with noted() as ran:
        inquire(world.registry, world.actor("carrier-b"), world.call(), request)
    assert any("inquiry" in each for each in ran)
    assert beside_the_subject(ran) == ELSEWHERE


def test_the_lint_finds_a_row_on_another_node() -> None:
    counting: Mapping[str, set[str]] = {
        "INSERT INTO take_out_day (participant_id) VALUES (1)": {"take_out_day"},
        "UPDATE household SET kind = 1 WHERE household_key = 1": {"household"},
        "INSERT INTO hit (subject_key) VALUES (1)": set(),
        "SELECT 1 FROM household": set(),
    }
    for statement, found in counting.items():
        assert beside_the_subject([statement]) == found
