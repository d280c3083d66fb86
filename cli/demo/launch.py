"""Starts the whole system in the necessary order: custodians, registry, relays, participants, gateways."""

import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from cli.demo.ceremony import NAMES, OFFICES, Parties
from cli.demo.plan import Plan
from cli.demo.processes import Household
from cli.demo.relay import Relay
from cli.demo.settings_files import custodian_key_id
from cli.demo.watching import GATEWAY, Server, known_servers
from cli.outcome import Failure
from cli.output import say
from cli.registry.clock import signed_word
from cli.registry.found import found_once
from cli.registry.founding import read_founding
from cli.registry_calls import Office, Pin
from client.peer import Signer
from client.registry import RegistryClient
from client.resources import log, participants
from crypto.signing.keys import load_private_key, public_bytes
from protocol.codes import Role
from protocol.messages.log import NewWitness
from protocol.messages.participants import NewParticipant
from registry.policy.clock import ClockState, words
from registry.settings import load as load_registry
from registry.store.migrate import upgrade
from registry.usecases.clock.confirm_clock import confirm_clock
from registry.usecases.clock.judge_clock import judge_clock
from registry.usecases.context import Registry
from registry.wiring import build_registry
from serving.clock import system_clock


@contextmanager
def running(plan: Plan, parties: Parties) -> Iterator[Household]:
    """Run the system, healthy and with its carriers admitted, and stop it at the end of the block."""
    with household(plan) as servers:
        bring_up(servers, plan, parties)
        yield servers


@contextmanager
def household(plan: Plan) -> Iterator[Household]:
    """Relay to servers that are still to be started, and stop all of them at the end of the block."""
    with ExitStack() as stack:
        servers = Household(plan.logs)
        stack.callback(servers.stop)
        for relay in _relays(plan):
            relay.start()
            stack.callback(relay.stop)
        yield servers


def bring_up(servers: Household, plan: Plan, parties: Parties) -> None:
    """Found the registry, start every server that does not run, and admit everybody."""
    _found(parties)
    known = known_servers(plan, parties)
    gateways = {name: each for name, each in known.items() if each.role == GATEWAY}
    others = {name: each for name, each in known.items() if name not in gateways}
    start_missing(servers, known)
    wait_healthy(servers, others)
    _admit_everybody(parties)
    wait_healthy(servers, gateways)


def start_missing(servers: Household, known: Mapping[str, Server]) -> None:
    """Start those of the servers that do not run."""
    for name, each in known.items():
        if not servers.is_running(name):
            servers.start(name, each.words)


def wait_healthy(servers: Household, known: Mapping[str, Server]) -> None:
    """Wait until all of the servers answer; raises Failure when one does not."""
    for name, each in known.items():
        servers.wait_healthy(servers.child(name), each.endpoint.local_url)


def _relays(plan: Plan) -> list[Relay]:
    if plan.capture is None:
        return []
    relayed = (plan.addresses.registry, *plan.addresses.custodians.values())
    return [
        Relay(each.name, _address(each.public_url.removeprefix("http://")), _address(each.listen), plan.capture)
        for each in relayed
    ]


def _address(netloc: str) -> tuple[str, int]:
    host, _, port = netloc.rpartition(":")
    return host, int(port)


def _found(parties: Parties) -> None:
    settings = load_registry(parties.registry, {})
    upgrade(settings.database_url)
    founding = read_founding(parties.founding)
    here = build_registry(settings)
    try:
        confirm_time(here, parties.operator_key, founding.operator.key_id)
    finally:
        here.store.close()
    found_once(settings, founding)


def confirm_time(registry: Registry, operator_key: Path, key_id: str) -> bool:
    """Confirm the time as the operator after a long pause of the demonstration; return True if that was necessary.

    Raises Failure for a clock that another reading contradicts, since no person has compared it with a watch.
    """
    found = judge_clock(registry)
    if found.state is ClockState.DIFFERS:
        raise Failure(f"clock: {words(found)} (docs/runbooks/clock-wrong.md)")
    if found.ends:
        return False
    confirm_clock(registry, signed_word(registry.public_url, registry.clock(), operator_key, key_id))
    say("The demonstration was away for long: its operator has confirmed the time.")
    return True


def _admit_everybody(parties: Parties) -> None:
    """Admit carriers, their witnesses and the offices as the operator, over HTTP as from another machine."""
    signer = Signer(
        key_id=read_founding(parties.founding).operator.key_id,
        private_key=load_private_key(parties.operator_key),
        clock=system_clock,
        random=os.urandom,
    )
    with Office(registry=pin_of(parties), signer=signer).open() as registry:
        admit_over(registry, parties)


def pin_of(parties: Parties) -> Pin:
    """Pin the registry by its own settings and key."""
    here = load_registry(parties.registry, {})
    public_key = public_bytes(load_private_key(here.signing_key))
    return Pin(url=here.public_url, key_id=here.signing_key_id, public_key=public_key)


def admit_over(registry: RegistryClient, parties: Parties) -> None:
    """Admit carriers, custodians, offices and witnesses as the operator whose client this is."""
    for carrier, public_key in parties.carrier_keys.items():
        name, contact = NAMES[carrier]
        admitted = NewParticipant(
            participant_id=carrier,
            name=name,
            contact=contact,
            roles=(Role.INQUIRER, Role.REPORTER),
            key_id=f"{carrier}-1",
            public_key=public_key,
        )
        participants.admit(registry, admitted)
    for name, key in parties.custodian_keys.items():
        custodian = NewParticipant(
            participant_id=name,
            name=name.replace("custodian-", "Custodian "),
            roles=(Role.CUSTODIAN,),
            key_id=custodian_key_id(name),
            public_key=key,
        )
        participants.admit(registry, custodian)
    for name, role in OFFICES.items():
        key = public_bytes(load_private_key(parties.offices[name]))
        overseer = NewParticipant(
            participant_id=name, name=f"The {name}", roles=(role,), key_id=f"{name}-1", public_key=key
        )
        participants.admit(registry, overseer)
    for carrier, witness_key in parties.witness_keys.items():
        witness = NewWitness(participant_id=carrier, name=witness_key.name, public_key=witness_key.public_key)
        log.admit_witness(registry, witness)


def tell_addresses(plan: Plan, parties: Parties, servers: Household) -> None:
    """Print each server's address and process id, so that the user can call and stop it."""
    for name, each in known_servers(plan, parties).items():
        pid = servers.child(name).process.pid
        say(f"  {name:<22} {each.endpoint.public_url:<28} process {pid}")
    say(f"  {'keys, databases, logs':<22} {plan.var}")
