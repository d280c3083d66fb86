"""A carrier at the log: its reader, its kept heads, its witness and its receipts, under one set of pinned keys."""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Final, Self
from uuid import UUID

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from auditlog.errors import LogRefused
from auditlog.heads import COSIGNED, HeadKeeper
from auditlog.names import LogName, refusing, year_of, year_of_origin
from auditlog.reader import LogReader
from auditlog.receipts import (
    Trust,
    VerifiedReceipt,
    read_policy,
    verify_own,
    verify_promise,
    wait_for_receipt,
)
from auditlog.settings import LogSettings
from auditlog.vkeys import read_vkeys, signing_key
from auditlog.witness import (
    Outcome,
    Round,
    Witness,
    each_year,
    is_out_of_reach,
    keep_witnessing,
    needs_a_person,
    witness_round,
    years_over,
    years_to_witness,
)
from client.errors import ClientError
from client.registry import RegistryClient
from client.resources import log
from crypto.signing.keys import load_public
from crypto.tlog.keys import VerifierKey
from crypto.tlog.proof import parse_receipt
from protocol.receipts import Grade
from serving.settings import SettingsError

_CLOCKS_DIFFER: Final = dt.timedelta(seconds=30)
_LOOK_BACK_SECONDS: Final = 3600.0
_NOTHING_OWED: Final = frozenset({Outcome.NO_LOG, Outcome.SETTLED})


@dataclass(frozen=True, slots=True, kw_only=True)
class LogParty:
    """``close`` gives the connections back; a context manager."""

    settings: LogSettings
    registry: RegistryClient
    registry_key_id: str
    registry_public_key: bytes
    http: httpx.Client = field(repr=False)
    witness: Witness | None
    clock: Callable[[], dt.datetime]
    monotonic: Callable[[], float]
    sleep: Callable[[float], None]
    resources: ExitStack = field(repr=False)
    looked_back: dict[str, float] = field(default_factory=dict, repr=False)
    """The time, by witness, at which past years were last looked at."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """No call works after this."""
        self.resources.close()

    def key(self, year: int) -> VerifierKey:
        """The pinned key of a year's log."""
        return LogName(name=self.settings.name, public_key=self.settings.public_key).key(year)

    def reader(self, year: int) -> LogReader:
        """Open a reader of a year's log; the caller closes it."""
        return LogReader(f"{self.settings.url}/{year:04d}", self.http, sleep=self.sleep)

    def witness_key(self) -> VerifierKey:
        """Return the witness's vkey, for the registry and the readers of policies; raises SettingsError."""
        return self._witness().key

    def witness_round(self) -> list[tuple[int, Round]]:
        """Run one round over the logs that are to be witnessed now; raises LogForked, LogRefused, LogUnreachable.

        It raises after the last year, so that a failure in one year does not stop the others.
        """
        rounds, troubles = self._witness_years()
        if troubles:
            raise max(troubles, key=needs_a_person)
        return rounds

    def witness_forever(self, interval: float) -> Iterator[list[tuple[int, Round]] | str]:
        """Run round after round, until a failure that only a person can mend."""
        return keep_witnessing(self._witness_years, interval=interval, sleep=self.sleep)

    def _witness_years(self) -> tuple[list[tuple[int, Round]], list[ClientError]]:
        """Witness the present years in every round, and once an hour the past years that lack this witness's line."""
        witness, now = self._witness(), self.clock()
        rounds, troubles = each_year(years_to_witness(now), lambda year: self._witness_year(witness, year, now))
        looked = self.looked_back.get(witness.name)
        is_fresh = looked is not None and self.monotonic() - looked < _LOOK_BACK_SECONDS
        if is_fresh or is_out_of_reach(troubles):
            return rounds, troubles
        old, more = each_year(years_over(now), lambda year: self._witness_year(witness, year, now, is_over=True))
        if not more:
            self.looked_back[witness.name] = self.monotonic()
        return rounds + [each for each in old if each[1].outcome not in _NOTHING_OWED], troubles + more

    def _witness_year(self, witness: Witness, year: int, now: dt.datetime, *, is_over: bool = False) -> Round:
        with self.reader(year) as reader:
            return witness_round(
                witness,
                reader=reader,
                heads=HeadKeeper(self.settings.state, self.key(year)),
                cosigned=HeadKeeper(self.settings.state, self.key(year), kind=COSIGNED),
                send=lambda note: log.cosign(self.registry, year, note),
                now=now,
                is_over=is_over,
            )

    def receipt(self, entry_id: UUID, grade: Grade, wait_seconds: float) -> VerifiedReceipt:
        """Fetch and verify the receipt of this carrier's own entry; raises RegistryRefused while there is none."""
        year = year_of(entry_id)
        trust = self.trust(year, grade)
        raw = wait_for_receipt(
            lambda seconds: log.receipt(self.registry, year, entry_id, grade, seconds),
            wait_seconds=wait_seconds,
            monotonic=self.monotonic,
            sleep=self.sleep,
        )
        return verify_own(
            raw,
            entry_id=entry_id,
            trust=trust,
            fetch_openings=lambda start, limit: log.openings(self.registry, year, start, limit),
        )

    def promise(self, entry_id: UUID) -> tuple[bytes, Mapping[str, Any]]:
        """Fetch the registry's signed promise that an entry will be in the log, and its claims; raises LogRefused."""
        year = year_of(entry_id)
        raw = log.receipt(self.registry, year, entry_id, Grade.PROMISE, 0)
        return raw, self.verified_promise(raw, entry_id)

    def verified_promise(self, raw: bytes, entry_id: UUID) -> Mapping[str, Any]:
        """Verify a promise of an entry without a network and return its claims; raises LogRefused."""
        keys = self._known_keys(year_of(entry_id))
        for key in keys[1:]:
            # A promise that verifies under no key is refused under the present key, below.
            with suppress(LogRefused):
                return verify_promise(raw, entry_id=entry_id, origin=key.name, resolve=self._registry_key)
        return verify_promise(raw, entry_id=entry_id, origin=keys[0].name, resolve=self._registry_key)

    def trust_in_kept(self, raw: bytes, year: int, grade: Grade) -> Trust:
        """Return the trust for a kept receipt: the key of its time, if the log has another name or key since."""
        with refusing("the receipt"):
            signed = parse_receipt(raw).signed
        return self._trust(signing_key(signed, self._known_keys(year)) or self.key(year), grade)

    def trust(self, year: int, grade: Grade) -> Trust:
        """Return the trust for receipts of a year's log; raises SettingsError where the policy is missing."""
        return self._trust(self.key(year), grade)

    def known_names(self, year: int) -> frozenset[str]:
        """Return the present and former names of a year's log: kept receipts and promises verify under these."""
        return frozenset(key.name for key in self._known_keys(year))

    def _known_keys(self, year: int) -> tuple[VerifierKey, ...]:
        """Return the pinned key of a year's log, and its former keys."""
        path = self.settings.former_keys
        former = () if path is None else read_vkeys(path)
        return (self.key(year), *(key for key in former if year_of_origin(key.name) == year))

    def _trust(self, key: VerifierKey, grade: Grade) -> Trust:
        if grade is not Grade.WITNESSED:
            return Trust(key=key)
        if self.settings.policy is None:
            raise SettingsError("the witnessed grade needs [log] policy: the witnesses that you believe")
        try:
            raw = self.settings.policy.read_bytes()
        except OSError as trouble:
            raise SettingsError(f"{self.settings.policy}: cannot be read ({trouble.strerror})") from None
        policy = read_policy(raw, faults=self.settings.faults, key=key)
        return Trust(key=key, policy=policy, latest=int((self.clock() + _CLOCKS_DIFFER).timestamp()))

    def _registry_key(self, key_id: str) -> Ed25519PublicKey:
        if key_id != self.registry_key_id:
            raise LogRefused("promise-foreign", "the promise is not under the pinned key")
        return load_public(self.registry_public_key)

    def _witness(self) -> Witness:
        if self.witness is None:
            raise SettingsError("the settings have no [log] witness_key: make one with `clearline keys new`")
        return self.witness
