"""Custodians of a test's registry, and the ceremonies that they report to it."""

import json
from collections.abc import Iterable

from crypto.signing.keys import public_bytes
from protocol.codes import Role
from protocol.messages.participants import NewParticipant
from registry.usecases.ceremonies.report import report_ceremony
from registry.usecases.context import Outcome
from registry.usecases.participants.admit import register_participant
from tests.support.ceremonies import Body, Held, first_custodians
from tests.support.world import World


def admit_custodians(world: World, custodians: Iterable[Body] | None = None, *roles: Role) -> None:
    """Admit custodians (None: the first ones) under their own keys."""
    for each in first_custodians().values() if custodians is None else custodians:
        world.signing_keys[each.name] = each.signer.private_key
        admission = NewParticipant(
            participant_id=each.name,
            name=each.name.title(),
            roles=roles or (Role.CUSTODIAN,),
            key_id=each.signer.key_id,
            public_key=public_bytes(each.signer.private_key),
        )
        register_participant(world.registry, world.actor("operator", Role.OPERATOR), world.call(), admission)


def reports_ceremony(world: World, held: Held, who: str = "custodian-1") -> Outcome:
    """One of its parties hands in the transcript of a ceremony."""
    transcript = held.formed.transcript.decode("ascii")
    return report_ceremony(world.registry, world.actor(who, Role.CUSTODIAN), world.call(), transcript)


def reported(world: World, held: Held, who: str = "custodian-1") -> dict[str, object]:
    """The kept committee of a ceremony that is new."""
    outcome = reports_ceremony(world, held, who)
    assert outcome.status == 201
    kept: dict[str, object] = json.loads(outcome.body)
    return kept
