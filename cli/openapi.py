"""`clearline openapi`: print an HTTP interface as a document, or compare it with the committed one."""

import difflib
import os
import tempfile
from pathlib import Path

import click

from api import openapi as document
from api.app import create_app
from cli.outcome import Failure
from crypto.signing.keys import generate_signing_key, public_bytes
from gateway.local.contract import document as contract
from registry import keyfile
from registry.policy.clock import DEFAULT_CLOCK_TERMS
from registry.policy.rules import DEFAULT_RULES
from registry.store.engines import make_engines
from registry.store.transactions import Store
from registry.usecases.clock.guard import ClockGuard
from registry.usecases.context import LogIdentity, Registry, RegistryKeys
from registry.wiring import system_sources
from serving.clock import system_clock

COMMITTED = "openapi.yaml"
COMMITTED_OF_THE_GATEWAY = "openapi-gateway.yaml"


@click.command()
@click.option("--gateway", is_flag=True, help="The gateway's local service, not the registry.")
@click.option("--check", is_flag=True, help="Compare with the file in this folder; exit 1 when they differ.")
def openapi(*, gateway: bool, check: bool) -> None:
    """Print the OpenAPI 3.1 document of the registry's HTTP interface, or of the gateway's local service.

    \b
    Example:
      clearline openapi > openapi.yaml
      clearline openapi --gateway > openapi-gateway.yaml
      clearline openapi --gateway --check
    """
    text = contract.render() if gateway else render()
    if check:
        _compare(COMMITTED_OF_THE_GATEWAY if gateway else COMMITTED, text)
    else:
        click.echo(text, nl=False)


def _compare(name: str, text: str) -> None:
    try:
        committed = Path(name).read_text(encoding="utf-8")
    except FileNotFoundError:
        raise Failure(f"{name}: is missing; `make openapi` writes it") from None
    if committed != text:
        changed = difflib.unified_diff(committed.splitlines(), text.splitlines(), "committed", "code", lineterm="")
        click.echo("\n".join(list(changed)[:40]), err=True)
        raise Failure(f"{name}: differs from the code; `make openapi` writes it again")
    click.echo(f"{name}: says what the code says")


def render() -> str:
    """Render the document of an application whose registry is never used, so that no database is opened."""
    secrets = keyfile.generate(os.urandom, epoch=1)
    with tempfile.TemporaryDirectory() as folder:
        registry = Registry(
            name="clearline",
            public_url="http://127.0.0.1:9100",
            store=Store(make_engines(f"sqlite:///{folder}/never-opened.db")),
            keys=RegistryKeys(
                peppers=secrets.peppers,
                key_encryption_keys=secrets.key_encryption_keys,
                current_key_encryption_epoch=secrets.current_key_encryption_epoch,
                signing_key_id="registry-1",
                signing_key=generate_signing_key(os.urandom),
            ),
            log=LogIdentity(name="127.0.0.1:9100/log", public_key=public_bytes(generate_signing_key(os.urandom))),
            founding_rules=DEFAULT_RULES,
            clock=system_clock,
            guard=ClockGuard(system_sources(), DEFAULT_CLOCK_TERMS),
            random=os.urandom,
        )
        return document.render(create_app(registry))
