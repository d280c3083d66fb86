"""`clearline demo --sandbox`: fixed identities for every decision, on loopback, for whoever connects a system."""

import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final

from auditlog.settings import LogSettings
from cli.demo.ceremony import Parties, allow_dealt, make_parties, parties_in
from cli.demo.folder import SANDBOX, Running, own_folder
from cli.demo.identities import ASKER, IDENTITIES
from cli.demo.launch import bring_up, running, tell_addresses
from cli.demo.offices import shown
from cli.demo.plan import EXAMPLES, Plan, Sample, loopback_addresses
from cli.demo.processes import Household
from cli.demo.sandbox_guard import SandboxRefused, note_changed, note_made, refuse_real_keys
from cli.demo.sandbox_page import body_text, lines
from cli.demo.sandbox_seed import forget_start, is_fresh, seed
from cli.demo.state import read_state, save_state
from cli.demo.watching import Watch, known_servers
from cli.outcome import ExitCode, Failure
from cli.output import say
from gateway import settings as gateway_settings
from gateway.local.tokens import Scope
from protocol.encodings import b64url_encode
from registry import settings as registry_settings
from serving.files import make_folder, remove_durably, write_durably, write_whole

_BODIES: Final = "identities"
_WANTED, _DONE = "reset.wanted", "reset.done"
_WITH_MEMORY: Final = frozenset({"registry", "gateway"})
_NONCE_BYTES: Final = 16
_PAUSE_SECONDS: Final = 0.2
_PATIENCE_SECONDS: Final = 180.0


def run_sandbox(var: Path, *, reset: bool) -> None:
    """Serve until a signal; with ``reset`` from the start of every identity, or ask the sandbox that runs there.

    Raises SandboxRefused beside real keys, before anything is touched.
    """
    refuse_real_keys(var)
    try:
        with own_folder(var, keep=True, kind=SANDBOX):
            _serve(var.resolve(), reset=reset)
    except Running:
        if not reset:
            raise SandboxRefused("running", var, "a sandbox runs there; --reset brings its identities back") from None
        _ask_for_reset(var)


def _serve(home: Path, *, reset: bool) -> None:
    remove_durably(home / _WANTED)  # asked of a sandbox that has ended since
    plan, parties = _parties(home)
    if reset or not is_fresh(home):
        say("Every identity is brought to its start.")
        _clear(plan, parties)
    make_folder(plan.work)
    say(f"Starting three custodians, the registry and the gateway of {ASKER} ...")
    # The other carriers only owe and are owed: their gateways need not serve.
    served = replace(parties, carriers={ASKER: parties.carriers[ASKER]})
    with running(plan, served) as servers:
        if not is_fresh(home):
            seed(plan, parties)
        _tell(plan, served, servers)
        _watch(plan, served, servers, bring_back=lambda: _bring_back(plan, parties, served, servers))


def _parties(home: Path) -> tuple[Plan, Parties]:
    """Make the parties at the first start, and find them again at every other: addresses and tokens stay."""
    addresses = read_state(home, relayed=False)
    is_new = addresses is None
    addresses = addresses or loopback_addresses(relayed=False)
    sample = Sample(folder=home, mappings=EXAMPLES / "mappings")
    plan = Plan(var=home, out=home / "out", sample=sample, addresses=addresses, capture=None)
    if not is_new:
        note_changed(home, allow_dealt(home))
        return plan, parties_in(home, addresses)
    parties = make_parties(home, addresses)
    make_folder(home / _BODIES)
    for each in IDENTITIES:
        write_whole(home / _BODIES / f"{each.name}.json", body_text(each))
    save_state(home, addresses)
    note_made(home)  # last: without this list a folder is not gone on with
    return plan, parties


def _clear(plan: Plan, parties: Parties) -> None:
    """Take away what registry and gateways know; keys, addresses, tokens and files of the user stay."""
    forget_start(plan.var)
    here = registry_settings.load(parties.registry, {})
    database = Path(here.database_url.removeprefix("sqlite:///"))
    places = [database, here.log_heads, here.incarnation_file]
    for path in parties.carriers.values():
        carrier = gateway_settings.load(path, {})
        places += [carrier.orders, *_kept_by(carrier.log), *(() if carrier.seen is None else (carrier.seen,))]
    for place in places:
        for each in sorted(place.parent.glob(f"{place.name}*")):
            if each.is_dir():
                shutil.rmtree(each)
            else:
                each.unlink()
    shutil.rmtree(plan.work, ignore_errors=True)
    make_folder(plan.work)


def _kept_by(log: LogSettings | None) -> tuple[Path, ...]:
    return () if log is None else (log.state,)


def _bring_back(plan: Plan, parties: Parties, served: Parties, servers: Household) -> None:
    """Bring the identities back to their start while the sandbox runs; custodians know nobody, and go on."""
    servers.end([name for name, each in known_servers(plan, served).items() if each.role in _WITH_MEMORY])
    _clear(plan, parties)
    bring_up(servers, plan, served)
    seed(plan, parties)
    say("Every identity is back at its start.")


def _watch(plan: Plan, served: Parties, servers: Household, *, bring_back: Callable[[], None]) -> None:
    """Watch the servers, and bring the identities back whenever another process asks for it."""
    known = known_servers(plan, served)
    watching = Watch(servers, known)
    while True:
        watching.look()
        with _wanted(plan.var) as is_wanted:
            if is_wanted:
                bring_back()
                watching = Watch(servers, known)
        time.sleep(_PAUSE_SECONDS)


@contextmanager
def _wanted(home: Path) -> Iterator[bool]:
    """Tell whether a reset is asked for; at the end of the block it is answered."""
    try:
        asked = (home / _WANTED).read_bytes()
    except FileNotFoundError:
        yield False
        return
    yield True
    write_durably(home / _DONE, asked)
    remove_durably(home / _WANTED)


def _ask_for_reset(var: Path) -> None:
    """Ask the sandbox that runs there, and wait until it has done so; raises Failure if it ends meanwhile."""
    asked = b64url_encode(os.urandom(_NONCE_BYTES)).encode("ascii")
    write_durably(var / _WANTED, asked)
    say("Asked the running sandbox to bring every identity back ...")
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < deadline:
        if (var / _DONE).is_file() and (var / _DONE).read_bytes() == asked:
            say("Every identity is back at its start.")
            return
        if _has_ended(var):
            break
        time.sleep(_PAUSE_SECONDS)
    raise Failure(f"{var}: the sandbox did not bring its identities back; start it with --reset", ExitCode.UNAVAILABLE)


def _has_ended(var: Path) -> bool:
    try:
        with own_folder(var, keep=True, kind=SANDBOX):
            return True
    except Running:
        return False


def _tell(plan: Plan, parties: Parties, servers: Household) -> None:
    """Print identities, addresses, tokens, and lines to try."""
    here = plan.var / ASKER
    say(f"\nThe identities of docs/sandbox.md, as {ASKER} meets them:")
    for line in lines():
        say(line)
    say("\nTokens, one for each scope:")
    for scope in Scope:
        say(f"  {scope.value:<8} {shown(here / f'{scope.value}.token')}")
    say("\nTo try it:")
    say(f"  cd {shown(here)}")
    say("  sed 's/^/Authorization: Bearer /' check.token > check.header")
    url = plan.addresses.gateways[ASKER].local_url
    say(f"  curl -s -H @check.header -H 'Content-Type: application/json' -d @../{_BODIES}/owes.json {url}/check")
    say("\nTo bring every identity back to its start, in a second terminal:")
    say(f"  clearline demo --sandbox --reset --var {shown(plan.var)}")
    say("\nServing until Ctrl-C:")
    tell_addresses(plan, parties, servers)
