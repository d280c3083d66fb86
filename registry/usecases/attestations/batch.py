"""Take attestations as a stream: a verdict for each row, chunk by chunk."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final, TypeAlias

from protocol.attestations import AttestationVerdict
from protocol.grades import ATTESTED
from protocol.messages.activations import MOST_FAULTS, RowFault
from protocol.messages.attestations import AttestationRow, AttestationRowVerdict
from protocol.messages.records import BatchProgress
from protocol.problems import FieldCode, Refusal
from registry.domain.participants import Actor
from registry.usecases.act import Act
from registry.usecases.attestations.give import NamedRow, give
from registry.usecases.chunks import Chunk, Judging, MalformedRun, answer_chunk, progress_of
from registry.usecases.context import Registry
from registry.usecases.pseudonyms import pseudonyms

SentAttestation: TypeAlias = AttestationRow | AttestationRowVerdict
_OF_BATCHES: Final = "attestations/"
"""Stands before the stored key: no key of a sender has a slash, so that a batch of records may have the same name."""


def attest_chunk(registry: Registry, actor: Actor, chunk: Chunk[SentAttestation], malformed: MalformedRun) -> bytes:
    """Judge one chunk of a streamed batch of attestations, as ``answer_chunk`` says, and raising as it does."""
    named = [_named(registry, row) for row in chunk.rows]

    def verdicts(act: Act) -> Iterator[AttestationRowVerdict]:
        judged = iter(give(act, [each for each in named if isinstance(each, NamedRow)]))
        return (next(judged) if isinstance(each, NamedRow) else each for each in named)

    kept = replace(chunk, batch_key=_OF_BATCHES + chunk.batch_key)
    judging = Judging(is_malformed=[not isinstance(each, NamedRow) for each in named], judge=verdicts)
    return answer_chunk(registry, actor, kept, judging, malformed)


def attestation_batch_progress(registry: Registry, actor: Actor, batch_key: str) -> BatchProgress:
    """Read how much of a batch is committed; raises Refusal NOT_FOUND."""
    return progress_of(registry, actor, _OF_BATCHES + batch_key, batch_key)


def malformed_attestation(row_id: str, faults: Mapping[str, str]) -> AttestationRowVerdict:
    """Refuse a row that is no attestation; it names the first of its faults, and none of its values."""
    named = tuple(RowFault(field=path, code=code) for path, code in sorted(faults.items())[:MOST_FAULTS])
    return AttestationRowVerdict(row_id=row_id, verdict=AttestationVerdict.REJ_MALFORMED_ROW, errors=named)


def _named(registry: Registry, row: SentAttestation) -> NamedRow | AttestationRowVerdict:
    if isinstance(row, AttestationRowVerdict):
        return row
    if row.band not in ATTESTED:
        return malformed_attestation(row.row_id, {"band": FieldCode.INVALID})
    if row.tokens.household_register is not None or row.tokens.household_address is not None:
        return malformed_attestation(row.row_id, {"tokens": FieldCode.HAS_A_HOUSEHOLD})
    try:
        return NamedRow(row=row, names=pseudonyms(registry, row.tokens))
    except Refusal as refusal:
        # In a stream a bad token refuses its row alone; it never stops the file.
        return malformed_attestation(row.row_id, {"tokens": refusal.problem.value.name})
