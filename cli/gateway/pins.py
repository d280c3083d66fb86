"""`clearline gateway pins`: show the pinned committee of custodians, check it, and name another one."""

import datetime as dt
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import click

from ceremony.standing import Formed
from cli.options import FILE, config_option, json_option
from cli.outcome import Failure
from cli.output import say, tell
from gateway import settings
from gateway.pins.book import PinBook
from gateway.pins.check import Outcome
from gateway.pins.codes import KeyChanged
from gateway.pins.naming import is_another_key, name_committee, offered_under, verify_nameable
from gateway.pins.offers import Walk
from gateway.pins.succession import formed_by
from gateway.pins.table import committee_table
from gateway.pins.values import Doubt, Pins, named_in
from gateway.settings import GatewaySettings
from gateway.wiring import pin_check
from protocol.encodings import b64url_encode, format_time
from protocol.messages.ceremonies import MAX_TRANSCRIPT
from protocol.wire.codec import write
from serving.clock import system_clock
from serving.files import read_bounded

_DIGEST: Final = re.compile("[0-9a-f]{64}")


@click.group()
def pins() -> None:
    """The custodians' keys that this gateway believes: nothing is tokenised under any others."""


@pins.command(short_help="Show what is pinned, and what is offered.")
@click.option("--offered", "asks", is_flag=True, help="Ask the registry for later committees, and judge them.")
@config_option("gateway.toml")
@json_option
def show(config: Path, *, asks: bool, as_json: bool) -> None:
    """Show the pinned committee, since when and on what grounds. --offered: also what the registry offers beyond it.

    Of each offer it tells why it would be taken, or not. No pin is changed.

    \b
    Example:
      clearline gateway pins show --offered
    """
    here = settings.load(config)
    book = _book(here)
    pinned, content = book.pins(), book.read()
    told = _told(pinned) | {
        "checked_at": _time(content.checked_at),
        "stopped": _doubt(content.stopped),
        "doubt": _doubt(content.doubt),
    }
    if asks:
        with pin_check(here, book) as made:
            told["offered"] = _walked(made.look())
    tell(told, as_json=as_json)


@pins.command(short_help="Check the pins now; take a proven successor.")
@config_option("gateway.toml")
@json_option
def check(config: Path, *, as_json: bool) -> None:
    """Check the pins at registry, log and custodians, and take the successor of the pinned committee if it is proven.

    The committee has to be signed for by the pinned one, witnessed in the log, and serving. The custodians are asked
    for the epoch's canary and their keys. Where all is well, a stop ends.

    Exit 0: all is well. 1: stopped, or something offered is not taken. 3: somebody gave no answer.

    \b
    Example:
      clearline gateway pins check
    """
    here = settings.load(config)
    book = _book(here)
    book.pins()
    known = book.read().stopped
    with pin_check(here, book) as made:
        outcome = made.run()
        if outcome.is_well and known is not None:
            made.end_stop(known)
    if outcome.stopped is None and outcome.silent is not None:
        raise outcome.silent
    told = _told(outcome.pins) | {"taken": outcome.is_taken, "refused": _refused(outcome)}
    tell(told, as_json=as_json)
    if outcome.stopped is not None:
        raise Failure(f"key-changed: {outcome.stopped}: nothing is tokenised until a person has found the cause")
    if not outcome.is_well and outcome.refused is not None:
        raise Failure(f"an offered committee is not taken: {outcome.refused.text}")
    if known is not None:
        say("All is well: the stop has ended.")


@pins.command(short_help="Name the committee to pin.")
@click.argument("source", metavar="FILE|DIGEST")
@click.option("--yes", is_flag=True, help="The digest was compared with what the custodians told by another way.")
@config_option("gateway.toml")
@json_option
def accept(source: str, config: Path, *, yes: bool, as_json: bool) -> None:
    """Pin the committee of a transcript in FILE, or the one that the registry offers under DIGEST, on your word.

    It is for committees that cannot prove themselves here: settings without signing keys of custodians or without a
    log, a key of a later epoch, a stop whose cause was found. The transcript has to prove its committee. Without --yes
    nothing is changed: compare the printed digest with what the custodians told you by another way than the registry.

    \b
    Example:
      clearline gateway pins accept transcript.json
      clearline gateway pins accept transcript.json --yes
    """
    here = settings.load(config)
    book, at = _book(here), system_clock()
    pinned = _usable(book)
    formed = _formed(here, book, source)
    verify_nameable(pinned, formed)
    if is_another_key(pinned, formed):
        say(
            "This is ANOTHER KEY than the pinned one. Every token changes: who was reported under the former key is "
            "not found under this one. If others have another key, all inquiries of this carrier can be told apart."
        )
    committee = formed.committee
    told: dict[str, Any] = {
        "epoch": committee.epoch,
        "committee": committee.committee,
        "committee_digest": formed.committee_digest,
        "joint_public_key": b64url_encode(committee.joint_public_key),
        "threshold": committee.threshold,
        "custodians": [
            {"index": each.index, "custodian": each.custodian, "url": each.url} for each in committee.members
        ],
        "accepted": yes,
    }
    if yes:
        name_committee(book, formed, at)
    tell(told, as_json=as_json)
    if not yes:
        raise Failure("nothing is changed: compare the digest, then repeat this with --yes")
    say("A running `clearline gateway serve` takes a committee of its key at once, and another key at its next start.")


@pins.command(short_help="Write [custodians] from a transcript.")
@click.argument("transcript", type=FILE)
def table(transcript: Path) -> None:
    """Write the settings' table [custodians] from a ceremony's transcript, for a gateway that is set up.

    Compare the digest of `clearline audit ceremony` with what the custodians told you before you serve under it.

    \b
    Example:
      clearline gateway pins table transcript.json >> gateway.toml
    """
    formed = formed_by(read_bounded(transcript, MAX_TRANSCRIPT) or b"")
    click.echo(committee_table(formed.committee), nl=False)


def _book(here: GatewaySettings) -> PinBook:
    return PinBook(named_in(here), here.pins)


def _usable(book: PinBook) -> Pins | None:
    """Return the pins, or None where settings and file contradict each other: a person may name what holds."""
    try:
        return book.pins()
    except KeyChanged as changed:
        if changed.code != "pins-contradict":
            raise
        return None


def _formed(here: GatewaySettings, book: PinBook, source: str) -> Formed:
    if _DIGEST.fullmatch(source):
        with pin_check(here, book) as made:
            return offered_under(made.registry, source)
    raw = read_bounded(Path(source), MAX_TRANSCRIPT)
    if raw is None:
        raise Failure("neither a file nor a digest of 64 hexadecimal digits")
    return formed_by(raw)


def _walked(walk: Walk) -> list[dict[str, Any]]:
    proven: list[dict[str, Any]] = [
        {
            "epoch": each.committee.epoch,
            "committee": each.committee.committee,
            "said": "proven: `clearline gateway pins check` takes it once it serves",
        }
        for each in walk.proven
    ]
    refused = walk.refused
    return proven if refused is None else [*proven, {"committee_digest": refused.digest, "said": refused.text}]


def _refused(outcome: Outcome) -> dict[str, Any] | None:
    refused = outcome.refused
    return None if refused is None else {"committee_digest": refused.digest, "said": refused.text}


def _told(pinned: Pins) -> dict[str, Any]:
    return {
        "epoch": pinned.epoch,
        "committee": pinned.committee,
        "threshold": pinned.threshold,
        "joint_public_key": b64url_encode(pinned.joint_public_key),
        "committee_digest": pinned.digest,
        "pinned_by": pinned.taken,
        "pinned_at": _time(pinned.taken_at),
        "log": None if pinned.place is None else write(pinned.place),
        "canary": None if pinned.canary is None else b64url_encode(pinned.canary),
        "custodians": [
            {"index": each.index, "custodian": each.custodian, "url": each.url, "key": b64url_encode(each.public_key)}
            for each in pinned.members
        ],
    }


def _time(moment: dt.datetime | None) -> str | None:
    return None if moment is None else format_time(moment)


def _doubt(doubt: Doubt | None) -> Mapping[str, Any] | None:
    return None if doubt is None else write(doubt)
