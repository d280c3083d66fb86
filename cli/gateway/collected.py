"""`clearline gateway collect`, `answer-collection` and `net-statement`: money that carriers take for each other."""

import datetime as dt
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import click

from cli.options import TAKES_A_REFERENCE, MonthParam, config_option, json_option
from cli.output import tell
from client.resources import collected
from gateway import settings
from gateway.counter.collected import Takings
from gateway.wiring import build
from protocol.codes import CollectionAnswer, CollectionRefusal
from protocol.encodings import AmountError, EncodingError, parse_moment, parse_yuan
from protocol.messages.collected import CollectionAnswerBody

_ANSWER: Final = click.Choice([each.value for each in CollectionAnswer])
_REASON: Final = click.Choice([each.value for each in CollectionRefusal])


class YuanParam(click.ParamType[int]):
    """An amount in yuan, such as 260.00; comes out in fen."""

    name = "yuan"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        try:
            return parse_yuan(str(value))
        except AmountError:
            self.fail("not an amount in yuan, as 260.00 is", param, ctx)


class MomentParam(click.ParamType[dt.datetime]):
    """A UTC time in the form of the interface."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> dt.datetime:
        try:
            return parse_moment(str(value))
        except EncodingError:
            self.fail("not a UTC time, as 2026-11-21T04:00:00.000000Z is", param, ctx)


@click.command(context_settings=TAKES_A_REFERENCE)
@click.argument("reference")
@click.argument("amount", type=YuanParam())
@click.option(
    "--collected-at", type=MomentParam(), help="When it was paid (UTC); makes a repetition safe. Absent: now."
)
@config_option("gateway.toml")
@json_option
def collect(reference: str, amount: int, collected_at: dt.datetime | None, config: Path, *, as_json: bool) -> None:
    """Report that an applicant paid the whole quote REFERENCE, AMOUNT yuan, at this carrier's counter.

    Nothing of it blocks any more from this moment on; its creditors have two working days to object. No money moves
    through Clearline: what was taken for others stands in the month's net statement.

    \b
    Example:
      clearline gateway collect 3nXb0mTt7cVw1Qf2 260.00 --collected-at 2026-11-21T04:00:00.000000Z
    """
    takings = Takings(quote_reference=reference, amount_fen=amount, collected_at=collected_at)
    with build(settings.load(config)) as here:
        tell(here.till.collect(takings), as_json=as_json)


@click.command("answer-collection")
@click.argument("collection_id", type=click.UUID)
@click.argument("answer", type=_ANSWER)
@click.option("--reason", type=_REASON, help="Why it is refused; goes with REFUSED alone.")
@config_option("gateway.toml")
@json_option
def answer_collection(collection_id: UUID, answer: str, reason: str | None, config: Path, *, as_json: bool) -> None:
    """Confirm or refuse a payment that another carrier took for this one. After the last day silence is consent.

    \b
    Examples:
      clearline gateway answer-collection 0198c2c4-0000-7000-8000-000000000000 CONFIRMED
      clearline gateway answer-collection 0198c2c4-0000-7000-8000-000000000000 REFUSED --reason MONEY_NOT_RECEIVED
    """
    body = CollectionAnswerBody(
        answer=CollectionAnswer(answer), reason=None if reason is None else CollectionRefusal(reason)
    )
    with build(settings.load(config)) as here:
        tell(collected.answer(here.registry, collection_id, body), as_json=as_json)


@click.command("net-statement")
@click.argument("month", type=MonthParam())
@click.argument("carrier")
@click.option("--csv", "as_csv", is_flag=True, help="The lines alone, as a table (RFC 4180).")
@config_option("gateway.toml")
@json_option
def net_statement(month: str, carrier: str, config: Path, *, as_csv: bool, as_json: bool) -> None:
    """Show the payments that this carrier and CARRIER took for each other in MONTH (2026-11, Beijing), and the balance.

    \b
    Example:
      clearline gateway net-statement 2026-11 carrier-b --csv > november.csv
    """
    with build(settings.load(config)) as here:
        if as_csv:
            click.echo(collected.net_lines(here.registry, month, carrier), nl=False)
            return
        tell(collected.net_statement(here.registry, month, carrier), as_json=as_json)
