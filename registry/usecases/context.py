"""What every use case is handed: the store, the keys, the rules, a clock and randomness; and what it gives back."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from crypto.tlog.keys import SignatureKind, VerifierKey
from protocol.encodings import canonical_json
from protocol.wire.codec import write
from registry.policy.rules import RuleBook
from registry.store.transactions import Store
from registry.usecases.clock.guard import ClockGuard
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
    """What everybody may know of the access log: each year has a tree of its own, all under one key (32 bytes)."""

    name: str
    public_key: bytes

    def origin(self, year: int) -> str:
        """The name of a year's log, as its checkpoints begin."""
        return f"{self.name}/{year}"

    def key(self, year: int) -> VerifierKey:
        """The key of a year's log, as its readers configure it."""
        return VerifierKey(name=self.origin(year), kind=SignatureKind.NOTE, public_key=self.public_key)


@dataclass(frozen=True, slots=True, kw_only=True)
class Registry:
    """One running registry; ``name`` is how it calls itself in what it signs."""

    name: str
    public_url: str
    store: Store
    keys: RegistryKeys
    log: LogIdentity
    founding_rules: RuleBook
    """What the release came with; versions that were approved since are in the store (usecases/rules/shared.py)."""
    clock: Callable[[], dt.datetime]
    guard: ClockGuard
    """Whether the clock is to be believed: every act and every round asks it."""
    random: Callable[[int], bytes]
    watch: Watch = field(default_factory=Watch)
    """What is remembered beside the database, and how the registry was last seen to stand to it."""
    private_webhooks: bool = False
    """Events may be delivered to private addresses and to this machine: for demonstrations and closed networks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IdempotentCall:
    """A POST's Idempotency-Key, the SHA-256 of its body and the operation it was sent to."""

    key: str
    request_digest: bytes
    operation: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The exact answer to a POST; ``replayed`` when it was given before under the same key."""

    status: int
    body: bytes = field(repr=False)
    replayed: bool = False


def json_body(answer: object) -> bytes:
    """The one JSON form of our answers, which are messages: canonical, so that the stored answer is the sent one."""
    # A mapping is an answer that is no message yet.
    return canonical_json(answer if isinstance(answer, Mapping) else write(answer))
