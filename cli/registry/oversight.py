"""`clearline registry records`, `settlements`, `plans` and `transfers`: what an auditor and a regulator may read."""

import datetime as dt
from typing import Final
from uuid import UUID

import click

from cli.output import tell
from cli.readings import reading_options
from cli.registry_calls import Office, office_options
from client.resources import plans as plan_calls
from client.resources import records as record_calls
from client.resources import settlements as settlement_calls
from client.resources import transfers as transfer_calls
from protocol.messages.plans import PlansQuery
from protocol.messages.records import OverseenRecordsQuery
from protocol.messages.settlements import SettlementsQuery
from protocol.messages.transfers import TransfersQuery
from protocol.states import PlanState, RecordState, TransferState

_DAY: Final = click.DateTime(["%Y-%m-%d"])


@click.group("records")
def records() -> None:
    """Records of every creditor, for an auditor or a regulator; no answer names a person or an account."""


@records.command("list", short_help="List a page of records; it is logged.")
@click.option("--state", type=click.Choice([each.value for each in RecordState]), help="Records in this state today.")
@click.option("--creditor", help="Records of this participant.")
@click.option("--due-from", type=_DAY, help="Due on this day or later.")
@click.option("--due-to", type=_DAY, help="Due on this day or earlier.")
@click.option("--after", type=click.UUID, help="Behind this record.")
@office_options
@reading_options
def list_records(
    state: str | None,
    creditor: str | None,
    due_from: dt.datetime | None,
    due_to: dt.datetime | None,
    after: UUID | None,
    *,
    office: Office,
    as_json: bool,
) -> None:
    """List a page of records. It may hold few, or none, and still name a next one: go on with --after.

    \b
    Example:
      clearline registry records list --state FROZEN --due-from 2026-01-01 \\
        --config office.toml --url https://registry.example --registry-key registry.pub \\
        --key auditor.pem --key-id auditor-1
    """
    query = OverseenRecordsQuery(
        state=None if state is None else RecordState(state),
        creditor=creditor,
        due_from=None if due_from is None else due_from.date(),
        due_to=None if due_to is None else due_to.date(),
        after=after,
    )
    with office.open() as registry:
        tell(record_calls.overseen_page(registry, query), as_json=as_json)


@records.command("show", short_help="Show a record; it is logged.")
@click.argument("record_id", type=click.UUID)
@office_options
@reading_options
def show_record(record_id: UUID, office: Office, *, as_json: bool) -> None:
    """Show a record with its creditor and the events that brought it to its state.

    \b
    Example:
      clearline registry records show 0198c2c4-0000-7000-8000-000000000000 \\
        --config office.toml --url https://registry.example --registry-key registry.pub \\
        --key auditor.pem --key-id auditor-1
    """
    with office.open() as registry:
        tell(record_calls.oversee(registry, record_id), as_json=as_json)


@click.group("settlements")
def settlements() -> None:
    """Settlements of every creditor, for an auditor or a regulator."""


@settlements.command("list", short_help="List a page of settlements; it is logged.")
@click.option("--creditor", help="Those of this participant.")
@click.option("--after", type=click.UUID, help="Behind this id.")
@office_options
@reading_options
def list_settlements(creditor: str | None, after: UUID | None, *, office: Office, as_json: bool) -> None:
    """List a page of settlements, by their ids.

    \b
    Example:
      clearline registry settlements list --creditor carrier-a \\
        --config office.toml --url https://registry.example --registry-key registry.pub \\
        --key auditor.pem --key-id auditor-1
    """
    query = SettlementsQuery(creditor=creditor, after=after)
    with office.open() as registry:
        tell(settlement_calls.page(registry, query), as_json=as_json)


@settlements.command("show", short_help="Show a settlement; it is logged.")
@click.argument("settlement_id", type=click.UUID)
@office_options
@reading_options
def show_settlement(settlement_id: UUID, office: Office, *, as_json: bool) -> None:
    """Show a settlement, and when its payment came undone if it did.

    \b
    Example:
      clearline registry settlements show 0198c2c4-0000-7000-8000-000000000000 \\
        --config office.toml --url https://registry.example --registry-key registry.pub \\
        --key auditor.pem --key-id auditor-1
    """
    with office.open() as registry:
        tell(settlement_calls.read(registry, settlement_id), as_json=as_json)


@click.group("plans")
def plans() -> None:
    """Instalment plans of every creditor, for an auditor or a regulator."""


@plans.command("list", short_help="List a page of plans; it is logged.")
@click.option("--state", type=click.Choice([each.value for each in PlanState]), help="Those in this state today.")
@click.option("--creditor", help="Those of this participant.")
@click.option("--after", type=click.UUID, help="Behind this id.")
@office_options
@reading_options
def list_plans(state: str | None, creditor: str | None, after: UUID | None, *, office: Office, as_json: bool) -> None:
    """List a page of plans. It may hold few, or none, and still name a next one: go on with --after.

    \b
    Example:
      clearline registry plans list --state BROKEN \\
        --config office.toml --url https://registry.example --registry-key registry.pub \\
        --key auditor.pem --key-id auditor-1
    """
    query = PlansQuery(state=None if state is None else PlanState(state), creditor=creditor, after=after)
    with office.open() as registry:
        tell(plan_calls.page(registry, query), as_json=as_json)


@plans.command("show", short_help="Show a plan; it is logged.")
@click.argument("plan_id", type=click.UUID)
@office_options
@reading_options
def show_plan(plan_id: UUID, office: Office, *, as_json: bool) -> None:
    """Show a plan with its creditor.

    \b
    Example:
      clearline registry plans show 0198c2c4-0000-7000-8000-000000000000 \\
        --config office.toml --url https://registry.example --registry-key registry.pub \\
        --key auditor.pem --key-id auditor-1
    """
    with office.open() as registry:
        tell(plan_calls.oversee(registry, plan_id), as_json=as_json)


@click.group("transfers")
def transfers() -> None:
    """Debts that change hands between any two creditors, for an auditor or a regulator."""


@transfers.command("list", short_help="List a page of transfers; it is logged.")
@click.option("--state", type=click.Choice([each.value for each in TransferState]), help="Those in this state today.")
@click.option("--party", help="Those that this participant sells or buys.")
@click.option("--after", type=click.UUID, help="Behind this id.")
@office_options
@reading_options
def list_transfers(state: str | None, party: str | None, after: UUID | None, *, office: Office, as_json: bool) -> None:
    """List a page of transfers. It may hold few, or none, and still name a next one: go on with --after.

    \b
    Example:
      clearline registry transfers list --party carrier-a \\
        --config office.toml --url https://registry.example --registry-key registry.pub \\
        --key auditor.pem --key-id auditor-1
    """
    query = TransfersQuery(state=None if state is None else TransferState(state), party=party, after=after)
    with office.open() as registry:
        tell(transfer_calls.page(registry, query), as_json=as_json)


@transfers.command("show", short_help="Show a transfer; it is logged.")
@click.argument("transfer_id", type=click.UUID)
@office_options
@reading_options
def show_transfer(transfer_id: UUID, office: Office, *, as_json: bool) -> None:
    """Show a transfer with its records.

    \b
    Example:
      clearline registry transfers show 0198c2c4-0000-7000-8000-000000000000 \\
        --config office.toml --url https://registry.example --registry-key registry.pub \\
        --key auditor.pem --key-id auditor-1
    """
    with office.open() as registry:
        tell(transfer_calls.read(registry, transfer_id), as_json=as_json)
