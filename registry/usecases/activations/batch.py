"""Take reports of activations as a stream: a verdict for each row, chunk by chunk."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final, TypeAlias
from uuid import UUID

from protocol.activations import ActivationVerdict
from protocol.messages.activations import MOST_FAULTS, ActivationReport, ActivationRowVerdict, RowFault
from protocol.messages.records import BatchProgress
from protocol.problems import Problem, Refusal
from protocol.wire.codec import message_of
from registry.domain.participants import Actor
from registry.usecases.act import Act
from registry.usecases.activations.shown import Sent, sent
from registry.usecases.activations.take import Taken, take
from registry.usecases.chunks import Chunk, Judging, MalformedRun, answer_chunk, progress_of
from registry.usecases.context import Registry

ActivationRow: TypeAlias = ActivationReport | ActivationRowVerdict
_OF_BATCHES: Final = "activations/"
"""Stands before the stored key: no key of a sender has a slash, so that a batch of records may have the same name."""
VERDICTS: Final[Mapping[Problem, ActivationVerdict]] = {
    Problem.TOKEN_INVALID: ActivationVerdict.REJ_TOKEN_INVALID,
    Problem.NOT_FOUND: ActivationVerdict.REJ_TOKEN_INVALID,
    Problem.TOKEN_FOREIGN: ActivationVerdict.REJ_TOKEN_FOREIGN,
    Problem.TOKEN_EXPIRED: ActivationVerdict.REJ_TOKEN_EXPIRED,
    Problem.TOKEN_OTHER_ORDER: ActivationVerdict.REJ_OTHER_ORDER,
    Problem.ALREADY_REPORTED: ActivationVerdict.REJ_ALREADY_REPORTED,
    Problem.EDGE_NOT_ALLOWED: ActivationVerdict.REJ_EDGE,
    Problem.SECOND_PERSON_MISSING: ActivationVerdict.REJ_SECOND_PERSON,
    Problem.SAME_PERSON: ActivationVerdict.REJ_SAME_PERSON,
    Problem.INVALID_FIELD: ActivationVerdict.REJ_MALFORMED_ROW,
}
"""The verdict on a row that would be refused alone."""


def report_activation_chunk(
    registry: Registry, actor: Actor, chunk: Chunk[ActivationRow], malformed: MalformedRun
) -> bytes:
    """Judge one chunk of a streamed batch of activations, as ``answer_chunk`` says, and raising as it does."""
    opened = [_opened(registry, row, actor.participant_id) for row in chunk.rows]

    def verdicts(act: Act) -> Iterator[ActivationRowVerdict]:
        names = {each.names.index_key for each in opened if isinstance(each, Sent) and each.names is not None}
        known = replace(act, people=act.tx.people.look(names))
        judged = iter(take(known, [each for each in opened if not isinstance(each, ActivationRowVerdict)]))
        return (
            each if isinstance(each, ActivationRowVerdict) else _verdict(row, next(judged))
            for row, each in zip(chunk.rows, opened, strict=True)
        )

    kept = replace(chunk, batch_key=_OF_BATCHES + chunk.batch_key)
    judging = Judging(is_malformed=[isinstance(each, ActivationRowVerdict) for each in opened], judge=verdicts)
    return answer_chunk(registry, actor, kept, judging, malformed)


def activation_batch_progress(registry: Registry, actor: Actor, batch_key: str) -> BatchProgress:
    """Read how much of a batch is committed; raises Refusal NOT_FOUND."""
    return progress_of(registry, actor, _OF_BATCHES + batch_key, batch_key)


def malformed_row(row_id: str, faults: Mapping[str, str]) -> ActivationRowVerdict:
    """Refuse a row that is no report; it names the first of its faults, and none of its values."""
    named = tuple(RowFault(field=path, code=code) for path, code in sorted(faults.items())[:MOST_FAULTS])
    return ActivationRowVerdict(row_id=row_id, verdict=ActivationVerdict.REJ_MALFORMED_ROW, errors=named)


def _opened(registry: Registry, row: ActivationRow, participant_id: str) -> Sent | Refusal | ActivationRowVerdict:
    if isinstance(row, ActivationRowVerdict):
        return row
    try:
        return sent(registry, row, participant_id)
    except Refusal as refusal:
        if refusal.problem not in VERDICTS:
            raise
        return refusal


def _verdict(row: ActivationRow, outcome: Taken | Refusal) -> ActivationRowVerdict:
    if isinstance(outcome, Taken) and isinstance(row, ActivationReport):
        return message_of(ActivationRowVerdict, outcome.answer(row), verdict=outcome.verdict, errors=())
    if not isinstance(outcome, Refusal) or outcome.problem not in VERDICTS:
        raise TypeError("neither taken nor refused")
    verdict = malformed_row(row.row_id, outcome.fields)
    known = outcome.figures.get("activation_id")
    return replace(
        verdict, verdict=VERDICTS[outcome.problem], activation_id=None if known is None else UUID(str(known))
    )
