"""`clearline custodian custody`: seals a custodian's shares and signing key at rest."""

from pathlib import Path
from typing import Any, Final

import click
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from cli.custody import Safe, custody_group, open_provider
from cli.options import FILE
from crypto.envelope.provider import UNSEALED
from crypto.signing.keys import load_private_key
from custodian.ceremonies.store import CeremonyStore
from custodian.settings import load
from custodian.share import SIGNING_KEY
from custodian.share_book import secret_files

_keys: Final = click.option(
    "--key", "keys", type=FILE, multiple=True, help="A signing key of the custodian (PEM), which no settings name."
)


def _safe(config: Path, *, keys: tuple[Path, ...]) -> Safe:
    settings = load(config)
    named = () if settings.signing_key is None else (settings.signing_key,)
    ceremonies = CeremonyStore(settings.ceremonies, UNSEALED).secret_files()
    signing = dict.fromkeys((*named, *keys), SIGNING_KEY)
    return Safe(files=secret_files(settings) | ceremonies | signing, source=settings.custody)


def open_signing_key(path: Path, *, config: Path, **_given: Any) -> tuple[Ed25519PrivateKey, dict[str, Any]]:
    """Read the custodian's signing key through the provider of its settings, which the command gets as ``provider``.

    Raises KeyFileBad.
    """
    provider = open_provider(load(config).custody)
    return load_private_key(path, provider=provider, purpose=SIGNING_KEY), {"provider": provider}


custody = custody_group("custodian", _safe, _keys)
