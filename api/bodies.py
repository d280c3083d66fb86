"""Request bodies: spooled in constant memory while they are hashed, compared with the signed digest, then parsed.

Nothing looks into a body before its digest agrees with what the sender signed.
"""

import hashlib
from tempfile import SpooledTemporaryFile
from typing import Any, Final

import flask
from marshmallow import Schema
from webargs.flaskparser import FlaskParser
from werkzeug.datastructures import MultiDict

from api.door import Body, body
from api.limits import Limits
from api.operations import JSON, NDJSON, TEXT, BodyKind
from api.problems import malformed
from protocol.problems import Problem, Refusal
from protocol.strict_json import StrictJsonError, load_object
from registry.usecases.authenticate import check_body_digest

BLOCK_BYTES: Final = 64 * 1024
ENCODINGS: Final = ("gzip", "zstd")
_MEDIA: Final = {
    BodyKind.JSON: JSON,
    BodyKind.DOCUMENT: JSON,
    BodyKind.ROWS: NDJSON,
    BodyKind.NOTE: TEXT.partition(";")[0],
}


def has_body(request: flask.Request) -> bool:
    """Tell from the framing alone whether the request has a body."""
    return bool(request.content_length) or "Transfer-Encoding" in request.headers


def check_announced(request: flask.Request, kind: BodyKind, limits: Limits) -> None:
    """Refuse a body by its headers alone where reading it would end in a refusal; raises Refusal."""
    if kind is BodyKind.NONE:
        if has_body(request):
            raise Refusal(Problem.BAD_REQUEST, detail="This operation takes no body.")
        return
    parameters = {name.lower(): value.lower() for name, value in request.mimetype_params.items()}
    if request.mimetype != _MEDIA[kind] or parameters not in ({}, {"charset": "utf-8"}):
        raise Refusal(Problem.MEDIA_TYPE)
    encoding = request.headers.get("Content-Encoding")
    if encoding is not None and (kind is not BodyKind.ROWS or encoding not in ENCODINGS):
        raise Refusal(Problem.MEDIA_TYPE)
    if (request.content_length or 0) > _most(kind, limits):
        raise Refusal(Problem.BODY_TOO_LARGE)


def spool(request: flask.Request, kind: BodyKind, limits: Limits, headers: dict[str, str]) -> Body:
    """Read the body whole into a file that starts in memory; raises Refusal BODY_TOO_LARGE or DIGEST_MISMATCH.

    The file has no name, so nothing is left behind if we die; closing it is up to the caller.
    """
    most = _most(kind, limits)
    # The stream stops at the limit too: a chunked body announces no length.
    request.max_content_length = most + 1
    sha256 = hashlib.sha256()
    file = SpooledTemporaryFile(max_size=limits.spool_memory_bytes, dir=limits.spool_directory)  # noqa: SIM115 (closed by the door)
    length = 0
    try:
        while block := request.stream.read(BLOCK_BYTES):
            length += len(block)
            _check_length(length, most)
            sha256.update(block)
            file.write(block)
        check_body_digest(headers, sha256.digest())
        file.seek(0)
    except BaseException:
        file.close()
        raise
    return Body(file=file, length=length, sha256=sha256.digest())


class StrictParser(FlaskParser):
    """Webargs with our JSON loader, our refusals, and no silent reading of a repeated query parameter."""

    DEFAULT_UNKNOWN_BY_LOCATION: dict[str, str | None] = {"json": None, "query": None}  # noqa: RUF012 (webargs' own declaration)

    def load_json(self, req: flask.Request, schema: Schema) -> Any:
        """Read the body as one strict JSON object."""
        del req, schema
        # The bytes that were read are within the bound of the operation.
        most = body().length
        try:
            return load_object(body().file.read(most + 1), max_bytes=most)
        except StrictJsonError as error:
            raise malformed(error) from None

    def load_querystring(self, req: flask.Request, schema: Schema) -> Any:
        """Read the query as single values."""
        del schema
        return single_values(req.args)


def single_values(arguments: MultiDict[str, str]) -> dict[str, str]:
    """Require each query parameter to appear once; another reader could choose the second value."""
    if any(len(values) != 1 for values in arguments.listvalues()):
        raise Refusal(Problem.BAD_REQUEST, detail="A query parameter is repeated.")
    return arguments.to_dict()


def _check_length(length: int, most: int) -> None:
    if length > most:
        raise Refusal(Problem.BODY_TOO_LARGE)


def _most(kind: BodyKind, limits: Limits) -> int:
    return {
        BodyKind.JSON: limits.json_bytes,
        BodyKind.DOCUMENT: limits.document_bytes,
        BodyKind.ROWS: limits.batch_bytes,
        BodyKind.NOTE: limits.note_bytes,
    }[kind]
