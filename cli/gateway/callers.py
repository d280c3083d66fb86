"""`clearline gateway token`, `tokens` and `revoke-token`: admit the local service's callers, without loading it."""

import os
from pathlib import Path

import click

from cli.options import NEW_FILE, config_option, json_option, refuse_existing, write_secret
from cli.output import one_line, tell
from gateway import settings
from gateway.local.tokens import Scope, add_caller, read_callers, remove_caller


@click.command()
@click.argument("name")
@click.option(
    "--scope",
    "scopes",
    type=click.Choice([each.value for each in Scope]),
    multiple=True,
    required=True,
    help="Routes that it opens; may be given several times.",
)
@click.option("--out", type=NEW_FILE, help="Write the token to a new file (mode 0600) instead of printing it.")
@config_option("gateway.toml")
@json_option
def token(name: str, scopes: tuple[str, ...], out: Path | None, config: Path, *, as_json: bool) -> None:
    """Make a token for a local caller.

    It is shown once: the service's file holds its SHA-256 alone. A running service admits it at the next request.
    NAME tells programs apart, in the log and when a token is revoked.

    \b
    check    /check, /recheck, /activations, /quotes, /custodians
    counter  /dispute, /statement, /rebut
    money    /settlements, /collect
    \b
    Example:
      clearline gateway token activation --scope check --out activation.token
    """
    place = settings.load(config).tokens
    if out is not None:
        refuse_existing(out)
    made = add_caller(place, name, [Scope(each) for each in scopes], random=os.urandom)
    if out is not None:
        try:
            write_secret(out, f"{made}\n".encode("ascii"))
        except BaseException:
            remove_caller(place, name)  # delete the token again: nobody received it
            raise
    shown = {"token": made} if out is None else {"file": str(out)}
    tell({"name": name, "scopes": sorted(scopes), **shown}, as_json=as_json)


@click.command()
@config_option("gateway.toml")
@json_option
def tokens(config: Path, *, as_json: bool) -> None:
    """List the callers of the local service.

    One caller a line. No tokens are stored.

    \b
    Example:
      clearline gateway tokens
    """
    for each in read_callers(settings.load(config).tokens):
        click.echo(one_line({"name": each.name, "scopes": sorted(each.scopes)}, as_json=as_json))


@click.command("revoke-token")
@click.argument("name")
@config_option("gateway.toml")
@json_option
def revoke_token(name: str, config: Path, *, as_json: bool) -> None:
    """Revoke a caller's token.

    A running service refuses it from the next request on.

    \b
    Example:
      clearline gateway revoke-token activation
    """
    remove_caller(settings.load(config).tokens, name)
    tell({"revoked": name}, as_json=as_json)
