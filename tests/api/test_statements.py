from api.schemas.statements import StatementSchema
from tests.support.api import Client, problem
from tests.support.builders import a_report, tokens


def test_a_statement_has_the_published_form(client: Client):
    client.lists("carrier-a", a_report("wang"))
    client.post("carrier-b", "/v1/disputes", {"tokens": tokens("wang").to_wire(), "ground": "NO_NOTICE"})
    for whose in ("wang", "nobody that is known"):
        told = client.post("carrier-b", "/v1/statements", {"tokens": tokens(whose).to_wire()})
        assert told.status_code == 201
        assert told.json is not None
        StatementSchema().load(told.json)
        assert bool(told.json["records"]) == (whose == "wang")


def test_a_household_has_no_statement(client: Client):
    body = {"tokens": tokens("wang", register="4201060011665").to_wire()}
    assert problem(client.post("carrier-b", "/v1/statements", body)) == (422, "invalid-field")
