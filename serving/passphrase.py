"""Reads a passphrase from where the settings say: a credential of systemd, a descriptor, or a terminal.

It never comes from an argument or a variable of the environment: other users' programs, logs and child processes see
those. What the settings hold is the source, not the passphrase.
"""

import getpass
import os
import re
import warnings
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from serving.files import read_bounded
from serving.settings import Table, credentials_folder

FORMS: Final = "credential:NAME, fd:NUMBER (3 to 999) or prompt"
_FORM: Final = re.compile(
    r"(?P<kind>credential):(?P<name>[A-Za-z0-9_-][A-Za-z0-9._-]{0,63})"
    r"|(?P<fd>fd):(?P<number>[3-9]|[1-9][0-9]{1,2})|(?P<prompt>prompt)"
)
_MAX_BYTES: Final = 4096
"""More is read of no source. Who derives a key from a passphrase has the bounds of its length."""


class PassphraseRefused(Exception):
    """No passphrase could be read; the message names its source and never its content."""


class SourceKind(StrEnum):
    """The kinds of sources."""

    CREDENTIAL = "credential"
    DESCRIPTOR = "fd"
    PROMPT = "prompt"


@dataclass(frozen=True, slots=True, kw_only=True)
class PassphraseSource:
    """The source of a passphrase: ``name`` is that of the credential, or the number of the descriptor."""

    kind: SourceKind
    name: str = ""

    def __str__(self) -> str:
        return f"{self.kind}:{self.name}" if self.name else str(self.kind)


def parse_source(text: str) -> PassphraseSource | None:
    """Read a source; None for any other text, which may be a passphrase: do not repeat it."""
    form = _FORM.fullmatch(text)
    if form is None:
        return None
    kind = SourceKind(form["kind"] or form["fd"] or form["prompt"])
    return PassphraseSource(kind=kind, name=form["name"] or form["number"] or "")


def read_custody(table: Table) -> PassphraseSource | None:
    """Read ``[custody]`` of a settings file; None without that table. Raises SettingsError."""
    custody = table.optional_table("custody")
    if custody is None:
        return None
    source = parse_source(custody.text("passphrase"))
    if source is None:
        raise custody.wrong("passphrase", f"must be {FORMS}; a passphrase itself never stands in settings")
    return source


def read_passphrase(source: PassphraseSource, *, is_new: bool = False) -> bytes:
    """Read the passphrase, without the line end behind it; a descriptor is closed, so this works once.

    A new one is typed twice at a prompt. It may be any bytes, and may be empty. Raises PassphraseRefused.
    """
    if source.kind is SourceKind.PROMPT:
        return _typed(is_new=is_new)
    try:
        raw = _credential(source.name) if source.kind is SourceKind.CREDENTIAL else _descriptor(int(source.name))
    except OSError as trouble:
        raise PassphraseRefused(f"{source}: no passphrase can be read there ({trouble.strerror})") from None
    return raw.removesuffix(b"\n")


def _descriptor(number: int) -> bytes:
    with os.fdopen(number, "rb") as file:
        return file.read(_MAX_BYTES) or b""


def _credential(name: str) -> bytes:
    folder = credentials_folder()
    if folder is None:
        raise PassphraseRefused(f"credential:{name}: systemd gave this process no credentials (CREDENTIALS_DIRECTORY)")
    raw = read_bounded(folder / name, _MAX_BYTES)
    if raw is None:
        raise PassphraseRefused(f"credential:{name}: systemd gave this process no credential of this name")
    return raw


def _typed(*, is_new: bool) -> bytes:
    with warnings.catch_warnings():
        # Without a terminal getpass would read on from standard input, and show what is typed.
        warnings.simplefilter("error", getpass.GetPassWarning)
        try:
            typed = getpass.getpass("New passphrase: " if is_new else "Passphrase: ")
            if is_new and getpass.getpass("The same again: ") != typed:
                raise PassphraseRefused("prompt: the two passphrases differ")
            return typed.encode("utf-8")
        except getpass.GetPassWarning:
            raise PassphraseRefused("prompt: there is no terminal to ask at") from None
        except EOFError:
            raise PassphraseRefused("prompt: no passphrase was typed") from None
        except UnicodeError:
            raise PassphraseRefused("prompt: the terminal does not speak UTF-8") from None
