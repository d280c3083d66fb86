"""`clearline audit entries`: the command line of a question to the log."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from auditlog.names import log_key
from cli.audit.access import OpeningsAccess, reader_options
from cli.audit.entries import Own, Question, answer
from cli.audit.entry_lines import csv_of, json_of, table_of
from cli.audit.filters import Asked, WrittenParam, filter_options
from cli.audit.heads import LOG_KEY, LOG_URL, head_of, open_log
from cli.options import FILE, NEW_FILE, PublicKeyParam
from cli.output import OnProgress, progress, whole_file
from protocol.names import KEY_ID, PARTICIPANT_ID


class OwnKeyParam(click.ParamType[tuple[str, bytes]]):
    """A key of the reader's own, as KEY_ID=PUBLIC_KEY."""

    name = "own key"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, bytes]:
        key_id, _, public_key = str(value).partition("=")
        return WrittenParam(KEY_ID).convert(key_id, param, ctx), PublicKeyParam().convert(public_key, param, ctx)


@click.command("entries", short_help="Find entries of the log, each one proved.")
@LOG_URL
@LOG_KEY
@filter_options
@click.option("--limit", type=click.IntRange(min=1), help="Stop after so many lines.")
@click.option("--saved", type=FILE, help="Your audit of this year with --openings: less has to be read.")
@click.option("--own", type=WrittenParam(PARTICIPANT_ID), help="You are this participant, and no office: your own.")
@click.option("--own-key", type=OwnKeyParam(), multiple=True, help="A former key of yours, as KEY_ID=PUBLIC_KEY.")
@click.option("--out", type=NEW_FILE, help="Where they are written; absent: standard output.")
@click.option("--csv", "as_csv", is_flag=True, help="A table (RFC 4180) for a spreadsheet.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@reader_options
def entries(
    url: str,
    vkey: str,
    *,
    asked: Asked,
    limit: int | None,
    saved: Path | None,
    own: str | None,
    own_key: tuple[tuple[str, bytes], ...],
    out: Path | None,
    access: OpeningsAccess,
    as_csv: bool,
    as_json: bool,
) -> None:
    """Find entries of the access log: by kind, carrier, time, place, purpose, decision, outcome, or of one person.

    Each entry is proved before it is printed: it is in the signed tree, its parts are those that were logged, and its
    sender signed the request. One that does not hold is never printed: it is named, and the exit code is 1. All
    entries of the time are opened, so that none can be left out; the last line says exactly what was proved.

    \b
    --like-entry takes any entry of a person, of any kind and of this year.
    A person has another pseudonym from its first listing on: give an entry from
    before it and one from after it (the person's statement lists both).
    Erased entries tell neither person nor decision nor clerk any more; with such
    a filter the command says how many there were.
    --purpose and --agent are filters here: an office says in its settings
    (--config) why it reads, and who.

    \b
    Examples (... are --log-url, --vkey and the options of the two keys):
      clearline audit entries ... --like-entry 01a225b9-cdfb-7335-90f5-d68f3071dc19
      clearline audit entries ... --by carrier-b --outlet SH-PD-0123 --night \\
          --kind inquiry --since 2026-11-01 --until 2026-12-01 --csv --out nov.csv
      clearline audit entries ... --kind activation --outcome OVERRIDDEN --json
    """
    if as_csv and as_json:
        raise click.UsageError("either --csv or --json")
    if own is None and own_key:
        raise click.UsageError("--own-key goes with --own")
    if own is not None and saved is not None:
        raise click.UsageError("--saved is an auditor's, and --own is whoever is none")
    key = log_key(vkey)
    question = Question(
        key=key,
        url=url,
        access=access,
        asked=asked,
        limit=limit,
        saved=saved,
        own=None if own is None else Own(participant=own, keys=dict(own_key)),
    )
    lines = csv_of if as_csv else json_of if as_json else table_of
    with open_log(url) as reader:
        head = head_of(reader, key, None if saved is None else saved.with_name(saved.name + ".heads"))
        with whole_file(out) as file, _shown_beside(out, f"entries {key.name}") as show:
            failure = answer(question, head.checkpoint, reader=reader, write=lines(file), on_progress=show)
    if failure is not None:
        raise failure


def _silent(done: int, total: int) -> None:
    del done, total


@contextmanager
def _shown_beside(out: Path | None, what: str) -> Iterator[OnProgress]:
    """Show progress, but none between the lines that a person reads on the same terminal."""
    if out is None and sys.stdout.isatty():
        yield _silent
        return
    with progress(what) as show:
        yield show
