"""A whole audit by a party at the log, for the tests that want one of a real registry."""

import uuid
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from auditlog.audit.entries import Audited, audit
from auditlog.audit.findings import Findings
from auditlog.audit.openings import OpeningAudit
from auditlog.audit.proving import Prover
from auditlog.audit.state import AuditState
from auditlog.openings import each_opening
from auditlog.party import LogParty
from client.resources import log
from crypto.signing.jws import sign_compact
from crypto.tlog.checkpoint import open_checkpoint
from protocol.encodings import canonical_json
from protocol.receipts import PROMISE_TYPE, promise_claims
from tests.support.log_server import NOW, ORIGIN, REGISTRY_KEY


def audited(here: LogParty, year: int, *, state: AuditState | None = None) -> tuple[Audited, Findings]:
    """An audit of a year from its first entry to its head, with all openings that the party may read.

    ``state`` is an empty one, where the caller goes on with it.
    """
    key, findings = here.key(year), Findings()
    state = AuditState(origin=key.name, with_openings=True) if state is None else state
    with here.reader(year) as reader:
        head = open_checkpoint(reader.checkpoint(), origin=key.name, log_keys=[key])
        stream = each_opening(lambda start, limit: log.openings(here.registry, year, start, limit), 0)
        checks = OpeningAudit(stream, Prover(year=year, book=state.book, erasures=state.erasures), findings=findings)
        done = audit(
            head.checkpoint,
            reader=reader,
            state=state,
            openings=checks,
            findings=findings,
            save=lambda reached: None,
            on_progress=lambda done, total: None,
        )
    return done, findings


def promise(
    named: uuid.UUID,
    *,
    origin: str = ORIGIN,
    key: Ed25519PrivateKey = REGISTRY_KEY,
    key_id: str = "registry-1",
    **more: Any,
) -> bytes:
    claims = promise_claims(origin=origin, entry_id=named, leaf=bytes(32), accepted_at=NOW) | more
    return sign_compact(canonical_json(claims), typ=PROMISE_TYPE, key_id=key_id, private_key=key).encode()
