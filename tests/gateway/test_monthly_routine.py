"""The month of a billing department, on both databases: report, mend, mark who paid, settle, compare, and go on."""

import csv
import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gateway.bulk.reconcile import CLOSED_THERE, DIFFERING, ONLY_OURS, ONLY_THEIRS
from gateway.gateway import Gateway
from protocol.beijing import beijing_date
from registry.store.engines import Engines
from registry.store.transactions import Store
from tests.support.builders import TODAY
from tests.support.bulk import reconcile, settle_payments
from tests.support.compiled import share_statements
from tests.support.exports import debt, resident, write
from tests.support.parties import REGISTRY_URL
from tests.support.world import World, a_world, template_secrets

Row = dict[str, str]


@pytest.fixture
def world(founded_url: str, open_engines: Callable[..., Engines]) -> World:
    """The registry of the house on each kind of database in turn."""
    store = Store(share_statements(open_engines(founded_url)))
    return a_world(store, template_secrets(), public_url=REGISTRY_URL)


def owes(number: int, **changes: str) -> Row:
    return debt(f"A{number:03d}", 证件号码=resident(number), **changes)


def read(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def marked(verdicts: Path, path: Path, paid: dict[str, tuple[str, str]], at: str) -> Path:
    """The verdicts of a report, in which a branch fills in who paid: kind and yuan by account."""
    rows = read(verdicts)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, (*rows[0], "kind", "amount_yuan", "settled_at"), restval="")
        writer.writeheader()
        for row in rows:
            kind, amount = paid.get(row["account"], ("", ""))
            writer.writerow(row | {"kind": kind, "amount_yuan": amount, "settled_at": at if kind else ""})
    return path


def corrected(path: Path, column: str, value: str) -> Path:
    """A file of refused rows, each with another value in one cell."""
    rows = read(path)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(row | {column: value} for row in rows)
    return path


def verdicts(path: Path) -> dict[str, str]:
    return {row["account"]: row["verdict"] for row in read(path)}


def test_a_month_of_reporting_settling_and_comparing(
    gateway: Gateway, world: World, tmp_path: Path, mappings: Path
) -> None:
    mapping = mappings / "arrears.toml"

    def report(source: Path, name: str, **options: Any) -> Path:
        output = tmp_path / name
        gateway.report_file(source=source, mapping=mapping, output=output, **options)
        return output

    def lists(source: Path) -> dict[str, list[Row]]:
        reconcile(gateway, source, mapping, tmp_path / "lists")
        return {name: read(tmp_path / "lists" / name) for name in (ONLY_OURS, ONLY_THEIRS, DIFFERING, CLOSED_THERE)}

    # Extract: twelve debts, of which two cannot be read; they are mended and sent again.
    export = write(tmp_path / "october.csv", [*map(owes, range(1, 11)), owes(11, 业务="卫星"), owes(12, 业务="卫星")])
    first = report(export, "october-verdicts.csv", only_rejected=tmp_path / "mend.csv")
    assert list(verdicts(first).values()) == ["ACTIVE"] * 10 + ["REJ_MALFORMED_ROW"] * 2
    mended = report(corrected(tmp_path / "mend.csv", "业务", "宽带"), "mended-verdicts.csv")
    assert verdicts(mended) == {"A011": "ACTIVE", "A012": "ACTIVE"}

    # A branch marks who paid; one amount is a slip of the pen, which is mended as well.
    paid = {"A001": ("FULL", "240"), "A002": ("PARTIAL", "50"), "A003": ("WAIVER", ""), "A004": ("FULL", "2400 yuan")}
    source = marked(first, tmp_path / "branch.csv", paid, TODAY.isoformat())
    settled = tmp_path / "settled.csv"
    done = settle_payments(gateway, source, settled, only_rejected=tmp_path / "slip.csv")
    assert (done.rows, done.left_out) == (4, 8)
    assert [(row["account"], row["verdict"], row["state"]) for row in read(settled)] == [
        ("A001", "SETTLED", "CLEARED"),
        ("A002", "SETTLED", "ACTIVE"),
        ("A003", "SETTLED", "CLEARED"),
        ("A004", "REJ_INVALID_AMOUNT", ""),
    ]
    settle_payments(gateway, corrected(tmp_path / "slip.csv", "amount_yuan", "240"), tmp_path / "slip-settled.csv")
    assert verdicts(tmp_path / "slip-settled.csv") == {"A004": "SETTLED"}
    # The whole file once more, under another name: nothing is settled twice.
    settle_payments(gateway, source, tmp_path / "once-more.csv")
    assert [row["settlement_id"] for row in read(tmp_path / "once-more.csv")] == [
        row["settlement_id"] for row in read(settled)
    ]

    # The next month's export, with a difference of each kind; all else agrees.
    world.clock.forward(days=30)
    rest = [*map(owes, range(6, 11)), *(owes(number, 业务="宽带") for number in (11, 12))]
    changed, still_there, new = owes(2, 本金="110.00"), owes(4), owes(13)
    export = write(tmp_path / "november.csv", [changed, still_there, *rest, new])
    found = lists(export)
    assert [(row["account"], row["verdict"]) for row in found[ONLY_OURS]] == [("A013", "")]
    listed = {row["account"]: row["record_id"] for row in read(first)}
    assert [(row["record_id"], row["state"]) for row in found[ONLY_THEIRS]] == [(listed["A005"], "ACTIVE")]
    assert [(row["account"], row["fact"], row["ours"], row["theirs"], row["paid"]) for row in found[DIFFERING]] == [
        ("A002", "principal", "110.00", "120.00", "50.00")
    ]
    assert [(row["account"], row["record_id"], row["state"]) for row in found[CLOSED_THERE]] == [
        ("A004", listed["A004"], "CLEARED")
    ]
    closed_on = beijing_date(dt.datetime.fromisoformat(found[CLOSED_THERE][0]["since"]))
    assert closed_on == TODAY

    # It is reported: the lists shrink to what only a person can decide.
    second = verdicts(report(export, "november-verdicts.csv", since=first))
    assert [row["record_id"] for row in read(tmp_path / "november-verdicts.csv.missing")] == [listed["A005"]]
    assert (second["A002"], second["A004"], second["A013"]) == ("UPDATED", "DUPLICATE", "ACTIVE")
    assert {second[row["账户"]] for row in rest} == {"DUPLICATE"}
    found = lists(export)
    assert {name: len(rows) for name, rows in found.items()} == {
        ONLY_OURS: 0,
        ONLY_THEIRS: 1,
        DIFFERING: 0,
        CLOSED_THERE: 1,
    }
