"""A file of decisions with its outcomes filled in is reported, row by row, and can be killed at any moment."""

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from client.errors import NotOffered, RegistryUnreachable
from gateway.bulk.activate import ActivationSummary
from gateway.bulk.applications import Application
from gateway.errors import FileBroken, OutputOfAnotherInput
from gateway.gateway import Gateway
from gateway.identity.context import Circumstances
from gateway.identity.documents import RawIdentity
from protocol.codes import ServiceClass
from protocol.context import Channel, IdentityCheck, Purpose
from protocol.identifiers import DocumentKind
from tests.support.apps import an_app
from tests.support.exports import APPLICANTS, applicants, resident, results
from tests.support.orders import OfBefore, forget_reports
from tests.support.parties import Parties
from tests.support.restores import backup, restore
from tests.support.world import World

CHUNK = 3
DONE = "2026-11-21 12:00"
COLUMNS = ("order", "decision", "outcome", "at", "part", "revision", "lines", "reason", "agent", "approved_by")


@dataclass
class LosesAnswers(httpx.BaseTransport):
    """A line on which the answers to batches are lost, after so many of them."""

    inner: httpx.BaseTransport
    after: int

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        answer = self.inner.handle_request(request)
        if "activation-batches" in request.url.path:
            self.after -= 1
            if self.after < 0:
                answer.read()
                raise httpx.ReadError("lost on the way back")
        return answer


class Killed(Exception):
    """The run was killed here."""


@pytest.fixture
def gateway(parties: Parties) -> Any:
    with parties.gateway(chunk_rows=CHUNK) as built:
        yield built


def asked(gateway: Gateway, *orders: str, serial: int = 3) -> None:
    """Each order is asked about for a person of its own."""
    for number, order in enumerate(orders):
        told = Circumstances(
            purpose=Purpose.NEW_LINE,
            channel=Channel.ONLINE,
            identity=IdentityCheck.ONLINE_FACE,
            consent_text="standard-1",
            consent=f"consent of {order}",
            order=order,
        )
        identity = RawIdentity(kind=DocumentKind.RESIDENT_ID, number=resident(serial + number))
        gateway.check(Application(identity=identity, service_class=ServiceClass.MOBILE, circumstances=told))


def outcomes(path: Path, *rows: dict[str, str], encoding: str = "utf-8") -> Path:
    """A file of decisions, with an outcome of just now where a row says one."""
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.DictWriter(file, (*COLUMNS, "备注"), restval="")
        writer.writeheader()
        for row in rows:
            filled = {"decision": "ALLOW", "备注": "无"} | ({"at": DONE} if row.get("outcome") else {})
            writer.writerow(filled | row)
    return path


def activate(gateway: Gateway, tmp_path: Path, source: Path, **options: Any) -> ActivationSummary:
    return gateway.activate_file(source=source, output=tmp_path / "verdicts.csv", **options)


def lines(tmp_path: Path) -> list[dict[str, str]]:
    header, *rows = results(tmp_path / "verdicts.csv")
    return [dict(zip(header, row, strict=True)) for row in rows]


def said(tmp_path: Path) -> list[tuple[str, str]]:
    return [(each["order"], each["verdict"]) for each in lines(tmp_path)]


def reported(world: World) -> int:
    entries = world.registry.store.read(lambda tx: tx.openings.first(10_000))
    return sum(each.kind == "activation" for each in entries)


def opened(order: str, **changes: str) -> dict[str, str]:
    return {"order": order, "outcome": "ACTIVATED"} | changes


def test_each_outcome_gets_its_verdict_and_a_row_without_one_is_left_out(
    gateway: Gateway, parties: Parties, world: World, tmp_path: Path
) -> None:
    asked(gateway, "ORDER-1", "ORDER-2", "ORDER-3", "ORDER-4")
    source = outcomes(
        tmp_path / "outcomes.csv",
        opened("ORDER-1"),
        {"order": "ORDER-2"},
        {"order": "ORDER-3", "outcome": "DECLINED", "reason": "APPLICANT_LEFT"},
        opened("ORDER-9"),
        opened("ORDER-4", outcome="OVERRIDDEN", reason="MANAGER", agent="A-017", approved_by="A-017"),
        opened("ORDER-4", at="yesterday"),
        opened("ORDER-4", lines="many", at="2026/11/21 12:00:30"),
        opened("ORDER-4", lines="3", at="2026-11-21T04:00:00.000000Z"),
    )
    done = activate(gateway, tmp_path, source)
    assert said(tmp_path) == [
        ("ORDER-1", "RECORDED"),
        ("ORDER-3", "RECORDED"),
        ("ORDER-9", "REJ_ORDER_UNKNOWN"),
        ("ORDER-4", "REJ_SAME_PERSON"),
        ("ORDER-4", "REJ_MALFORMED_ROW"),
        ("ORDER-4", "REJ_MALFORMED_ROW"),
        ("ORDER-4", "RECORDED"),
    ]
    found = lines(tmp_path)
    assert [each["row"] for each in found] == ["1", "3", "4", "5", "6", "7", "8"]
    assert [found[place]["detail"] for place in (4, 5)] == ["at:NOT_A_TIME", "lines:OUT_OF_RANGE"]
    assert (found[0]["basis"], found[0]["obeyed"], found[0]["part"], found[0]["revision"]) == (
        "CHECKED",
        "YES",
        "1",
        "1",
    )
    assert (found[6]["unchecked_lines"], found[6]["notes"]) == ("2", "TOO_MANY_LINES")
    assert (done.rows, done.left_out, done.verdicts["RECORDED"], done.all_refused) == (7, 1, 3, False)
    assert reported(world) == 3
    assert not any(each in parties.everything_sent() for each in (b"ORDER-", b"A-017"))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_spreadsheet_may_save_it_as_it_does(gateway: Gateway, tmp_path: Path, encoding: str) -> None:
    asked(gateway, "订单-1")
    source = outcomes(tmp_path / "outcomes.csv", opened("订单-1"), encoding=encoding)
    activate(gateway, tmp_path, source)
    assert said(tmp_path) == [("订单-1", "RECORDED")]


def test_a_revision_that_came_too_early_is_sent_again_at_the_end(
    gateway: Gateway, world: World, tmp_path: Path
) -> None:
    asked(gateway, "ORDER-1", "ORDER-2", "ORDER-3")
    closed = {"outcome": "CANCELLED_LATER", "reason": "APPLICANT", "at": DONE}
    source = outcomes(
        tmp_path / "outcomes.csv",
        {"order": "ORDER-1", "revision": "3"} | closed,
        opened("ORDER-1", revision="2", outcome="PREPAID"),
        {"order": "ORDER-2", "revision": "2"} | closed,
        opened("ORDER-3"),
        opened("ORDER-1", revision="1"),
        {"order": "ORDER-3", "revision": "9"} | closed,
        opened("ORDER-2", revision="1"),
    )
    done = activate(gateway, tmp_path, source)
    assert [(each["row"], each["verdict"]) for each in lines(tmp_path)] == [
        ("1", "RECORDED"),
        ("2", "CORRECTED"),
        ("3", "RECORDED"),
        ("4", "RECORDED"),
        ("5", "RECORDED"),
        ("6", "REJ_EDGE"),
        ("7", "RECORDED"),
    ]
    assert done.verdicts == {"CORRECTED": 1, "RECORDED": 5, "REJ_EDGE": 1}
    assert (done.rows, reported(world)) == (7, 6)


@pytest.mark.parametrize("killed_at", range(6))
def test_a_killed_run_is_resumed_by_the_same_command_and_doubles_nothing(
    gateway: Gateway, world: World, tmp_path: Path, killed_at: int
) -> None:
    orders = [f"ORDER-{number}" for number in range(7)]
    asked(gateway, *orders)
    rows = [opened(order, revision="2", outcome="CANCELLED_LATER", reason="FRAUD") for order in orders]
    source = outcomes(tmp_path / "outcomes.csv", *rows, *(opened(order) for order in orders))
    calls = 0

    def kill(_done: int, _total: int) -> None:
        nonlocal calls
        calls += 1
        if calls > killed_at:
            raise Killed

    with pytest.raises(Killed):
        activate(gateway, tmp_path, source, on_progress=kill)
    done = activate(gateway, tmp_path, source)
    assert done.resumed_from_row == min(killed_at * CHUNK, 14)
    assert done.verdicts == {"RECORDED": 14}
    assert [each["verdict"] for each in lines(tmp_path)] == ["RECORDED"] * 14
    assert reported(world) == 14
    assert not (tmp_path / "verdicts.csv.partial").exists()


@pytest.mark.parametrize("lost", range(5))
def test_an_answer_that_was_lost_at_any_chunk_is_given_again(
    gateway: Gateway, parties: Parties, world: World, tmp_path: Path, lost: int
) -> None:
    """Three chunks of all rows, and two of those that came too early."""
    orders = [f"ORDER-{number}" for number in range(4)]
    asked(gateway, *orders)
    rows = [opened(order, revision="2", outcome="CANCELLED_LATER", reason="FRAUD") for order in orders]
    source = outcomes(tmp_path / "outcomes.csv", *rows, *(opened(order) for order in orders))
    whole = parties.registry.inner
    parties.registry.inner = LosesAnswers(whole, after=lost)
    with pytest.raises(RegistryUnreachable):
        activate(gateway, tmp_path, source)
    parties.registry.inner = whole
    assert activate(gateway, tmp_path, source).verdicts == {"RECORDED": 8}
    assert [each["verdict"] for each in lines(tmp_path)] == ["RECORDED"] * 8
    assert reported(world) == 8


def test_the_same_orders_in_a_later_file_are_duplicates(gateway: Gateway, world: World, tmp_path: Path) -> None:
    asked(gateway, "ORDER-1", "ORDER-2")
    first = outcomes(tmp_path / "monday.csv", opened("ORDER-1"), {"order": "ORDER-2"})
    activate(gateway, tmp_path, first)
    later = outcomes(tmp_path / "tuesday.csv", opened("ORDER-1"), opened("ORDER-2"))
    with pytest.raises(OutputOfAnotherInput):
        activate(gateway, tmp_path, later)
    gateway.activate_file(source=later, output=tmp_path / "tuesday-verdicts.csv")
    assert [row[4] for row in results(tmp_path / "tuesday-verdicts.csv")[1:]] == ["DUPLICATE", "RECORDED"]
    assert reported(world) == 2


def test_an_order_that_nobody_asked_about_is_reported_with_its_cause(gateway: Gateway, tmp_path: Path) -> None:
    source = tmp_path / "outcomes.csv"
    source.write_text(
        "order,outcome,at,service_class,unchecked\n"
        f"OLD-1,ACTIVATED,{DONE},MOBILE,MIGRATED\n"
        f"OLD-2,ACTIVATED,{DONE},,MIGRATED\n"
    )
    activate(gateway, tmp_path, source)
    found = lines(tmp_path)
    assert [(each["verdict"], each["basis"], each["detail"]) for each in found] == [
        ("RECORDED", "UNCHECKED", ""),
        ("REJ_MALFORMED_ROW", "", "service_class:REQUIRED"),
    ]


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("order,outcome\nA,ACTIVATED\n", "missing column 'at' (at)"),
        ("", "the file is empty"),
        ("order,outcome,at\nA,ACTIVATED,2026-11-21 12:00", "the last line has no line end"),
        ('order,outcome,at\n"A,ACTIVATED,2026-11-21 12:00\n', "quote"),
    ],
)
def test_a_broken_file_reports_nothing(
    gateway: Gateway, parties: Parties, tmp_path: Path, content: str, complaint: str
) -> None:
    (tmp_path / "outcomes.csv").write_text(content)
    with pytest.raises(FileBroken) as broken:
        activate(gateway, tmp_path, tmp_path / "outcomes.csv")
    assert complaint in str(broken.value)
    assert parties.registry.requests == 0


def test_a_broken_row_stops_nothing_and_is_not_repeated(gateway: Gateway, tmp_path: Path) -> None:
    asked(gateway, "ORDER-1")
    source = tmp_path / "outcomes.csv"
    source.write_text(f"order,outcome,at,reason\nSECRET,ACTIVATED\nORDER-1,ACTIVATED,{DONE},\n")
    activate(gateway, tmp_path, source)
    found = lines(tmp_path)
    assert [(each["verdict"], each["detail"]) for each in found] == [
        ("REJ_MALFORMED_ROW", "row:WRONG_NUMBER_OF_FIELDS"),
        ("RECORDED", ""),
    ]


def test_a_registry_of_before_takes_no_file(gateway: Gateway, parties: Parties, world: World, tmp_path: Path) -> None:
    asked(gateway, "ORDER-1")
    parties.registry.inner = httpx.WSGITransport(OfBefore(an_app(world.registry), ("/v1/activation",)))
    source = outcomes(tmp_path / "outcomes.csv", opened("ORDER-1"))
    with pytest.raises(NotOffered, match="of an earlier release"):
        activate(gateway, tmp_path, source)


def test_a_file_of_orders_that_lost_its_reports_ends_in_conflicts_and_not_in_corrections(
    gateway: Gateway, world: World, tmp_path: Path
) -> None:
    asked(gateway, "ORDER-1")
    activate(gateway, tmp_path, outcomes(tmp_path / "first.csv", opened("ORDER-1")))
    forget_reports(tmp_path / "carrier-a" / "orders.db")
    again = outcomes(tmp_path / "again.csv", opened("ORDER-1", lines="2"), opened("ORDER-1", lines="2"))
    gateway.activate_file(source=again, output=tmp_path / "again-verdicts.csv")
    assert [row[4] for row in results(tmp_path / "again-verdicts.csv")[1:]] == ["REJ_ALREADY_REPORTED"] * 2
    assert reported(world) == 1


def test_a_restored_registry_is_told_again(gateway: Gateway, world: World, tmp_path: Path) -> None:
    asked(gateway, "ORDER-1", "ORDER-2")
    saved = backup(tmp_path)
    source = outcomes(tmp_path / "outcomes.csv", opened("ORDER-1"), opened("ORDER-2"))
    activate(gateway, tmp_path, source)
    restore(world, tmp_path, saved)
    assert reported(world) == 0
    again = activate(gateway, tmp_path, source)
    assert (again.sent_again, again.verdicts, reported(world)) == (True, {"RECORDED": 2}, 2)


@pytest.mark.parametrize("order", ["ORDER-1", "-17", "=A1+B1", "'-17", " 订单 9"])
def test_a_file_of_decisions_with_its_outcomes_filled_in_leads_back_to_its_tokens(
    gateway: Gateway, tmp_path: Path, order: str
) -> None:
    defaults = (
        'purpose = "NEW_LINE"\nchannel = "ONLINE"\nidentity = "COPY"\nconsent_text = "standard-1"\nconsent = "ORDER"\n'
    )
    mapping = tmp_path / "applicants.toml"
    mapping.write_text(f"{APPLICANTS}[defaults]\n{defaults}", encoding="utf-8")
    people = applicants(tmp_path / "applicants.csv", (order, "carrier-a", "身份证", resident(3), "", "", "移动"))
    gateway.check_file(source=people, mapping=mapping, output=tmp_path / "decisions.csv")
    header, decided = results(tmp_path / "decisions.csv")
    with (tmp_path / "outcomes.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([[*header, "outcome", "at"], [*decided, "ACTIVATED", DONE]])
    activate(gateway, tmp_path, tmp_path / "outcomes.csv")
    assert [(each["verdict"], each["basis"]) for each in lines(tmp_path)] == [("RECORDED", "CHECKED")]
