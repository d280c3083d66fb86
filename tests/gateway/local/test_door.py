"""The local service asks who calls: no route is open, each scope opens its own, and the file of tokens is private."""

import hashlib
import hmac
import json
import logging
import os
import stat
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from gateway.errors import TokensRefused
from gateway.gateway import Gateway
from gateway.local.contract.operations import OPEN, SCOPES
from gateway.local.door import RoutesUnmapped, check_routes
from gateway.local.serve import check_tls, main, served_names
from gateway.local.tokens import Scope, TokenBook, add_caller, read_callers, remove_caller
from gateway.settings import TlsFiles
from protocol.encodings import b64url_encode
from serving.settings import SettingsError
from tests.support.contract import refused_as
from tests.support.exports import resident
from tests.support.local import HERE, a_certificate, a_client, a_token, ask, name
from tests.support.parties import Parties

ID = "0198c2c4-0000-7000-8000-000000000000"
WRONG = [
    ("Bearer", "token-unknown"),
    ("Bearer ", "token-unknown"),
    ("Bearer clt_" + "A" * 43, "token-unknown"),
    ("Bearer clt_" + "A" * 4000, "token-unknown"),
    ("Bearer \u00e4\u00f6", "token-unknown"),
    ("Basic Y2xlcms6c2VjcmV0", "token-unknown"),
]


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "local-tokens.json"


@pytest.fixture
def stranger(gateway: Gateway, place: Path) -> Iterator[FlaskClient]:
    a_token(place)
    with a_client(gateway, place, token="") as client:
        yield client


def routes(client: FlaskClient) -> Iterator[tuple[str, str, str]]:
    """Every route with each of its methods, as (endpoint, method, path)."""
    for rule in client.application.url_map.iter_rules():
        path = rule.rule.replace("<uuid:dispute_id>", ID).replace("<reference>", "a-quote-that-nobody-made")
        path = path.replace("<qualification_id>", ID)
        assert "<" not in path
        for method in sorted(rule.methods or ()):
            yield rule.endpoint, method, path


def call(client: FlaskClient, method: str, path: str, token: str | None = None) -> TestResponse:
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    body: dict[str, Any] = {"json": {}} if method == "POST" else {}
    return client.open(path, method=method, base_url=HERE, headers=headers, **body)


def problem(response: TestResponse) -> str:
    return refused_as(response) or ""


def test_every_route_has_exactly_one_scope_or_is_open(stranger: FlaskClient) -> None:
    endpoints = {endpoint for endpoint, _, _ in routes(stranger)}
    assert endpoints == SCOPES.keys() | OPEN
    assert not SCOPES.keys() & OPEN
    assert set(SCOPES.values()) == set(Scope)


def test_a_route_without_a_scope_keeps_the_service_from_starting(stranger: FlaskClient) -> None:
    app = Flask("more")
    app.url_map = stranger.application.url_map.__class__()
    app.add_url_rule("/back-door", "back_door", lambda: "")
    with pytest.raises(RoutesUnmapped, match="back_door"):
        check_routes(app)


def test_nobody_without_a_token_gets_anything_from_any_route(stranger: FlaskClient, parties: Parties) -> None:
    for endpoint, method, path in routes(stranger):
        if endpoint in OPEN:
            continue
        answer = call(stranger, method, path)
        assert answer.status_code == 401, (method, path)
        assert answer.headers["WWW-Authenticate"] == 'Bearer realm="clearline-gateway"'
        assert method == "HEAD" or problem(answer) == "token-missing"
    assert parties.registry.requests == 0


def test_a_stranger_does_not_learn_which_paths_there_are(stranger: FlaskClient) -> None:
    for method, path in (("GET", "/nothing"), ("GET", "/check"), ("DELETE", "/settlements"), ("POST", "/healthz")):
        assert (call(stranger, method, path).status_code, method) == (401, method)


@pytest.mark.parametrize(("credentials", "code"), WRONG)
def test_credentials_that_are_no_token_of_ours_are_refused(stranger: FlaskClient, credentials: str, code: str) -> None:
    answer = stranger.post("/check", json=ask(), base_url=HERE, headers={"Authorization": credentials})
    assert (answer.status_code, name(answer)) == (401, code)
    assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]


@pytest.mark.parametrize("scope", list(Scope))
def test_a_token_opens_the_routes_of_its_scope_and_no_other(gateway: Gateway, place: Path, scope: Scope) -> None:
    token = a_token(place, scope.value, [scope])
    with a_client(gateway, place, token="") as client:
        for endpoint, method, path in routes(client):
            if endpoint in OPEN:
                continue
            answer = call(client, method, path, token)
            opens = SCOPES[endpoint] is scope
            assert (answer.status_code not in {401, 403}) == opens, (method, path)
            if not opens:
                assert answer.status_code == 403
                assert 'error="insufficient_scope"' in answer.headers["WWW-Authenticate"]
                assert method == "HEAD" or problem(answer) == "scope-missing"


def test_a_clerk_who_may_check_settles_no_debt_for_nothing(gateway: Gateway, place: Path, parties: Parties) -> None:
    token = a_token(place, "sales", [Scope.CHECK, Scope.COUNTER])
    free = {
        "document": {"kind": "RESIDENT_ID", "number": resident(1)},
        "account": "OWED",
        "kind": "FULL",
        "amount_fen": 0,
    }
    with a_client(gateway, place, token=token) as client:
        answer = client.post("/settlements", json=free, base_url=HERE)
    assert (answer.status_code, name(answer)) == (403, "scope-missing")
    assert parties.registry.requests == 0


def test_the_open_route_tells_that_it_runs_and_nothing_else(stranger: FlaskClient, parties: Parties) -> None:
    answer = stranger.get("/healthz", base_url=HERE)
    assert (answer.status_code, answer.json) == (200, {"status": "ok"})


def test_a_token_is_compared_over_its_digest_in_constant_time(
    gateway: Gateway, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tokens = [a_token(place, each, [Scope.CHECK]) for each in ("first", "second", "third")]
    compared = []
    really = hmac.compare_digest

    def compare(ours: bytes, theirs: bytes) -> bool:
        compared.append((ours, theirs))
        return really(ours, theirs)

    monkeypatch.setattr(hmac, "compare_digest", compare)
    book = TokenBook(place)
    assert book.caller_of(tokens[0]).name == "first"
    # All three, whichever it was: an early end would tell its place.
    assert {b for _, b in compared} == {hashlib.sha256(tokens[0].encode()).digest()}
    assert len(compared) == 3


def test_neither_the_file_nor_the_log_holds_a_token(
    gateway: Gateway, place: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    token = a_token(place, "sales", [Scope.CHECK])
    with a_client(gateway, place, token=token) as client:
        client.post("/check", json=ask(), base_url=HERE)
        client.post("/settlements", json={}, base_url=HERE)
    written = place.read_text()
    for secret in (token, token.removeprefix("clt_")):
        assert secret not in written + caplog.text + repr(read_callers(place))
    assert b64url_encode(hashlib.sha256(token.encode()).digest()) in written
    assert "called route=check caller=sales" in caplog.text
    assert "refused scope=money caller=sales" in caplog.text


def test_a_new_and_a_revoked_token_count_at_the_next_request(gateway: Gateway, place: Path) -> None:
    first = a_token(place, "first", [Scope.CHECK])
    with a_client(gateway, place, token="") as client:
        second = a_token(place, "second", [Scope.CHECK])
        assert call(client, "GET", "/custodians", second).status_code == 200
        remove_caller(place, "first")
        assert call(client, "GET", "/custodians", first).status_code == 401
        assert call(client, "GET", "/custodians", second).status_code == 200


def test_a_file_that_becomes_unusable_lets_nobody_in(
    gateway: Gateway, place: Path, caplog: pytest.LogCaptureFixture
) -> None:
    token = a_token(place)
    with a_client(gateway, place, token="") as client:
        place.chmod(0o644)
        assert call(client, "GET", "/custodians", token).status_code == 503
        assert "tokens-not-private" in caplog.text
        place.unlink()
        assert call(client, "GET", "/custodians", token).status_code == 503
        a_token(place, "another")
        assert call(client, "GET", "/custodians", token).status_code == 401


@pytest.mark.parametrize("mask", [0o000, 0o022, 0o077])
def test_the_file_is_its_owners_alone_whatever_the_umask(place: Path, mask: int) -> None:
    before = os.umask(mask)
    try:
        a_token(place)
    finally:
        os.umask(before)
    assert stat.S_IMODE(place.stat().st_mode) == 0o600


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o602, 0o644])
def test_a_file_that_others_may_read_or_write_is_refused(place: Path, mode: int) -> None:
    a_token(place)
    place.chmod(mode)
    for use in (TokenBook, read_callers, lambda path: a_token(path, "more"), lambda path: remove_caller(path, "x")):
        with pytest.raises(TokensRefused) as refused:
            use(place)
        assert refused.value.code == "tokens-not-private"


def test_a_symbolic_link_is_refused_even_to_a_good_file(place: Path, tmp_path: Path) -> None:
    a_token(tmp_path / "elsewhere.json")
    place.symlink_to(tmp_path / "elsewhere.json")
    for use in (TokenBook, lambda path: a_token(path, "more")):
        with pytest.raises(TokensRefused) as refused:
            use(place)
        assert refused.value.code == "tokens-symlink"
    place.unlink()
    place.symlink_to(tmp_path / "nowhere.json")
    with pytest.raises(TokensRefused):
        a_token(place)
    assert not (tmp_path / "nowhere.json").exists()


def test_a_link_in_the_place_of_the_new_file_is_not_followed(place: Path, tmp_path: Path) -> None:
    (tmp_path / "local-tokens.json.new").symlink_to(tmp_path / "victim")
    a_token(place)
    assert not (tmp_path / "victim").exists()
    assert place.is_file()


def test_a_link_in_the_place_of_the_lock_is_refused(place: Path, tmp_path: Path) -> None:
    (tmp_path / "local-tokens.json.lock").symlink_to(tmp_path / "victim")
    with pytest.raises(TokensRefused) as refused:
        a_token(place)
    assert refused.value.code == "tokens-symlink"
    assert not (tmp_path / "victim").exists()


def test_a_file_of_another_user_is_refused(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    a_token(place)
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    with pytest.raises(TokensRefused) as refused:
        read_callers(place)
    assert refused.value.code == "tokens-foreign"


def test_a_pipe_or_a_folder_in_its_place_is_refused_at_once(place: Path) -> None:
    os.mkfifo(place, 0o600)
    with pytest.raises(TokensRefused) as refused:
        read_callers(place)
    assert refused.value.code == "tokens-not-a-file"
    place.unlink()
    place.mkdir()
    with pytest.raises(TokensRefused):
        read_callers(place)


GOOD = {"name": "a", "scopes": ["check"], "sha256": b64url_encode(bytes(32))}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"{}",
        b'{"tokens": 1}',
        b'{"tokens": [1]}',
        b'{"tokens": [], "more": 1}',
        b"\xff",
        b"{" * 5000,
        json.dumps({"tokens": [GOOD, GOOD]}).encode(),
        json.dumps({"tokens": [GOOD | {"scopes": []}]}).encode(),
        json.dumps({"tokens": [GOOD | {"scopes": ["all"]}]}).encode(),
        json.dumps({"tokens": [GOOD | {"scopes": [["check"]]}]}).encode(),
        json.dumps({"tokens": [GOOD | {"scopes": "check"}]}).encode(),
        json.dumps({"tokens": [GOOD | {"sha256": "AAAA"}]}).encode(),
        json.dumps({"tokens": [GOOD | {"sha256": 1}]}).encode(),
        json.dumps({"tokens": [GOOD | {"name": "a\nb"}]}).encode(),
        json.dumps({"tokens": [GOOD | {"token": "x"}]}).encode(),
        b" " * 300_000,
    ],
)
def test_a_file_that_is_not_exactly_ours_is_refused_in_one_line(place: Path, content: bytes) -> None:
    place.write_bytes(content)
    place.chmod(0o600)
    with pytest.raises(TokensRefused) as refused:
        read_callers(place)
    assert refused.value.code == "tokens-malformed"
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("wrong", ["", "-x", "a b", "a\n", "x" * 65, "号码"])
def test_a_callers_name_is_plain(place: Path, wrong: str) -> None:
    with pytest.raises(TokensRefused) as refused:
        a_token(place, wrong)
    assert refused.value.code == "name-malformed"


def test_a_name_is_taken_once_and_an_unknown_one_is_not_revoked(place: Path) -> None:
    a_token(place)
    with pytest.raises(TokensRefused) as taken:
        a_token(place)
    with pytest.raises(TokensRefused) as unknown:
        remove_caller(place, "nobody")
    assert (taken.value.code, unknown.value.code) == ("name-taken", "name-unknown")
    assert sorted(each.name for each in place.parent.glob("local-tokens*")) == [
        "local-tokens.json",
        "local-tokens.json.lock",
    ]


def test_tokens_are_never_the_same_twice(place: Path) -> None:
    assert len({add_caller(place, f"n{n}", [Scope.CHECK], random=os.urandom) for n in range(5)}) == 5


def test_a_service_without_tokens_does_not_start(parties: Parties) -> None:
    with pytest.raises(TokensRefused) as refused:
        main(parties.settings("carrier-a"))
    assert refused.value.code == "tokens-missing"
    assert "clearline gateway token" in str(refused.value)


@pytest.mark.parametrize("listen", ["0.0.0.0:9201", "[::]:9201", "10.0.0.1:9201", "gateway.example:9201"])
def test_beyond_loopback_nothing_is_served_without_a_certificate(parties: Parties, listen: str) -> None:
    settings = replace(parties.settings("carrier-a"), listen=listen)
    with pytest.raises(SettingsError, match="not a loopback address"):
        served_names(settings, allow_remote=False)
    with pytest.raises(SettingsError, match="tls_certificate"):
        served_names(settings, allow_remote=True)
    with pytest.raises(SettingsError, match="tls_certificate"):
        main(settings, allow_remote=True)


def test_the_address_that_stands_for_all_is_no_host_name(parties: Parties, tmp_path: Path) -> None:
    tls = TlsFiles(certificate=tmp_path / "c", key=tmp_path / "k")
    settings = replace(parties.settings("carrier-a"), listen="0.0.0.0:9201", tls=tls)
    assert "0.0.0.0" not in served_names(settings, allow_remote=True)  # noqa: S104
    named = replace(settings, listen="10.0.0.1:9201", host_names=frozenset({"gateway.example"}))
    assert served_names(named, allow_remote=True) >= {"10.0.0.1", "gateway.example", "localhost"}


@pytest.fixture
def certificate(tmp_path: Path) -> TlsFiles:
    return a_certificate(tmp_path / "tls")


def test_a_certificate_with_another_key_none_or_an_open_one_is_refused(certificate: TlsFiles, tmp_path: Path) -> None:
    check_tls(certificate)
    other = tmp_path / "other.pem"
    other.write_bytes(b"no key\n")
    other.chmod(0o600)
    for wrong in (
        replace(certificate, key=other),
        replace(certificate, certificate=other),
        replace(certificate, key=tmp_path / "none.pem"),
    ):
        with pytest.raises(SettingsError):
            check_tls(wrong)
    other.write_bytes(certificate.key.read_bytes())
    other.chmod(0o644)
    with pytest.raises(SettingsError, match="chmod 600"):
        check_tls(replace(certificate, key=other))


def test_the_map_of_scopes_is_what_the_runbook_says() -> None:
    by_scope = {scope: sorted(each for each, its in SCOPES.items() if its is scope) for scope in Scope}
    assert by_scope[Scope.MONEY] == ["collect", "return_deposit", "settlements"]
    ours, tm_forums = (
        ["activations", "check", "custodians", "grade_reviews", "quotes", "recheck"],
        ["takes-many-outcomes", "tmf_answer", "tmf_check", "tmf_event"],
    )
    assert by_scope[Scope.CHECK] == ours + tm_forums
