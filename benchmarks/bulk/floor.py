"""Measures what nobody can beat here: raw COPY of exactly the rows that the registry wrote.

The rows go into an empty copy of the schema, with the same indexes, foreign keys and triggers, and are ready in COPY's
binary form. The floor is taken low on purpose: each table of a file is one COPY, all in one transaction. Beside it
stands COPY in the chunks of the wire, 500 rows and one durable commit each, as somebody else would have to do it.
"""

import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

import psycopg
from psycopg import sql

from benchmarks.bulk.work import Cost, Meter, analyze
from registry.store.engines import make_engines
from registry.store.migrate import upgrade
from registry.store.partitions import PARTITIONED
from registry.store.schema import metadata
from registry.store.transactions import Store, Transaction

_BLOCK: Final = 1 << 18
_INQUIRY: Final = "kind = 'inquiry'"
_WAITS: Final = "EXISTS (SELECT 1 FROM log_opening o WHERE o.entry_id = log_pending.entry_id AND {})"
_AT: Final = "entry_id IN (SELECT entry_id FROM log_opening WHERE at = %s)"
MONTHS: Final = (202611, 202612)

REPORTED: Final[dict[str, str]] = {
    "log_opening": f"NOT {_INQUIRY}",
    "log_personal": f"NOT {_INQUIRY}",
    "log_pending": _WAITS.format(f"NOT {_INQUIRY}"),
    "person_index": "true",
    "subject": "true",
    "record": "true",
    "record_event": "true",
    "account": "true",
    "household": "true",
    "household_link": "true",
    "batch_chunk": "true",
}
"""The tables that a report writes, entries first, with the condition on their rows."""
CHUNK: Final[dict[str, str]] = {
    "log_opening": f"NOT {_INQUIRY} AND at = %s",
    "log_personal": f"NOT {_INQUIRY} AND {_AT}",
    "log_pending": _WAITS.format(f"NOT {_INQUIRY} AND o.at = %s"),
    "person_index": "subject_key IN (SELECT subject_key FROM subject WHERE created_at = %s)",
    "subject": "created_at = %s",
    "record": "received_at = %s",
    "record_event": "at = %s",
    "account": "record_id IN (SELECT record_id FROM record WHERE received_at = %s)",
    "household": "created_at = %s",
    "household_link": "linked_at = %s",
    "batch_chunk": "completed_at = %s",
}
"""The same of one chunk; the parameter is its moment."""
ASKED: Final[dict[str, str]] = {
    "log_opening": f"{_INQUIRY} AND at = %s",
    "log_personal": f"{_INQUIRY} AND {_AT}",
    "log_pending": _WAITS.format(f"{_INQUIRY} AND o.at = %s"),
    "inquiry": "decided_at = %s",
    "hit": "asked_at = %s",
    "quote": "quoted_at = %s",
    "quote_line": "quote_id IN (SELECT quote_id FROM quote WHERE quoted_at = %s)",
    "quote_total": "quote_id IN (SELECT quote_id FROM quote WHERE quoted_at = %s)",
    "stored_answer": "created_at = %s",
}
"""The same of a batch of inquiries; the parameter is its moment."""
_PROBES: Final = (
    "SELECT * FROM record WHERE subject_key = ANY(%s) AND state = 'ACTIVE'",
    "SELECT * FROM household_link WHERE household_key = ANY(%s) AND ended_at IS NULL",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One batch of inquiries: its keys, and its rows in COPY's form by table."""

    subjects: Sequence[bytes]
    households: Sequence[bytes]
    rows: dict[str, bytes]


def empty_copy(url: str) -> None:
    """Bring an empty database to the schema, with the months that a worker would have made."""
    upgrade(url)
    store = Store(make_engines(url))
    for table in PARTITIONED:
        store.write(partial(_make_months, table=table))
    store.close()


def _make_months(tx: Transaction, *, table: str) -> None:
    tx.partitions.ensure(table, MONTHS)


def dump(source: str, folder: Path) -> dict[str, int]:
    """Write each table's reported rows to a file of its own; returns their numbers."""
    counts = {}
    with psycopg.connect(source) as connection:
        for table, condition in REPORTED.items():
            with (folder / table).open("wb") as file:
                counts[table] = _copy_out(connection, table, condition, (), file.write)
    return counts


def seed(source: str, target: str) -> None:
    """Copy all rows that a report does not write; their entries come later, so that triggers are off meanwhile."""
    with psycopg.connect(source) as connection, psycopg.connect(target) as other:
        other.execute("SET session_replication_role = replica")
        for table in (each.name for each in metadata.sorted_tables if each.name not in {**REPORTED, **ASKED}):
            content = io.BytesIO()
            _copy_out(connection, table, "true", (), content.write)
            other.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(table)))
            _copy_in(other, table, iter([content.getvalue()]))


def load(target: str, folder: Path, rows: int, postmaster: int) -> Cost:
    """COPY the files of ``dump`` in one transaction."""
    with psycopg.connect(target) as connection:
        meter = Meter(postmaster)
        for table in REPORTED:
            _copy_in(connection, table, _blocks(folder / table))
        connection.commit()
        return meter.cost(rows)


def load_chunks(source: str, target: str, rows: int, postmaster: int) -> Cost:
    """COPY the same rows chunk by chunk; only COPY is measured."""
    costs: list[Cost] = []
    with psycopg.connect(source) as reading, psycopg.connect(target) as connection:
        moments = reading.execute("SELECT completed_at FROM batch_chunk ORDER BY 1").fetchall()
        for moment in moments:
            rows_of = {table: _rows(reading, table, condition, moment) for table, condition in CHUNK.items()}
            meter = Meter(postmaster)
            for table, content in rows_of.items():
                _copy_in(connection, table, iter([content]))
            connection.commit()
            costs.append(meter.cost(0))
    return Cost(
        units=rows,
        process_cpu=sum(each.process_cpu for each in costs),
        server_cpu=sum(each.server_cpu for each in costs),
        clock=sum(each.clock for each in costs),
    )


def asked(source: str) -> list[Asked]:
    """Read the batches of inquiries that were answered, but for the first, which warms."""
    with psycopg.connect(source) as connection:
        moments = connection.execute("SELECT DISTINCT decided_at FROM inquiry ORDER BY 1").fetchall()
        return [_batch(connection, moment) for (moment,) in moments[1:]]


def ask(target: str, batches: Sequence[Asked], postmaster: int) -> Cost:
    """Probe for records and links of each batch at once, and COPY its rows: a transaction each."""
    analyze(target)
    with psycopg.connect(target) as connection:
        meter = Meter(postmaster)
        for each in batches:
            for probe, keys in zip(_PROBES, (each.subjects, each.households), strict=True):
                connection.execute(probe, (list(keys),)).fetchall()
            for table, content in each.rows.items():
                _copy_in(connection, table, iter([content]))
            connection.commit()
        return meter.cost(sum(len(each.subjects) for each in batches))


def _batch(connection: "psycopg.Connection[Any]", moment: object) -> Asked:
    subjects = connection.execute("SELECT subject_key FROM inquiry WHERE decided_at = %s", (moment,)).fetchall()
    keys = [row[0] for row in subjects]
    links = connection.execute("SELECT household_key FROM household_link WHERE subject_key = ANY(%s)", (keys,))
    rows = {table: _rows(connection, table, condition, (moment,)) for table, condition in ASKED.items()}
    return Asked(subjects=keys, households=[row[0] for row in links.fetchall()], rows=rows)


def _copy_out(
    connection: "psycopg.Connection[Any]",
    table: str,
    condition: str,
    given: tuple[object, ...],
    take: Callable[..., Any],
) -> int:
    text = f"COPY (SELECT * FROM {table} WHERE {condition}) TO STDOUT (FORMAT binary)"  # noqa: S608 - our own words
    cursor = connection.cursor()
    with cursor.copy(text, given) as copy:  # type: ignore[arg-type]
        for block in copy:
            take(bytes(block))
    return cursor.rowcount


def _rows(connection: "psycopg.Connection[Any]", table: str, condition: str, given: tuple[object, ...]) -> bytes:
    content = io.BytesIO()
    _copy_out(connection, table, condition, given, content.write)
    return content.getvalue()


def _copy_in(connection: "psycopg.Connection[Any]", table: str, blocks: Iterator[bytes]) -> None:
    with connection.cursor().copy(f"COPY {table} FROM STDIN (FORMAT binary)") as copy:  # type: ignore[arg-type]
        for block in blocks:
            copy.write(block)


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            yield block
