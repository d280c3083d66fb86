"""The answer to an office's reading names the log's entry of it, in a header that the registry signs."""

from pathlib import Path

import pytest

from api.openapi import document
from crypto.errors import SignatureRefused
from crypto.signing import http_message
from crypto.signing.http_message import SignedRequest
from protocol.log_entries import READINGS
from protocol.readings import LOG_ENTRY_HEADER
from registry.policy.offices import OFFICES
from tests.support.api import NOBODYS, Client, operations
from tests.support.log_rounds import integrate_all
from tests.support.overseen import places

DISPUTES = "/v1/disputes"


def logged(client: Client, reader: str) -> list[str]:
    """The ids of all readings by this office so far."""
    found = client.world.registry.store.read(lambda tx: tx.openings.first(10_000))
    return [str(each.entry_id) for each in found if each.participant_id == reader and each.kind in READINGS]


def test_each_reading_by_an_office_is_answered_with_the_id_of_its_entry(client: Client, tmp_path: Path) -> None:
    integrate_all(client.world, tmp_path)
    published = operations(document(client.app))
    for name, path in places(client.world).items():
        roles = published[name][2].get("x-roles", ["AUDITOR", "REGULATOR"])
        for reader in (each.lower() for each in sorted(set(roles) & OFFICES)):
            before = logged(client, reader)
            client.world.clock.forward(seconds=1)
            answer = client.get(reader, path, purpose="SUPERVISION")
            (entry_id,) = [each for each in logged(client, reader) if each not in before]
            assert answer.headers[LOG_ENTRY_HEADER] == entry_id, (name, reader)


def test_the_named_entry_is_signed(client: Client) -> None:
    path, world = DISPUTES, client.world
    headers = client.signed("adjudicator", "GET", path)
    answer = client.raw("GET", path, headers)
    request = SignedRequest(method="GET", target_uri=world.registry.public_url + path, headers=headers)
    key = world.registry.keys.signing_key.public_key()

    def verify(told: dict[str, str]) -> None:
        http_message.verify_response(status=200, headers=told, request=request, public_key=key, now=world.clock.now)

    told = dict(answer.headers)
    verify(told)
    with pytest.raises(SignatureRefused):
        verify(told | {LOG_ENTRY_HEADER: NOBODYS})
    del told[LOG_ENTRY_HEADER]
    with pytest.raises(SignatureRefused):
        verify(told)


def test_a_refused_reading_and_a_party_that_reads_its_own_name_none(client: Client, tmp_path: Path) -> None:
    integrate_all(client.world, tmp_path)
    paths = places(client.world)
    for who, path in (
        ("adjudicator", f"{DISPUTES}/{NOBODYS}"),
        ("auditor", "/v1/rules"),
        ("carrier-b", paths["readDispute"]),
        ("carrier-b", paths["readDisputeDocument"]),
        ("carrier-a", paths["listDisputes"]),
    ):
        assert LOG_ENTRY_HEADER not in client.get(who, path).headers, (who, path)


def test_the_document_has_the_header_where_an_offices_reading_is_an_entry(client: Client) -> None:
    assert LOG_ENTRY_HEADER == http_message.LOG_ENTRY_HEADER
    for name, (_, _, operation) in operations(document(client.app)).items():
        overseen = {"$ref": "#/components/parameters/Purpose"} in operation.get("parameters", ())
        for status, answer in operation["responses"].items():
            expected = {LOG_ENTRY_HEADER: {"$ref": "#/components/headers/LogEntry"}}
            assert answer.get("headers", {}) == (expected if overseen and status < "300" else {}), (name, status)
