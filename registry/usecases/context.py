"""Every use case receives the registry (store, keys, rules, clock, randomness), and a POST returns an outcome."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from crypto.tlog.keys import SignatureKind, VerifierKey
from protocol.encodings import canonical_json
from protocol.wire.codec import write
from registry.policy.rules import RuleBook
from registry.store.transactions import Store
from registry.usecases.clock.guard import ClockGuard
from registry.usecases.known_books import KnownBooks
from registry.usecases.known_handles import KnownHandles
from registry.usecases.known_keys import KnownKeys
from registry.usecases.pulse import Pulse
from registry.usecases.together import Together
from registry.usecases.watch import Watch


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistryKeys:
    """The registry's secrets, kept outside the database.

    Index peppers by key epoch, key-encryption keys by their own epoch (32 bytes each), and the key that signs
    decision tokens, clearances and answers.
    """

    peppers: Mapping[int, bytes] = field(repr=False)
    key_encryption_keys: Mapping[int, bytes] = field(repr=False)
    current_key_encryption_epoch: int
    signing_key_id: str
    signing_key: Ed25519PrivateKey = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class LogIdentity:
    """The public identity of the access log: each year has a tree of its own, all under one key (32 bytes)."""

    name: str
    public_key: bytes

    def origin(self, year: int) -> str:
        """Return the name of a year's log, the first line of its checkpoints."""
        return f"{self.name}/{year}"

    def key(self, year: int) -> VerifierKey:
        """Return the key of a year's log, as its readers configure it."""
        return VerifierKey(name=self.origin(year), kind=SignatureKind.NOTE, public_key=self.public_key)


@dataclass(frozen=True, slots=True, kw_only=True)
class Registry:
    """One running registry; ``name`` is its name in the messages that it signs."""

    name: str
    public_url: str
    store: Store
    keys: RegistryKeys
    log: LogIdentity
    founding_rules: RuleBook
    """The founding rules of the release; approved versions are in the store (usecases/rules/shared.py)."""
    clock: Callable[[], dt.datetime]
    guard: ClockGuard
    """The judge of the clock, which every act and every round asks."""
    random: Callable[[int], bytes]
    watch: Watch = field(default_factory=Watch)
    """The facts outside the database, and the last comparison of the database with them."""
    pulse: Pulse = field(default_factory=Pulse)
    """The last look of this process at its database (usecases/readiness.py)."""
    known_keys: KnownKeys = field(default_factory=KnownKeys)
    books: KnownBooks = field(default_factory=KnownBooks)
    known_handles: KnownHandles = field(default_factory=KnownHandles, repr=False)
    inquiries: "Together[Any, Outcome]" = field(default_factory=Together)
    """The line of the single inquiries of this process (usecases/inquiries/group.py)."""
    private_webhooks: bool = False
    """Webhooks may have private addresses, this machine's included: for demonstrations and closed networks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IdempotentCall:
    """A POST's Idempotency-Key, the SHA-256 of its body and the operation it was sent to."""

    key: str
    request_digest: bytes
    operation: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The exact answer to a POST; ``replayed`` if it was stored before under the same key."""

    status: int
    body: bytes = field(repr=False)
    replayed: bool = False


def json_body(answer: object) -> bytes:
    """Write an answer as canonical JSON, so that the stored answer is the sent one."""
    return canonical_json(write(answer))
