"""What an auditor, a regulator, an adjudicator or the operator reads about others is an entry that names the reader."""

import json
from collections import Counter
from pathlib import Path

from api.openapi import document
from protocol.codes import Role
from protocol.log_entries import EntryKind
from registry.policy.offices import OFFICES
from tests.support.api import Client, operations
from tests.support.log_rounds import integrate_all
from tests.support.overseen import places

UNREAD = {
    "readEvents": "the reader's own feed",
    "listParticipants": "every participant may read who takes part",
    "readParticipant": "every participant may read who takes part",
    "readWebhook": "an address and what could not be delivered to it, of no subject",
    "readRules": "every participant may read the rules",
    "readRulesVersion": "every participant may read the rules",
    "listCeremonies": "public keys that everybody has to be able to check",
    "readCeremony": "public keys and signed steps that everybody has to be able to check",
    "readLog": "sizes and names that the public heads show to everybody",
    "readReceipt": "hashes: a proof opens nothing",
    "listWitnesses": "names and keys that the public policy shows to everybody",
}
"""Reading this is no entry, and why."""


def read_by_offices(client: Client) -> dict[str, set[Role]]:
    """Every operation that reads and that an office may use, with the offices that may."""
    found = {}
    for name, (_, method, operation) in operations(document(client.app)).items():
        if method == "get" and operation["security"]:
            admitted = {Role(each) for each in operation.get("x-roles", Role)} & OFFICES
            if admitted:
                found[name] = admitted
    return found


def readings(client: Client, reader: str) -> Counter[str]:
    entries = client.world.registry.store.read(lambda tx: tx.openings.first(10_000))
    return Counter(each.kind for each in entries if each.participant_id == reader and each.request_id is not None)


def test_every_reading_by_an_office_is_an_entry_or_has_its_reason(client: Client, tmp_path: Path) -> None:
    integrate_all(client.world, tmp_path)
    paths, offices = places(client.world), read_by_offices(client)
    assert set(offices) == set(paths) | set(UNREAD)
    for name, path in paths.items():
        admitted = offices[name] if name != "readOpenings" else {Role.AUDITOR, Role.REGULATOR}
        for role in sorted(admitted):
            reader = role.lower()
            before = readings(client, reader)
            assert client.get(reader, path).status_code == 200, (name, role)
            (kind,) = (readings(client, reader) - before).elements()
            assert kind.endswith(("read", "evaluation.tallies-read")), name


def test_who_reads_its_own_leaves_no_entry(client: Client) -> None:
    world = client.world
    paths = places(world)
    before = len(world.registry.store.read(lambda tx: tx.openings.first(10_000)))
    for who, name in (
        ("carrier-a", "readRedListEntry"),
        ("carrier-a", "readEvidenceDemand"),
        ("carrier-b", "readDispute"),
        ("carrier-a", "listDisputes"),
        ("carrier-b", "readRebuttal"),
    ):
        assert client.get(who, paths[name]).status_code == 200, name
    assert len(world.registry.store.read(lambda tx: tx.openings.first(10_000))) == before


def test_an_overseers_entry_says_what_was_read_and_names_nobody_in_its_core(client: Client) -> None:
    world = client.world
    paths = places(world)
    client.get("adjudicator", paths["readDispute"])
    world.clock.forward(seconds=1)
    client.get("adjudicator", paths["listDisputes"])
    entries = world.registry.store.read(lambda tx: tx.openings.first(10_000))
    one, page = [each for each in entries if each.kind == EntryKind.OVERSIGHT_READ]
    case = paths["readDispute"].rpartition("/")[2]
    assert json.loads(one.core)["facts"] == {"what": "dispute", "of": case}
    assert json.loads(page.core)["facts"] == {"what": "disputes", "count": 1, "first": case, "last": case}
    assert one.personal is not None
    assert one.subject_key is not None
    assert json.loads(one.personal) == {"subject": one.subject_key.hex()}
    assert page.personal is None
    assert one.subject_key.hex().encode() not in one.core + page.core
