"""The custodian's settings: one TOML file, whose scalars the environment may override."""

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
class CustodianSettings:
    """Everything a custodian process is told; ``daily_quota`` counts elements per carrier and UTC day.

    ``participant`` is the custodian's name at the registry, which its tallies go to; serving needs none.
    """

    index: int
    epoch: int
    threshold: int
    share: Path
    public_url: str
    listen: str
    database: Path
    daily_quota: int
    carriers: tuple[CarrierKey, ...]
    threads: int = 4
    participant: str | None = None


def load(path: Path, environ: Mapping[str, str] | None = None) -> CustodianSettings:
    """Read ``path``; ``CLEARLINE_CUSTODIAN_LISTEN`` and its like win over the file's scalars."""
    table = _read(path)
    _override(table, os.environ if environ is None else environ)
    return CustodianSettings(
        index=_integer(table, "index", path),
        epoch=_integer(table, "epoch", path),
        threshold=_integer(table, "threshold", path),
        share=path.parent / _text(table, "share", path),
        public_url=_text(table, "public_url", path).rstrip("/"),
        listen=_text(table, "listen", path),
        database=path.parent / _text(table, "database", path),
        daily_quota=_integer(table, "daily_quota", path),
        carriers=_carriers(table, path),
        threads=_integer({"threads": 4, **table}, "threads", path),
        participant=_participant(table, "participant", path) if "participant" in table else None,
    )


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as trouble:
        raise SettingsError(f"{path}: cannot be read ({trouble.strerror})") from None
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


def _key(entry: Mapping[str, Any], path: Path) -> bytes:
    try:
        return b64url_decode(_text(entry, "public_key", path), length=32)
    except EncodingError as trouble:
        raise SettingsError(f"{path}: public_key of a [[carrier]] is not 32 bytes of base64url ({trouble})") from None
