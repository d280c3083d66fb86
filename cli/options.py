"""Options that several commands share; secrets and identities come from files and standard input."""

import datetime as dt
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeVar

import click

from cli.outcome import Failure
from protocol import strict_json
from protocol.encodings import EncodingError, b64url_decode
from protocol.names import MONTH
from protocol.wire.codec import Malformed, read
from serving.files import write_new

MAX_INPUT: Final = 64 * 1024
FILE: Final = click.Path(exists=True, dir_okay=False, path_type=Path)
NEW_FILE: Final = click.Path(dir_okay=False, path_type=Path)
FOLDER: Final = click.Path(file_okay=False, path_type=Path)

TAKES_A_REFERENCE: Final = {"ignore_unknown_options": True, "help_option_names": ["--help"]}
"""For a command whose argument is a quote's reference: base64url, so that one in 64 begins with a dash.

Such a command has no option of one letter, not even -h: click would find that letter anywhere in the reference.
"""

_Command = Callable[..., Any]
_Message = TypeVar("_Message")


def config_option(default: str) -> Callable[[_Command], _Command]:
    """``--config`` with the role's usual file name."""
    return click.option("--config", type=FILE, default=default, show_default=True, help="The role's settings (TOML).")


def json_option(command: _Command) -> _Command:
    """``--json``."""
    add = click.option("--json", "as_json", is_flag=True, help="Print one JSON object on one line.")
    return add(command)


def accept_numbers_option(command: _Command) -> _Command:
    """``--accept-numbers``, of the commands that read a carrier's file."""
    words = "Go on although numbers look damaged, as by a spreadsheet."
    return click.option("--accept-numbers", is_flag=True, help=words)(command)


_MONTH: Final = re.compile(MONTH)
_YEARS: Final = range(1900, 2200)
"""The years of the times in messages (protocol/encodings.py)."""


class DayParam(click.ParamType[dt.date]):
    """A calendar date, YYYY-MM-DD."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> dt.date:
        try:
            day = dt.date.fromisoformat(str(value))
        except ValueError:
            self.fail("not a date such as 2027-01-01", param, ctx)
        if day.isoformat() != value or not _YEARS.start <= day.year < _YEARS.stop:
            self.fail("not a date such as 2027-01-01", param, ctx)
        return day


class MonthParam(click.ParamType[str]):
    """A month, YYYY-MM."""

    name = "month"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if _MONTH.fullmatch(str(value)) is None:
            self.fail("not a month, as 2026-11 is", param, ctx)
        return str(value)


class PublicKeyParam(click.ParamType[bytes]):
    """A public key of 32 bytes: base64url, or the name of a file that holds it."""

    name = "key"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> bytes:
        text = str(value)
        try:
            if Path(text).is_file():
                text = Path(text).read_text(encoding="ascii").strip()
            return b64url_decode(text, length=32)
        except (EncodingError, UnicodeDecodeError, OSError):
            self.fail("not 32 bytes in base64url, and not a file that holds them", param, ctx)


def read_object(what: str, source: Path | None = None) -> dict[str, Any]:
    """Read one JSON object from a file, or else from standard input; an error repeats nothing of it."""
    if source is None:
        raw = sys.stdin.buffer.read(MAX_INPUT + 1)
        where = "standard input"
    else:
        with source.open("rb") as file:
            raw = file.read(MAX_INPUT + 1)
        where = str(source)
    if not raw.strip():
        raise Failure(f"{where}: is empty; {what} is expected there as JSON (--help shows the form)")
    try:
        return strict_json.load_object(raw, max_bytes=MAX_INPUT)
    except strict_json.StrictJsonError as trouble:
        raise Failure(f"{where}: {what} is not acceptable JSON: {trouble.code.value}") from None


def read_message(message: type[_Message], what: str, source: Path) -> _Message:
    """Read one message from a JSON file; errors name each fault and repeat no value."""
    try:
        return read(message, read_object(what, source))
    except Malformed as wrong:
        faults = "".join(f" [{path}: {code}]" for path, code in sorted(wrong.faults.items()))
        raise Failure(f"{source}: {what} is malformed{faults}") from None


def refuse_existing(path: Path) -> None:
    """Raise Failure for an existing file, before the content for it is requested."""
    if path.exists():
        raise Failure(f"{path}: exists already and is not overwritten")


def write_secret(path: Path, content: bytes) -> None:
    """Write a new file with mode 0600; an existing one is never overwritten."""
    try:
        write_new(path, content)
    except FileExistsError:
        raise Failure(f"{path}: exists already and is not overwritten") from None
