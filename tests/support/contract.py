"""Hold every answer of a gateway's local service to its published document."""

import functools
import re
from copy import deepcopy
from typing import Any

from flask.testing import FlaskClient
from jsonschema import Draft202012Validator
from werkzeug.test import TestResponse

from gateway.local.contract.document import contract

PROBLEM = "application/problem+json"
WITHOUT_AN_OPERATION = {"token-missing", "token-unknown", "not-found", "method-not-allowed", "bad-request"}
"""Refusals of a request that reaches no operation; the document's description names them."""


class DocumentedClient(FlaskClient):
    """A test client that fails where an answer is not in the document, or does not fit it."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        response = super().open(*args, **kwargs)
        check_documented(response)
        return response


@functools.cache
def strict_contract() -> dict[str, Any]:
    """The document with closed answers: this release's own answers have no member that is not in it."""
    document: dict[str, Any] = deepcopy(contract())
    for schema in document["components"]["schemas"].values():
        schema["additionalProperties"] = False
    return document


@functools.cache
def validator(component: str) -> Draft202012Validator:
    schema = {"$ref": f"#/components/schemas/{component}", "components": strict_contract()["components"]}
    return Draft202012Validator(schema)


def operation_at(method: str, path: str) -> dict[str, Any] | None:
    for template, item in strict_contract()["paths"].items():
        if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), path):
            found: dict[str, Any] | None = item.get(method.lower())
            return found
    return None


def check_documented(response: TestResponse) -> None:
    request = response.request
    operation = operation_at(request.method, request.path)
    if request.method in {"HEAD", "OPTIONS"}:
        return
    name = response.json["type"].rpartition(":")[2] if response.mimetype == PROBLEM else None
    if operation is None:
        assert name in WITHOUT_AN_OPERATION, (request.method, request.path, name)
        return
    said = operation["responses"].get(str(response.status_code))
    assert said is not None, (request.method, request.path, response.status_code, name)
    media = said["content"][response.mimetype]
    if name is not None:
        assert name in media["examples"], (request.method, request.path, name)
    if "$ref" in media["schema"]:
        validator(media["schema"]["$ref"].rpartition("/")[2]).validate(response.json)
