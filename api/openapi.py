"""The OpenAPI 3.1 document: the parts common to all operations, and its one deterministic text."""

import json
from typing import Any, Final

from flask import Flask
from flask_smorest import Api

from api.door import EXTENSION, IDEMPOTENCY_HEADER, Door
from api.paths import CONVERTERS, parameter_schema
from api.schemas import schema_of
from protocol.incarnation import FIRST, HEADER, MOST
from protocol.messages.activations import ActivationLine, ActivationReport
from protocol.messages.attestations import AttestationLine
from protocol.messages.log import OpeningLine
from protocol.messages.records import BatchLine, RecordReport, RefusedRow
from protocol.messages.service import ProblemDocument
from protocol.names import IDEMPOTENCY_KEY
from protocol.problems import OF_A_CUSTODIAN, OF_THE_LOCAL_SERVICE, Problem, Refusal
from protocol.readings import (
    AGENT_DIGEST_HEADER,
    AGENT_HEADER,
    PURPOSE_HEADER,
    ReadingPurpose,
)
from serving.web import PROBLEM_JSON
from serving.yaml_text import yaml_text

TITLE: Final = "Clearline registry"
VERSION: Final = "0.1.0"

_DESCRIPTION: Final = """\
Cross-carrier registry of arrears that never sees an identity. Everything but /healthz, /readyz, /openapi.json and the
access log's tree and heads is signed, unknown paths included: a stranger gets 401 wherever it knocks.

The order of checks: signature (401), path and method (404, 405), role (403), headers (400, 406, 415, 413), body digest
(401), JSON (400), shape (422), and then the business. Unknown members and query parameters are refused. Problems
(RFC 9457) have stable types and never repeat input. Every POST needs an Idempotency-Key: the same key with the same
body gives the stored answer byte for byte, with another body 422, while in flight 409.

The tokens (compact JWS) of the examples say what their examples say, and verify under the keys of
docs/spec/vectors/statements.json and tallies.json. Nobody may use those keys.
"""
_SIGNATURE: Final = """\
HTTP Message Signatures (RFC 9421), Ed25519, one signature labelled `clearline` with the parameters `created`, `keyid`,
`alg="ed25519"`, `nonce` (16 to 64 of A-Z a-z 0-9 _ -, never used before) and `tag="clearline-v1"`. It covers exactly
`@method` and `@target-uri` (the registry's public URL with raw path and query), and of `content-type`,
`content-digest` (RFC 9530, sha-256), `content-encoding`, `idempotency-key`, `clearline-incarnation`,
`clearline-purpose` and `clearline-agent-digest` those that are sent; a body needs the first two. It is good for 300
seconds. Answers to signed requests are signed the same way over `@status`, `content-type`, `content-digest`, those of
`clearline-incarnation` and `clearline-log-entry` that they carry, and the request's own method, target, digest and
signature (`;req`); streams are not.
"""


class RegistryApi(Api):
    """flask-smorest without its error handler, its error schema and its list of phrases for statuses."""

    DEFAULT_ERROR_RESPONSE_NAME = None

    def _register_error_handlers(self) -> None:
        """Errors are handled by api.problems, one table for all."""

    def _register_responses(self) -> None:
        """One response for each status of the problem table, with an example of each type."""
        given = [each for each in Problem if each not in OF_THE_LOCAL_SERVICE | OF_A_CUSTODIAN]
        for status in sorted({each.value.status for each in given}):
            types = [each for each in given if each.value.status == status]
            self.spec.components.response(f"Problem{status}", _problem_response(types))

    def _register_etag_headers(self) -> None:
        """No entity tags here: the version travels in the signed body."""

    def _register_pagination_header(self) -> None:
        """No pagination header: the body names the next page."""


def attach(app: Flask) -> RegistryApi:
    """The API object of an application; blueprints are registered on it."""
    app.config["API_TITLE"] = TITLE
    app.config["API_VERSION"] = VERSION
    app.config["OPENAPI_VERSION"] = "3.1.0"
    api = RegistryApi()
    api.init_app(app, spec_kwargs={"info": {"description": _DESCRIPTION}, "servers": [{"url": "/"}]})
    for converter in CONVERTERS.values():
        api.register_converter(converter, parameter_schema)
    components = api.spec.components
    components.security_scheme(
        "signature",
        {"type": "apiKey", "in": "header", "name": "Signature", "description": _SIGNATURE},
    )
    components.parameter("IdempotencyKey", "header", _idempotency_key())
    components.parameter("ContentEncoding", "header", _content_encoding())
    components.parameter("Incarnation", "header", _incarnation())
    components.parameter("Purpose", "header", _purpose())
    components.parameter("Agent", "header", _agent())
    components.parameter("AgentDigest", "header", _agent_digest())
    components.header("LogEntry", _log_entry())
    for name, schema in (
        ("ActivationLine", schema_of(ActivationLine)),
        ("AttestationLine", schema_of(AttestationLine)),
        ("ActivationReport", schema_of(ActivationReport)),
        ("BatchLine", schema_of(BatchLine)),
        ("RecordReport", schema_of(RecordReport)),
        ("RefusedRow", schema_of(RefusedRow)),
        ("OpeningLine", schema_of(OpeningLine)),
    ):
        components.schema(name, schema=schema)
    return api


def document(app: Flask) -> dict[str, Any]:
    """The document as JSON values, keys in a stable order."""
    door: Door = app.extensions[EXTENSION]
    return door.openapi


def render(app: Flask) -> str:
    """The text of ``openapi.yaml``: the same for every run and interpreter."""
    return "# Generated from api/ by `make openapi`; do not edit.\n" + yaml_text(document(app))


def finish(api: RegistryApi) -> dict[str, Any]:
    """The whole document with paths, methods, statuses and components in one order."""
    spec: dict[str, Any] = json.loads(json.dumps(api.spec.to_dict()))
    paths = {path: _ordered(spec["paths"][path]) for path in sorted(spec["paths"])}
    components = {kind: dict(sorted(spec["components"][kind].items())) for kind in sorted(spec["components"])}
    return {
        "openapi": spec["openapi"],
        "info": spec["info"],
        "servers": spec["servers"],
        "security": [{"signature": []}],
        "tags": spec["tags"],
        "paths": paths,
        "components": components,
    }


def _ordered(item: dict[str, Any]) -> dict[str, Any]:
    for operation in item.values():
        if isinstance(operation, dict) and "responses" in operation:
            operation["responses"] = dict(sorted(operation["responses"].items()))
    return dict(sorted(item.items()))


def _problem_response(types: list[Problem]) -> dict[str, Any]:
    examples = {each.value.name: {"value": Refusal(each).to_wire()} for each in types}
    return {
        "description": " ".join(each.value.title for each in types),
        "content": {PROBLEM_JSON: {"schema": schema_of(ProblemDocument), "examples": examples}},
    }


def _idempotency_key() -> dict[str, Any]:
    return {
        "name": IDEMPOTENCY_HEADER,
        "required": True,
        "description": "Chosen by the sender, one for each thing it wants done; covered by the signature.",
        "schema": {"type": "string", "pattern": f"^{IDEMPOTENCY_KEY}$"},
        "example": "report-2026-11-21",
    }


def _incarnation() -> dict[str, Any]:
    return {
        "name": HEADER,
        "required": False,
        "description": "The incarnation of what the request goes on with (409 in another); covered by the signature.",
        "schema": {"type": "integer", "minimum": FIRST, "maximum": MOST},
    }


def _purpose() -> dict[str, Any]:
    return {
        "name": PURPOSE_HEADER,
        "required": False,
        "description": (
            "The purpose of an office's reading (article 22); covered by the signature. Required of offices from the"
            " `context.required_from` of the rules on (422 `context-required`); 400 from a sender without an office."
        ),
        "schema": {"type": "string", "enum": list(ReadingPurpose)},
    }


def _agent() -> dict[str, Any]:
    return {
        "name": AGENT_HEADER,
        "required": False,
        "description": (
            "The member of the office's staff that reads: 32 bytes in base64url, the office's keyed reference (16) and"
            " a new salt (16). Required as the purpose is; erased by age, and signed by its digest, as a body is."
        ),
        "schema": {"type": "string", "pattern": "^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$"},
    }


def _agent_digest() -> dict[str, Any]:
    return {
        "name": AGENT_DIGEST_HEADER,
        "required": False,
        "description": f"The digest of {AGENT_HEADER} in the form of Content-Digest; covered by the signature.",
        "schema": {"type": "string", "pattern": "^sha-256=:[A-Za-z0-9+/]{43}=:$"},
    }


def _log_entry() -> dict[str, Any]:
    return {
        "description": (
            "The id of the log's entry of this reading, if it is an office's of what is not its own; covered by the"
            " signature, but for a stream."
        ),
        "schema": {"type": "string", "format": "uuid"},
    }


def _content_encoding() -> dict[str, Any]:
    return {
        "name": "Content-Encoding",
        "required": False,
        "description": "How the rows are compressed; covered by the signature.",
        "schema": {"type": "string", "enum": ["gzip", "zstd"]},
    }
