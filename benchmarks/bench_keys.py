"""Measures what keys that never change cost: an extra look-up by an index table, and openings that are never updated.

PostgreSQL alone, on bare tables; the ways of each question take turns. The figures are for ADR 0047.
"""

import argparse
import hashlib
import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import psycopg

from benchmarks.bench_inquiry import database, postgres

_TABLES = """
CREATE TABLE person_index (index_key bytea, epoch int, person bytea NOT NULL, PRIMARY KEY (index_key, epoch));
CREATE TABLE record (subject_key bytea, record_id uuid, body bytea NOT NULL, PRIMARY KEY (subject_key, record_id));
CREATE TABLE opening (subject_key bytea, entry_id uuid, core bytea, core_salt bytea, personal bytea,
  personal_salt bytea, PRIMARY KEY (subject_key, entry_id));
CREATE INDEX ON opening (entry_id);
CREATE TABLE bare_opening (entry_id uuid PRIMARY KEY, core bytea, core_salt bytea);
CREATE TABLE personal_part (subject_key bytea, entry_id uuid, personal bytea, personal_salt bytea,
  PRIMARY KEY (subject_key, entry_id));
INSERT INTO person_index
  SELECT substring(sha256(int8send(n)) FROM 1 FOR 16), 1, substring(sha256(int8send(-n)) FROM 1 FOR 16)
  FROM generate_series(1, {people}::bigint) AS n;
INSERT INTO record
  SELECT substring(sha256(int8send(n)) FROM 1 FOR 16), gen_random_uuid(), decode(repeat('ab', 300), 'hex')
  FROM generate_series(1, {people}::bigint) AS n;
INSERT INTO record SELECT person, gen_random_uuid(), decode(repeat('ab', 300), 'hex') FROM person_index;
"""
_DIRECT = "SELECT record_id, body FROM record WHERE subject_key = ANY (%b::bytea[])"
_BY_INDEX = (
    "WITH known AS MATERIALIZED (SELECT person FROM person_index WHERE index_key = ANY (%b::bytea[]))"
    " SELECT r.record_id, r.body FROM known JOIN record AS r ON r.subject_key = known.person"
)
_MAP = "SELECT index_key, person FROM person_index WHERE index_key = ANY (%b::bytea[])"
_WHOLE = "INSERT INTO opening SELECT %b::bytea, %s::uuid, %b::bytea, %b::bytea, %b::bytea, %b::bytea"
_BARE = (
    "WITH personal AS (INSERT INTO personal_part VALUES (%b::bytea, %s::uuid, %b::bytea, %b::bytea))"
    " INSERT INTO bare_opening VALUES (%s::uuid, %b::bytea, %b::bytea)"
)
_SIZES = {"one row": ("opening",), "two rows": ("bare_opening", "personal_part")}

Work = Callable[[], object]


class Bench:
    """One connection, whose backend's CPU counts with ours."""

    def __init__(self, connection: "psycopg.Connection[Any]", people: int) -> None:
        self._run = connection
        self._people = people
        self._asked = 0
        self._times = Path(f"/proc/{connection.info.backend_pid}/stat")

    def seconds(self) -> float:
        """CPU of both processes; the backend's is counted in hundredths."""
        fields = self._times.read_text().rpartition(")")[2].split()
        return time.process_time() + (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def keys(self, count: int) -> list[bytes]:
        """Index keys of which a third have a record."""
        numbers = range(self._asked + 1, self._asked + count + 1)
        self._asked += count
        people = [each * 7919 % self._people + 1 if each % 3 == 0 else each + 2 * self._people for each in numbers]
        return [hashlib.sha256(each.to_bytes(8, "big")).digest()[:16] for each in people]

    def in_turns(self, ways: dict[str, Callable[[list[bytes]], object]], size: int, calls: int) -> dict[str, float]:
        """Median microseconds of CPU a key of each way, over rounds in which all take their turn."""
        rounds: dict[str, list[float]] = {name: [] for name in ways}
        for _ in range(7):
            for name, way in ways.items():
                parts = [self.keys(size) for _ in range(calls)]
                before = self.seconds()
                for part in parts:
                    way(part)
                rounds[name].append((self.seconds() - before) / (size * calls) * 1e6)
        return {name: round(statistics.median(each), 1) for name, each in rounds.items()}

    def look_ups(self, size: int, calls: int) -> dict[str, float]:
        """Compare a look-up by the index key itself with one through the index table."""
        run = self._run

        def two_statements(keys: list[bytes]) -> None:
            people = [person for _, person in run.execute(_MAP, (keys,)).fetchall()]
            run.execute(_DIRECT, (people,)).fetchall()

        ways: dict[str, Callable[[list[bytes]], object]] = {
            "key itself": lambda keys: run.execute(_DIRECT, (keys,)).fetchall(),
            "index table, one statement": lambda keys: run.execute(_BY_INDEX, (keys,)).fetchall(),
            "index table, two statements": two_statements,
        }
        return self.in_turns(ways, size, calls)

    def openings(self, count: int) -> dict[str, dict[str, float]]:
        """Compare an opening with its personal part in it, and beside it: to write, to keep, to erase."""
        rows = [(os.urandom(16), os.urandom(16).hex(), b"c" * 420, os.urandom(32), b"p" * 150) for _ in range(count)]
        run = self._run
        ways: dict[str, tuple[Work, Work]] = {
            "one row": (
                lambda: [run.execute(_WHOLE, (k, i, c, s, p, s)) for k, i, c, s, p in rows],
                lambda: [
                    run.execute(
                        "UPDATE opening SET subject_key = %b, personal = NULL, personal_salt = NULL"
                        " WHERE subject_key = %b AND entry_id = %s",
                        (bytes(16), k, i),
                    )
                    for k, i, *_ in rows
                ],
            ),
            "two rows": (
                lambda: [run.execute(_BARE, (k, i, p, s, i, c, s)) for k, i, c, s, p in rows],
                lambda: [
                    run.execute("DELETE FROM personal_part WHERE subject_key = %b AND entry_id = %s", (k, i))
                    for k, i, *_ in rows
                ],
            ),
        }
        found: dict[str, dict[str, float]] = {}
        for name, (write, erase) in ways.items():
            found[name] = {"write_us": self._each(write, count), "bytes": self._bytes(_SIZES[name], count)}
            found[name]["erase_us"] = self._each(erase, count)
            found[name]["bytes_after_erasure_and_vacuum"] = self._bytes(_SIZES[name], count)
        return found

    def _each(self, work: Work, count: int) -> float:
        before = self.seconds()
        with self._run.transaction():
            work()
        return round((self.seconds() - before) / count * 1e6, 1)

    def _bytes(self, tables: Sequence[str], count: int) -> float:
        total = 0
        for name in tables:
            self._run.execute(f"VACUUM {name}".encode())
            row = self._run.execute("SELECT pg_total_relation_size(%s::regclass)", (name,)).fetchone()
            total += 0 if row is None else row[0]
        return round(total / count, 1)


def main() -> None:
    """Measure, and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=200_000, help="rows of the index table (default 200,000)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there as well")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="clearline-keys-") as directory, postgres(Path(directory) / "pg") as server:
        server.psql("ALTER SYSTEM SET fsync = off")
        with psycopg.connect(database(server, "keys"), autocommit=True, prepare_threshold=None) as connection:
            connection.execute(_TABLES.format(people=options.people).encode())
            connection.execute("VACUUM ANALYZE")
            bench = Bench(connection, options.people)
            figures = {
                "people": options.people,
                "look_up_of_one_us": bench.look_ups(1, 300),
                "look_up_of_1000_us_a_key": bench.look_ups(1_000, 5),
                "openings": bench.openings(20_000),
                "load": os.getloadavg()[0],
            }
    print(json.dumps(figures, indent=1))
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1) + "\n")


if __name__ == "__main__":
    main()
