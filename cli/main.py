"""The entry point of `clearline`: it loads the roles, runs a command and ends with its exit code."""

import logging
import sys
from collections.abc import Sequence

import click

from cli.lazy import LazyGroup
from cli.outcome import ExitCode, judge
from cli.roles import ROLES
from serving.process import Terminated, end_on_signals, protect_memory

_HELP = """\
Cross-carrier arrears registry that never sees an identity.

\b
Who does what:
  gateway     a carrier's own side: reads exports and applicants, turns identity
              numbers into tokens, reports, checks, settles. Identities stay here.
  registry    the neutral register: records, decisions, quotes, clearances.
  custodian   an independent body that holds one share of the key; two of three
              are needed for any token.
  audit       whoever distrusts the registry: computes its log again.

\b
See it all on this machine:
  clearline demo
\b
A carrier's day:
  clearline gateway report arrears.csv --mapping arrears.toml --out verdicts.csv
  clearline gateway check < applicant.json
  clearline gateway settle < payment.json
\b
An outsider, who believes nobody:
  clearline audit verify --log-url https://registry.example/log/2026 --vkey VKEY
\b
A new registry:
  clearline keys new --out operator.pem
  clearline registry init --config registry.toml ...
  clearline registry serve --config registry.toml
  clearline registry admit carrier-a ...

\b
Exit codes: 0 done, 1 refused or failed (one line on standard error says why),
2 wrong usage, 3 a service that is needed cannot be reached (try again).
"""


@click.group(cls=LazyGroup, commands_at=ROLES, help=_HELP, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--debug", is_flag=True, help="Show a stack trace when something fails.")
@click.version_option(package_name="clearline", prog_name="clearline")
def command_line(*, debug: bool) -> None:
    """Take the options that stand before the command."""
    del debug  # main() reads it, also when the command line itself is wrong
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s %(message)s")


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command and exit with its code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if arguments is None:  # only then this process is ours alone, its signals included
        protect_memory()
        end_on_signals()
    try:
        outcome = command_line.main(args=given, prog_name="clearline", standalone_mode=False)
    except click.exceptions.Exit as end:
        sys.exit(end.exit_code)
    except (click.Abort, KeyboardInterrupt):
        click.echo("clearline: interrupted", err=True)
        sys.exit(130)
    except Terminated:
        click.echo("clearline: terminated", err=True)
        sys.exit(143)
    except Exception as error:
        if "--debug" in given:
            raise
        failure = judge(error)
        click.echo(f"clearline: {failure}", err=True)
        if failure.code is ExitCode.USAGE:
            click.echo("clearline: --help after a command explains it", err=True)
        sys.exit(failure.code)
    sys.exit(outcome if isinstance(outcome, int) else ExitCode.DONE)
