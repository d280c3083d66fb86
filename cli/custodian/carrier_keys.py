"""`clearline custodian carrier-key`: adds, revokes and lists the carriers' keys that a custodian lets in."""

from pathlib import Path
from typing import Final

import click

from cli.options import PublicKeyParam, config_option, json_option
from cli.output import one_line, tell
from custodian import carrier_keys, settings
from custodian.settings import Admission, CarrierKey
from protocol.encodings import b64url_encode
from serving.clock import system_clock

_SETTINGS: Final = "custodian.toml"


@click.group("carrier-key", short_help="Add and revoke the keys of carriers.")
def carrier_key() -> None:
    """Add and revoke the keys that carriers sign with.

    A running custodian applies a change at the next request. Its ledger is not touched: keys of one carrier count
    together.
    """


@carrier_key.command()
@click.argument("carrier")
@click.argument("key_id")
@click.option("--public-key", type=PublicKeyParam(), required=True, help="Its 32 bytes in base64url, or a file.")
@config_option(_SETTINGS)
@json_option
def add(carrier: str, key_id: str, public_key: bytes, config: Path, *, as_json: bool) -> None:
    """Let a further key of CARRIER in. Safe to repeat.

    CARRIER and KEY_ID are the names at the registry. The carrier's other keys stay good until they are revoked.

    \b
    Example:
      clearline custodian carrier-key add carrier-a carrier-a-2 --public-key KEY
    """
    new = CarrierKey(carrier=carrier, key_id=key_id, public_key=public_key)
    change = carrier_keys.add_key(config, new)
    tell({"added": key_id, **_told(change, carrier)}, as_json=as_json)


@carrier_key.command()
@click.argument("carrier")
@click.argument("key_id")
@config_option(_SETTINGS)
@json_option
def revoke(carrier: str, key_id: str, config: Path, *, as_json: bool) -> None:
    """Let KEY_ID of CARRIER in no more, for ever. Safe to repeat.

    The key is not let in under another name either.

    \b
    Example:
      clearline custodian carrier-key revoke carrier-a carrier-a-1
    """
    change = carrier_keys.revoke_key(config, carrier, key_id, now=system_clock())
    tell({"revoked": key_id, **_told(change, carrier)}, as_json=as_json)


@carrier_key.command("list", short_help="List the carriers' keys and revocations.")
@config_option(_SETTINGS)
@json_option
def list_keys(config: Path, *, as_json: bool) -> None:
    """List the carriers' keys, the revoked ones too.

    \b
    Example:
      clearline custodian carrier-key list
    """
    admission = settings.load(config).admission
    good = set(admission.good())
    for each in admission.carriers:
        state = "good" if each in good else "revoked"
        shown = {"carrier": each.carrier, "key_id": each.key_id, "public_key": b64url_encode(each.public_key)}
        click.echo(one_line(shown | {"state": state}, as_json=as_json))


def _told(change: carrier_keys.Change, carrier: str) -> dict[str, object]:
    return {
        "changed": "now" if change.is_new else "before",
        "carrier": carrier,
        "good_keys": _good(change.admission, carrier),
    }


def _good(admission: Admission, carrier: str) -> list[str]:
    return [each.key_id for each in admission.good() if each.carrier == carrier]
