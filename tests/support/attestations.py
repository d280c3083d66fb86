"""Attests, demands and withdraws in the use cases, under rules that allow attestations."""

import copy
import datetime as dt
import hashlib
import json
from dataclasses import replace
from typing import Any
from uuid import UUID

from protocol.attestations import ConsentMethod, ConsentPurpose, DemandReply
from protocol.beijing import beijing_date
from protocol.context import STANDARD_CONSENT
from protocol.messages.attestations import (
    AttestationConsent,
    AttestationRow,
    AttestationRowVerdict,
    ConsentWithdrawal,
    NewAttestationDemand,
)
from protocol.messages.rules import Rules
from protocol.wire.codec import read, write
from registry.domain.attestations import Attestation
from registry.policy.first_scorecard import FIRST_GRADE
from registry.policy.rules import DEFAULT_RULES, RuleBook
from registry.usecases.attestations.batch import SentAttestation, attest_chunk
from registry.usecases.attestations.demands import answer_demand, demand_attestation
from registry.usecases.attestations.withdraw import withdraw_consent
from registry.usecases.chunks import Chunk, MalformedRun
from tests.support.builders import NOW, TODAY, account, tokens
from tests.support.people import subject_key_of
from tests.support.world import World

YEAR = dt.timedelta(days=365)
DOCUMENT = hashlib.sha256(b"salt and consent").digest()


def rules_with_grades(*, allowed: bool = True, **attestations: Any) -> Rules:
    """The founding rules with the first scorecard."""
    document = {**write(DEFAULT_RULES.versions[0]), "grade": copy.deepcopy(FIRST_GRADE)}
    document["grade"]["attestations"] |= {"allowed": allowed} | attestations
    return read(Rules, document)


def allows(world: World, **attestations: Any) -> World:
    """The same registry under rules that allow attestations from the first day."""
    world.registry = replace(world.registry, founding_rules=RuleBook((rules_with_grades(**attestations),)))
    return world


def consent_ref(name: str) -> bytes:
    return hashlib.sha256(b"consent/" + name.encode()).digest()[:16]


def a_consent(name: str = "consent", **changes: Any) -> AttestationConsent:
    values: dict[str, Any] = {
        "consent_ref": consent_ref(name),
        "text": STANDARD_CONSENT,
        "purpose": ConsentPurpose.GRADE,
        "given_at": NOW - dt.timedelta(days=10),
        "method": ConsentMethod.APP,
        "document_sha256": DOCUMENT,
        "until": TODAY + dt.timedelta(days=355),
    }
    return AttestationConsent(**(values | changes))


def an_attestation(name: str = "wang", number: str = "A1", **changes: Any) -> AttestationRow:
    """Three years of bills paid in time, as of 21 days ago."""
    values: dict[str, Any] = {
        "row_id": number,
        "tokens": tokens(name),
        "account_ref": account(number),
        "band": 36,
        "as_of": TODAY - dt.timedelta(days=21),
        "consent": a_consent(),
    }
    return AttestationRow(**(values | changes))


def fresh(world: World, name: str = "wang", number: str = "A1", **changes: Any) -> AttestationRow:
    """An attestation as of the world's present day, under a consent of this moment."""
    now = world.clock()
    consent = a_consent(name, given_at=now, until=beijing_date(now) + dt.timedelta(days=90))
    return an_attestation(name, number, **({"as_of": beijing_date(now), "consent": consent} | changes))


def attests(world: World, *rows: SentAttestation, who: str = "carrier-a") -> list[AttestationRowVerdict]:
    """Send rows as a batch of one chunk; each batch has a name of its own."""
    world.clock.forward(milliseconds=1)
    named = tuple(replace(row, row_id=f"row-{place}") for place, row in enumerate(rows))
    chunk = Chunk(batch_key=world.call().key, number=0, rows_digest=bytes(32), rows=named)
    lines = attest_chunk(world.registry, world.actor(who), chunk, MalformedRun()).splitlines()
    verdicts = [read(AttestationRowVerdict, json.loads(line)) for line in lines]
    assert [each.row_id for each in verdicts] == [each.row_id for each in named]
    return verdicts


def codes(verdicts: list[AttestationRowVerdict]) -> list[str]:
    return [each.verdict.value for each in verdicts]


def withdraws_consent(world: World, name: str = "wang", who: str = "carrier-c", **what: Any) -> dict[str, Any]:
    world.clock.forward(milliseconds=1)
    word = ConsentWithdrawal(tokens=tokens(name), **(what or {"all": True}))
    return json.loads(withdraw_consent(world.registry, world.actor(who), world.call(), word).body)


def demands(world: World, name: str = "wang", of: str = "carrier-a", who: str = "carrier-b") -> dict[str, Any]:
    world.clock.forward(milliseconds=1)
    new = NewAttestationDemand(tokens=tokens(name), participant=of)
    return json.loads(demand_attestation(world.registry, world.actor(who), world.call(), new).body)


def replies(world: World, demand: dict[str, Any], who: str = "carrier-a") -> dict[str, Any]:
    """Answer a demand: nobody came with its number."""
    demand_id, reply = UUID(demand["demand_id"]), DemandReply.NOT_IDENTIFIED
    outcome = answer_demand(world.registry, world.actor(who), world.call(), demand_id=demand_id, reply=reply)
    return dict(json.loads(outcome.body))


def held(world: World, name: str = "wang") -> tuple[Attestation, ...]:
    key = subject_key_of(world.registry, tokens(name))
    return world.registry.store.read(lambda tx: tx.attestations.of_subjects((key,)))
