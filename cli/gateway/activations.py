"""`clearline gateway recheck`, `activate` and `activations`: the way of an order after its check."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from cli.options import FILE, NEW_FILE, config_option, json_option, read_object
from cli.outcome import Failure
from cli.output import one_line, progress, say, tell
from crypto.references import Named, NameInvalid
from gateway import settings
from gateway.bulk.outcomes import orders_in
from gateway.gateway import Gateway
from gateway.identity.context import NOTHING_SAID
from gateway.local.outcomes import read_order, read_outcome
from gateway.wiring import build
from protocol.encodings import format_time
from protocol.wire.codec import write


@click.command()
@config_option("gateway.toml")
@json_option
def recheck(config: Path, *, as_json: bool) -> None:
    """Has anything changed since the check of an order? Its number as JSON on standard input.

    The same inquiry is decided anew, without its applicant's documents: so an order that waits for days, or is paid for
    tomorrow, stays one question.

    \b
    Example:
      echo '{"order": "2026-000123"}' | clearline gateway recheck
    """
    order, service_class = read_order(read_object("an order"))
    with build(settings.load(config)) as here:
        tell(here.recheck(order, service_class).to_answer(), as_json=as_json)


@click.command()
@click.argument("file", type=FILE, required=False)
@click.option("--out", type=NEW_FILE, help="With FILE: where the verdicts are written, a line for each outcome.")
@click.option("--restart", is_flag=True, help="With FILE: give up an earlier run that has the same --out.")
@config_option("gateway.toml")
@json_option
def activate(file: Path | None, out: Path | None, config: Path, *, restart: bool, as_json: bool) -> None:
    """Report what became of orders: one as JSON on standard input, or a CSV FILE of them.

    FILE is a file of decisions (`check FILE --out`) with two more columns, `outcome` and `at`, filled in where
    something became of an order; rows without an outcome are left out. Interrupted? The same command again goes on;
    nothing is doubled. Exit 1 too if each outcome is refused: then nothing was reported.

    \b
    outcome   ACTIVATED, DEPOSIT_TAKEN, PREPAID, DECLINED, OVERRIDDEN, CANCELLED_LATER
    at        2026-11-29 14:03 (Beijing), or 2026-11-29T06:03:00.000000Z
    may be    part revision lines service_class reason channel outlet dealer agent
              approved_by deposit_fen unchecked
    \b
    Examples:
      clearline gateway activate outcomes.csv --out verdicts.csv
      clearline gateway activate < outcome.json
    """
    if file is None:
        if out or restart:
            raise click.UsageError("--out and --restart go with a FILE")
        told = read_outcome(read_object("an outcome"), None, NOTHING_SAID)
        with build(settings.load(config)) as here:
            report = here.activate(told)
            document = write(report.answer) | {"part": report.part, "revision": report.revision}
        del document["row_id"]
        tell(document, as_json=as_json)
        return
    if out is None:
        raise click.UsageError("a FILE needs --out")
    with build(settings.load(config)) as here, progress(f"activate {file.name}") as show:
        done = here.activate_file(source=file, output=out, restart=restart, on_progress=show)
    counted: dict[str, Any] = {"rows": done.rows, "left_out": done.left_out, "verdicts": done.verdicts}
    further = {"seconds": round(done.seconds, 3), "resumed_from_row": done.resumed_from_row, "output": str(out)}
    tell(counted | further, as_json=as_json)
    if done.sent_again:
        say("the registry was restored since this was reported: each outcome was sent again")
    if done.all_refused:
        raise Failure(f"nothing was reported: {done.rows} of {done.rows} outcomes were refused; {out} says why")


@click.command()
@click.option("--unreported", is_flag=True, required=True, help="Those of which nothing was reported yet.")
@click.option("--orders", type=FILE, help="A CSV with a column `order`: show the numbers that are in it.")
@config_option("gateway.toml")
@json_option
def activations(orders: Path | None, config: Path, *, unreported: bool, as_json: bool) -> None:
    """List the orders of which nothing was reported yet, the longest waiting first.

    The file of orders has no numbers: give a file of decisions to see them.

    \b
    Example:
      clearline gateway activations --unreported --orders decisions.csv
    """
    del unreported
    with build(settings.load(config)) as here:
        for line in _unreported(here, orders):
            click.echo(one_line(line, as_json=as_json))


def _unreported(here: Gateway, orders: Path | None) -> Iterator[dict[str, str]]:
    numbers = {} if orders is None else dict(references_in(here, orders))
    for each in here.tools.orders.unreported():
        line = {
            "inquiry_id": str(each.inquiry_id),
            "decided_at": format_time(each.decided_at),
            "decision": each.decision.value,
            "service_class": each.service_class.value,
        }
        number = numbers.get(each.order)
        yield line if number is None else line | {"order": number}


def references_in(here: Gateway, orders: Path) -> Iterator[tuple[bytes, str]]:
    """Yield the reference of each order number of a file, with the number."""
    for number in orders_in(orders):
        try:
            yield here.tools.references.of(Named.ORDER, number), number
        except NameInvalid:
            continue  # no order can have this number
