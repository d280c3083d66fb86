"""`clearline gateway use-key` and `custodians`: switch to another signing key, and ask custodians for access."""

from pathlib import Path

import click

from cli.options import FILE, config_option, json_option
from cli.outcome import Failure
from cli.output import one_line, say, tell
from gateway import settings
from gateway.key_switch import write_switch
from gateway.wiring import try_custodians, try_key


@click.command()
@config_option("gateway.toml")
@json_option
def custodians(config: Path, *, as_json: bool) -> None:
    """Ask each custodian whether it admits our key.

    Each is also asked for its public key, which has to be the pinned one. Nothing is evaluated. Exit 1 unless all
    of them answer well.

    \b
    Example:
      clearline gateway custodians
    """
    trials = try_custodians(settings.load(config))
    for each in trials:
        said = {"custodian": each.index, "said": each.refusal or "let in, under its pinned key"}
        click.echo(one_line(said, as_json=as_json))
    if any(each.refusal is not None for each in trials):
        raise Failure("a custodian does not let this carrier in, or is not the pinned one")


@click.command("use-key")
@click.argument("signing_key", type=FILE)
@click.option("--key-id", required=True, help="The name of the key at the registry and the custodians.")
@config_option("gateway.toml")
@json_option
def use_key(signing_key: Path, key_id: str, config: Path, *, as_json: bool) -> None:
    """Sign with another key from the next start on.

    The key is tried first: while the registry or a custodian that answers does not let it in, the settings stay as they
    are. Then key_id and signing_key of [carrier] are written. Safe to repeat.

    \b
    Example:
      clearline gateway use-key signing-2.pem --key-id carrier-a-2
    """
    silent = try_key(settings.load(config), key_id=key_id, signing_key=signing_key)
    write_switch(config, key_id, signing_key)
    now = settings.load(config)
    if (now.key_id, now.signing_key.resolve()) != (key_id, signing_key.resolve()):
        raise Failure("key-overridden: the environment names another key than the settings file does now")
    tell({"key_id": key_id, "signing_key": str(signing_key), "did_not_answer": silent}, as_json=as_json)
    say("Start `clearline gateway serve` and `clearline gateway witness` again: they sign with the old key until then.")
