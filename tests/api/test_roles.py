"""Every operation and every role: who is let in and who is told 403."""

import pytest

from protocol.codes import Role
from tests.support.api import Client, problem
from tests.support.cells import every_cell
from tests.support.roles import ALLOWED, EVERYBODY, PLACES, SENDERS

PUBLIC = {
    "readHealth",
    "readReadiness",
    "readOpenApi",
    "readCheckpoint",
    "readTile",
    "readCandidateCheckpoint",
    "readWitnessedCheckpoint",
    "readLogPolicy",
    "readConsistency",
}


@pytest.mark.parametrize("role", list(Role))
def test_an_operation_admits_its_roles_and_no_other(shared: Client, role: Role) -> None:
    with every_cell() as table:
        for operation, (method, path) in PLACES.items():
            with table.cell(role, operation):
                # The body is an empty object: whoever is let in is told 4xx for it, and nobody changes anything.
                body = b"{}" if method == "POST" else None
                response = shared.send(SENDERS[role], method, path, body)
                if role in ALLOWED[operation]:
                    assert response.status_code not in (401, 403), response.data
                else:
                    assert problem(response) == (403, "role-missing")


def test_the_table_names_every_operation(shared: Client) -> None:
    found = {rule.endpoint.partition(".")[2] for rule in shared.app.url_map.iter_rules()}
    assert found == set(PLACES) | PUBLIC
    assert set(ALLOWED) == set(PLACES)


def test_the_published_roles_are_those_of_the_table(shared: Client) -> None:
    document = shared.raw("GET", "/openapi.json", {}).json
    published = {
        operation["operationId"]: set(operation.get("x-roles", EVERYBODY))
        for item in document["paths"].values()
        for method, operation in item.items()
        if method in ("get", "post") and operation["security"]
    }
    assert published == {name: set(roles) for name, roles in ALLOWED.items()}


def test_a_participant_without_the_role_is_told_so_before_its_body_is_read(shared: Client) -> None:
    response = shared.post("auditor", "/v1/records", b"not json at all")
    assert problem(response) == (403, "role-missing")
