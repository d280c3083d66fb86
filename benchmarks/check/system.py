"""Starts a whole system on loopback as `clearline demo` does, and writes the checks that a counter sends."""

import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Final

from benchmarks.inquiry.servers import post_bytes
from cli.demo.ceremony import Parties, make_parties
from cli.demo.import_ import report_exports
from cli.demo.launch import running
from cli.demo.plan import CARRIERS, EXAMPLES, Plan, loopback_addresses, read_sample
from cli.demo.processes import Household, tree_seconds
from cli.demo.sample import make_sample
from cli.demo.tokens import bearer
from gateway.bulk.export import Export
from gateway.bulk.mapping import Layout, load
from gateway.bulk.rows import raw_identity
from gateway.identity.documents import RawIdentity, read_identity
from gateway.local.tokens import Scope
from protocol.beijing import beijing_date
from protocol.codes import ServiceClass
from protocol.context import STANDARD_CONSENT, Channel, IdentityCheck, Purpose
from protocol.identifiers import InvalidDocument
from serving.clock import system_clock
from serving.files import make_folder

ASKS: Final = CARRIERS[1]
ELEMENTS: Final = 3
"""A person, a household register and an address."""
_ORDERS: Final = count()
_WORKERS: Final = 2
_THREADS: Final = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class System:
    """A running system: its plan, its servers, and PostgreSQL's postmaster where the registry is on it."""

    plan: Plan
    servers: Household
    names: tuple[str, ...]
    postmaster: int | None

    def cpu_seconds(self) -> dict[str, float]:
        """Add up the CPU time of each server's process tree."""
        spent = {name: tree_seconds(self.servers.child(name).process.pid) for name in self.names}
        return spent | ({} if self.postmaster is None else {"postgresql": tree_seconds(self.postmaster)})

    @property
    def port(self) -> int:
        """The port of the asking carrier's local service."""
        return int(self.plan.addresses.gateways[ASKS].listen.rpartition(":")[2])


@contextmanager
def system(folder: Path, *, database_url: str | None, postmaster: int | None) -> Iterator[System]:
    """Run custodians, registry and gateways, with the sample's debts reported; SQLite where there is no database."""
    make_folder(folder)
    addresses = loopback_addresses(relayed=False)
    parties = make_parties(folder, addresses)
    sample = read_sample(make_sample(folder / "sample", system_clock()), EXAMPLES / "mappings")
    plan = Plan(var=folder, out=folder / "out", sample=sample, addresses=addresses, capture=None)
    make_folder(plan.work)
    if database_url is not None:
        use_database(parties, database_url)
    with running(plan, parties) as servers:
        if database_url is not None:
            servers.start("worker", ["registry", "worker", "--config", str(parties.registry)])
        report_exports(plan, parties)
        custodians = [each.name for each in addresses.custodians.values()]
        names = [f"gateway-{ASKS}", *custodians, "registry", *(["worker"] if database_url else [])]
        yield System(plan=plan, servers=servers, names=tuple(names), postmaster=postmaster)


def use_database(parties: Parties, database_url: str) -> None:
    """Put the registry on another database, with as many processes as a real one has."""
    own = ("database_url =", "workers =", "threads =")
    kept = [line for line in parties.registry.read_text().splitlines() if not line.startswith(own)]
    first = [f"database_url = {json.dumps(database_url)}", f"workers = {_WORKERS}", f"threads = {_THREADS}"]
    parties.registry.write_text("\n".join([*first, "prepared_statements = true", *kept]) + "\n")


def checks(system: System, number: int, *, in_context: bool) -> list[bytes]:
    """Write so many requests about the sample's applicants who have all three elements, each in turn.

    In a context each names an order of its own.
    """
    identities = list(_applicants(system.plan))
    headers = {"Content-Type": "application/json", **bearer(system.plan.var / ASKS, Scope.CHECK)}
    return [
        post_bytes("/check", _body(identities[each % len(identities)], _context() if in_context else {}), headers)
        for each in range(number)
    ]


def _context() -> dict[str, str]:
    order = f"ORDER-{next(_ORDERS)}"
    return {
        "purpose": Purpose.NEW_LINE.value,
        "channel": Channel.OUTLET.value,
        "outlet": "SH-PD-0123",
        "identity": IdentityCheck.READER.value,
        "consent_text": STANDARD_CONSENT,
        "consent": order,
        "order": order,
        "agent": "1007",
    }


def _body(identity: RawIdentity, context: dict[str, str]) -> bytes:
    document = {"kind": identity.kind.value, "number": identity.number, "issuer": identity.issuer}
    asked = {
        "document": document,
        "household_register": identity.household_register,
        "address": identity.address,
        "service_class": ServiceClass.MOBILE.value,
        **context,
    }
    return json.dumps(asked, ensure_ascii=False).encode()


def _applicants(plan: Plan) -> Iterator[RawIdentity]:
    mapping = load(plan.sample.mapping("applicants"), Layout.APPLICANTS)
    export = Export(plan.sample.applicants, mapping)
    checked, today = export.check(), beijing_date(system_clock())
    for row in export.rows(checked):
        if row.cells is None:
            continue
        kind = mapping.kinds.get(row.cells[checked.positions["document_kind"]].strip())
        if kind is None:
            continue
        identity = raw_identity(mapping, checked.positions, row.cells, kind)
        with suppress(InvalidDocument):
            _, inputs = read_identity(identity, today=today)
            if len(inputs.present()) == ELEMENTS:
                yield identity
