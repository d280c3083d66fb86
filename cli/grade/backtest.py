"""`clearline grade backtest`: prints the figures of a scorecard, and keeps them with a picture."""

import io
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from analysis.orders import Orders, OrdersRefused, read_orders
from cli.grade.scorecards import first_scorecard, read_scorecard
from cli.options import FILE, FOLDER
from cli.outcome import Failure
from cli.output import whole_file
from serving.files import make_folder, write_whole

if TYPE_CHECKING:
    from analysis.backtest import Backtest

_EXTRA: Final = frozenset({"matplotlib", "numpy", "scipy"})
_FORMATS: Final = ("table", "csv", "json")


@click.command("backtest", short_help="Judge a scorecard by what came of orders.")
@click.argument("file", type=FILE)
@click.option("--in-force", type=FILE, help="The scorecard of today (JSON); absent: the first one of this release.")
@click.option("--scorecard", type=FILE, help="A proposed scorecard (JSON): the same figures, and who moves where.")
@click.option("--baseline", type=FILE, help="Orders of an earlier time, in the form of FILE: has the mix changed?")
@click.option("--out", type=FOLDER, help="Keep backtest.csv, .json and .png there.")
@click.option(
    "--format", "form", type=click.Choice(_FORMATS), default="table", show_default=True, help="What to print."
)
def backtest(
    file: Path, *, in_force: Path | None, scorecard: Path | None, baseline: Path | None, out: Path | None, form: str
) -> None:
    """Judge a scorecard by orders that turned out good or bad: bad rate by letter and bin, separation, stability.

    FILE is a CSV with the columns opened_on, bad (0 or 1), and either credit (the text that an inquiry's entry keeps,
    such as o0 p0 d10 c1 b70 k0 t0 D) or the seven inputs open, plan_running, cleared_days (empty: none),
    cleared_creditors, blocked_days, plans_broken, tenure. No other column is taken, and no row is ever printed.

    \b
    A scorecard is the group `grade` of the rules, or a whole version of them.
    It needs SciPy and matplotlib, which nothing else of clearline does.

    \b
    Examples:
      clearline grade backtest orders.csv
      clearline grade backtest orders.csv --scorecard proposed.json --baseline last-year.csv --out report
    """
    today = first_scorecard() if in_force is None else read_scorecard(in_force)
    proposed = None if scorecard is None else read_scorecard(scorecard)
    orders, earlier = _read(file), None if baseline is None else _read(baseline)
    with _extra_installed():
        from analysis.backtest import backtest as judge  # noqa: PLC0415 - SciPy takes a second, and may be missing

        result = judge(orders, today, baseline=earlier, proposed=proposed)
        if out is not None:
            _keep(result, out)
        sys.stdout.write(_printed(result, form))


def _read(path: Path) -> Orders:
    try:
        with path.open("rb") as file:
            return read_orders(file)
    except OrdersRefused as refused:
        raise Failure(f"{path}: {refused}") from None


def _printed(result: "Backtest", form: str) -> str:
    from analysis.document import document_of  # noqa: PLC0415 - as in backtest
    from cli.grade import tables  # noqa: PLC0415 - as in backtest

    if form == "json":
        return json.dumps(document_of(result), sort_keys=True) + "\n"
    if form == "table":
        return tables.text_of(result)
    text = io.StringIO(newline="")
    tables.csv_of(result, text)
    return text.getvalue()


def _keep(result: "Backtest", folder: Path) -> None:
    from analysis.picture import png_of  # noqa: PLC0415 - as in backtest

    make_folder(folder)
    for form in ("csv", "json"):
        with whole_file(folder / f"backtest.{form}") as file:
            file.write(_printed(result, form))
    write_whole(folder / "backtest.png", png_of(result))


@contextmanager
def _extra_installed() -> Iterator[None]:
    """Say in one line how the libraries are installed, where one of them is missing."""
    try:
        yield
    except ModuleNotFoundError as missing:
        if (missing.name or "").partition(".")[0] not in _EXTRA:
            raise
        raise Failure(
            "analysis-not-installed: SciPy and matplotlib are missing;"
            " python -m pip install --no-deps --require-hashes -r requirements/analysis.lock installs them"
        ) from None
