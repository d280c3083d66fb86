"""`clearline grade`: judges scorecards on the machine of whoever has the orders."""

from typing import Final

import click

from cli.lazy import LazyGroup

_COMMANDS: Final = {
    "backtest": ("cli.grade.backtest:backtest", "Judge a scorecard by what came of orders."),
}


@click.group(cls=LazyGroup, commands_at=_COMMANDS)
def grade() -> None:
    """Judge scorecards by orders of the past: rates, separation, stability. No row is printed or sent."""
