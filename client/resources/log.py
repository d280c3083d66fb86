"""The access log at the registry: the calls that are signed, and its witnesses."""

from typing import Final
from urllib.parse import quote
from uuid import UUID

from client.answers import MAX_ANSWER, message, read_object
from client.idempotency import named
from client.registry import RegistryClient
from protocol.encodings import canonical_json
from protocol.messages.log import Cosigned, NewWitness, Witness, WitnessList
from protocol.messages.steps import Step
from protocol.receipts import Grade
from protocol.wire.codec import write

MAX_OPENINGS_BYTES: Final = 64 * 1024 * 1024
_NOTE: Final = "text/plain; charset=utf-8"
_WITNESSES: Final = "/v1/witnesses"


def receipt(registry: RegistryClient, year: int, entry_id: UUID, grade: Grade, wait_seconds: int) -> bytes:
    """Fetch an entry's receipt: a tlog-proof, or for the grade ``promise`` a compact JWS. Nothing is verified yet."""
    return registry.get_bytes(f"/log/{year:04d}/receipts/{entry_id}?grade={grade}&wait={wait_seconds}")


def cosign(registry: RegistryClient, year: int, note: bytes) -> Cosigned:
    """Hand in a note with cosignature lines."""
    key = named("cosignature", note)
    answer = registry.post_bytes(f"/log/{year:04d}/cosignatures", note, content_type=_NOTE, idempotency_key=key)
    return message(Cosigned, read_object(answer, MAX_ANSWER))


def openings(registry: RegistryClient, year: int, start: int, limit: int) -> bytes:
    """Fetch the openings from an index on that the sender may read, as NDJSON with a closing line."""
    return registry.get_stream(f"/log/{year:04d}/openings?from={start}&limit={limit}", max_answer=MAX_OPENINGS_BYTES)


def admit_witness(registry: RegistryClient, new: NewWitness) -> Witness:
    """Count the cosignatures of a witness; the same again gives the same answer."""
    return registry.post(_WITNESSES, new, Witness, key=named("witness", canonical_json(write(new))))


def witnesses(registry: RegistryClient) -> WitnessList:
    """List all witnesses by name, those that were removed too."""
    return registry.get(_WITNESSES, WitnessList)


def remove_witness(registry: RegistryClient, name: str) -> Witness:
    """Count the cosignatures of a witness no more, for ever; the same again gives the same answer."""
    path = f"{_WITNESSES}/{quote(name)}/removal"
    return registry.post(path, Step(), Witness, key=named("witness-removal", name.encode()))
