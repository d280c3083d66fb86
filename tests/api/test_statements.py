from protocol.messages.statements import Statement
from protocol.wire.codec import read, write
from tests.support.api import Client, problem
from tests.support.builders import a_report, tokens


def test_a_statement_has_the_published_form(client: Client) -> None:
    client.lists("carrier-a", a_report("wang"))
    client.post("carrier-b", "/v1/disputes", {"tokens": write(tokens("wang")), "ground": "NO_NOTICE"})
    for whose in ("wang", "nobody that is known"):
        told = client.post("carrier-b", "/v1/statements", {"tokens": write(tokens(whose))})
        assert told.status_code == 201
        read(Statement, told.json)
        assert bool(told.json["records"]) == (whose == "wang")


def test_a_household_has_no_statement(client: Client) -> None:
    body = {"tokens": write(tokens("wang", register="4201060011665"))}
    assert problem(client.post("carrier-b", "/v1/statements", body)) == (422, "invalid-field")
