"""Fills the peer's database: `fill.py DSN` reads 32-byte digests on standard input, one open debt each."""

import asyncio
import sys

import asyncpg

_TABLES = """
CREATE TABLE debt (id bigserial PRIMARY KEY, id_hash bytea NOT NULL, amount bigint NOT NULL, open boolean NOT NULL);
CREATE TABLE access_log (
    id uuid PRIMARY KEY, id_hash bytea NOT NULL, service text NOT NULL, decision text NOT NULL, at timestamptz NOT NULL
);
"""


async def fill(dsn: str, digests: list[bytes]) -> None:
    """Make the tables, the debts and their index."""
    connection = await asyncpg.connect(dsn)
    await connection.execute(_TABLES)
    rows = [(number, digest, 12_000, True) for number, digest in enumerate(digests, start=1)]
    await connection.copy_records_to_table("debt", records=rows)
    await connection.execute("CREATE INDEX debt_id_hash ON debt (id_hash)")
    await connection.execute("ANALYZE debt")
    await connection.close()


raw = sys.stdin.buffer.read()
asyncio.run(fill(sys.argv[1], [raw[start : start + 32] for start in range(0, len(raw), 32)]))
