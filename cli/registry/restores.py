"""`clearline registry restored` and `restore-check`: declare that the database was restored; find lost entries."""

from pathlib import Path
from typing import Final

import click

from cli.options import config_option, json_option
from cli.outcome import Failure
from cli.output import say, tell
from cli.registry.restore_words import as_document, lines_of
from cli.registry.schema_check import open_registry
from protocol.incarnation import FIRST, MOST
from registry.domain.log_faults import HeadFileRefused
from registry.settings import Settings, load
from registry.usecases.context import Registry
from registry.usecases.restores.check_restore import check_restore
from registry.usecases.restores.declare_restore import Declared, declare_restore, next_incarnation
from registry.usecases.restores.evidence import MOST_BYTES, Seen, read_evidence
from registry.work.heads import LogHeads
from registry.work.outside import IncarnationFile
from serving.files import read_bounded

_BESIDE: Final = frozenset({".opening", ".lock", ".new"})


@click.command()
@click.option(
    "--above",
    type=click.IntRange(min=FIRST, max=MOST - 1),
    help="The largest incarnation that anybody has seen; needed where the file of it is lost or damaged.",
)
@config_option("registry.toml")
@json_option
def restored(config: Path, above: int | None, *, as_json: bool) -> None:
    """Declare that the database was restored. The registry goes on under the next incarnation.

    Until then it refuses every signed request, if it notices the restore, so that it acknowledges nothing out of step.
    Gateways see the new number in each answer, send their reports again, and read their events from the beginning.

    \b
    Example:
      clearline registry restored --config registry.toml
    """
    settings = load(config)
    running = open_registry(settings)
    done = declare(settings, running, above)
    tell({"incarnation": done.number, "before": done.before}, as_json=as_json)


@click.command("restore-check")
@click.option(
    "--seen",
    type=click.Path(exists=True, path_type=Path),
    multiple=True,
    help="A head, receipt or promise of anybody's, or a folder of them. May be given several times.",
)
@config_option("registry.toml")
@json_option
def restore_check(config: Path, seen: tuple[Path, ...], *, as_json: bool) -> None:
    """Compare the database with the parts of the log that others kept; print missing entries, and a message to each.

    The heads of `log_heads` are looked at in any case. Collect more: `GET /log/YEAR/checkpoint` from mirrors, the
    state folders of witnesses, and the receipts folders of carriers (`.tlog-proof` with its `.opening`, `.promise`).
    Other files of a folder are named and left out.
    It only reads, and may run before and after `clearline registry restored`. It cannot know entries that nobody kept.

    \b
    Example:
      clearline registry restore-check --seen checkpoint-2026 --seen receipts/ --config registry.toml
    """
    settings = load(config)
    running = open_registry(settings)
    folders = [settings.log_heads] if settings.log_heads.is_dir() else []
    read = (_read(running, path, named=path in seen) for path in _files((*folders, *seen)))
    evidence = [each for each in read if each is not None]
    found = check_restore(running, evidence)
    if as_json:
        tell(as_document(found), as_json=True)
        return
    for line in lines_of(found):
        click.echo(line)


def _files(paths: tuple[Path, ...]) -> list[Path]:
    """Each file named, and of each folder the files that may be evidence, in their order."""
    found: list[Path] = []
    for path in paths:
        inside = sorted(each for each in path.rglob("*") if each.is_file()) if path.is_dir() else [path]
        found += [each for each in inside if each.suffix not in _BESIDE]
    return found


def _read(running: Registry, path: Path, *, named: bool) -> Seen | None:
    """Read one piece of evidence; None for another file where only its folder was named."""
    raw = read_bounded(path, MOST_BYTES)
    opening = read_bounded(path.with_name(f"{path.name}.opening"), MOST_BYTES)
    try:
        return read_evidence(running, raw or b"", opening)
    except HeadFileRefused as refused:
        if refused.code == "evidence-malformed" and not named:
            say(f"left out: {path}: {refused}")
            return None
        raise Failure(f"{refused.code}: {path}: {refused}") from None


def declare(settings: Settings, running: Registry, above: int | None = None) -> Declared:
    """Raise the number outside, and then the one in the database."""
    file = IncarnationFile(settings.incarnation_file)
    try:
        known = file.read()
    except HeadFileRefused:
        if above is None:
            raise Failure(
                f"incarnation-malformed: {settings.incarnation_file}: holds no incarnation; say --above, the largest "
                "one that anybody has seen"
            ) from None
        known = None
    number = next_incarnation(running, max(known or FIRST, above or FIRST))
    # If we die after this line, the number outside is the larger one: the command has to be given again.
    if known is None:
        file.replace(number)
    else:
        file.raise_to(number)
    return declare_restore(running, number, LogHeads(settings.log_heads, running.log).believed())
