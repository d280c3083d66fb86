"""After any months, reports that each follow the one before leave the same verdicts and records as full reports."""

import csv
import datetime as dt
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from client.errors import RegistryUnreachable
from client.resources.records import own_records
from gateway.bulk.file_guards import Consent
from gateway.bulk.withdraw import withdraw_records
from gateway.gateway import Gateway
from protocol.codes import WithdrawalReason
from protocol.states import RecordState
from registry.store.engines import make_engines
from registry.store.transactions import Store
from tests.support.apps import an_app
from tests.support.builders import TODAY
from tests.support.bulk import nobody
from tests.support.compiled import share_statements
from tests.support.exports import ADDRESS, debt, resident, write, write_mappings
from tests.support.parties import REGISTRY_URL, Parties, gather
from tests.support.sizes import examples
from tests.support.world import World, a_world, template_secrets

ACCOUNTS = [f"A{number}" for number in range(6)]
NOT_COMPARED = {"record_id", "withdrew", "state"}


def days_ago(days: int) -> str:
    return (TODAY - dt.timedelta(days=days)).isoformat()


ROWS = st.fixed_dictionaries(
    {
        "证件号码": st.sampled_from([resident(1), resident(2), resident(3), "x"]),
        "本金": st.sampled_from(["120.00", "120.00", "110.00", "150.00", "0", "x"]),
        "到期日": st.sampled_from([days_ago(200), days_ago(200), days_ago(120)]),
        "通知日": st.sampled_from([days_ago(150), days_ago(150), days_ago(20), ""]),
        "类别": st.sampled_from(["恶意", "恶意", "恶意", "争议"]),
        "地址": st.sampled_from(["", ADDRESS]),
    }
)
SPELLINGS = st.sampled_from(["{}", "{}", "'{}"])
CHANGES = st.lists(st.tuples(st.sampled_from(ACCOUNTS), SPELLINGS, st.none() | ROWS), max_size=3)
"""The accounts whose rows change: None takes the row out."""


@dataclass(frozen=True)
class Month:
    """The acts before an export, and how the export differs from the one before."""

    days: int
    withdrawn: str | None
    beside: tuple[str, dict[str, str]] | None
    """A row that another export reports in between."""
    changes: list[tuple[str, str, dict[str, str] | None]]
    killed_at: int
    turned: bool


MONTHS = st.builds(
    Month,
    days=st.sampled_from([0, 1, 15, 31]),
    withdrawn=st.none() | st.sampled_from(ACCOUNTS),
    beside=st.none() | st.tuples(st.sampled_from(ACCOUNTS), ROWS),
    changes=CHANGES,
    killed_at=st.sampled_from([0, 0, 2, 4]),
    turned=st.booleans(),
)


@dataclass
class Side:
    """One carrier with a registry of its own; ``follows`` tells whether its reports follow one another."""

    folder: Path
    world: World
    parties: Parties
    follows: bool
    last: Path | None = None
    names: dict[str, int] = field(default_factory=dict)
    """The records in the order in which verdicts name them."""

    def month(self, number: int, month: Month, rows: list[dict[str, str]]) -> list[Any]:
        """Live a month, report its export, and return its verdicts without the ids."""
        self.world.clock.forward(days=month.days)
        with self.gateway() as gateway:
            self._withdraw(gateway, month.withdrawn)
            if month.beside is not None:
                account, changes = month.beside
                self._report(gateway, f"beside-{number}", [debt(account, **changes, 姓名=f"beside {number}")], None)
        since = self.last if self.follows else None
        if month.killed_at and self.follows:
            self._be_killed(number, month.killed_at, rows, since)
        with self.gateway() as gateway:
            self.last = self._report(gateway, f"month-{number}", rows, since)
        return [self._named(row) for row in lines(self.last)]

    def records(self) -> list[dict[str, Any]]:
        """All records, under the names that the verdicts give them."""
        with self.gateway() as gateway:
            found = [each for state in RecordState for each in own_records(gateway.registry, state)]
            labels = {gateway.tools.accounts.read(each).reference: each for each in ACCOUNTS}
        fields = ("state", "principal_fen", "due_date", "notice_date", "enforceable_from", "received_at", "category")
        return sorted(
            (
                {name: getattr(each, name) for name in fields}
                | {"account": labels.get(each.account_ref), "name": self.names.get(str(each.record_id))}
                for each in found
            ),
            key=str,
        )

    @contextmanager
    def gateway(self, **limits: Any) -> Iterator[Gateway]:
        with self.parties.gateway(chunk_rows=2, **limits) as gateway:
            yield gateway

    def _report(
        self, gateway: Gateway, name: str, rows: list[dict[str, str]], since: Path | None, **options: Any
    ) -> Path:
        output = self.folder / name
        gateway.report_file(
            source=write(self.folder / f"{name}.csv", rows),
            mapping=self.folder / "arrears.toml",
            output=output,
            since=since,
            consent=Consent(accept_numbers=True),
            **options,
        )
        return output

    def _be_killed(self, number: int, rows_done: int, rows: list[dict[str, str]], since: Path | None) -> None:
        def cut(done: int, _total: int) -> None:
            if done == rows_done:
                self.parties.registry.after_next = [httpx.ReadError]

        with self.gateway(attempts=1) as gateway:
            with suppress(RegistryUnreachable):
                self._report(gateway, f"month-{number}", rows, since, on_progress=cut)
            self.parties.registry.after_next = []

    def _withdraw(self, gateway: Gateway, account: str | None) -> None:
        if account is not None:
            reference = gateway.tools.accounts.read(account).reference
            ids: list[UUID] = [
                each.record_id for each in own_records(gateway.registry) if each.account_ref == reference
            ]
            withdraw_records(gateway.registry, ids, WithdrawalReason.CREDITOR_DECISION, nobody)

    def _named(self, row: dict[str, str]) -> Any:
        ids = [row["record_id"], *row["withdrew"].split("+")]
        numbers = [self.names.setdefault(each, len(self.names)) for each in ids if each]
        return numbers, {name: value for name, value in row.items() if name not in NOT_COMPARED}


def lines(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def export(rows: dict[str, dict[str, str]], number: int, *, turned: bool) -> list[dict[str, str]]:
    """The rows of a month; a column that no mapping names keeps two months from being one file."""
    made = [row | {"姓名": f"month {number}"} for _, row in sorted(rows.items())]
    return made[::-1] if turned else made


@contextmanager
def a_side(template: Path, folder: Path, *, follows: bool) -> Iterator[Side]:
    folder.mkdir()
    write_mappings(folder)
    shutil.copy(template, folder / "registry.db")
    engines = share_statements(make_engines(f"sqlite:///{folder / 'registry.db'}"))
    world = a_world(Store(engines), template_secrets(), public_url=REGISTRY_URL)
    registry = httpx.WSGITransport(an_app(world.registry))
    parties = gather(folder, clock=world.clock, signing_keys=world.signing_keys, registry=registry)
    yield Side(folder, world, parties, follows)
    parties.close()
    engines.close()


@settings(
    max_examples=examples(24),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(months=st.lists(MONTHS, min_size=2, max_size=4))
def test_reports_that_follow_one_another_end_as_full_reports_do(
    founded_sqlite_template: Path, months: list[Month]
) -> None:
    rows = {account: debt(account, 证件号码=resident(place % 3 + 1)) for place, account in enumerate(ACCOUNTS)}
    with (
        tempfile.TemporaryDirectory() as place,
        a_side(founded_sqlite_template, Path(place) / "full", follows=False) as full,
        a_side(founded_sqlite_template, Path(place) / "delta", follows=True) as delta,
    ):
        for number, month in enumerate([Month(0, None, None, [], 0, turned=False), *months]):
            for account, spelling, changes in month.changes:
                rows.pop(account, None)
                if changes is not None:
                    rows[account] = debt(spelling.format(account), **changes)
            file = export(rows, number, turned=month.turned)
            assert delta.month(number, month, file) == full.month(number, month, file)
        assert delta.records() == full.records()


def test_the_story_has_something_to_confirm(founded_sqlite_template: Path, tmp_path: Path) -> None:
    rows = {account: debt(account) for account in ACCOUNTS}
    with a_side(founded_sqlite_template, tmp_path / "delta", follows=True) as side:
        quiet = Month(0, None, None, [], 0, turned=True)
        for number in range(2):
            side.month(number, quiet, export(rows, number, turned=True))
        sent = [each for each in side.parties.registry.sent if b"/v1/records/unchanged" in each]
    assert len(sent) == len(ACCOUNTS) // 2
