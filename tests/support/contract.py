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


def refused_as(response: TestResponse) -> str | None:
    """The stable name of a refusal: of a problem, or of TM Forum's Error; None for an answer."""
    if response.mimetype == PROBLEM:
        return str(response.json["type"].rpartition(":")[2])
    is_error = response.mimetype == "application/json" and response.json.get("@type") == "Error"
    return str(response.json["code"]) if is_error else None


def check_documented(response: TestResponse) -> None:
    request = response.request
    operation = operation_at(request.method, request.path)
    if request.method in {"HEAD", "OPTIONS"}:
        return
    name = refused_as(response)
    if operation is None:
        expected = {"token-missing", "not-served"} if request.path.startswith("/tmf-api/") else WITHOUT_AN_OPERATION
        assert name in expected, (request.method, request.path, name)
        return
    said = operation["responses"].get(str(response.status_code))
    assert said is not None, (request.method, request.path, response.status_code, name)
    if "content" not in said:
        assert response.data == b"", (request.method, request.path)
        return
    media = said["content"][response.mimetype]
    if name is not None:
        assert name in media["examples"], (request.method, request.path, name)
    if "$ref" in media["schema"]:
        validator(media["schema"]["$ref"].rpartition("/")[2]).validate(response.json)
