"""`clearline registry clock`: show the readings that judge the registry's clock, and confirm that it is right."""

import datetime as dt
import os
from contextlib import suppress
from pathlib import Path
from typing import Any

import click

from cli.options import FILE, config_option, json_option
from cli.outcome import Failure
from cli.output import tell
from cli.registry.schema_check import open_registry
from crypto.signing.jws import sign_compact
from crypto.signing.keys import load_private_key
from protocol.clock_words import CLOCK_WORD_TYPE, NONCE_BYTES, ClockWord, clock_payload
from protocol.encodings import b64url_encode
from registry.settings import load
from registry.usecases.clock.confirm_clock import confirm_clock
from registry.usecases.clock.show_clock import show_clock

_MAX_WORD = 16_384


class MomentParam(click.ParamType[dt.datetime]):
    """A moment in UTC, such as 2027-03-01T08:00Z."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> dt.datetime:
        text = str(value)
        for form in ("%Y-%m-%dT%H:%MZ", "%Y-%m-%dT%H:%M:%SZ"):
            with suppress(ValueError):
                return dt.datetime.strptime(text, form).replace(tzinfo=dt.UTC)
        raise click.BadParameter("not a moment in UTC such as 2027-03-01T08:00Z", ctx, param)


def signed_word(registry_url: str, moment: dt.datetime, operator_key: Path, key_id: str) -> str:
    """Sign, as the operator, that it is this time now, as a compact JWS; raises KeyFileBad."""
    word = ClockWord(registry=registry_url, time=moment, nonce=b64url_encode(os.urandom(NONCE_BYTES)))
    key = load_private_key(operator_key)
    return sign_compact(clock_payload(word), typ=CLOCK_WORD_TYPE, key_id=key_id, private_key=key)


@click.group()
def clock() -> None:
    """Show and confirm the time of the registry.

    A clock in doubt stops everything that is dated; docs/runbooks/clock-wrong.md has the steps. A word is signed
    with the operator's key (sign), and applied on the registry's own machine within five minutes (confirm).
    """


@clock.command(short_help="Show how the clock is judged.")
@config_option("registry.toml")
@json_option
def show(config: Path, *, as_json: bool) -> None:
    """Show the readings of the clock, and the work due.

    \b
    Example:
      clearline registry clock show --config registry.toml
    """
    shown = show_clock(open_registry(load(config)))
    if not as_json:
        shown["due"] = ", ".join(f"{kind} {count}" for kind, count in shown["due"].items())
    tell(shown, as_json=as_json)


@clock.command(short_help="Sign that it is this time now.")
@click.option("--url", "registry_url", required=True, help="The registry's public URL.")
@click.option("--time", "moment", type=MomentParam(), required=True, help="The time in UTC, off a watch you trust.")
@click.option("--key", type=FILE, required=True, help="The operator's signing key (PEM).")
@click.option("--key-id", required=True, help="The name of that key.")
def sign(registry_url: str, moment: dt.datetime, key: Path, key_id: str) -> None:
    """Print the operator's word that it is this time now.

    Needs no registry: run it wherever the operator's key is. The word is good once, and within five minutes of the
    time that it names.

    \b
    Example:
      clearline registry clock sign --url https://registry.example --time 2027-03-01T08:00Z \\
        --key operator.pem --key-id operator-1 > clock.word
    """
    click.echo(signed_word(registry_url.rstrip("/"), moment, key, key_id))


@clock.command()
@config_option("registry.toml")
@click.option("--word", type=FILE, required=True, help="The file with the word that `clock sign` printed.")
@json_option
def confirm(config: Path, word: Path, *, as_json: bool) -> None:
    """Confirm that the registry's clock is right.

    All earlier measurements are dropped, the newest entry of the log included. For a day from now rounds may
    have any size: look at `clock show` first.

    \b
    Example:
      clearline registry clock confirm --config registry.toml --word clock.word
    """
    with word.open("rb") as file:
        raw = file.read(_MAX_WORD + 1)
    if len(raw) > _MAX_WORD:
        raise Failure("word-malformed: the file is too large for a word")
    text = raw.decode("ascii", "replace").strip()
    tell(confirm_clock(open_registry(load(config)), text), as_json=as_json)
