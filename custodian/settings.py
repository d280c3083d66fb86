"""Reads the custodian's settings: one TOML file, whose scalars the environment may override."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from protocol.messages.ceremonies import MAX_PEER_URL
from serving.passphrase import PassphraseSource, read_custody
from serving.settings import Table, read_settings

ENV_PREFIX: Final = "CLEARLINE_CUSTODIAN_"
_MOST_REFRESH_DAYS: Final = 3650


@dataclass(frozen=True, slots=True, kw_only=True)
class CarrierKey:
    """A carrier's public signing key (Ed25519, 32 bytes); a carrier may hold several while it changes keys.

    ``carrier`` is its participant id at the registry, which compares the custodian's counts with its own.
    """

    carrier: str
    key_id: str
    public_key: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class RevokedKey:
    """A carrier's revoked key, by its name and, where it is known, by the key itself."""

    key_id: str
    public_key: bytes | None
    at: dt.datetime | None

    def is_of(self, key: CarrierKey) -> bool:
        """Tell whether ``key`` has the revoked name, or is the revoked key under another name."""
        return key.key_id == self.key_id or key.public_key == self.public_key


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """Another custodian as the operator of this one pinned it by hand; nobody else holds ceremonies with it."""

    custodian: str
    url: str
    key_id: str
    public_key: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Admission:
    """The carriers' keys, each carrier's quota of elements a UTC day, and the other custodians.

    These settings hold without a restart.
    """

    carriers: tuple[CarrierKey, ...]
    daily_quota: int
    revoked: tuple[RevokedKey, ...] = ()
    peers: tuple[Peer, ...] = ()

    def key(self, key_id: str) -> CarrierKey | None:
        """Return the key of that name; None for an unknown or a revoked one."""
        return next((each for each in self.good() if each.key_id == key_id), None)

    def good(self) -> tuple[CarrierKey, ...]:
        """Return the keys that are not revoked."""
        return tuple(each for each in self.carriers if not any(gone.is_of(each) for gone in self.revoked))

    def peer(self, key_id: str) -> Peer | None:
        """Return the other custodian whose key has that name."""
        return next((each for each in self.peers if each.key_id == key_id), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class CustodianSettings:
    """All settings of a custodian process.

    ``participant`` is the custodian's id at the registry, for tallies and ceremonies; serving does not need it.
    ``index`` and ``epoch`` have to be those of the dealer's file, if they are given. ``custody`` is the source of the
    passphrase under which its secret files are sealed; None: they are plain.
    """

    index: int | None = None
    epoch: int | None = None
    threshold: int | None = None
    """The threshold of the dealer's shares, whose files do not tell it."""
    share: Path | None = None
    """A dealer's file; without it all shares come from ceremonies."""
    demonstration: bool = False
    """A dealer's share is served nowhere else, since its dealer knew the key."""
    shares: Path
    """The folder of the shares that ceremonies made."""
    refresh_days: int | None = None
    """An alarm asks for a refresh once the newest share is older than this many days."""
    public_url: str
    listen: str
    database: Path
    admission: Admission
    threads: int = 4
    participant: str | None = None
    custody: PassphraseSource | None = None
    signing_key: Path | None = None
    """The PEM file of the key that signs this custodian's steps of a ceremony, under the name ``key_id``."""
    key_id: str | None = None
    ceremonies: Path = Path("ceremonies")
    """The folder of the ceremonies that it takes part in."""


def load(path: Path, environ: Mapping[str, str] | None = None) -> CustodianSettings:
    """Read ``path``; variables such as ``CLEARLINE_CUSTODIAN_LISTEN`` override the file's scalars."""
    return read_settings(path, _settings, prefix=ENV_PREFIX, environment=environ)


def parse(raw: bytes, path: Path) -> CustodianSettings:
    """Read bytes that will become the settings file ``path``."""
    return read_settings(path, _settings, raw=raw, prefix=ENV_PREFIX)


def _settings(table: Table) -> CustodianSettings:
    share, threshold = table.optional_file("share"), _optional(table, "threshold")
    if share is not None and threshold is None:
        raise table.wrong("threshold", "must be a whole number: the dealer's file of share does not tell it")
    return CustodianSettings(
        index=_optional(table, "index"),
        epoch=_optional(table, "epoch"),
        threshold=threshold,
        share=share,
        demonstration=table.flag("demonstration", default=False),
        shares=table.file("shares", "shares"),
        refresh_days=_optional(table, "refresh_days", most=_MOST_REFRESH_DAYS),
        public_url=table.text("public_url").rstrip("/"),
        listen=table.text("listen"),
        database=table.file("database"),
        admission=_admission(table),
        threads=table.integer("threads", 4),
        participant=table.participant_id("participant") if "participant" in table else None,
        custody=read_custody(table),
        signing_key=table.optional_file("signing_key"),
        key_id=table.key_id("key_id") if "key_id" in table else None,
        ceremonies=table.file("ceremonies", "ceremonies"),
    )


def _optional(table: Table, key: str, *, most: int | None = None) -> int | None:
    return table.integer(key, most=most) if key in table else None


def _admission(table: Table) -> Admission:
    carriers = tuple(
        CarrierKey(
            carrier=entry.participant_id("id"),
            key_id=entry.key_id("key_id"),
            public_key=entry.public_key("public_key"),
        )
        for entry in table.tables("carrier")
    )
    peers = tuple(_peer(entry) for entry in table.tables("peer"))
    if not carriers and not peers:
        raise table.wrong("carrier", "must have at least one entry [[carrier]], or [[peer]] before the first ceremony")
    keys = {carrier.key_id: carrier.public_key for carrier in carriers}
    if len(keys) != len(carriers):
        raise table.wrong("carrier", "has two entries of the same key_id")
    _check_peers(table, peers, keys)
    revoked = tuple(_revoked(entry, keys) for entry in table.tables("revoked"))
    return Admission(carriers=carriers, daily_quota=table.integer("daily_quota"), revoked=revoked, peers=peers)


def _peer(entry: Table) -> Peer:
    url = entry.text("url").rstrip("/")
    if not url.startswith(("https://", "http://")) or len(url) > MAX_PEER_URL:
        raise entry.wrong("url", f"must be an http or https URL of at most {MAX_PEER_URL} characters")
    return Peer(
        custodian=entry.participant_id("id"),
        url=url,
        key_id=entry.key_id("key_id"),
        public_key=entry.public_key("public_key"),
    )


def _check_peers(table: Table, peers: tuple[Peer, ...], carriers: Mapping[str, bytes]) -> None:
    """Refuse two names of one custodian, and a key of both a custodian and a carrier: nonces count by a key's name."""
    for key, values, taken in (
        ("id", [each.custodian for each in peers], set[object]()),
        ("url", [each.url for each in peers], set[object]()),
        ("key_id", [each.key_id for each in peers], set(carriers)),
        ("public_key", [each.public_key for each in peers], set(carriers.values())),
    ):
        if len(set(values)) != len(values) or taken.intersection(values):
            raise table.wrong("peer", f"has the {key} of another entry")


def _revoked(entry: Table, keys: Mapping[str, bytes]) -> RevokedKey:
    """Read a revoked key; the key itself stands in its own entry, or else in its carrier's entry."""
    key_id, at = entry.text("key_id"), entry.value("at")
    if at is not None and not (isinstance(at, dt.datetime) and at.tzinfo is not None):
        raise entry.wrong("at", "must be a time such as 2026-11-28T13:00:00Z")
    public_key = entry.public_key("public_key") if "public_key" in entry else keys.get(key_id)
    return RevokedKey(key_id=key_id, public_key=public_key, at=at)
