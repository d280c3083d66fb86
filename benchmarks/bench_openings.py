"""Measures openings in two tables beside whole ones of before: migration, bytes, entry checks, erasure (PostgreSQL).

`python -m benchmarks.bench_openings` fills a database of revision 0046 with openings of a year, a third of them
inquiries, migrates it, looks for entries as the trigger of a row does, and erases the inquiries by their age.
"""

import argparse
import json
import os
import statistics
import tempfile
import time
import uuid
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg

from benchmarks.bench_store import postgresql
from registry.store.engines import make_engines
from registry.store.migrate import upgrade
from registry.store.transactions import Store, Transaction
from tests.storage.revisions import before, upgrade_to
from tests.support.partitions import ensure_months

REVISION = "0047"
BATCH = 1_000
LAST = uuid.UUID(int=(1 << 128) - 1)
_YEAR_BEGINS_MS = 1_767_225_600_000
_YEAR_MS = 31_000_000_000
_FILL = """
INSERT INTO log_opening
  (subject_key, entry_id, kind, at, participant_id, core, core_salt, personal, personal_salt)
SELECT substring(sha256(convert_to('s' || n, 'UTF8')) FROM 1 FOR 16),
  encode(substring(int8send(%(begin)s + n * %(step)s) FROM 3 FOR 6) || '\\x7000'::bytea
         || substring(sha256(convert_to('i' || n, 'UTF8')) FROM 1 FOR 8), 'hex')::uuid,
  CASE WHEN n %% 3 = 0 THEN 'inquiry' ELSE 'report.listed' END, clock_timestamp(), 'carrier-a',
  decode(repeat(md5(n::text), 26), 'hex'), sha256(convert_to('c' || n, 'UTF8')),
  decode(repeat(md5('p' || n), 9), 'hex'), sha256(convert_to('p' || n, 'UTF8'))
FROM generate_series(1, %(count)s::bigint) AS n
"""
_MONTHS = """
SELECT relname, pg_get_expr(relpartbound, pg_class.oid) FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
WHERE inhparent = 'log_opening'::regclass
"""
_SIZES = """
SELECT regexp_replace(relname, '_(m[0-9]+|default)$', ''), sum(pg_table_size(oid)), sum(pg_indexes_size(oid))
FROM pg_class WHERE relkind = 'r' AND relname ~ '^log_(opening|personal|erasure)' GROUP BY 1 ORDER BY 1
"""
_FOUND = "SELECT 1 FROM {} WHERE subject_key = {} AND entry_id = {}"
_LOOKS = {
    "one table": f"SELECT EXISTS ({_FOUND.format('log_personal', 'row.subject_key', 'row.entry_id')}) INTO found;",
    "months, by a plan that is kept": f"SELECT EXISTS ({_FOUND.format('by_month', 'row.subject_key', 'row.entry_id')})"
    " INTO found;",
    "months, planned for each row": f"EXECUTE format('SELECT EXISTS ({_FOUND.format('by_month', '$1', '%L')})',"
    " row.entry_id) INTO found USING row.subject_key;",
    "nothing": "found := true;",
}
"""Looks for an entry beside its subject, in the words of a trigger's function."""
_LOOK = """
DO $$ DECLARE row record; found boolean; BEGIN
FOR row IN SELECT subject_key, entry_id FROM log_personal LIMIT {} LOOP {} END LOOP; END $$
"""


def looks(url: str, count: int) -> dict[str, float]:
    """Return the microseconds of one look, in a table without months and in a copy of it with months."""
    found: dict[str, list[float]] = {name: [] for name in _LOOKS}
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE by_month (LIKE log_personal) PARTITION BY RANGE (entry_id)")
        for name, bounds in connection.execute(_MONTHS).fetchall():
            connection.execute(f"CREATE TABLE by_month_{name} PARTITION OF by_month {bounds}".encode())
        connection.execute("ALTER TABLE by_month ADD PRIMARY KEY (subject_key, entry_id)")
        connection.execute("INSERT INTO by_month SELECT * FROM log_personal")
        connection.execute("ANALYZE by_month")
        for _ in range(3):
            for name, look in _LOOKS.items():
                begun = time.perf_counter()
                connection.execute(_LOOK.format(count, look).encode())
                found[name].append((time.perf_counter() - begun) / count * 1e6)
                connection.commit()
        connection.execute("DROP TABLE by_month")
    return {name: round(statistics.median(each), 1) for name, each in found.items()}


def sizes(url: str, count: int) -> dict[str, dict[str, int]]:
    """Return the bytes of rows and of indexes of each table, for one of all openings."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")
        found = connection.execute(_SIZES).fetchall()
    return {
        name: {"rows": round(rows / count), "indexes": round(indexes / count)} for name, rows, indexes in found if rows
    }


def erase(store: Store) -> int:
    """Erase all inquiries as the worker does; returns their number."""
    erased_by = uuid.UUID(int=7 << 76)

    def work(tx: Transaction) -> int:
        old = tx.personal.old(LAST, BATCH)
        tx.openings.erase(old, erased_by)
        return len(old)

    return sum(iter(lambda: store.write(work), 0))


def measure(url: str, count: int) -> dict[str, Any]:
    """Fill, migrate and erase; returns the figures."""
    upgrade_to(url, before(REVISION))
    with closing(Store(make_engines(url))) as store:
        ensure_months(store, range(202601, 202613))
    with psycopg.connect(url) as connection:
        connection.execute(_FILL, {"begin": _YEAR_BEGINS_MS, "step": _YEAR_MS // count, "count": count})
    figures: dict[str, Any] = {"openings": count, "bytes_before": sizes(url, count)}
    begun = time.perf_counter()
    upgrade(url)
    figures |= {"migration_seconds": round(time.perf_counter() - begun, 1), "bytes": sizes(url, count)}
    figures["look_us"] = looks(url, min(count, 20_000))
    with closing(Store(make_engines(url))) as store:
        begun = time.perf_counter()
        erased = erase(store)
        taken = time.perf_counter() - begun
    return figures | {
        "erased": erased,
        "erasure_us_each": round(taken / erased * 1e6),
        "bytes_after_erasure": sizes(url, count),
    }


def main() -> None:
    """Measure on an empty PostgreSQL, and write the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--openings", type=int, default=1_000_000)
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/openings.json"))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="clearline-bench-") as directory, postgresql(Path(directory)) as url:
        figures = measure(url, options.openings) | {"load_average": round(os.getloadavg()[1], 1)}
    options.out.write_text(json.dumps(figures, indent=1) + "\n")
    print(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
