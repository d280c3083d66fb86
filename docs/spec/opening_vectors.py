"""Writes vectors of docs/spec/transparency-log.md: opening lines, as an auditor reads them, and altered ones."""

# ruff: noqa: INP001 (a script's part, beside the pages it serves)

import datetime as dt
import json
import uuid
from collections.abc import Mapping
from typing import Any, Final

from crypto.signing import http_message
from crypto.signing.http_message import Verified
from crypto.signing.keys import public_bytes
from crypto.tlog.merkle import leaf_hash
from docs.spec.fixed import NOW, signing_key, stream
from docs.spec.signature_vectors import BODY, a_post
from protocol.encodings import b64url_encode
from protocol.log_entries import (
    EntryKind,
    core_json,
    erasure_digest,
    leaf_data,
    personal_digest,
    request_digest,
)

YEAR: Final = NOW.year
PERSONAL: Final = b'{"account":"A-1"}'
ALTERED: Final[Mapping[str, tuple[int, dict[str, Any]]]] = {
    "opening-mismatch": (0, {"core_salt": b64url_encode(bytes(32))}),
    "opening-id": (3, {"id": "019d0000-0000-7000-8000-000000000000"}),
    "personal-mismatch": (1, {"personal": '{"account":"A-2"}'}),
    "personal-missing": (1, {"personal": None, "personal_salt": None}),
    "request-missing": (1, {"request": None}),
    "erasure-undone": (1, {"erased_by": "01a1fd1e-8c03-7000-8000-000000000003"}),
    "personal-unasked": (0, {"personal": '{"account":"A-1"}', "personal_salt": b64url_encode(bytes(32))}),
}
"""A code, the index of the line, and the changes of its members; None removes one."""


def content() -> dict[str, object]:
    """Write four consecutive entries: a key, a request that it signed, an erased entry, and the erasure."""
    public_key = public_bytes(signing_key("carrier a"))
    facts: dict[str, str | int] = {"key": "carrier-a-1", "participant": "carrier-a", "public_key": public_key.hex()}
    taken: dict[str, str | int] = {"openings": 1, "digest": erasure_digest([entry_id(2)]).hex(), "rules": "2026-01"}
    lines = [
        _line(0, EntryKind.KEY_ADDED, "operator", facts),
        _line(1, EntryKind.INQUIRY, "carrier-a", {"decision": "ALLOW"}, personal=PERSONAL, request=_request()),
        _line(
            2,
            EntryKind.RECORD_TRANSITION,
            "carrier-a",
            {"edge": "ACTIVE>CLOSED"},
            personal=PERSONAL,
            erased_by=entry_id(3),
        ),
        _line(3, EntryKind.ERASURE, "registry", taken),
    ]
    entries = [leaf_data(line["core"].encode(), _salt("core", line["index"])) for line in lines]
    return {
        "year": YEAR,
        "entries_hex": [each.hex() for each in entries],
        "leaf_hashes_hex": [leaf_hash(each).hex() for each in entries],
        "lines": [_text(line) for line in lines],
        "closing": _text({"end": True, "next": len(lines), "size": len(lines)}),
        "refused_lines": [
            {"refused": code, "index": index, "line": _text(_changed(lines[index], change))}
            for code, (index, change) in ALTERED.items()
        ],
    }


def entry_id(index: int) -> uuid.UUID:
    """Make a UUIDv7 of the vectors' moment plus ``index`` milliseconds."""
    return uuid.UUID(int=_milliseconds(index) << 80 | 7 << 76 | 2 << 62 | index)


def _milliseconds(index: int) -> int:
    return int(NOW.timestamp() * 1000) + index


def _salt(part: str, index: int) -> bytes:
    return stream(f"{part} salt {index}")(32)


def _request() -> Verified:
    return http_message.verify_request(
        a_post(), has_body=bool(BODY), public_key=signing_key("carrier a").public_key(), now=NOW
    )


def _line(
    index: int,
    kind: EntryKind,
    by: str,
    facts: Mapping[str, str | int],
    *,
    personal: bytes | None = None,
    request: Verified | None = None,
    erased_by: uuid.UUID | None = None,
) -> dict[str, Any]:
    salt = _salt("personal", index)
    core = core_json(
        kind=kind,
        entry_id=entry_id(index),
        at=NOW + dt.timedelta(milliseconds=index),
        participant=by,
        request_digest=None if request is None else request_digest(request.signature_base, request.signature),
        personal=None if personal is None else personal_digest(personal, salt),
        facts=facts,
    )
    line: dict[str, Any] = {
        "index": index,
        "id": str(entry_id(index)),
        "core": core.decode(),
        "core_salt": b64url_encode(_salt("core", index)),
    }
    if erased_by is not None:
        line["erased_by"] = str(erased_by)
    elif personal is not None:
        line |= {"personal": personal.decode(), "personal_salt": b64url_encode(salt)}
    if request is not None:
        line["request"] = {
            "key_id": "carrier-a-1",
            "signature_base": b64url_encode(request.signature_base),
            "signature": b64url_encode(request.signature),
        }
    return line


def _changed(line: Mapping[str, Any], change: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in {**line, **change}.items() if value is not None}


def _text(line: Mapping[str, Any]) -> str:
    return json.dumps(line, sort_keys=True, separators=(",", ":"))
