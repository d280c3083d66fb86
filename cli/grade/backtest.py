"""`clearline grade backtest`: prints the figures of a scorecard, and keeps them with a picture."""

import io
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final, TypeVar
from uuid import UUID

import click

from analysis.orders import OrdersRefused, inquiries_in, read_orders
from cli.audit.access import OpeningsAccess, log_options
from cli.audit.whole_log import BEFORE, years_of
from cli.grade.scorecards import first_scorecard, read_scorecard
from cli.grade.told import read_told
from cli.options import FILE, FOLDER
from cli.outcome import Failure
from cli.output import whole_file
from serving.files import make_folder, write_whole

if TYPE_CHECKING:
    from analysis.backtest import Backtest

_EXTRA: Final = frozenset({"matplotlib", "numpy", "scipy"})
_Found = TypeVar("_Found")
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
@log_options
@BEFORE
def backtest(
    file: Path,
    *,
    in_force: Path | None,
    scorecard: Path | None,
    baseline: Path | None,
    out: Path | None,
    form: str,
    url: str | None,
    vkey: str | None,
    access: OpeningsAccess | None,
    earlier: tuple[tuple[str, str], ...],
) -> None:
    """Judge a scorecard by orders that turned out good or bad: bad rate by letter and bin, separation, stability.

    FILE is a CSV with the columns opened_on, bad (0 or 1), and one of these: credit (the text that an inquiry's entry
    keeps, such as o0 p0 d10 c1 b70 k0 t0 D); the seven inputs open, plan_running, cleared_days (empty: none),
    cleared_creditors, blocked_days, plans_broken, tenure; or inquiry_id, for an auditor or regulator who reads the rest
    from the log (--log-url). No other column is taken, and no row is ever printed.

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
    tables = [file] if baseline is None else [file, baseline]
    told = None
    if access is not None and url is not None and vkey is not None:
        wanted = frozenset[UUID]().union(*(_read(each, inquiries_in) for each in tables))
        told = read_told(wanted, years_of(earlier, url, vkey), access)
    orders, *before = (_read(each, partial(read_orders, told=told)) for each in tables)
    with _extra_installed():
        from analysis.backtest import backtest as judge  # noqa: PLC0415 - SciPy takes a second, and may be missing

        result = judge(orders, today, baseline=next(iter(before), None), proposed=proposed)
        if out is not None:
            _keep(result, out)
        sys.stdout.write(_printed(result, form))


def _read(path: Path, read: Callable[[IO[bytes]], _Found]) -> _Found:
    try:
        with path.open("rb") as file:
            return read(file)
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
