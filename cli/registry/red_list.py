"""`clearline registry red-list`: approve, revoke and read entries, as the operator, the auditor or the regulator."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import click

from cli.output import tell
from cli.readings import reading_options
from cli.registry_calls import Office, office_options
from client.resources import red_list as entries
from protocol.messages.red_list import RedListQuery
from protocol.states import RedListState

_Command = Callable[..., Any]


def _signed(command: _Command) -> _Command:
    """Take the entry, the registry and the signer; the same for every command here."""
    return office_options(click.argument("entry_id", type=click.UUID)(command))


@click.group("red-list")
def red_list() -> None:
    """Organisations whose service is not held up by their arrears; two approvers, neither of them the proposer."""


@red_list.command(short_help="Approve a proposed entry.")
@_signed
def approve(entry_id: UUID, office: Office, *, as_json: bool) -> None:
    """Approve a proposed entry; the second approval, by another participant, makes it effective. Safe to repeat.

    \b
    Example:
      clearline registry red-list approve 0198c2c4-0000-7000-8000-000000000000 \\
        --url https://registry.example --registry-key registry.pub --key regulator.pem --key-id regulator-1
    """
    with office.open() as registry:
        tell(entries.approve(registry, entry_id), as_json=as_json)


@red_list.command(short_help="Take an entry off the list.")
@_signed
def revoke(entry_id: UUID, office: Office, *, as_json: bool) -> None:
    """Take an entry off the list, from the next inquiry on. Safe to repeat.

    \b
    Example:
      clearline registry red-list revoke 0198c2c4-0000-7000-8000-000000000000 \\
        --url https://registry.example --registry-key registry.pub --key operator.pem --key-id operator-1
    """
    with office.open() as registry:
        tell(entries.revoke(registry, entry_id), as_json=as_json)


@red_list.command(short_help="Show an entry and its approvals.")
@_signed
@reading_options
def show(entry_id: UUID, office: Office, *, as_json: bool) -> None:
    """Show an entry: its state, ground, proposer, approvals and end.

    \b
    Example:
      clearline registry red-list show 0198c2c4-0000-7000-8000-000000000000 \\
        --url https://registry.example --registry-key registry.pub --key operator.pem --key-id operator-1
    """
    with office.open() as registry:
        tell(entries.read(registry, entry_id), as_json=as_json)


@red_list.command("list", short_help="List a page of entries; it is logged.")
@click.option("--state", type=click.Choice([each.value for each in RedListState]), help="Those in this state today.")
@click.option("--after", type=click.UUID, help="Behind this entry.")
@office_options
@reading_options
def list_entries(state: str | None, after: UUID | None, office: Office, *, as_json: bool) -> None:
    """List a page of entries, oldest first. It may hold few, and still name a next one: go on with --after.

    \b
    Example:
      clearline registry red-list list --state EFFECTIVE \\
        --config office.toml --url https://registry.example --registry-key registry.pub \\
        --key auditor.pem --key-id auditor-1
    """
    query = RedListQuery(state=None if state is None else RedListState(state), after=after)
    with office.open() as registry:
        tell(entries.page(registry, query), as_json=as_json)
