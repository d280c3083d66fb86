"""Looks a plain SHA-256 digest up and writes one durable log row, as a user would build it: unsigned and unproven.

It runs in an environment of its own (benchmarks/peers/requirements.lock). PEER_DSN names its PostgreSQL database.
"""

import os
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
from fastapi import FastAPI, Request
from pydantic import BaseModel


class Check(BaseModel):
    """An applicant's digest and what is asked for."""

    id_hash: str
    service: str


class Decision(BaseModel):
    """The answer."""

    decision: str
    records: int


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Open the pool for as long as the application runs."""
    async with asyncpg.create_pool(os.environ["PEER_DSN"], min_size=4, max_size=16) as pool:
        app.state.pool = pool
        yield


app = FastAPI(lifespan=lifespan)


@app.post("/check", status_code=201)
async def check(asked: Check, request: Request) -> Decision:
    """Look the digest up, write the log row in the same transaction, and answer."""
    async with request.app.state.pool.acquire() as connection, connection.transaction():
        records = await connection.fetchval(
            "SELECT count(*) FROM debt WHERE id_hash = $1 AND open", bytes.fromhex(asked.id_hash)
        )
        decision = "PAY_FIRST" if records else "ALLOW"
        await connection.execute(
            "INSERT INTO access_log (id, id_hash, service, decision, at) VALUES ($1, $2, $3, $4, now())",
            uuid.uuid4(),
            bytes.fromhex(asked.id_hash),
            asked.service,
            decision,
        )
    return Decision(decision=decision, records=records)
