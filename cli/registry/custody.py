"""`clearline registry custody`: seals the registry's three secret files at rest."""

from pathlib import Path

from cli.custody import Safe, custody_group
from registry import keyfile
from registry.settings import load
from registry.work.signer import LOG_KEY


def _safe(config: Path) -> Safe:
    settings = load(config)
    files = {
        settings.keys: keyfile.KEYS,
        settings.signing_key: keyfile.SIGNING_KEY,
        settings.log_key: LOG_KEY,
    }
    return Safe(files=files, source=settings.custody)


custody = custody_group("registry", _safe)
