"""Reads what a registry is founded on: its operator and its first key epoch, from one TOML file."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cli.outcome import Failure
from protocol.encodings import EncodingError, b64url_decode
from registry.usecases.found import FirstEpoch


@dataclass(frozen=True, slots=True, kw_only=True)
class Operator:
    """Who runs the registry and admits everybody else."""

    participant_id: str
    name: str
    key_id: str
    public_key: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Founding:
    """The operator and the outcome of the custodians' ceremony."""

    operator: Operator
    epoch: FirstEpoch


def read_founding(path: Path) -> Founding:
    """Read the file; raises Failure naming file and key."""
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as trouble:
        raise Failure(f"{path}: not TOML ({type(trouble).__name__})") from None
    table = _Table(path, document)
    return Founding(
        operator=Operator(
            participant_id=table.text("operator", "id"),
            name=table.text("operator", "name"),
            key_id=table.text("operator", "key_id"),
            public_key=table.key("operator", "public_key"),
        ),
        epoch=FirstEpoch(
            epoch=table.number("epoch", "epoch"),
            joint_public_key=table.key("epoch", "joint_public_key"),
            threshold=table.number("epoch", "threshold"),
            custodians=table.number("epoch", "custodians"),
        ),
    )


class _Table:
    """The file's values, each refused by its name."""

    def __init__(self, path: Path, document: dict[str, Any]) -> None:
        self._path = path
        self._document = document

    def text(self, section: str, key: str) -> str:
        value = self._value(section, key)
        if not isinstance(value, str) or not value:
            raise Failure(f"{self._path}: {section}.{key} must be a text")
        return value

    def number(self, section: str, key: str) -> int:
        value = self._value(section, key)
        if type(value) is not int or value < 1:
            raise Failure(f"{self._path}: {section}.{key} must be a positive integer")
        return value

    def key(self, section: str, key: str) -> bytes:
        try:
            return b64url_decode(self.text(section, key), length=32)
        except EncodingError:
            raise Failure(f"{self._path}: {section}.{key} must be 32 bytes in base64url") from None

    def _value(self, section: str, key: str) -> Any:
        found = self._document.get(section)
        return found.get(key) if isinstance(found, dict) else None
