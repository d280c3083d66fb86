"""The rules at the registry: read and change the figures of all, and a creditor's own late fee."""

import datetime as dt
import hashlib
from urllib.parse import quote

from client.registry import RegistryClient
from protocol.encodings import canonical_json
from protocol.messages.rules import (
    CreditorTerms,
    CreditorTermsList,
    DayQuery,
    NewCreditorTerms,
    PublishedRules,
    Rules,
    RulesApproval,
    RulesVersion,
)
from protocol.wire.codec import write


def read_published(registry: RegistryClient, at: dt.date | None) -> PublishedRules:
    """Read the rules in force on a Beijing date, today by default, and the dates of all versions."""
    return registry.get("/v1/rules", PublishedRules, DayQuery(at=at))


def read_version(registry: RegistryClient, version: str) -> RulesVersion:
    """Read a version by its name, and its proposal and approval."""
    return registry.get(f"/v1/rules/{quote(version, safe='')}", RulesVersion)


def propose(registry: RegistryClient, rules: Rules) -> RulesVersion:
    """Propose a whole version; the same one again is the same proposal."""
    digest = hashlib.sha256(canonical_json(write(rules))).hexdigest()
    return registry.post("/v1/rules", rules, RulesVersion, key=f"rules-proposal-{digest}")


def approve(registry: RegistryClient, version: str, approval: RulesApproval) -> RulesVersion:
    """Approve the version that another participant proposed; the same again is the same approval."""
    path = f"/v1/rules/{quote(version, safe='')}/approval"
    return registry.post(path, approval, RulesVersion, key=f"rules-approval-{version}")


def read_creditor_terms(registry: RegistryClient, at: dt.date | None) -> CreditorTermsList:
    """Read the sender's own late fee on a Beijing date, today by default, and all terms that it ever set."""
    return registry.get("/v1/creditor-terms", CreditorTermsList, DayQuery(at=at))


def set_creditor_terms(registry: RegistryClient, terms: NewCreditorTerms) -> CreditorTerms:
    """Charge this late fee on records that are listed from a day on."""
    return registry.post("/v1/creditor-terms", terms, CreditorTerms)
