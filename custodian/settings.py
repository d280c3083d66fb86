"""The custodian's settings: one TOML file, whose scalars the environment may override."""

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from protocol.names import PARTICIPANT_ID
from serving.settings import Table, read_settings

ENV_PREFIX: Final = "CLEARLINE_CUSTODIAN_"


@dataclass(frozen=True, slots=True, kw_only=True)
class CarrierKey:
    """A carrier's public signing key (Ed25519, 32 bytes); a carrier may hold several while it changes keys.

    ``carrier`` is its participant id at the registry: what is counted under it is compared with what the registry saw.
    """

    carrier: str
    key_id: str
    public_key: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class RevokedKey:
    """A carrier's key that opens nothing any more, by its name and, where it is known, by the key itself."""

    key_id: str
    public_key: bytes | None
    at: dt.datetime | None

    def is_of(self, key: CarrierKey) -> bool:
        """Whether ``key`` goes by the revoked name, or is the revoked key under another name."""
        return key.key_id == self.key_id or key.public_key == self.public_key


@dataclass(frozen=True, slots=True, kw_only=True)
class Admission:
    """Who is let in, and how many elements each carrier has a UTC day: the settings that hold without a restart."""

    carriers: tuple[CarrierKey, ...]
    daily_quota: int
    revoked: tuple[RevokedKey, ...] = ()

    def key(self, key_id: str) -> CarrierKey | None:
        """The key of that name; None for an unknown or a revoked one."""
        return next((each for each in self.good() if each.key_id == key_id), None)

    def good(self) -> tuple[CarrierKey, ...]:
        """The keys that open the door."""
        return tuple(each for each in self.carriers if not any(gone.is_of(each) for gone in self.revoked))


@dataclass(frozen=True, slots=True, kw_only=True)
class CustodianSettings:
    """Everything a custodian process is told.

    ``participant`` is the custodian's name at the registry, which its tallies go to; serving needs none.
    """

    index: int
    epoch: int
    threshold: int
    share: Path
    public_url: str
    listen: str
    database: Path
    admission: Admission
    threads: int = 4
    participant: str | None = None


def load(path: Path, environ: Mapping[str, str] | None = None) -> CustodianSettings:
    """Read ``path``; ``CLEARLINE_CUSTODIAN_LISTEN`` and its like win over the file's scalars."""
    return read_settings(path, _settings, prefix=ENV_PREFIX, environment=environ)


def parse(raw: bytes, path: Path) -> CustodianSettings:
    """Read the bytes that are to become the settings file ``path``."""
    return read_settings(path, _settings, raw=raw, prefix=ENV_PREFIX)


def _settings(table: Table) -> CustodianSettings:
    return CustodianSettings(
        index=table.integer("index"),
        epoch=table.integer("epoch"),
        threshold=table.integer("threshold"),
        share=table.file("share"),
        public_url=table.text("public_url").rstrip("/"),
        listen=table.text("listen"),
        database=table.file("database"),
        admission=_admission(table),
        threads=table.integer("threads", 4),
        participant=_participant(table, "participant") if "participant" in table else None,
    )


def _participant(table: Table, key: str) -> str:
    name = table.text(key)
    if re.fullmatch(PARTICIPANT_ID, name) is None:
        raise table.wrong(key, "must be a participant id as the registry has it")
    return name


def _admission(table: Table) -> Admission:
    carriers = tuple(
        CarrierKey(
            carrier=_participant(entry, "id"),
            key_id=entry.text("key_id"),
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
    """Take a key out of use; its entry brings the key itself, or else its carrier's entry does."""
    key_id, at = entry.text("key_id"), entry.value("at")
    if at is not None and not (isinstance(at, dt.datetime) and at.tzinfo is not None):
        raise entry.wrong("at", "must be a time such as 2026-11-28T13:00:00Z")
    public_key = entry.public_key("public_key") if "public_key" in entry else keys.get(key_id)
    return RevokedKey(key_id=key_id, public_key=public_key, at=at)
