"""Make one report, one inquiry and one settlement through the real code; mend these calls when the tree moves."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, ExitStack, closing
from pathlib import Path
from typing import Final
from wsgiref.types import WSGIApplication

import httpx

from api.app import create_app
from registry.store.engines import make_engines
from registry.store.migrate import upgrade
from registry.store.transactions import Store
from tests.support.exports import debt, resident, write, write_mappings
from tests.support.local import a_client
from tests.support.parties import REGISTRY_URL, gather
from tests.support.world import found_world

_LOCAL_URL: Final = "http://127.0.0.1:9201"
_DOCUMENT: Final = {"kind": "RESIDENT_ID", "number": resident(1)}


def walk(
    folder: Path,
    *,
    act: Callable[[str], AbstractContextManager[None]],
    at_registry: Callable[[WSGIApplication], WSGIApplication],
) -> None:
    """Let carrier A report a debtor, carrier B inquire about them, and carrier A settle.

    Each act runs inside ``act`` with its name; ``at_registry`` wraps the registry's door.
    """
    write_mappings(folder)
    source = write(folder / "arrears.csv", [debt("OWED")])
    database = f"sqlite:///{folder / 'registry.db'}"
    upgrade(database)
    with ExitStack() as resources:
        engines = resources.enter_context(closing(make_engines(database)))
        world = found_world(Store(engines), public_url=REGISTRY_URL)

        def open_door() -> httpx.WSGITransport:
            """Build the registry's door anew: one that was asked a moment ago answers some of it from memory."""
            return httpx.WSGITransport(at_registry(create_app(world.registry).wsgi_app))

        parties = gather(folder, clock=world.clock, signing_keys=world.signing_keys, registry=open_door())
        resources.callback(parties.close)
        creditor = resources.enter_context(parties.gateway("carrier-a"))
        inquirer = resources.enter_context(parties.gateway("carrier-b"))
        till = a_client(creditor, folder / "carrier-a" / "local-tokens.json")
        counter = a_client(inquirer, folder / "carrier-b" / "local-tokens.json")
        with act("report"):
            creditor.report_file(source=source, mapping=folder / "arrears.toml", output=folder / "reported.csv")
        parties.registry.inner = open_door()
        inquiry = {"document": _DOCUMENT, "service_class": "MOBILE"}
        with act("inquiry"):
            decided = counter.post("/check", json=inquiry, base_url=_LOCAL_URL).get_json()
        _expect(decided, "decision", "PAY_FIRST")
        parties.registry.inner = open_door()
        owed_fen = decided["quote"]["total_fen"]
        payment = {"document": _DOCUMENT, "account": "OWED", "kind": "FULL", "amount_fen": owed_fen}
        with act("settlement"):
            receipt = till.post("/settlements", json=payment, base_url=_LOCAL_URL).get_json()
        _expect(receipt, "state", "CLEARED")


def _expect(answer: Mapping[str, object], member: str, value: str) -> None:
    if answer.get(member) != value:
        raise RuntimeError(f"the walk did not reach its end: {member} is not {value} in {answer}")
