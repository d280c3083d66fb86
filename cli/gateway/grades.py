"""`clearline gateway credit-terms` and `grade-review`: own terms for low grades, and reviews by own people."""

import datetime as dt
from pathlib import Path
from typing import Final

import click

from cli.options import DayParam, config_option, json_option, read_object
from cli.output import tell
from client.resources import grades as resource
from gateway import settings
from gateway.local.reviews import read_review
from gateway.wiring import build
from protocol.alternatives import AlternativeKind
from protocol.codes import ServiceClass
from protocol.grades import GradeUse
from protocol.messages.grades import MOST_DEPOSIT_PERMILLE, NewCreditTerms

_DAY: Final = DayParam()
_SERVICE: Final = click.Choice([each.value for each in ServiceClass])
_ASKS: Final = click.Choice([each.value for each in AlternativeKind])
_USE: Final = click.Choice([each.value for each in GradeUse])


@click.group("credit-terms")
def credit_terms() -> None:
    """This carrier's own terms for low grades: the deposit of each tariff, for inquiries from a day on."""


@credit_terms.command("set", short_help="Set the terms of a tariff for low grades.")
@click.option("--service", type=_SERVICE, required=True, help="The service of the tariff.")
@click.option("--tariff", help="This carrier's code of it; without it all tariffs that have no terms of their own.")
@click.option("--average-bill-fen", type=click.IntRange(1), required=True, help="The average bill of a month, in fen.")
@click.option(
    "--deposit-permille",
    type=click.IntRange(0, MOST_DEPOSIT_PERMILLE),
    required=True,
    help="Thousandths of the average bill; 2000 is two bills.",
)
@click.option("--prepaid/--no-prepaid", required=True, help="Whether the tariff can be had prepaid.")
@click.option(
    "--use", type=_USE, required=True, help="BINDING changes decisions, ADVISORY tells grades, OFF reads none."
)
@click.option(
    "--asks",
    type=_ASKS,
    default=AlternativeKind.DEPOSIT.value,
    show_default=True,
    help="Of a low grade; the applicant may take the other.",
)
@click.option("--from", "effective_from", type=_DAY, required=True, help="The first Beijing date; never a past one.")
@config_option("gateway.toml")
@json_option
def set_(
    service: str,
    tariff: str | None,
    average_bill_fen: int,
    deposit_permille: int,
    config: Path,
    *,
    use: str,
    asks: str,
    effective_from: dt.date,
    prepaid: bool,
    as_json: bool,
) -> None:
    """Set what a low grade means in one tariff, for inquiries from a day on; answers that were given stay.

    \b
    Example:
      clearline gateway credit-terms set --service MOBILE --tariff 5G-129 --average-bill-fen 12900 \\
        --deposit-permille 2000 --prepaid --use BINDING --from 2027-01-01
    """
    wanted = NewCreditTerms(
        service_class=ServiceClass(service),
        tariff=tariff,
        average_bill_fen=average_bill_fen,
        deposit_permille_of_bill=deposit_permille,
        prepaid=prepaid,
        use=GradeUse(use),
        asks=AlternativeKind(asks),
        effective_from=effective_from,
    )
    with build(settings.load(config)) as here:
        tell(resource.set_credit_terms(here.registry, wanted), as_json=as_json)


@credit_terms.command("show", short_help="Show this carrier's own terms for low grades.")
@click.option("--at", type=_DAY, help="The terms of a Beijing date; today's without it.")
@config_option("gateway.toml")
@json_option
def show_terms(at: dt.date | None, config: Path, *, as_json: bool) -> None:
    """Show this carrier's own terms of a day, and all that it ever set.

    \b
    Example:
      clearline gateway credit-terms show --at 2027-01-01
    """
    with build(settings.load(config)) as here:
        tell(resource.read_credit_terms(here.registry, at), as_json=as_json)


@click.command("grade-review")
@config_option("gateway.toml")
@json_option
def grade_review(config: Path, *, as_json: bool) -> None:
    """Tell that a person reviewed the decision that a grade made on an order: JSON on standard input.

    The applicant asked for it, within the days of the rules or later. After LIFTED, which two people answer for, the
    order is done as asked: report it as ACTIVATED with the reason REVIEWED. The same again says the same.

    \b
    outcome      CONFIRMED, LIFTED
    reason       FACT_WRONG, GOOD_RECORD_HERE, HARDSHIP, DEPOSIT_ELSEWHERE, OTHER
    asked_at     2026-11-29T06:03:00.000000Z
    agent        the person who reviewed it; approved_by the second one, of LIFTED
    \b
    Example:
      clearline gateway grade-review < review.json
    """
    told = read_review(read_object("a review"), None)
    with build(settings.load(config)) as here:
        tell(here.review_grade(told), as_json=as_json)
