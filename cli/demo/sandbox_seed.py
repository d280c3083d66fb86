"""Brings the sandbox's identities to their start, as carriers and offices would: reports, payments, cases, a list."""

import datetime as dt
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from uuid import UUID

from cli.demo.ceremony import Parties
from cli.demo.debt_export import Owed, report_debts
from cli.demo.identities import ASKER, FRESH_DAYS, IDENTITIES, Act, Debt, Identity
from cli.demo.launch import pin_of
from cli.demo.plan import CARRIERS, Plan
from cli.outcome import Failure
from cli.registry_calls import Office, file_signer
from client.resources import disputes, plans, red_list
from gateway import settings
from gateway.bulk.applications import Application
from gateway.counter.disputes import Complaint
from gateway.counter.red_list import Candidate
from gateway.counter.settlements import Payment
from gateway.gateway import Gateway
from gateway.wiring import build
from protocol.beijing import beijing_date
from protocol.codes import (
    DisputeDecision,
    DisputeGround,
    RedListGround,
    SettlementKind,
    Verdict,
)
from protocol.encodings import format_time, parse_moment
from protocol.messages.plans import Instalment, PlanArrangement
from serving.clock import system_clock
from serving.files import remove_durably, write_durably

_SEEDED: Final = "seeded"
"""The file with the time of the last start; it is missing while the identities are not at it."""
_ELSEWHERE: Final = "carrier-c"
"""The carrier at whose counter disputes are filed: any may be."""
_INSTALMENTS: Final = 4
_RED_LIST_DAYS: Final = 364


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seeder:
    """The parties at work, on one Beijing day."""

    gateways: Mapping[str, Gateway]
    office: Callable[[str], Office]
    today: dt.date
    records: Mapping[str, str]
    """The id of each record, by account."""


def is_fresh(var: Path) -> bool:
    """Tell whether the identities were brought to their start so lately that they are still answered as they say."""
    try:
        seeded = parse_moment((var / _SEEDED).read_text(encoding="ascii").strip())
    except (FileNotFoundError, ValueError):
        return False
    return dt.timedelta(0) <= system_clock() - seeded < dt.timedelta(days=FRESH_DAYS)


def forget_start(var: Path) -> None:
    """Note that the identities are not at their start, before anything of it is taken away."""
    remove_durably(var / _SEEDED)


def seed(plan: Plan, parties: Parties) -> None:
    """Bring every identity to its start in a registry that knows nobody. Raises Failure if an act has another end."""
    pin = pin_of(parties)

    def office(name: str) -> Office:
        key = parties.operator_key if name == "operator" else parties.offices[name]
        return Office(registry=pin, signer=file_signer(key, f"{name}-1"))

    today = beijing_date(system_clock())
    with ExitStack() as stack:
        gateways = {
            carrier: stack.enter_context(build(settings.load(path, {}))) for carrier, path in parties.carriers.items()
        }
        records = _report(plan, gateways, today)
        here = _Seeder(gateways=gateways, office=office, today=today, records=records)
        for identity in IDENTITIES:
            _ACTS[identity.act](here, identity)
    write_durably(plan.var / _SEEDED, f"{format_time(system_clock())}\n".encode("ascii"))


def _report(plan: Plan, gateways: Mapping[str, Gateway], today: dt.date) -> dict[str, str]:
    """Report every debt by its creditor; returns the record of each account."""
    records: dict[str, str] = {}
    for carrier in CARRIERS:
        owed = [_owed(each, debt, today) for each in IDENTITIES for debt in each.debts if debt.creditor == carrier]
        for account, reported in report_debts(gateways[carrier], owed, plan.work).items():
            if reported.verdict not in {Verdict.ACTIVE, Verdict.PENDING}:
                raise Failure(f"sandbox: {account} was reported, and the verdict is {reported.verdict}")
            records[account] = reported.record_id
    return records


def _owed(identity: Identity, debt: Debt, today: dt.date) -> Owed:
    return Owed(
        identity=identity.raw(debt.of),
        account=identity.account(debt),
        service_class=debt.service_class,
        principal_fen=debt.principal_fen,
        due_on=today - dt.timedelta(days=debt.past_due_days),
        noticed_on=today - dt.timedelta(days=debt.noticed_days),
    )


def _nothing(here: _Seeder, identity: Identity) -> None:
    """Leave the debts as they were reported."""
    del here, identity


def _pay(here: _Seeder, identity: Identity) -> None:
    """Settle what is owed, by its creditor's word: the principal is paid, and the fee is waived."""
    for debt in identity.debts:
        payment = Payment(
            identity=identity.raw(),
            account=identity.account(debt),
            kind=SettlementKind.FULL,
            amount_fen=debt.principal_fen,
            waive_rest=True,
        )
        here.gateways[debt.creditor].settle(payment)


def _arrange(here: _Seeder, identity: Identity) -> None:
    """Agree on monthly instalments of the whole debt, the first of them in a month."""
    [debt] = identity.debts
    application = Application(identity=identity.raw(), service_class=identity.service_class)
    quote = here.gateways[ASKER].check(application).quote
    if quote is None:
        raise Failure(f"sandbox: {identity.name} owes nothing")
    part, rest = divmod(quote.total_fen, _INSTALMENTS)
    instalments = tuple(
        Instalment(
            due_date=here.today + dt.timedelta(days=30 * (number + 1)), amount_fen=part + (rest if number == 0 else 0)
        )
        for number in range(_INSTALMENTS)
    )
    record_id = UUID(here.records[identity.account(debt)])
    plans.arrange(here.gateways[debt.creditor].registry, PlanArrangement(record_id=record_id, instalments=instalments))


def _dispute(here: _Seeder, identity: Identity) -> None:
    """File a case that nobody answers."""
    here.gateways[_ELSEWHERE].file_dispute(Complaint(identity=identity.raw(), ground=DisputeGround.NOT_MY_DEBT))


def _void(here: _Seeder, identity: Identity) -> None:
    """File a case over a stolen identity, and decide it for the victim."""
    complaint = Complaint(identity=identity.raw(), ground=DisputeGround.IDENTITY_THEFT)
    [case] = here.gateways[_ELSEWHERE].file_dispute(complaint).disputes
    with here.office("adjudicator").open() as registry:
        disputes.decide(registry, case.dispute_id, DisputeDecision.VOID)


def _exempt(here: _Seeder, identity: Identity) -> None:
    """Propose an organisation, and approve it twice."""
    ends = here.today + dt.timedelta(days=_RED_LIST_DAYS)
    candidate = Candidate(identity=identity.raw(), ground=RedListGround.HOSPITAL, expires_on=ends)
    entry = here.gateways[_ELSEWHERE].propose_red_list(candidate)
    for name in ("operator", "regulator"):
        with here.office(name).open() as registry:
            red_list.approve(registry, entry.entry_id)


_ACTS: Final[Mapping[Act, Callable[[_Seeder, Identity], None]]] = {
    Act.NOTHING: _nothing,
    Act.PAID: _pay,
    Act.PLANNED: _arrange,
    Act.DISPUTED: _dispute,
    Act.STOLEN: _void,
    Act.RED_LISTED: _exempt,
}
