"""The access log: its trees, openings, receipts and witnesses."""

import datetime as dt
from dataclasses import dataclass, field
from datetime import MAXYEAR, MINYEAR
from typing import Annotated, Any, Final
from uuid import UUID

from protocol.encodings import MAX_JSON_INTEGER
from protocol.incarnation import FIRST, MOST
from protocol.names import BASE64URL, MAX_URL, VISIBLE, WITNESS_NAME
from protocol.receipts import Grade
from protocol.wire.fields import KeyId, Octets32, ParticipantId
from protocol.wire.kinds import Items, Key, Note, Nullable, Octets, OpenObject, OpenText, Text, Whole

MAX_WITNESSES: Final = 64
"""Most witnesses that count at once: a note has at most 100 signature lines, the log's own among them."""


MAX_WITNESSES_EVER: Final = 1024
"""A witness that was removed keeps its name and its key taken; all of them are one answer."""
MAX_OPENINGS: Final = 10_000
MAX_WAIT_SECONDS: Final = 10
MAX_NAME: Final = 255
MAX_VKEY: Final = 512
WitnessName = Annotated[str, Text(WITNESS_NAME, most=MAX_NAME)]
MAX_INDEX: Final = MAX_JSON_INTEGER


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsistencyQuery:
    """Two sizes of the same log."""

    old: Annotated[int, Whole(least=0, most=MAX_INDEX)]
    new: Annotated[int, Whole(least=0, most=MAX_INDEX)]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptQuery:
    """The grade of the receipt, and the seconds to wait for it."""

    grade: Grade = Grade.INTEGRATED
    wait: Annotated[int, Whole(least=0, most=MAX_WAIT_SECONDS)] = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class OpeningsQuery:
    """The first place, and the number of places."""

    start: Annotated[Annotated[int, Whole(least=0, most=MAX_INDEX)], Key("from")] = 0
    limit: Annotated[int, Whole(least=1, most=MAX_OPENINGS)] = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptRequest:
    """The signed request behind an entry (RFC 9421), which its signer cannot deny."""

    key_id: KeyId
    signature_base: Annotated[
        str, Text(BASE64URL, most=65536), Note("The bytes of the signature base (RFC 9421, section 2.5) in base64url.")
    ]
    signature: Annotated[bytes, Octets(64)] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpeningLine:
    """One line of openings: an entry's, or the closing line (`end`, `next`, `size`).

    ``erased_by`` is the entry that tells of the erasure of the personal part.
    """

    index: Annotated[int, Whole(least=0, most=MAX_INDEX)] | None = None
    id: UUID | None = None
    core: (
        Annotated[Annotated[str, OpenText()], Note("Canonical JSON: with its salt it gives the public entry.")] | None
    ) = None
    core_salt: Octets32 | None = field(default=None, repr=False)
    personal: Annotated[str, OpenText(), Note("Canonical JSON; gone once it was erased.")] | None = field(
        default=None, repr=False
    )
    personal_salt: Octets32 | None = field(default=None, repr=False)
    erased_by: UUID | None = None
    request: KeptRequest | None = None
    end: bool = False
    next: Annotated[int, Whole(least=0, most=MAX_INDEX)] | None = None
    size: Annotated[int, Whole(least=0, most=MAX_INDEX)] | None = None
    problem: Annotated[dict[str, Any], OpenObject()] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LogTree:
    """One year's tree: its published size, and the code of the fault that keeps it from taking entries."""

    year: Annotated[int, Whole(least=MINYEAR, most=MAXYEAR)]
    size: Annotated[int, Whole(least=0, most=MAX_INDEX)]
    refused: Annotated[str, Text("[a-z-]+", most=48)] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Log:
    """The log as its registry calls it now, and the registry's incarnation."""

    name: Annotated[str, Text(VISIBLE, most=MAX_NAME)]
    incarnation: Annotated[int, Whole(least=FIRST, most=MOST)]
    trees: Annotated[tuple[LogTree, ...], Items(least=0, most=MAXYEAR)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cosigned:
    """A head of this log and its cosigners; ``quorum`` says that it is a witnessed head now."""

    size: Annotated[int, Whole(least=0, most=MAX_INDEX)]
    cosigned_by: Annotated[
        tuple[Annotated[str, Text(WITNESS_NAME, most=MAX_NAME)], ...], Items(least=1, most=MAX_WITNESSES)
    ]
    quorum: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class NewWitness:
    """A witness: its key name and key, and its URL where it is to be fed (c2sp.org/tlog-witness)."""

    participant_id: ParticipantId
    name: WitnessName
    public_key: Octets32 = field(repr=False)
    url: Annotated[Annotated[str, Text(VISIBLE, most=MAX_URL)], Nullable()] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Witness:
    """A witness; its cosignatures count until it is removed."""

    participant_id: ParticipantId
    name: WitnessName
    public_key: Octets32 = field(repr=False)
    vkey: Annotated[str, Text(VISIBLE, most=MAX_VKEY)]
    url: Annotated[str, Text(VISIBLE, most=MAX_URL)] | None
    added_at: dt.datetime
    removed_at: dt.datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WitnessList:
    """All witnesses by name, those that were removed too."""

    witnesses: Annotated[tuple[Witness, ...], Items(least=0, most=MAX_WITNESSES_EVER)]
