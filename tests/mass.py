"""Reports in their tens of thousands: real group elements at the price of one addition each."""

import hashlib
from collections.abc import Iterator

from crypto.oprf.group import add
from protocol.messages.inquiries import SubjectTokens
from protocol.messages.records import RecordReport
from registry.usecases.records.report import Chunk, report_chunk
from tests.builders import a_report, a_token, account
from tests.world import World

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
