"""Reports in their tens of thousands: real group elements at the price of one addition each."""

import hashlib
import json
from collections.abc import Iterator
from typing import Any

from crypto.oprf.group import add
from protocol.codes import WithdrawalReason
from protocol.log_entries import EntryKind
from protocol.messages.records import RecordReport
from protocol.messages.tokens import SubjectTokens
from registry.usecases.chunks import Chunk
from registry.usecases.context import IdempotentCall
from registry.usecases.records.report import report_chunk
from registry.usecases.records.withdraw_many import withdraw_batch
from tests.support.builders import a_report, a_token, account
from tests.support.world import World

WRONG = WithdrawalReason.REPORTED_IN_ERROR

WRONG_ROWS = 63_133
"""As many as a carrier once reported wrongly and had to take back."""
CHUNK = 1_000


def many_tokens(count: int) -> Iterator[SubjectTokens]:
    """Tokens of ``count`` subjects: successive multiples of one element."""
    step = element = a_token("mass")
    for _ in range(count):
        yield SubjectTokens(epoch=1, subject=element)
        element = add(element, step)


def report_all(world: World, carrier: str, subjects: list[SubjectTokens], batch_key: str) -> int:
    """Report one wrong debt of each subject as a streamed batch; how many chunks it took."""
    actor = world.actor(carrier)
    for number, start in enumerate(range(0, len(subjects), CHUNK)):
        rows: tuple[RecordReport, ...] = tuple(
            a_report("nobody", f"M{start + place}", tokens=each, account_ref=account(f"M{start + place}"))
            for place, each in enumerate(subjects[start : start + CHUNK])
        )
        digest = hashlib.sha256(f"{batch_key}/{number}".encode()).digest()
        report_chunk(world.registry, actor, Chunk(batch_key=batch_key, number=number, rows_digest=digest, rows=rows))
    return -(-len(subjects) // CHUNK)


def takes_back(world: World, batch_key: str, call: IdempotentCall | None = None, who: str = "carrier-a") -> Any:
    outcome = withdraw_batch(world.registry, world.actor(who), call or world.call(), batch_key=batch_key, reason=WRONG)
    return json.loads(outcome.body)


def logged(world: World, kind: EntryKind) -> list[dict[str, Any]]:
    entries = world.registry.store.read(lambda tx: tx.openings.first(1_000_000))
    return [json.loads(each.core)["facts"] for each in entries if each.kind == kind]
