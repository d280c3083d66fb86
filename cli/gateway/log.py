"""`clearline gateway witness` and `receipt`: watch over the log, and keep proofs of the carrier's own entries."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

import click

from auditlog.party import LogParty
from auditlog.receipt_book import ReceiptBook, opening_beside
from auditlog.receipts import VerifiedReceipt
from auditlog.witness import Round
from cli.options import NEW_FILE, config_option, json_option, refuse_existing, write_secret
from cli.output import one_line, say, tell
from gateway import settings
from gateway.wiring import build_log
from protocol.receipts import Grade
from serving.process import until_stopped

_GRADE = click.Choice([each.value for each in Grade])


@click.command()
@click.option("--once", is_flag=True, help="One round, then end.")
@click.option(
    "--interval",
    type=click.FloatRange(min=1, max=3600),
    default=15.0,
    show_default=True,
    help="Seconds between two rounds.",
)
@config_option("gateway.toml")
@json_option
def witness(config: Path, interval: float, *, once: bool, as_json: bool) -> None:
    """Cosign the log's heads, each only if it extends the last one, until SIGTERM. Ends with 1 when the log forked.

    The last cosigned head is on the disk before anything is signed. Evidence of a fork is kept in the folder of
    [log] state, under evidence/; nothing of that log is cosigned until a person has taken it away. Logs of years that
    are over are looked at too, in each round through January, later once an hour.

    \b
    Example:
      clearline gateway witness --interval 15
    """
    with build_log(settings.load(config)) as here:
        say(f"witness {here.witness_key().vkey}")
        if once:
            for year, done in here.witness_round():
                click.echo(one_line(_told(year, done), as_json=as_json))
            return
        with until_stopped():
            _witness_on(here, interval, as_json=as_json)


@click.command()
@click.argument("entry_id", type=click.UUID)
@click.option(
    "--grade", type=_GRADE, default=Grade.INTEGRATED.value, show_default=True, help="Who is to vouch for the entry."
)
@click.option(
    "--wait",
    type=click.FloatRange(min=0, max=600),
    default=10.0,
    show_default=True,
    help="Seconds to wait for the receipt.",
)
@click.option("--out", type=NEW_FILE, help="Write the receipt here, and what opens the entry to OUT.opening.")
@config_option("gateway.toml")
@json_option
def receipt(entry_id: UUID, grade: str, wait: float, out: Path | None, config: Path, *, as_json: bool) -> None:
    """Fetch the receipt of an own entry and verify it: the log has the entry, under a head that cannot be taken back.

    Without --out it is kept below the folder of [log] state, in receipts/, as that of a settlement is from the start;
    an existing one is verified again without a request.

    The grades: promise (the registry's signed word), integrated (the log's signed head), witnessed (a quorum of the
    witnesses in [log] policy cosigned that head).

    \b
    Example:
      clearline gateway receipt 0198c2c4-0000-7000-8000-000000000000 --grade witnessed --wait 60 --out a.tlog-proof
    """
    for path in () if out is None else (out, opening_beside(out)):
        refuse_existing(path)
    with build_log(settings.load(config)) as here:
        book = ReceiptBook(here)
        if Grade(grade) is Grade.PROMISE and out is None:
            told = _promised(book.promise(entry_id)) | {"receipt": str(book.path(entry_id, Grade.PROMISE))}
        elif Grade(grade) is Grade.PROMISE and out is not None:
            raw, claims = here.promise(entry_id)
            write_secret(out, raw)
            told = _promised(claims)
        elif out is None:
            path = book.keep(entry_id, Grade(grade), wait_seconds=wait)
            told = _proven(entry_id, book.verified(entry_id, Grade(grade))) | {"receipt": str(path)}
        else:
            proven = here.receipt(entry_id, Grade(grade), wait)
            write_secret(opening_beside(out), proven.opening)
            write_secret(out, proven.raw)
            told = _proven(entry_id, proven)
    tell({"grade": grade} | told, as_json=as_json)


@click.command()
@click.option("--year", "years", type=click.IntRange(1970, 9999), multiple=True, help="May be given several times.")
@config_option("gateway.toml")
def vkeys(years: tuple[int, ...], config: Path) -> None:
    """Print the vkey of each year's log as [log] pins it, one a line.

    Without --year they are those of this year and of all receipts that are kept.
    Keep them in a file before [log] name or public_key changes, and name it as [log] former_keys: the
    earlier receipts still verify.

    \b
    Example:
      clearline gateway vkeys >> former.vkeys
    """
    with build_log(settings.load(config)) as here:
        for year in sorted(set(years or (here.clock().year, *ReceiptBook(here).years()))):
            click.echo(here.key(year).vkey)


def _witness_on(here: LogParty, interval: float, *, as_json: bool) -> None:
    """Print each round that differs from the last one of its year. A signal may end it anywhere, as a crash may."""
    before: dict[int, Round] = {}
    for rounds in here.witness_forever(interval):
        if isinstance(rounds, str):
            say(rounds)
            continue
        for year, done in rounds:
            if before.get(year) != done:
                click.echo(one_line(_told(year, done), as_json=as_json))
            before[year] = done


def _promised(claims: Mapping[str, Any]) -> dict[str, Any]:
    return {name: claims[name] for name in ("entry", "log", "leaf", "accepted_at", "integrate_by")}


def _proven(entry_id: UUID, proven: VerifiedReceipt) -> dict[str, Any]:
    checkpoint = proven.receipt.signed.checkpoint
    kind = json.loads(json.loads(proven.opening)["core"])["kind"]
    told = {"entry": str(entry_id), "log": checkpoint.origin, "index": proven.receipt.index, "kind": kind}
    return told | {"size": checkpoint.size, "cosignatures": len(proven.receipt.signed.note.signatures) - 1}


def _told(year: int, done: Round) -> dict[str, Any]:
    return {"year": year, "outcome": done.outcome.value, "size": done.size, "quorum": done.quorum}
