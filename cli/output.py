"""Print results for people or scripts, and the progress of long runs."""

import io
import json
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

import click

from cli.nested import laid_out, plain
from protocol.wire.codec import write_sorted
from serving.files import begin_file

if TYPE_CHECKING:
    from rich.progress import Progress

OnProgress = Callable[[int, int], None]
"""Called with (done, in all)."""
_PLAIN_STEPS: Final = 5
"""The number of progress lines of a whole run where there is no terminal for a bar."""


def tell(result: object, *, as_json: bool) -> None:
    """Print a message or a mapping: one JSON object on one line, or a name and a value a line, lists as tables."""
    document = _document(result)
    if as_json:
        click.echo(json.dumps(document, ensure_ascii=False, sort_keys=True))
        return
    for line in laid_out(document):
        click.echo(line)


def one_line(result: object, *, as_json: bool) -> str:
    """Write one of many results on a line: a JSON object, or its values."""
    document = _document(result)
    if as_json:
        return json.dumps(document, ensure_ascii=False, sort_keys=True)
    return "  ".join(f"{name} {plain(value)}" for name, value in document.items() if value is not None)


def say(line: str) -> None:
    """Print a line about the work under way, apart from the result."""
    click.echo(line, err=True)


@contextmanager
def whole_file(output: Path | None) -> Iterator[IO[str]]:
    """Open a file for text, which appears only when it is complete; standard output without one."""
    if output is None:
        yield sys.stdout
        return
    partial = output.with_name(output.name + ".partial")
    with io.TextIOWrapper(begin_file(partial), encoding="utf-8", newline="") as file:
        yield file
    partial.replace(output)


@contextmanager
def progress(what: str) -> Iterator[OnProgress]:
    """A bar on a terminal, a few plain lines elsewhere; both on standard error."""
    if not sys.stderr.isatty():
        yield _lines(what)
        return
    with _bar() as bars:
        task = bars.add_task(what, total=None, speed="")

        def show(done: int, total: int) -> None:
            speed = bars.tasks[task].speed
            bars.update(task, completed=done, total=total, speed="" if speed is None else f"{speed:.0f}/s")

        yield show


def _bar() -> "Progress":
    # Imported where a bar is drawn: a server and a script never draw one.
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import (  # noqa: PLC0415
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[speed]}"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    return Progress(*columns, console=Console(stderr=True))


def _document(result: object) -> Mapping[str, Any]:
    return result if isinstance(result, Mapping) else write_sorted(result)


def _lines(what: str) -> OnProgress:
    shown = -1

    def show(done: int, total: int) -> None:
        nonlocal shown
        step = _PLAIN_STEPS * done // total if total else _PLAIN_STEPS
        if step != shown:
            shown = step
            say(f"{what}: {done} of {total}")

    return show
