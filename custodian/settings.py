"""Reads the custodian's settings: one TOML file, whose scalars the environment may override."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

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
class Admission:
    """The carriers' keys and each carrier's quota of elements a UTC day: these settings hold without a restart."""

    carriers: tuple[CarrierKey, ...]
    daily_quota: int
    revoked: tuple[RevokedKey, ...] = ()

    def key(self, key_id: str) -> CarrierKey | None:
        """Return the key of that name; None for an unknown or a revoked one."""
        return next((each for each in self.good() if each.key_id == key_id), None)

    def good(self) -> tuple[CarrierKey, ...]:
        """Return the keys that are not revoked."""
        return tuple(each for each in self.carriers if not any(gone.is_of(each) for gone in self.revoked))


@dataclass(frozen=True, slots=True, kw_only=True)
class CustodianSettings:
    """All settings of a custodian process.

    ``participant`` is the custodian's id at the registry, for its tallies; serving does not need it. ``index`` and
    ``epoch`` have to be those of the dealer's file, if they are given. ``custody`` is the source of the passphrase
    under which its secret files are sealed; None: they are plain.
    """

    index: int | None = None
    epoch: int | None = None
    threshold: int | None = None
    """The threshold of the dealer's shares, whose files do not tell it."""
    share: Path | None = None
    """A dealer's file; without it all shares come from ceremonies."""
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
        shares=table.file("shares", "shares"),
        refresh_days=_optional(table, "refresh_days", most=_MOST_REFRESH_DAYS),
        public_url=table.text("public_url").rstrip("/"),
        listen=table.text("listen"),
        database=table.file("database"),
        admission=_admission(table),
        threads=table.integer("threads", 4),
        participant=table.participant_id("participant") if "participant" in table else None,
        custody=read_custody(table),
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
    if not carriers:
        raise table.wrong("carrier", "must have at least one entry [[carrier]]")
    keys = {carrier.key_id: carrier.public_key for carrier in carriers}
    if len(keys) != len(carriers):
        raise table.wrong("carrier", "has two entries of the same key_id")
    revoked = tuple(_revoked(entry, keys) for entry in table.tables("revoked"))
    return Admission(carriers=carriers, daily_quota=table.integer("daily_quota"), revoked=revoked)


def _revoked(entry: Table, keys: Mapping[str, bytes]) -> RevokedKey:
    """Read a revoked key; the key itself stands in its own entry, or else in its carrier's entry."""
    key_id, at = entry.text("key_id"), entry.value("at")
    if at is not None and not (isinstance(at, dt.datetime) and at.tzinfo is not None):
        raise entry.wrong("at", "must be a time such as 2026-11-28T13:00:00Z")
    public_key = entry.public_key("public_key") if "public_key" in entry else keys.get(key_id)
    return RevokedKey(key_id=key_id, public_key=public_key, at=at)
