"""`clearline gateway statement`: print the data held about the person at the counter."""

from pathlib import Path

import click

from cli.options import NEW_FILE, config_option, json_option, read_object, refuse_existing, write_secret
from cli.output import tell
from gateway import settings
from gateway.counter.statement_text import render
from gateway.counter.words import Language
from gateway.local.requests import read_statement_request
from gateway.wiring import build


@click.command()
@click.option(
    "--language",
    type=click.Choice([each.value for each in Language]),
    default=Language.EN.value,
    show_default=True,
    help="The language of the printed statement.",
)
@click.option(
    "--out", type=NEW_FILE, help="Write the printed statement (Markdown) to a new file that only its owner can read."
)
@click.option("--idempotency-key", help="Names this statement, so that a repetition is not counted twice.")
@config_option("gateway.toml")
@json_option
def statement(language: str, out: Path | None, idempotency_key: str | None, config: Path, *, as_json: bool) -> None:
    """Print all data held about a subject, its inquirers, and the remedies (document as JSON on standard input).

    \b
    Examples:
      clearline gateway statement --language zh < person.json
      clearline gateway statement --json < person.json
    \b
    person.json:
      {"document": {"kind": "RESIDENT_ID", "number": "..."}}
    """
    identity, _, key = read_statement_request(read_object("a person"), idempotency_key)
    if out is not None:
        refuse_existing(out)
    with build(settings.load(config)) as here:
        said = here.statement(identity, idempotency_key=key)
    text = render(said, Language(language))
    if out is not None:
        write_secret(out, text.encode())
    if as_json:
        tell(said, as_json=True)
    elif out is None:
        click.echo(text, nl=False)
