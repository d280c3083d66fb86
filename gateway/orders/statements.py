"""The tables of the file of orders, and the statements that read and write them."""

from typing import Final

SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS decision (
    order_ref BLOB NOT NULL, inquiry_id BLOB NOT NULL, decided_at INTEGER NOT NULL, decision_token TEXT NOT NULL,
    decision TEXT NOT NULL, service_class TEXT NOT NULL, lines INTEGER NOT NULL, valid_until INTEGER,
    register_state TEXT NOT NULL, address_state TEXT NOT NULL, keep_until INTEGER NOT NULL,
    CONSTRAINT pk_decision PRIMARY KEY (order_ref, inquiry_id, decided_at)
);
CREATE INDEX IF NOT EXISTS ix_decision_keep_until ON decision (keep_until);
CREATE TABLE IF NOT EXISTS report (
    order_ref BLOB NOT NULL, part INTEGER NOT NULL, revision INTEGER NOT NULL, digest BLOB NOT NULL,
    taken INTEGER NOT NULL, outcome TEXT, done_at INTEGER, inquiry_id BLOB, decided_at INTEGER,
    basis TEXT, activation_id BLOB, taken_at INTEGER, keep_until INTEGER NOT NULL,
    CONSTRAINT pk_report PRIMARY KEY (order_ref, part, revision, digest)
);
CREATE INDEX IF NOT EXISTS ix_report_keep_until ON report (keep_until);
CREATE TABLE IF NOT EXISTS answered (
    id BLOB NOT NULL, items TEXT NOT NULL, keep_until INTEGER NOT NULL, CONSTRAINT pk_answered PRIMARY KEY (id)
);
CREATE INDEX IF NOT EXISTS ix_answered_keep_until ON answered (keep_until);
CREATE TABLE IF NOT EXISTS event (
    order_ref BLOB NOT NULL, event_ref BLOB NOT NULL, keep_until INTEGER NOT NULL,
    CONSTRAINT pk_event PRIMARY KEY (order_ref, event_ref)
);
CREATE INDEX IF NOT EXISTS ix_event_keep_until ON event (keep_until);
CREATE TABLE IF NOT EXISTS probe (id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1), written INTEGER NOT NULL);
PRAGMA user_version = 1;
"""
VERSION: Final = 1
KEEP: Final = """
INSERT INTO decision VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT DO UPDATE SET decision_token = excluded.decision_token, decision = excluded.decision,
    valid_until = excluded.valid_until, keep_until = max(keep_until, excluded.keep_until)
"""
DECISIONS: Final = """
SELECT inquiry_id, decided_at, decision_token, decision, service_class, lines, valid_until,
    register_state, address_state
FROM decision WHERE order_ref = ?
"""
REPORTS: Final = """
SELECT revision, digest, taken, outcome, done_at, inquiry_id, decided_at FROM report WHERE order_ref = ? AND part = ?
"""
DEPOSIT: Final = """
SELECT activation_id FROM report
WHERE order_ref = ? AND part = ? AND taken = 1 AND outcome = 'DEPOSIT_TAKEN' AND activation_id IS NOT NULL
ORDER BY revision DESC LIMIT 1
"""
NOTE: Final = """
INSERT INTO report (order_ref, part, revision, digest, taken, outcome, done_at, inquiry_id, decided_at, keep_until)
VALUES (?, ?, ?, ?, 0, ?, ?, ?, ?, ?)
"""
TAKE: Final = """
UPDATE report SET taken = 1, basis = ?, activation_id = ?, taken_at = ?, keep_until = ?
WHERE order_ref = ? AND part = ? AND revision = ? AND digest = ?
"""
TAKE_ANOTHER: Final = """
INSERT INTO report (order_ref, part, revision, digest, taken, activation_id, taken_at, keep_until)
SELECT :order_ref, :part, :revision, x'', 1, :activation_id, :taken_at, :keep_until
WHERE NOT EXISTS (
    SELECT 1 FROM report WHERE order_ref = :order_ref AND part = :part AND revision = :revision AND taken = 1
)
"""
DROP: Final = "DELETE FROM report WHERE order_ref = ? AND part = ? AND revision = ? AND digest = ? AND taken = 0"
KEEP_LONGER: Final = "UPDATE decision SET keep_until = max(keep_until, ?) WHERE order_ref = ?"
PRUNE: Final = (
    "DELETE FROM decision WHERE rowid IN (SELECT rowid FROM decision WHERE keep_until < ? LIMIT 100)",
    "DELETE FROM report WHERE rowid IN (SELECT rowid FROM report WHERE keep_until < ? LIMIT 100)",
    "DELETE FROM answered WHERE rowid IN (SELECT rowid FROM answered WHERE keep_until < ? LIMIT 100)",
    "DELETE FROM event WHERE rowid IN (SELECT rowid FROM event WHERE keep_until < ? LIMIT 100)",
)
"""At most so much is removed by one write, whatever has gathered."""
PROBE: Final = "INSERT INTO probe VALUES (1, 1) ON CONFLICT (id) DO UPDATE SET written = written + 1"
UNREPORTED: Final = """
SELECT order_ref, inquiry_id, decision, service_class, max(decided_at) FROM decision
WHERE NOT EXISTS (SELECT 1 FROM report WHERE report.order_ref = decision.order_ref AND taken = 1)
GROUP BY order_ref ORDER BY max(decided_at), order_ref
"""
KEEP_ANSWERED: Final = "INSERT OR REPLACE INTO answered VALUES (?, ?, ?)"
ANSWERED: Final = "SELECT items FROM answered WHERE id = ?"
NOTE_EVENT: Final = "INSERT OR IGNORE INTO event VALUES (?, ?, ?)"
EVENT: Final = "SELECT 1 FROM event WHERE order_ref = ? AND event_ref = ?"
