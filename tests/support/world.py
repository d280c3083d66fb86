"""A whole registry for tests: the real one on a database, with a clock that the test moves and keys of its own."""

import datetime as dt
import functools
import hashlib
import itertools
import os
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from crypto.signing.jws import sign_compact
from crypto.signing.keys import generate_signing_key, public_bytes
from protocol.codes import Role, SettlementKind
from protocol.encodings import canonical_json
from protocol.messages.participants import NewParticipant
from protocol.messages.settlements import SettlementOrder, statement_claims
from protocol.messages.tokens import SubjectTokens
from registry.domain.participants import Actor
from registry.policy.clock import DEFAULT_CLOCK_TERMS, ClockTerms
from registry.policy.rules import DEFAULT_RULES
from registry.store.transactions import Store
from registry.usecases.clock.guard import ClockGuard, ClockSources
from registry.usecases.context import IdempotentCall, LogIdentity, Registry, RegistryKeys
from registry.usecases.found import FirstEpoch, found
from registry.usecases.participants.admit import register_participant
from registry.usecases.settlements.settle import STATEMENT_TYPE
from registry.wiring import system_sources
from tests.support.builders import NOW
from tests.support.ceremonies import first_held

CARRIER_ROLES = frozenset({Role.REPORTER, Role.INQUIRER})
CARRIERS = ("carrier-a", "carrier-b", "carrier-c")
PUBLIC_URL = "https://registry.test"


@dataclass
class Clock:
    """The time that everybody in the test sees."""

    now: dt.datetime = NOW

    def __call__(self) -> dt.datetime:
        return self.now

    def forward(self, **delta: float) -> None:
        self.now += dt.timedelta(**delta)


def a_guard(clock: Callable[[], dt.datetime], terms: ClockTerms = DEFAULT_CLOCK_TERMS) -> ClockGuard:
    """The real guard in a process that lived through whatever the test's clock passed: all readings go together."""
    sources = ClockSources(steady=lambda: clock().timestamp(), boot="test", database=lambda _: clock())
    return ClockGuard(sources, terms)


def real_guard() -> ClockGuard:
    """The guard that production is wired with, for registries on the system's clock."""
    return ClockGuard(system_sources(), DEFAULT_CLOCK_TERMS)


@dataclass
class World:
    """A founded registry with an operator and three carriers."""

    registry: Registry
    clock: Clock
    signing_keys: dict[str, Ed25519PrivateKey]
    _calls: Iterable[int] = field(default_factory=itertools.count)

    def actor(self, participant_id: str, *roles: Role) -> Actor:
        return Actor(
            participant_id=participant_id,
            key_id=f"{participant_id}-1",
            roles=frozenset(roles) or CARRIER_ROLES,
            request_id=uuid.uuid4(),
            request_digest=hashlib.sha256(participant_id.encode()).digest(),
        )

    def call(self, key: str | None = None, body: bytes = b"body", operation: str = "test") -> IdempotentCall:
        key = f"call-{next(iter(self._calls))}" if key is None else key
        return IdempotentCall(key=key, request_digest=hashlib.sha256(body).digest(), operation=operation)

    def order(
        self,
        creditor: str,
        tokens: SubjectTokens | None,
        account_ref: bytes,
        *,
        record_id: uuid.UUID | None = None,
        kind: SettlementKind = SettlementKind.FULL,
        amount_fen: int = 240_00,
        settled_at: dt.datetime | None = None,
        waive_rest: bool = False,
        signer: str | None = None,
    ) -> SettlementOrder:
        """A settlement order with the creditor's own statement, or with somebody else's signature under it.

        The default amount covers ``a_report`` with the highest late fee that there is.
        """
        settled_at = self.clock() if settled_at is None else settled_at
        claims = statement_claims(
            creditor=creditor,
            account_ref=account_ref,
            kind=kind,
            amount_fen=amount_fen,
            settled_at=settled_at,
            waive_rest=waive_rest,
        )
        signer = creditor if signer is None else signer
        statement = sign_compact(
            canonical_json(claims), typ=STATEMENT_TYPE, key_id=f"{signer}-1", private_key=self.signing_keys[signer]
        )
        return SettlementOrder(
            tokens=tokens,
            record_id=record_id,
            account_ref=account_ref,
            kind=kind,
            amount_fen=amount_fen,
            settled_at=settled_at,
            statement=statement,
            waive_rest=waive_rest,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Secrets:
    """The keys of a registry and of everybody who signs at its founding."""

    signing_keys: dict[str, Ed25519PrivateKey]
    registry: RegistryKeys


def new_secrets() -> Secrets:
    """Draw the keys of a registry that nobody has founded yet."""
    signing_keys = {name: generate_signing_key(os.urandom) for name in ("registry", "log", "operator", *CARRIERS)}
    registry = RegistryKeys(
        peppers={1: os.urandom(32)},
        key_encryption_keys={1: os.urandom(32)},
        current_key_encryption_epoch=1,
        signing_key_id="registry-1",
        signing_key=signing_keys["registry"],
    )
    return Secrets(signing_keys=signing_keys, registry=registry)


def with_pepper(secrets: Secrets, pepper: bytes) -> Secrets:
    """The same keys under which index keys are those of another process."""
    return replace(secrets, registry=replace(secrets.registry, peppers={1: pepper}))


@functools.cache
def template_secrets() -> Secrets:
    """The keys of the registry that this process founds once and copies for each test."""
    return new_secrets()


def a_world(store: Store, secrets: Secrets, *, public_url: str = PUBLIC_URL, at: dt.datetime = NOW) -> World:
    """Wire the registry that was founded in the store's database under these keys."""
    clock, signing_keys = Clock(at), dict(secrets.signing_keys)
    registry = Registry(
        name="clearline-test",
        public_url=public_url,
        store=store,
        keys=secrets.registry,
        log=LogIdentity(name="registry.test/log", public_key=public_bytes(signing_keys["log"])),
        founding_rules=DEFAULT_RULES,
        clock=clock,
        guard=a_guard(clock),
        random=os.urandom,
    )
    return World(registry, clock, signing_keys)


def found_world(
    store: Store, secrets: Secrets | None = None, *, public_url: str = PUBLIC_URL, at: dt.datetime = NOW
) -> World:
    """Found a registry in the store's empty database and admit ``carrier-a``, ``carrier-b`` and ``carrier-c``.

    Its epoch's key is that of ``first_held``, stated as a dealer's: the log has no committee yet.
    """
    world = a_world(store, secrets or new_secrets(), public_url=public_url, at=at)
    operator_key = public_bytes(world.signing_keys["operator"])
    joint = first_held().formed.committee.joint_public_key
    found(
        world.registry,
        NewParticipant(
            participant_id="operator",
            name="The operator",
            roles=(Role.OPERATOR,),
            key_id="operator-1",
            public_key=operator_key,
        ),
        FirstEpoch(epoch=1, joint_public_key=joint, threshold=2, custodians=3),
    )
    operator = world.actor("operator", Role.OPERATOR)
    for name in CARRIERS:
        admission = NewParticipant(
            participant_id=name,
            name=name.title(),
            roles=tuple(sorted(CARRIER_ROLES)),
            contact=f"Pay at any counter of {name}",
            key_id=f"{name}-1",
            public_key=public_bytes(world.signing_keys[name]),
        )
        register_participant(world.registry, operator, world.call(f"admit-{name}"), admission)
    return world
