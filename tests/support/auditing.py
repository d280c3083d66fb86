"""An auditor who reads a log from memory, and a log whose root is made again."""

import dataclasses
import json
from pathlib import Path
from typing import Any

from auditlog.audit.entries import STRETCH, Audited, audit
from auditlog.audit.erasures import Erasures, add_from_other_years
from auditlog.audit.findings import Findings
from auditlog.audit.openings import OpeningAudit
from auditlog.audit.proving import Prover
from auditlog.audit.state import AuditState, save_state
from auditlog.openings import each_opening
from auditlog.reader import LogReader
from crypto.tlog.checkpoint import open_checkpoint
from protocol.encodings import canonical_json
from protocol.log_entries import leaf_data
from tests.support.log_server import LOG, ORIGIN, YEAR, LogServer, raw


@dataclasses.dataclass
class Auditor:
    """Audits a server, with openings or without, and remembers what was saved."""

    server: LogServer
    reader: LogReader
    state: AuditState = dataclasses.field(default_factory=lambda: AuditState(origin=ORIGIN))
    saved: list[AuditState] = dataclasses.field(default_factory=list)
    progress: list[tuple[int, int]] = dataclasses.field(default_factory=list)
    others: tuple[Erasures, ...] = ()
    path: Path | None = None
    result: Audited | None = None
    recent: int = 10_000
    stretch: int = STRETCH

    def save(self, state: AuditState) -> None:
        self.saved.append(state)
        if self.path is not None:
            save_state(self.path, state)

    def found(self, *, openings: bool = True, note: bytes | None = None) -> list[tuple[str, int]]:
        findings = Findings()
        head = open_checkpoint(note or self.reader.checkpoint(), origin=ORIGIN, log_keys=[LOG])
        checks = None
        if openings:
            add_from_other_years(self.state.erasures, self.others, YEAR)
            stream = each_opening(self.server._openings, self.state.frontier.size)
            checks = OpeningAudit(
                stream,
                Prover(year=YEAR, book=self.state.book, erasures=self.state.erasures, recent=self.recent),
                findings=findings,
            )
        self.result = audit(
            head.checkpoint,
            reader=self.reader,
            state=self.state,
            openings=checks,
            findings=findings,
            save=self.save,
            on_progress=lambda done, total: self.progress.append((done, total)),
            stretch=self.stretch,
        )
        return [(each.code, each.index) for each in findings.kept]


def reseal(server: LogServer, index: int, core: bytes | None = None, **changes: Any) -> None:
    """Another core at this place, in the public log too, as a registry could write that lies from the start."""
    opening = server.openings[index]
    document = json.loads(opening["core"]) | changes
    document = {name: value for name, value in document.items() if value is not ...}
    opening["core"] = (core or canonical_json(document)).decode()
    server.entries[index] = leaf_data(opening["core"].encode(), raw(opening["core_salt"]))
