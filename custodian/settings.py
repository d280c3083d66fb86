"""The custodian's settings: one TOML file, whose scalars the environment may override."""

import datetime as dt
import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from protocol.encodings import EncodingError, b64url_decode
from protocol.names import PARTICIPANT_ID

ENV_PREFIX: Final = "CLEARLINE_CUSTODIAN_"


class SettingsError(Exception):
    """A settings file that cannot be used; the message names the file and the key."""


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
    try:
        raw = path.read_bytes()
    except OSError as trouble:
        raise SettingsError(f"{path}: cannot be read ({trouble.strerror})") from None
    return parse(raw, path, environ)


def parse(raw: bytes, path: Path, environ: Mapping[str, str] | None = None) -> CustodianSettings:
    """What the bytes of a settings file say; ``path`` is what relative paths in it are relative to."""
    table = _read(raw, path)
    _override(table, os.environ if environ is None else environ)
    return CustodianSettings(
        index=_integer(table, "index", path),
        epoch=_integer(table, "epoch", path),
        threshold=_integer(table, "threshold", path),
        share=path.parent / _text(table, "share", path),
        public_url=_text(table, "public_url", path).rstrip("/"),
        listen=_text(table, "listen", path),
        database=path.parent / _text(table, "database", path),
        admission=Admission(
            carriers=_carriers(table, path),
            daily_quota=_integer(table, "daily_quota", path),
            revoked=_revoked(table, path),
        ),
        threads=_integer({"threads": 4, **table}, "threads", path),
        participant=_participant(table, "participant", path) if "participant" in table else None,
    )


def _read(raw: bytes, path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(raw.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as trouble:
        raise SettingsError(f"{path}: not TOML ({trouble})") from None


def _override(table: dict[str, Any], environ: Mapping[str, str]) -> None:
    for name, value in environ.items():
        if name.startswith(ENV_PREFIX):
            table[name.removeprefix(ENV_PREFIX).lower()] = int(value) if value.isascii() and value.isdigit() else value


def _text(table: Mapping[str, Any], key: str, path: Path) -> str:
    value = table.get(key)
    if not isinstance(value, str) or not value:
        raise SettingsError(f"{path}: {key} must be a text")
    return value


def _integer(table: Mapping[str, Any], key: str, path: Path) -> int:
    value = table.get(key)
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise SettingsError(f"{path}: {key} must be a positive integer")
    return value


def _participant(table: Mapping[str, Any], key: str, path: Path) -> str:
    name = _text(table, key, path)
    if re.fullmatch(PARTICIPANT_ID, name) is None:
        raise SettingsError(f"{path}: {key} must be a participant id as the registry has it")
    return name


def _carriers(table: Mapping[str, Any], path: Path) -> tuple[CarrierKey, ...]:
    entries = table.get("carrier", [])
    if not isinstance(entries, list) or not entries or not all(isinstance(each, dict) for each in entries):
        raise SettingsError(f"{path}: at least one [[carrier]] is needed")
    keys = tuple(
        CarrierKey(
            carrier=_participant(each, "id", path),
            key_id=_text(each, "key_id", path),
            public_key=_key(each, path),
        )
        for each in entries
    )
    if len({each.key_id for each in keys}) != len(keys):
        raise SettingsError(f"{path}: two [[carrier]] entries have the same key_id")
    return keys


def _revoked(table: Mapping[str, Any], path: Path) -> tuple[RevokedKey, ...]:
    """The names of keys that are out of use; each brings the key itself, from its own entry or from its carrier's."""
    entries = table.get("revoked", [])
    if not isinstance(entries, list) or not all(isinstance(each, dict) for each in entries):
        raise SettingsError(f"{path}: revoked must be written as [[revoked]]")
    held = {each["key_id"]: _key(each, path) for each in table["carrier"]}
    return tuple(
        RevokedKey(
            key_id=_text(each, "key_id", path),
            public_key=_key(each, path) if "public_key" in each else held.get(each["key_id"]),
            at=_moment(each, path),
        )
        for each in entries
    )


def _moment(entry: Mapping[str, Any], path: Path) -> dt.datetime | None:
    at = entry.get("at")
    if at is not None and not (isinstance(at, dt.datetime) and at.tzinfo is not None):
        raise SettingsError(f"{path}: at of a [[revoked]] must be a time such as 2026-11-28T13:00:00Z")
    return at


def _key(entry: Mapping[str, Any], path: Path) -> bytes:
    try:
        return b64url_decode(_text(entry, "public_key", path), length=32)
    except EncodingError as trouble:
        raise SettingsError(
            f"{path}: public_key of a [[carrier]] or [[revoked]] is not 32 bytes of base64url ({trouble})"
        ) from None
