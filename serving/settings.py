"""Read a settings file: TOML, read strictly, overridden by the environment, with paths relative to the file."""

import os
import re
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, TypeVar

from protocol.encodings import EncodingError, b64url_decode
from protocol.names import KEY_ID, MAX_KEY_ID, PARTICIPANT_ID

_INTEGER: Final = re.compile(r"-?[0-9]{1,18}", re.ASCII)
_Settings = TypeVar("_Settings")


class SettingsError(Exception):
    """A settings file cannot be used; the message names the file and the key, never a value."""


def overriding(*prefixes: str) -> tuple[str, ...]:
    """Return the names of the variables of the environment that override settings, by the prefixes of their roles."""
    return tuple(sorted(name for name in os.environ if name.startswith(prefixes)))


def credentials_folder() -> Path | None:
    """Return the folder in which systemd hands this process its credentials; None where it hands it none."""
    folder = os.environ.get("CREDENTIALS_DIRECTORY")
    return Path(folder) if folder else None


class Table:
    """One table of the file. It remembers the keys that were read, so that it can refuse a misspelt one."""

    def __init__(self, path: Path, name: str, values: Mapping[str, Any], overrides: Mapping[str, str]) -> None:
        self._path = path
        self._name = name
        self._values = values
        self._overrides = overrides
        self._known: set[str] = set()
        self._parts: list[Table] = []

    def __contains__(self, key: str) -> bool:
        self._known.add(key)
        return key in self._values or key in self._overrides

    def value(self, key: str, default: Any = None) -> Any:
        """Return the value of the environment, else of the file, else ``default``."""
        self._known.add(key)
        return self._overrides.get(key, self._values.get(key, default))

    def text(self, key: str, default: str | None = None) -> str:
        """Read a text that is not empty."""
        value = self.value(key, default)
        if not isinstance(value, str) or not value:
            raise self.wrong(key, "must be a text")
        return value

    def participant_id(self, key: str) -> str:
        """Read the name of a participant as the registry has them."""
        return self._in_form(key, PARTICIPANT_ID, "a participant id: 1 to 64 of a-z 0-9 -, no - at its ends")

    def key_id(self, key: str) -> str:
        """Read the name of a signing key as the registry has them: another one would be refused at its first use."""
        return self._in_form(key, KEY_ID, f"a key id: 1 to {MAX_KEY_ID} of A-Z a-z 0-9 . _ : -")

    def _in_form(self, key: str, form: str, name: str) -> str:
        value = self.text(key)
        if re.fullmatch(form, value) is None:
            raise self.wrong(key, f"must be {name}")
        return value

    def integer(self, key: str, default: int | None = None, *, least: int = 1, most: int | None = None) -> int:
        """Read a whole number within bounds; only the environment may write it as a text."""
        value = self.value(key, default)
        if key in self._overrides and _INTEGER.fullmatch(value):
            value = int(value)
        if type(value) is not int:
            raise self.wrong(key, "must be a whole number")
        if value < least:
            raise self.wrong(key, f"must be at least {least}")
        if most is not None and value > most:
            raise self.wrong(key, f"must be at most {most}")
        return value

    def flag(self, key: str, *, default: bool) -> bool:
        """Read a switch, which only the file can set."""
        self._known.add(key)
        value = self._values.get(key, default)
        if type(value) is not bool:
            raise self.wrong(key, "must be true or false")
        return value

    def file(self, key: str, default: str | None = None) -> Path:
        """Read a path that may be relative to the file."""
        return self.relative(self.text(key, default))

    def optional_file(self, key: str) -> Path | None:
        """Read a path that may be missing."""
        return self.file(key) if key in self else None

    def public_key(self, key: str) -> bytes:
        """Read a key of 32 bytes."""
        try:
            return b64url_decode(self.text(key), length=32)
        except EncodingError:
            raise self.wrong(key, "must be 32 bytes in base64url") from None

    def relative(self, path: str) -> Path:
        """Resolve a relative path from the folder of the file itself, not from that of a link to it."""
        return self._path.resolve().parent / path

    def table(self, name: str) -> "Table":
        """Return the table of that name, or an empty one."""
        return self.optional_table(name) or self._part(name, {})

    def optional_table(self, name: str) -> "Table | None":
        """Return the table of that name; None if neither the file nor the environment sets a key of it."""
        self._known.add(name)
        prefix = f"{name}_"
        overrides = {key.removeprefix(prefix): text for key, text in self._overrides.items() if key.startswith(prefix)}
        if name not in self._values and not overrides:
            return None
        return self._part(name, self._values.get(name, {}), overrides)

    def tables(self, name: str) -> "list[Table]":
        """Return the tables that are written as ``[[name]]``, in order; the environment cannot set these."""
        entries = self._values.get(name, [])
        if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
            raise SettingsError(f"{self._path}: {self._full(name)} must be written as [[{self._full(name)}]]")
        self._known.add(name)
        return [self._part(name, entry) for entry in entries]

    def words(self, name: str) -> dict[str, str]:
        """Read the table of that name whose keys are the user's own words, each with a text; the file alone sets it."""
        entries = self._values.get(name, {})
        part = self._part(name, entries)
        return {key: part.text(key) for key in entries}

    def wrong(self, key: str, complaint: str) -> SettingsError:
        """Write the refusal of a key's value."""
        return SettingsError(f"{self._path}: {self._full(key)} {complaint}")

    def refuse_unknown(self) -> None:
        """Raise SettingsError for a key that was never read."""
        for key in sorted(self._values.keys() - self._known):
            raise self.wrong(key, f"is not known here (known: {', '.join(sorted(self._known))})")
        for part in self._parts:
            part.refuse_unknown()

    def _full(self, key: str) -> str:
        return f"{self._name}.{key}" if self._name else key

    def _part(self, name: str, values: Any, overrides: Mapping[str, str] | None = None) -> "Table":
        self._known.add(name)
        if not isinstance(values, dict):
            raise SettingsError(f"{self._path}: [{self._full(name)}] must be a table")
        part = Table(self._path, self._full(name), values, overrides or {})
        self._parts.append(part)
        return part


def read_settings(
    path: Path,
    build: Callable[[Table], _Settings],
    *,
    raw: bytes | None = None,
    prefix: str | None = None,
    environment: Mapping[str, str] | None = None,
) -> _Settings:
    """Let ``build`` make settings of a file, or of the ``raw`` bytes that will become it; raises SettingsError.

    A variable that begins with ``prefix`` overrides one scalar: the table's name and the key follow in capitals. So a
    secret need not be in the file.
    """
    try:
        values = tomllib.loads((path.read_bytes() if raw is None else raw).decode("utf-8"))
    except OSError as trouble:
        raise SettingsError(f"{path}: cannot be read ({trouble.strerror})") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as trouble:
        raise SettingsError(f"{path}: not TOML ({trouble})") from None
    variables = os.environ if environment is None else environment
    overrides = {
        name.removeprefix(prefix).lower(): text
        for name, text in variables.items()
        if prefix is not None and name.startswith(prefix)
    }
    table = Table(path, "", values, overrides)
    settings = build(table)
    table.refuse_unknown()
    return settings
