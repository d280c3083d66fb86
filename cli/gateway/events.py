"""`clearline gateway events`: print the events of this carrier that are new."""

from pathlib import Path

import click

from cli.options import NEW_FILE, config_option, json_option
from cli.output import one_line, say
from gateway import settings
from gateway.counter.events import EVENTS_DROPPED, dropped_words
from gateway.wiring import build


@click.command()
@click.option("--cursor", type=NEW_FILE, required=True, help="The file that keeps how far events were read.")
@config_option("gateway.toml")
@json_option
def events(cursor: Path, config: Path, *, as_json: bool) -> None:
    """Print this carrier's new events: records that no longer block, corrections, deadlines. One event a line.

    The cursor moves when a page is printed: after an interruption some events are printed again, none is left out.
    EVENTS_DROPPED marks lost events; after a restore the registry sends all events that it has from the first on.

    \b
    Example:
      clearline gateway events --cursor events.cursor --json
    """
    with build(settings.load(config)) as here:
        for each in here.events(cursor):
            click.echo(one_line(each, as_json=as_json))
            if each["kind"] == EVENTS_DROPPED:
                say(dropped_words(each))
