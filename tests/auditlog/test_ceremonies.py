"""A committee's entry has to say exactly what the transcript proves, in a tree under the log's key."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from auditlog.audit.ceremonies import verify_logged
from auditlog.audit.proving import read_core
from auditlog.errors import LogRefused
from auditlog.party import LogParty
from auditlog.receipts import Trust, leaf_of
from ceremony.entry import committee_facts
from ceremony.standing import Formed
from ceremony.verify import verify_transcript
from client.errors import RegistryRefused
from client.resources import ceremonies, log
from crypto.tlog.checkpoint import Checkpoint, parse_signed_checkpoint, sign_checkpoint
from crypto.tlog.merkle import leaf_hash
from crypto.tlog.proof import Receipt
from protocol.encodings import b64url_encode, canonical_json
from protocol.log_entries import EntryKind, Facts, core_json, leaf_data
from protocol.messages.ceremonies import MAX_MEMBERS, CeremonyKind, KeptCeremony, Member
from protocol.receipts import Grade
from tests.support.builders import NOW
from tests.support.ceremonies import first_custodians, first_held, kept_ceremony
from tests.support.committees import admit_custodians
from tests.support.log_rounds import YEAR, integrate_all
from tests.support.log_server import LOG, LOG_KEY, ORIGIN
from tests.support.world import World

ENTRY_ID = UUID("019aa54e-0000-7000-8000-000000000001")
SALT = bytes(range(32))


def core_of(facts: Facts) -> bytes:
    return core_json(
        kind=EntryKind.COMMITTEE_FORMED,
        entry_id=ENTRY_ID,
        at=NOW,
        participant="custodian-1",
        request_digest=bytes(32),
        personal=None,
        facts=facts,
    )


def answer(formed: Formed, core: bytes) -> KeptCeremony:
    """The registry's answer with this core."""
    return kept_ceremony(formed, ENTRY_ID, NOW, core=core, core_salt=SALT)


def receipt_of(core: bytes) -> bytes:
    """The receipt of a log that has this entry alone."""
    checkpoint = Checkpoint(origin=ORIGIN, size=1, root=leaf_hash(leaf_data(core, SALT)))
    note = sign_checkpoint(checkpoint, name=ORIGIN, private_key=LOG_KEY)
    return Receipt(index=0, hashes=(), signed=parse_signed_checkpoint(note.encode())).encode()


def refused(core: bytes, receipt: bytes | None = None) -> tuple[str, str]:
    formed = first_held().formed
    with pytest.raises(LogRefused) as caught:
        verify_logged(formed, answer(formed, core), receipt or receipt_of(core), Trust(key=LOG))
    return caught.value.code, str(caught.value)


def changed(**members: Any) -> bytes:
    document = json.loads(core_of(committee_facts(first_held().formed)))
    return canonical_json(document | members)


def test_an_entry_with_every_fact_is_proved_with_its_place() -> None:
    formed = first_held().formed
    core = core_of(committee_facts(formed))
    logged = verify_logged(formed, answer(formed, core), receipt_of(core), Trust(key=LOG))
    assert (logged.index, logged.size, logged.entry_id, logged.at, logged.by) == (0, 1, ENTRY_ID, NOW, "custodian-1")


@pytest.mark.parametrize("name", sorted(committee_facts(first_held().formed)))
def test_an_entry_in_which_any_fact_is_another_is_refused_by_its_name(name: str) -> None:
    facts = dict(committee_facts(first_held().formed))
    value = facts.pop(name)
    for other in (True if value == 1 else f"{value}0", None, ...):
        told = facts if other is ... else facts | {name: other}
        code, message = refused(changed(facts=told))
        assert (code, message.endswith(f": {name}")) == ("entry-differs", True), message


def test_an_entry_that_says_more_is_refused() -> None:
    facts = committee_facts(first_held().formed)
    assert refused(changed(facts={**facts, "former_digest": "0" * 64}))[1].endswith(": further facts")


@pytest.mark.parametrize(
    "core",
    [
        lambda: changed(kind="epoch.added"),
        lambda: changed(id=str(UUID(int=ENTRY_ID.int + 1))),
        lambda: changed(facts=[]),
        lambda: changed() + b" ",
    ],
    ids=["another kind", "another entry", "no facts", "not canonical"],
)
def test_what_is_no_entry_of_a_committee_is_refused(core: Callable[[], bytes]) -> None:
    assert refused(core())[0] == "entry-foreign"


def test_a_receipt_of_another_entry_proves_nothing() -> None:
    assert refused(changed(), receipt_of(changed(by="custodian-2")))[0] == "proof-invalid"


def test_the_largest_committee_fits_into_an_entry_its_audit_and_its_receipt() -> None:
    """24 members with names of 64 letters under a threshold of 24 deal 24 commitments each."""
    held = first_held().formed
    names = [f"{n:02}{'c' * 62}" for n in range(MAX_MEMBERS)]
    key = held.canary
    members = tuple(
        Member(index=index, custodian=name, url="u", key_id=name, public_key=key, share_public_key=key)
        for index, name in enumerate(names, start=232)
    )
    committee = replace(held.committee, epoch=2**31 - 1, committee=2**31 - 1, threshold=MAX_MEMBERS, members=members)
    formed = replace(
        held,
        proposal=replace(held.proposal, kind=CeremonyKind.RESHARING),
        committee=committee,
        commitments=dict.fromkeys(names, (key,) * MAX_MEMBERS),
        former_digest=held.committee_digest,
    )
    core = core_of(committee_facts(formed))
    assert 42_000 < len(core) < 45_000
    assert read_core(core) is not None
    line = {"index": 0, "id": str(ENTRY_ID), "core": core.decode(), "core_salt": b64url_encode(SALT)}
    request = {"key_id": "k", "signature": b64url_encode(bytes(64)), "signature_base": b64url_encode(bytes(8_192))}
    assert len(canonical_json(line | {"request": request})) < 60_000
    assert leaf_of(canonical_json(line)) == leaf_hash(leaf_data(core, SALT))
    assert verify_logged(formed, answer(formed, core), receipt_of(core), Trust(key=LOG)).index == 0


def test_a_carrier_reads_what_a_custodian_reported_and_proves_it(
    world: World, at_the_log: Callable[..., LogParty], tmp_path: Path
) -> None:
    admit_custodians(world)
    transcript = first_held().formed.transcript.decode()
    told = {
        ceremonies.report(at_the_log(who).registry, transcript).log_entry_id for who in ("custodian-1", "custodian-2")
    }
    integrate_all(world, tmp_path)
    carrier = at_the_log("carrier-b")
    (listed,) = ceremonies.every(carrier.registry).ceremonies
    found = ceremonies.read(carrier.registry, 1, 1)
    assert told == {listed.log_entry_id} == {found.log_entry_id}
    formed = verify_transcript(found.transcript.encode())
    raw = log.receipt(carrier.registry, YEAR, found.log_entry_id, Grade.INTEGRATED, 0)
    logged = verify_logged(formed, found, raw, carrier.trust(YEAR, Grade.INTEGRATED))
    assert (logged.by, formed.committee) == ("custodian-1", listed.committee)


def test_a_refusal_names_the_party_to_the_custodian_that_reported(
    world: World, at_the_log: Callable[..., LogParty]
) -> None:
    admit_custodians(world, [first_custodians()["custodian-1"]])
    with pytest.raises(RegistryRefused) as caught:
        ceremonies.report(at_the_log("custodian-1").registry, first_held().formed.transcript.decode())
    assert str(caught.value) == "the registry refused: party-unknown (422) [party: custodian-2]"
