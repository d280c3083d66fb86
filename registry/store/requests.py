"""Use up the nonces of signed requests, and keep the requests that were accepted."""

import datetime as dt
import uuid
from collections.abc import Collection, Sequence
from typing import Final

import sqlalchemy as sa

from registry.domain.requests import KeptRequest
from registry.store import columns
from registry.store.prepared import ByKeys, Insert
from registry.store.repository import Repository, fan_out

request_nonce: Final = sa.Table(
    "request_nonce",
    columns.metadata,
    columns.text("key_id", 64),
    columns.text("nonce", 64),
    columns.time("seen_at"),
    sa.PrimaryKeyConstraint("key_id", "nonce"),
    sa.Index(None, "seen_at"),
    info=columns.BY_SIGNING_KEY,
    sqlite_with_rowid=False,
)

signed_request: Final = sa.Table(
    "signed_request",
    columns.metadata,
    columns.text("participant_id", 64),
    columns.uuid("request_id"),
    columns.text("key_id", 64),
    columns.octets("signature_base"),
    columns.octets("signature"),
    columns.time("received_at"),
    sa.PrimaryKeyConstraint("participant_id", "request_id"),
    columns.references(["participant_id"], "participant"),
    info=columns.BY_PARTICIPANT,
)

_USE: Final = Insert(request_nonce, new_only=True)
USED: Final = ByKeys(
    sa.select(request_nonce.c.key_id, request_nonce.c.nonce), request_nonce.c.key_id, request_nonce.c.nonce
)
"""The used ones of these nonces under any of these signing keys."""
_FORGET: Final = sa.delete(request_nonce).where(request_nonce.c.seen_at < sa.bindparam("before"))
_KEEP: Final = Insert(signed_request)
_FIND: Final = sa.select(signed_request).where(
    signed_request.c.participant_id == sa.bindparam("sender"),
    signed_request.c.request_id.in_(sa.bindparam("ids", expanding=True)),
)


class Requests(Repository):
    """Distribution keys: ``key_id`` for nonces, ``participant_id`` for evidence."""

    def use_nonce(self, key_id: str, nonce: str, seen_at: dt.datetime) -> bool:
        """Use a nonce up; returns False when this key has used it before. Of two calls at once, one gets False."""
        return _USE.run_rows(self._connection, [(key_id, nonce, seen_at)]) == 1

    def use_nonces(self, rows: Sequence[tuple[str, str, dt.datetime]]) -> None:
        """Use up different nonces, given with their keys and times; raises Overtaken if one was used meanwhile."""
        _USE.add_rows(self._connection, sorted(rows))

    @fan_out
    def forget_nonces(self, before: dt.datetime) -> int:
        """Delete the nonces of requests that their age alone excludes; returns the number deleted."""
        return self._connection.execute(_FORGET, {"before": before}).rowcount

    def keep(self, *requests: KeptRequest) -> None:
        _KEEP.add(self._connection, requests)

    def find(self, participant_id: str, request_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, KeptRequest]:
        """Read the stored ones of these requests of one participant: at most some thousands."""
        if not request_ids:
            return {}
        requests = self._all(KeptRequest, _FIND, sender=participant_id, ids=list(request_ids))
        return {each.request_id: each for each in requests}
