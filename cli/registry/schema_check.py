"""Opens a registry for a command that needs its tables, once its database is reached and at the newest schema."""

from cli.custody import open_provider
from cli.outcome import Failure
from crypto.envelope.provider import KeyProvider
from registry.settings import Settings
from registry.store.revision import current, newest
from registry.usecases.context import Registry
from registry.wiring import build_registry


def check_schema(settings: Settings) -> None:
    """Raise DatabaseUnreachable, or Failure for a database that is not at the newest schema."""
    if current(settings.database_url) != newest():
        raise Failure("the database is not at the newest schema; run `clearline registry migrate` first")


def open_registry(settings: Settings, provider: KeyProvider | None = None) -> Registry:
    """Open the registry on its database, which answered a moment ago.

    Without a provider this reads the passphrase that the settings name; a process can do that once.
    """
    check_schema(settings)
    return build_registry(settings, open_provider(settings.custody) if provider is None else provider)
