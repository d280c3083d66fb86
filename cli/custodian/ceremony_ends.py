"""`clearline custodian ceremony finish|leave|withdraw`: the ends of a ceremony, and of the shares before it."""

import datetime as dt
import os
from pathlib import Path
from typing import Any, Final

import click

from ceremony.standing import Formed
from ceremony.verify import verify_transcript
from cli.custodian.ceremony_desk import Opened, opened
from cli.options import FILE, NEW_FILE, PublicKeyParam, config_option, json_option, refuse_existing
from cli.outcome import Failure
from cli.output import say, tell
from cli.registry_calls import Office, Pin, pinned
from client.peer import Signer
from client.resources import ceremonies as at_registry
from custodian.ceremonies.finishing import check_left, complete, retire_former
from custodian.ceremonies.finishing import withdraw as withdraw_from
from protocol.encodings import format_time
from protocol.messages.ceremonies import MAX_TRANSCRIPT, Ceremony
from serving.clock import system_clock
from serving.files import read_bounded, write_new

_SETTINGS: Final = "custodian.toml"
_BACKUPS: Final = "Destroy the backups that hold the former share: no command reaches them."
_NO_TIME: Final = "not a time with its zone, such as 2027-01-01T00:00:00Z"


class TimeParam(click.ParamType[dt.datetime]):
    """A time of ISO 8601 with its zone, such as our answers write."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> dt.datetime:
        try:
            moment = dt.datetime.fromisoformat(str(value))
        except ValueError:
            self.fail(_NO_TIME, param, ctx)
        if moment.utcoffset() is None:
            self.fail(_NO_TIME, param, ctx)
        return moment.astimezone(dt.UTC)


@click.command(short_help="Write the transcript, and report it.")
@click.argument("ceremony_id", metavar="ID")
@click.option("--out", type=NEW_FILE, required=True, help="Where the transcript is written.")
@click.option("--url", help="The registry's public URL: report the ceremony there, and end the former shares.")
@click.option("--registry-key", type=PublicKeyParam(), help="The registry's public key (base64url or a file).")
@click.option("--registry-key-id", default="registry-1", show_default=True, help="The name of that key.")
@config_option(_SETTINGS)
@json_option
def finish(
    *,
    ceremony_id: str,
    out: Path,
    url: str | None,
    registry_key: bytes | None,
    registry_key_id: str,
    config: Path,
    as_json: bool,
) -> None:
    """Write a complete ceremony's transcript, and report it to the registry's log. Safe to repeat.

    With --url the former shares of this custodian end so many days after the log's entry as the terms say. Each
    custodian that took part does this, one that only dealt too; one that did not take part and was replaced runs
    `ceremony leave`. Without --url the former shares stay.

    \b
    Example:
      clearline custodian ceremony finish 0f3c... --out transcript.json \\
        --url https://registry.example --registry-key registry.pub
    """
    registry = _pin(url, registry_key, registry_key_id)
    with opened(config) as here:
        formed = complete(here.desk.store, ceremony_id)
        is_written = read_bounded(out, MAX_TRANSCRIPT) == formed.transcript
        if not is_written:
            refuse_existing(out)
        document = formed_document(formed) | {"transcript": str(out)}
        if registry is not None:
            document |= _report(here, formed, registry)
        elif formed.proposal.former is not None:
            say("Warning: the former shares stay on this machine until finish is run again with --url.")
        if not is_written:
            write_new(out, formed.transcript)
    tell(document, as_json=as_json)


@click.command(short_help="End the share of a replaced custodian.")
@click.argument("transcript", type=FILE)
@click.option("--url", help="The registry's public URL: read there when the committee's entry was logged.")
@click.option("--registry-key", type=PublicKeyParam(), help="The registry's public key (base64url or a file).")
@click.option("--registry-key-id", default="registry-1", show_default=True, help="The name of that key.")
@click.option(
    "--logged-at", type=TimeParam(), help="Without a registry: the time of the entry, such as 2027-01-01T00:00:00Z."
)
@config_option(_SETTINGS)
@json_option
def leave(
    *,
    transcript: Path,
    url: str | None,
    registry_key: bytes | None,
    registry_key_id: str,
    logged_at: dt.datetime | None,
    config: Path,
    as_json: bool,
) -> None:
    """End this custodian's share after a ceremony that replaced it without its part. Safe to repeat.

    TRANSCRIPT is that ceremony's, from any of its parties. It is verified: it has to follow a committee that was formed
    here, and to give this custodian no seat. The share ends so many days after the log's entry as the terms say, and
    the server deletes it then.

    \b
    Example:
      clearline custodian ceremony leave transcript.json \\
        --url https://registry.example --registry-key registry.pub
    """
    source = _source(_pin(url, registry_key, registry_key_id), logged_at)
    with opened(config) as here:
        formed = verify_transcript(read_bounded(transcript, MAX_TRANSCRIPT) or b"")
        check_left(formed, here.desk)
        entered_at = source if isinstance(source, dt.datetime) else _entered_at(here, formed, source)
        ends = retire_former(formed, here.desk.store, here.desk.book, entered_at=entered_at)
    say(_BACKUPS)
    tell(formed_document(formed) | {"former_shares_end_at": format_time(ends)}, as_json=as_json)


@click.command(short_help="Take back a wrong proposal, or consent.")
@click.argument("ceremony_id", metavar="ID")
@config_option(_SETTINGS)
@json_option
def withdraw(ceremony_id: str, config: Path, *, as_json: bool) -> None:
    """Take back a proposal, or the consent to one, that this custodian has not confirmed. Safe to repeat.

    Its secrets are deleted, it is offered no more, and cannot be joined from here again. The others wait for this
    custodian until the time of the ceremony is over, so tell them to withdraw too.

    \b
    Example:
      clearline custodian ceremony withdraw 0f3c...
    """
    with opened(config) as here:
        ended = withdraw_from(ceremony_id, here.desk.store, here.desk.book)
    tell({"ceremony": ended, "standing": "withdrawn here"}, as_json=as_json)


def formed_document(formed: Formed) -> dict[str, object]:
    """Write what a complete ceremony made."""
    return {
        "ceremony": formed.ceremony,
        "epoch": formed.committee.epoch,
        "committee": formed.committee.committee,
        "threshold": f"{formed.committee.threshold} of {len(formed.committee.members)}",
        "members": [each.custodian for each in formed.committee.members],
        "committee_digest": formed.committee_digest,
        "transcript_digest": formed.transcript_digest,
    }


def _pin(url: str | None, public_key: bytes | None, key_id: str) -> Pin | None:
    """Return the registry's address and key; None without them. Raises click.UsageError for one alone."""
    if url is None and public_key is None:
        return None
    if url is None or public_key is None:
        raise click.UsageError("--url and --registry-key belong together")
    return pinned(url, key_id, public_key)


def _office(here: Opened, registry: Pin) -> Office:
    mine = here.desk.me.signer
    signer = Signer(key_id=mine.key_id, private_key=mine.private_key, clock=system_clock, random=os.urandom)
    return Office(registry=registry, signer=signer)


def _report(here: Opened, formed: Formed, pin: Pin) -> dict[str, object]:
    """Hand the transcript in, or hear of its entry again, and end the former shares by that entry."""
    with _office(here, pin).open() as registry:
        kept = _same(at_registry.report(registry, formed.transcript.decode("ascii")), formed)
    told: dict[str, object] = {"log_entry_id": str(kept.log_entry_id), "formed_at": format_time(kept.formed_at)}
    if formed.proposal.former is not None:
        ends = retire_former(formed, here.desk.store, here.desk.book, entered_at=kept.formed_at)
        told["former_shares_end_at"] = format_time(ends)
    return told


def _source(pin: Pin | None, logged_at: dt.datetime | None) -> Pin | dt.datetime:
    """Return the registry that tells the time of the entry, or that time. Raises click.UsageError unless it is one."""
    if pin is not None and logged_at is None:
        return pin
    if pin is not None or logged_at is None:
        raise click.UsageError("give either --url with --registry-key, or --logged-at")
    if logged_at > system_clock():
        raise click.UsageError("--logged-at lies in the future")
    return logged_at


def _entered_at(here: Opened, formed: Formed, pin: Pin) -> dt.datetime:
    """Read the time of the committee's entry."""
    made = formed.committee
    with _office(here, pin).open() as registry:
        return _same(at_registry.read(registry, made.epoch, made.committee), formed).formed_at


def _same(kept: Ceremony, formed: Formed) -> Ceremony:
    if kept.committee_digest != formed.committee_digest:
        raise Failure("the registry's entry is of another committee")
    return kept
