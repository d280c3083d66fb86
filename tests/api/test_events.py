import pytest

from protocol.codes import ServiceClass
from protocol.messages.inquiries import InquiryRequest
from protocol.wire.codec import write
from tests.support.api import Client, problem
from tests.support.builders import a_report, tokens


def listed_and_asked(client: Client, *names: str) -> list[str]:
    """Records of carrier-a that carrier-b got a hit of."""
    records = []
    for name in names:
        records.append(client.lists("carrier-a", a_report(name, name)))
        request = InquiryRequest(inquiry_ref=name, tokens=tokens(name), service_class=ServiceClass.MOBILE)
        client.post("carrier-b", "/v1/inquiries", write(request))
    return records


def withdraw(client: Client, record_id: str) -> None:
    answer = client.post("carrier-a", f"/v1/records/{record_id}/withdrawal", {"reason": "REPORTED_IN_ERROR"})
    assert answer.status_code == 200


def test_a_carrier_reads_on_where_it_stopped(client: Client) -> None:
    nothing = {"events": [], "more": False, "oldest": 1, "incarnation": 1}
    assert client.get("carrier-b", "/v1/events").json == nothing | {"next": 0}
    for record_id in listed_and_asked(client, "wang", "li", "zhao"):
        withdraw(client, record_id)
    first = client.get("carrier-b", "/v1/events?limit=2").json
    assert ([each["position"] for each in first["events"]], first["next"], first["more"]) == ([1, 2], 2, True)
    rest = client.get("carrier-b", f"/v1/events?after={first['next']}").json
    assert ([each["position"] for each in rest["events"]], rest["next"], rest["more"]) == ([3], 3, False)
    assert {each["kind"] for each in first["events"] + rest["events"]} == {"RECORD_WITHDRAWN"}
    assert client.get("carrier-b", "/v1/events?after=3").json == nothing | {"next": 3}


def test_the_same_cursor_gives_the_same_events_again(client: Client) -> None:
    for record_id in listed_and_asked(client, "wang", "li"):
        withdraw(client, record_id)
    assert client.get("carrier-b", "/v1/events").data == client.get("carrier-b", "/v1/events").data


@pytest.mark.parametrize("who", ["carrier-a", "carrier-c", "operator", "auditor"])
def test_nobody_reads_what_another_is_told(client: Client, who: str) -> None:
    for record_id in listed_and_asked(client, "wang"):
        withdraw(client, record_id)
    assert client.get(who, "/v1/events").json["events"] == []


@pytest.mark.parametrize(
    "query", ["after=-1", "after=x", "after=1.5", f"after={2**53}", "limit=0", "limit=501", "who=me"]
)
def test_a_cursor_out_of_bounds_is_refused(client: Client, query: str) -> None:
    assert problem(client.get("carrier-b", f"/v1/events?{query}")) == (422, "invalid-field")
