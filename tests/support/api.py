"""A carrier's side of the door for tests: signs like a gateway, and bends one thing at a time like an attacker."""

import datetime as dt
import io
import itertools
import json
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flask import Flask
from werkzeug.exceptions import HTTPException
from werkzeug.test import TestResponse

from api.limits import Limits
from api.openapi import document
from crypto.signing.content_digest import content_digest
from crypto.signing.http_message import sign_request
from crypto.signing.keys import generate_signing_key, public_bytes
from protocol.codes import Role
from protocol.messages.participants import NewKey, NewParticipant
from protocol.messages.records import RecordReport
from protocol.wire.codec import write
from registry.store.engines import make_engines
from registry.store.transactions import Store
from registry.usecases.participants.admit import add_key, register_participant
from tests.support.apps import an_app
from tests.support.world import World, a_world, template_secrets

LIMITS = Limits(json_bytes=1024 * 1024, batch_bytes=64 * 1024 * 1024, batch_decoded_bytes=128 * 1024 * 1024)

Bend = Callable[[dict[str, str]], None]
_KEYS = itertools.count()
NOBODYS = "019a1b2c-0000-7000-8000-000000000000"
"""An id that no resource has."""


@dataclass
class Client:
    """Sends signed requests to an application in this process."""

    app: Flask
    world: World
    sent: list[tuple[str, str, TestResponse]] = field(default_factory=list)

    def signed(
        self,
        who: str,
        method: str,
        path: str,
        body: bytes | None = None,
        *,
        key: str | None = None,
        content_type: str = "application/json",
        encoding: str | None = None,
        nonce: str | None = None,
        age: float = 0,
        public_url: str | None = None,
        signer: str | None = None,
        purpose: str | None = None,
        agent: str | None = None,
    ) -> dict[str, str]:
        """The headers of a request by ``who``; a POST gets a fresh idempotency key."""
        if method == "POST" and key is None:
            key = f"key-{next(_KEYS)}"
        has_body = body is not None
        return sign_request(
            method=method,
            target_uri=(public_url or self.world.registry.public_url) + path,
            content_type=content_type if has_body else None,
            content_digest=content_digest(body) if body is not None else None,
            content_encoding=encoding,
            idempotency_key=key,
            key_id=f"{who}-1",
            private_key=self.world.signing_keys[signer or who],
            created=self.world.clock.now.replace(microsecond=0) - dt.timedelta(seconds=age),
            nonce=nonce or os.urandom(12).hex(),
            purpose=purpose,
            agent=agent,
        )

    def raw(
        self, method: str, path: str, headers: dict[str, str], body: bytes | None = None, **more: Any
    ) -> TestResponse:
        """Send headers and body as they are."""
        response = self.app.test_client().open(path, method=method, headers=headers, data=body, buffered=True, **more)
        self.sent.append((method, path, response))
        check_documented(self.app, method, path, response.status_code)
        return response

    def send(
        self, who: str, method: str, path: str, body: Any = None, *, bend: Bend | None = None, **more: Any
    ) -> TestResponse:
        """Sign and send; ``body`` may be bytes or a JSON value, ``bend`` changes the headers after signing."""
        raw = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        headers = self.signed(who, method, path, raw, **more)
        if bend is not None:
            bend(headers)
        return self.raw(method, path, headers, raw)

    def post(self, who: str, path: str, body: Any, **more: Any) -> TestResponse:
        return self.send(who, "POST", path, body, **more)

    def get(self, who: str, path: str, **more: Any) -> TestResponse:
        return self.send(who, "GET", path, **more)

    def lists(self, who: str, report: RecordReport) -> str:
        """The id of the record that ``who`` reports and that is taken onto the list."""
        taken = self.post(who, "/v1/records", write(report))
        assert taken.status_code == 201, taken.data
        return str(taken.json["record_id"])

    def send_chunked(self, who: str, path: str, body: bytes, **more: Any) -> TestResponse:
        """Without Content-Length, as gunicorn presents a chunked body."""
        headers = self.signed(who, "POST", path, body, **more) | {"Transfer-Encoding": "chunked"}
        return self.app.test_client().open(
            path,
            method="POST",
            headers=headers,
            input_stream=io.BytesIO(body),
            buffered=True,
            environ_overrides={"wsgi.input_terminated": True},
        )

    def batch(self, who: str, rows: bytes, *, key: str, query: str = "", **more: Any) -> TestResponse:
        return self.post(who, f"/v1/record-batches{query}", rows, key=key, content_type="application/x-ndjson", **more)


def operations(spec: dict[str, Any]) -> dict[str, tuple[str, str, dict[str, Any]]]:
    """Path, method and description of every operation that a document publishes, by its operationId."""
    return {
        operation["operationId"]: (path, method, operation)
        for path, item in spec["paths"].items()
        for method, operation in item.items()
        if method in ("get", "post")
    }


def check_documented(app: Flask, method: str, path: str, status: int) -> None:
    """Fail the test where an operation answers with a status that the published document does not name for it."""
    try:
        endpoint, _ = app.url_map.bind("registry.test").match(path.partition("?")[0], method=method)
    except HTTPException:
        return  # no operation answers here
    operation_id = endpoint.partition(".")[2]
    *_, operation = operations(document(app))[operation_id]
    assert str(status) in operation["responses"], (operation_id, status)


def problem(response: TestResponse) -> tuple[int, str]:
    """Status and short type of a problem; fails the test where the answer is none."""
    assert response.content_type == "application/problem+json", response.data[:300]
    document = json.loads(response.data)
    assert document["status"] == response.status_code
    return response.status_code, document["type"].removeprefix("urn:clearline:problem:")


def field_error(response: TestResponse) -> tuple[str, str]:
    """The one field that a 422 names, and what is wrong with it."""
    assert problem(response) == (422, "invalid-field")
    (error,) = json.loads(response.data)["errors"]
    return error["field"], error["code"]


def lines(response: TestResponse) -> list[dict[str, Any]]:
    return [json.loads(line) for line in response.data.splitlines()]


def admit(world: World, name: str, *roles: Role) -> None:
    """A further participant with exactly these roles."""
    world.signing_keys[name] = generate_signing_key(os.urandom)
    admission = NewParticipant(
        participant_id=name,
        name=name.title(),
        roles=tuple(sorted(roles)),
        key_id=f"{name}-1",
        public_key=public_bytes(world.signing_keys[name]),
    )
    register_participant(world.registry, world.actor("operator", Role.OPERATOR), world.call(), admission)


def admit_checker(world: World) -> None:
    """A second person of carrier-a, who signs as ``carrier-a-checker``."""
    key = generate_signing_key(os.urandom)
    world.signing_keys["carrier-a-checker"] = key
    operator = world.actor("operator", Role.OPERATOR)
    add_key(
        world.registry,
        operator,
        world.call(),
        participant_id="carrier-a",
        new=NewKey(key_id="carrier-a-checker-1", public_key=public_bytes(key)),
    )


def open_client(template: Path, folder: Path, limits: Limits = LIMITS) -> Iterator[Client]:
    path = folder / "registry.db"
    shutil.copyfile(template, path)
    engines = make_engines(f"sqlite:///{path}")
    world = a_world(Store(engines), template_secrets())
    admit(world, "reporter", Role.REPORTER)
    admit(world, "inquirer", Role.INQUIRER)
    admit(world, "auditor", Role.AUDITOR)
    admit(world, "regulator", Role.REGULATOR)
    admit(world, "adjudicator", Role.ADJUDICATOR)
    admit(world, "custodian", Role.CUSTODIAN)
    yield Client(an_app(world.registry, limits), world)
    engines.close()
