"""Each signed answer names the registry's incarnation under its signature, and a request may name the one it means."""

import pytest

from crypto.errors import SignatureRefused
from crypto.signing.content_digest import content_digest
from crypto.signing.http_message import SignedRequest, sign_request, verify_response
from protocol.incarnation import HEADER
from registry.usecases.restores.declare_restore import declare_restore
from registry.usecases.restores.standing import look
from tests.support.api import Client

PATH = "/v1/rules"
URN = "urn:clearline:problem:incarnation-differs"


def asked(client: Client, incarnation: int | None = None, path: str = PATH) -> SignedRequest:
    world = client.world
    headers = sign_request(
        method="GET",
        target_uri=world.registry.public_url + path,
        content_type=None,
        content_digest=None,
        key_id="carrier-a-1",
        private_key=world.signing_keys["carrier-a"],
        created=world.clock.now.replace(microsecond=0),
        nonce=f"nonce-of-a-request-{len(client.sent)}",
        incarnation=incarnation,
    )
    return SignedRequest(method="GET", target_uri=world.registry.public_url + path, headers=headers)


def restored(client: Client, number: int) -> None:
    registry = client.world.registry
    declare_restore(registry, number, {})
    registry.watch.keep(look(registry))


@pytest.mark.parametrize("path", [PATH, "/v1/records/nothing"])
def test_the_signature_of_an_answer_covers_the_incarnation(client: Client, path: str) -> None:
    restored(client, 3)
    request = asked(client, path=path)
    response = client.raw("GET", path, dict(request.headers))
    key, now = client.world.signing_keys["registry"].public_key(), client.world.clock.now
    status, headers = response.status_code, dict(response.headers)
    verify_response(status=status, headers=headers, request=request, public_key=key, now=now)
    assert (headers[HEADER], headers["Content-Digest"]) == ("3", content_digest(response.data))
    for bent in (headers | {HEADER: "2"}, {name: value for name, value in headers.items() if name != HEADER}):
        with pytest.raises(SignatureRefused):
            verify_response(status=status, headers=bent, request=request, public_key=key, now=now)


def test_a_stream_names_the_incarnation_at_its_head(client: Client) -> None:
    response = client.get("auditor", f"/log/{client.world.clock.now.year}/openings")
    assert response.headers.get(HEADER) == "1"


def test_a_request_that_goes_on_with_something_of_another_incarnation_is_refused(client: Client) -> None:
    restored(client, 2)
    assert client.raw("GET", PATH, dict(asked(client, 2).headers)).status_code == 200
    for other in (1, 3):
        response = client.raw("GET", PATH, dict(asked(client, other).headers))
        assert (response.status_code, response.json["type"], response.json["incarnation"]) == (409, URN, 2)
    for malformed in (0, 8_192):
        response = client.raw("GET", PATH, dict(asked(client, malformed).headers))
        assert (response.status_code, response.json["type"]) == (400, "urn:clearline:problem:bad-request")
    uncovered = dict(asked(client).headers) | {HEADER: "2"}
    assert client.raw("GET", PATH, uncovered).status_code == 401


def test_readiness_tells_the_incarnation(client: Client) -> None:
    restored(client, 2)
    assert client.raw("GET", "/readyz", {}).json["incarnation"] == 2
