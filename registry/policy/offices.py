"""State the roles that see and do more than a member's own affairs; routes declare their callers' roles."""

from typing import Final

from protocol.codes import Role

OFFICES: Final = frozenset({Role.ADJUDICATOR, Role.AUDITOR, Role.OPERATOR, Role.REGULATOR})
"""These roles are shown records of others; the log notes each of their readings."""
OVERSEERS: Final = frozenset({Role.AUDITOR, Role.REGULATOR})
"""These roles read what concerns others, without pseudonyms and account references."""
LOG_READERS: Final = frozenset({Role.AUDITOR, Role.REGULATOR})
"""These roles read all openings and receipts of the log; everybody else reads its own."""
RED_LIST_READERS: Final = frozenset({Role.AUDITOR, Role.OPERATOR, Role.REGULATOR})
"""These roles read every entry of the red list; a carrier reads the entries that it proposed."""
EVIDENCE_DEMANDERS: Final = frozenset({Role.ADJUDICATOR, Role.AUDITOR, Role.REGULATOR})
"""Neutral bodies: they see every demand for evidence, a creditor those of its own records."""
DISPUTE_JUDGES: Final = frozenset({Role.ADJUDICATOR})
"""These roles decide disputes, are reminded of them, and see each case with its papers."""
CASE_READERS: Final = DISPUTE_JUDGES | OVERSEERS
"""These roles read each case and each rebuttal; only judges open papers."""
TOLD_OF_RULES: Final = frozenset({Role.INQUIRER, Role.REPORTER})
"""Members with these roles get an event when a version of the rules is approved."""
WEBHOOK_READERS: Final = frozenset({Role.OPERATOR})
"""These roles read every webhook; a participant reads its own."""
