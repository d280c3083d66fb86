"""`clearline custodian`: runs one holder of a key share, keeps its carriers' keys, and hands in its tallies."""

from typing import Final

import click

from cli.lazy import LazyGroup

_COMMANDS: Final = {
    "ceremony": ("cli.custodian.ceremonies:ceremony", "Make and renew shares with other custodians."),
    "carrier-key": ("cli.custodian.carrier_keys:carrier_key", "Add and revoke the keys of carriers."),
    "custody": ("cli.custodian.custody:custody", "Seal share and signing key at rest."),
    "serve": ("cli.custodian.serve:serve", "Serve evaluations until SIGTERM."),
    "tally": ("cli.custodian.tallies:tally", "Hand in the counts of a day, signed."),
}


@click.group(cls=LazyGroup, commands_at=_COMMANDS)
def custodian() -> None:
    """Hold one share of the key: evaluate blinded elements, prove it, count them. It sees no identity."""
