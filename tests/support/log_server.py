"""A log of real entries served from memory over the paths of the real one; it can be made to misbehave in every way.

It signs its answers to signed requests as the registry does, so the gateway's own clients talk to it.
"""

import base64
import datetime as dt
import hashlib
import json
import threading
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qs

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from werkzeug.serving import make_server

from crypto.errors import TlogRefused
from crypto.signing import http_message
from crypto.signing.http_message import SignedRequest
from crypto.signing.keys import public_bytes
from crypto.tlog.bundles import encode_bundle
from crypto.tlog.checkpoint import Checkpoint, parse_signed_checkpoint, sign_checkpoint
from crypto.tlog.keys import SignatureKind, VerifierKey
from crypto.tlog.merkle import Node, leaf_hash, subtree_root
from crypto.tlog.note import Note
from crypto.tlog.policy import Policy
from crypto.tlog.proof import Receipt
from crypto.tlog.proofs import prove_consistency, prove_inclusion, tree_root
from crypto.tlog.quorum import Quorum, add_cosignatures, verify_quorum
from crypto.tlog.text import base64_encode
from crypto.tlog.tiles import FULL_WIDTH, check_in_tree, parse_entries_path, parse_tile_path
from protocol.encodings import b64url_encode, canonical_json
from protocol.log_entries import EntryKind, core_json, erasure_digest, leaf_data, personal_digest, request_digest
from tests.support.logs import seeded_key

URL = "https://registry.test"
YEAR = 2026
NAME = "registry.test/log"
ORIGIN = f"{NAME}/{YEAR}"
LOG_URL = f"{URL}/log/{YEAR}"
LOG_KEY = seeded_key("served log")
REGISTRY_KEY = seeded_key("registry answers")
START = dt.datetime(2026, 3, 1, 8, tzinfo=dt.UTC)
NOW = dt.datetime(2026, 11, 21, 8, tzinfo=dt.UTC)
LOG = VerifierKey(name=ORIGIN, kind=SignatureKind.NOTE, public_key=public_bytes(LOG_KEY))


def witness_key(label: str) -> VerifierKey:
    """The cosignature key of the witness ``<label>.witness``."""
    return VerifierKey(
        name=f"{label}.witness", kind=SignatureKind.COSIGNATURE, public_key=public_bytes(seeded_key(label))
    )


def entry_id(number: int, at: dt.datetime) -> uuid.UUID:
    """A UUIDv7 of this moment."""
    return uuid.UUID(int=int(at.timestamp() * 1000) << 80 | 7 << 76 | 2 << 62 | number)


def salt(*parts: object) -> bytes:
    return hashlib.sha256("/".join(map(str, parts)).encode()).digest()


def kept_request(key: Ed25519PrivateKey, key_id: str, created: dt.datetime, nonce: str) -> dict[str, str]:
    """A request that the holder of the key signed, as the registry keeps it."""
    headers = http_message.sign_request(
        method="POST",
        target_uri=f"{URL}/v1/records",
        content_type="application/json",
        content_digest=http_message.content_digest(b"{}"),
        key_id=key_id,
        private_key=key,
        created=created,
        nonce=hashlib.sha256(nonce.encode()).hexdigest()[:24],
    )
    verified = http_message.verify_request(
        SignedRequest(method="POST", target_uri=f"{URL}/v1/records", headers=headers),
        has_body=True,
        public_key=key.public_key(),
        now=created,
    )
    base, signature = b64url_encode(verified.signature_base), b64url_encode(verified.signature)
    return {"key_id": key_id, "signature_base": base, "signature": signature}


def raw(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "==")


@dataclass
class LogServer:
    """``entries`` and ``openings`` are what is served; a head is signed by ``publish`` alone."""

    entries: list[bytes] = field(default_factory=list)
    openings: list[dict[str, Any]] = field(default_factory=list)
    notes: dict[int, Note] = field(default_factory=dict)
    size: int = 0
    log_key: Ed25519PrivateKey = LOG_KEY
    participants: dict[str, Ed25519PrivateKey] = field(default_factory=dict)
    witnesses: tuple[VerifierKey, ...] = tuple(witness_key(each) for each in ("w1", "w2", "w3"))
    witnessed: Note | None = None
    page: int = 10_000
    change: dict[str, Callable[[bytes], bytes] | int] = field(default_factory=dict)
    """By path below the log's URL: what becomes of an answer, or the status that is given instead."""
    documents: dict[str, bytes] = field(default_factory=dict)
    """By whole path: the registry's other answers, all JSON."""
    asked: list[str] = field(default_factory=list)
    levels: list[list[bytes]] = field(default_factory=lambda: [[]])
    pending: int = 0
    """So many times a receipt is not there yet."""
    now: Callable[[], dt.datetime] = lambda: NOW
    url: str = URL

    def log(
        self,
        kind: str = EntryKind.INQUIRY,
        *,
        by: str = "registry",
        facts: dict[str, str | int] | None = None,
        personal: dict[str, str | int] | None = None,
        request: dict[str, str] | None = None,
        at: dt.datetime | None = None,
    ) -> uuid.UUID:
        """Append an entry; it is published with the next head."""
        number = len(self.entries)
        at = at or START + dt.timedelta(seconds=number)
        named, core_salt = entry_id(number, at), salt("core", number)
        part = None if personal is None else canonical_json(personal)
        core = core_json(
            kind=EntryKind(kind),
            entry_id=named,
            at=at,
            participant=by,
            request_digest=None
            if request is None
            else request_digest(raw(request["signature_base"]), raw(request["signature"])),
            personal=None if part is None else personal_digest(part, salt("personal", number)),
            facts=facts or {"number": number},
        )
        opening: dict[str, Any] = {
            "index": number,
            "id": str(named),
            "core": core.decode(),
            "core_salt": b64url_encode(core_salt),
        }
        if part is not None:
            opening |= {"personal": part.decode(), "personal_salt": b64url_encode(salt("personal", number))}
        if request is not None:
            opening["request"] = request
        self.openings.append(opening)
        self.entries.append(leaf_data(core, core_salt))
        return named

    def admit(self, participant: str) -> None:
        """Log a participant's key ``<participant>-1``."""
        key = self.participants[participant] = seeded_key(participant)
        facts: dict[str, str | int] = {"participant": participant, "key": f"{participant}-1"}
        self.log(EntryKind.KEY_ADDED, facts=facts | {"public_key": public_bytes(key).hex()})

    def signed_entry(self, participant: str, **more: Any) -> uuid.UUID:
        """An entry that a participant's signed request led to."""
        at = START + dt.timedelta(seconds=len(self.entries))
        key_id = more.pop("key_id", f"{participant}-1")
        request = kept_request(self.participants[participant], key_id, more.pop("created", at), str(len(self.entries)))
        return self.log(EntryKind.REPORT_LISTED, by=more.pop("by", participant), request=request, **more)

    def erase(self, indexes: Iterable[int], at: dt.datetime | None = None) -> uuid.UUID:
        """Take personal parts away, with the entry that says so."""
        gone = [self.openings[each] for each in indexes]
        ids = [uuid.UUID(each["id"]) for each in gone]
        facts: dict[str, str | int] = {"openings": len(ids), "digest": erasure_digest(ids).hex(), "rules": "1"}
        erased_by = self.log("erasure", facts=facts, at=at)
        for each in gone:
            del each["personal"], each["personal_salt"]
            each["erased_by"] = str(erased_by)
        return erased_by

    def publish(self) -> None:
        """Sign the head of all entries."""
        self.levels = [[leaf_hash(each) for each in self.entries]]
        while len(below := self.levels[-1]) >= FULL_WIDTH:
            full = range(0, len(below) // FULL_WIDTH * FULL_WIDTH, FULL_WIDTH)
            self.levels.append([subtree_root(b"".join(below[at : at + FULL_WIDTH])) for at in full])
        self.size = len(self.entries)
        self.notes[self.size] = sign_checkpoint(self.checkpoint(), name=ORIGIN, private_key=self.log_key)

    def checkpoint(self) -> Checkpoint:
        return Checkpoint(origin=ORIGIN, size=self.size, root=tree_root(self.size, self.read))

    def read(self, nodes: Iterable[Node]) -> list[bytes]:
        found = []
        for node in nodes:
            level, within = divmod(node.level, 8)
            start, count = node.index << within, 1 << within
            found.append(subtree_root(b"".join(self.levels[level][start : start + count])))
        return found

    def receipt(self, index: int, note: Note | None = None) -> bytes:
        """The receipt of an entry under the newest head, or under a note of it."""
        signed = parse_signed_checkpoint((note or self.notes[self.size]).encode())
        size = signed.checkpoint.size
        return Receipt(index=index, hashes=prove_inclusion(index, size, self.read), signed=signed).encode()

    def policy(self) -> bytes:
        return Policy(logs=(LOG,), quorum=self._quorum()).encode()

    def _quorum(self) -> Quorum:
        n = len(self.witnesses)
        faults = (n - 1) // 3
        return Quorum(witnesses=self.witnesses, threshold=(n + faults) // 2 + 1, faults=faults)

    # What a server that lies may do.

    def put(self, index: int, entry: bytes) -> None:
        """Serve another entry under the old head."""
        self.entries[index] = entry

    def fork(self, at: int) -> None:
        """Sign another history from an index on, as long as the first one."""
        size = len(self.entries)
        del self.entries[at:], self.openings[at:]
        for number in range(at, size):
            self.log(facts={"other": number})
        self.publish()

    def truncate(self, size: int) -> None:
        """A backup was restored: what came after is gone, and a head is signed over what is left."""
        del self.entries[size:], self.openings[size:]
        self.publish()

    # HTTP

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        path, query = environ["PATH_INFO"], parse_qs(environ.get("QUERY_STRING", ""))
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        self.asked.append(path)
        inside = path.removeprefix(f"/log/{YEAR}/") if path.startswith(f"/log/{YEAR}/") else None
        try:
            status, kind, answer = self._outside(path) if inside is None else self._answer(inside, query, body)
        except TlogRefused:
            status, kind, answer = 404, "text/plain", b""
        change = self.change.get(inside or "")
        if isinstance(change, int):
            status, kind, answer = change, "text/plain", b""
        elif change is not None:
            answer = change(answer)
        headers = {"Content-Type": kind, "Content-Length": str(len(answer))}
        if "HTTP_SIGNATURE" in environ and kind != "application/x-ndjson":
            headers |= self._sign(environ, status, kind, answer)
        start_response(f"{status} .", list(headers.items()))
        return [answer]

    def _outside(self, path: str) -> tuple[int, str, bytes]:
        if path in self.documents:
            return 200, "application/json", self.documents[path]
        problem = {"type": "urn:clearline:problem:not-found", "title": "x", "status": 404}
        return 404, "application/problem+json", json.dumps(problem).encode()

    def _sign(self, environ: dict[str, Any], status: int, kind: str, answer: bytes) -> dict[str, str]:
        given = {name[5:].replace("_", "-").title(): value for name, value in environ.items() if name[:5] == "HTTP_"}
        if environ.get("CONTENT_TYPE"):
            given["Content-Type"] = environ["CONTENT_TYPE"]
        query = environ.get("QUERY_STRING", "")
        target = self.url + environ["PATH_INFO"] + (f"?{query}" if query else "")
        return http_message.sign_response(
            status=status,
            content_type=kind,
            content_digest=http_message.content_digest(answer),
            request=SignedRequest(method=environ["REQUEST_METHOD"], target_uri=target, headers=given),
            key_id="registry-1",
            private_key=REGISTRY_KEY,
            created=self.now(),
        )

    def _answer(self, path: str, query: dict[str, list[str]], body: bytes) -> tuple[int, str, bytes]:
        if path == "cosignatures":
            return self._cosignatures(body)
        if path.startswith("receipts/"):
            return self._receipt(path.removeprefix("receipts/"), query["grade"][0])
        if path == "openings":
            return 200, "application/x-ndjson", self._openings(int(query["from"][0]), int(query["limit"][0]))
        if path.startswith("tile/"):
            return 200, "application/octet-stream", self._tile(path)
        found = self._text(path, query)
        return (404, "text/plain", b"") if found is None else (200, "text/plain; charset=utf-8", found)

    def _text(self, path: str, query: dict[str, list[str]]) -> bytes | None:
        if path in {"checkpoint", "candidate-checkpoint"} and self.size in self.notes:
            return self.notes[self.size].encode()
        if path == "witnessed-checkpoint" and self.witnessed is not None:
            return self.witnessed.encode()
        if path == "policy":
            return self.policy()
        if path != "consistency" or int(query["new"][0]) > self.size:
            return None
        proof = prove_consistency(int(query["old"][0]), int(query["new"][0]), self.read)
        return "".join(f"{base64_encode(each)}\n" for each in proof).encode()

    def _tile(self, path: str) -> bytes:
        if path.startswith("tile/entries/"):
            tile = parse_entries_path(path)
            check_in_tree(tile, self.size)
            start = tile.index * FULL_WIDTH
            return encode_bundle(self.entries[start : start + tile.width])
        tile = parse_tile_path(path)
        check_in_tree(tile, self.size)
        start = tile.index * FULL_WIDTH
        return b"".join(self.levels[tile.level][start : start + tile.width])

    def _openings(self, start: int, limit: int) -> bytes:
        shown = [each for each in self.openings[: self.size] if each["index"] >= start][: min(limit, self.page)]
        following = max([start, *(each["index"] + 1 for each in shown)])
        lines = [json.dumps(each) for each in [*shown, {"end": True, "next": following, "size": self.size}]]
        return "".join(f"{line}\n" for line in lines).encode()

    def _cosignatures(self, body: bytes) -> tuple[int, str, bytes]:
        note = parse_signed_checkpoint(body).note
        known = {each.text: each for each in self.notes.values()}
        if note.text not in known:
            problem = {"type": "urn:clearline:problem:head-unknown", "title": "x", "status": 409}
            return 409, "application/problem+json", json.dumps(problem).encode()
        held = self.witnessed if self.witnessed and self.witnessed.text == note.text else known[note.text]
        signed = add_cosignatures(
            parse_signed_checkpoint(held.encode()),
            note.signatures,
            self._quorum(),
            latest=int(self.now().timestamp()) + 60,
        )
        self.witnessed = signed.note
        names = [each.name for each in signed.note.signatures if each.name != ORIGIN]
        try:
            verify_quorum(signed, self._quorum(), latest=int(self.now().timestamp()) + 60)
            quorum = True
        except TlogRefused:
            quorum = False
        answer = {"size": signed.checkpoint.size, "cosigned_by": names, "quorum": quorum}
        return 200, "application/json", canonical_json(answer)

    def _receipt(self, named: str, grade: str) -> tuple[int, str, bytes]:
        index = next((each["index"] for each in self.openings if each["id"] == named), None)
        if index is None:
            problem = {"type": "urn:clearline:problem:not-found", "title": "x", "status": 404}
            return 404, "application/problem+json", json.dumps(problem).encode()
        if self.pending or index >= self.size or (grade == "witnessed" and self.witnessed is None):
            self.pending = max(0, self.pending - 1)
            problem = {"type": "urn:clearline:problem:receipt-pending", "title": "x", "status": 409}
            return 409, "application/problem+json", json.dumps(problem).encode()
        note = self.witnessed if grade == "witnessed" else None
        return 200, "text/plain; charset=utf-8", self.receipt(index, note)


@contextmanager
def listening(log: LogServer) -> Iterator[LogServer]:
    """The same log on loopback, at the system's time."""
    log = replace(log, now=lambda: dt.datetime.now(dt.UTC))
    http = make_server("127.0.0.1", 0, log, threaded=True)
    log.url = f"http://127.0.0.1:{http.server_port}"
    thread = threading.Thread(target=http.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield log
    finally:
        http.shutdown()
        thread.join()
        http.server_close()


def filled(size: int) -> LogServer:
    """A published log of so many entries: two carriers' keys, requests, personal parts, and two erasures."""
    made = _filled(size)
    return replace(
        made,
        entries=list(made.entries),
        openings=deepcopy(made.openings),
        notes=dict(made.notes),
        participants=dict(made.participants),
        change={},
        asked=[],
    )


@lru_cache(maxsize=16)
def _filled(size: int) -> LogServer:
    server = LogServer()
    server.admit("carrier-a")
    server.admit("carrier-b")
    while len(server.entries) < min(size, 40):
        server.signed_entry("carrier-a", personal={"name": "made up"})
    if size > 50:
        server.erase([5, 7])
        server.erase([9])
    while len(server.entries) < size:
        server.log()
    server.publish()
    return server
