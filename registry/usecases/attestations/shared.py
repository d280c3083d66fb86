"""Share the terms of attestations, their entries in the log, and their end."""

from collections.abc import Sequence

from protocol.attestations import AttestationState
from protocol.encodings import format_time
from protocol.log_entries import EntryKind
from protocol.messages.grades import AttestationTerms
from protocol.messages.rules import Rules
from registry.domain.attestations import Attestation
from registry.domain.log import LogEntry
from registry.usecases.act import Act

GIVEN_KINDS = (EntryKind.ATTESTATION_GIVEN, EntryKind.ATTESTATION_REPLACED)
"""The kinds of entries whose personal part has an attestation with its consent."""


def terms_of(rules: Rules) -> AttestationTerms | None:
    """Return the terms of attestations in a version of the rules; None where it allows none."""
    return None if rules.grade is None or not rules.grade.attestations.allowed else rules.grade.attestations


def may_be_held(act: Act) -> bool:
    """Tell whether any version of the rules that has been in force by today allowed attestations."""
    return any(terms_of(each) is not None for each in act.book.versions if each.effective_from <= act.today)


def given_entry(act: Act, new: Attestation, before: Attestation | None) -> LogEntry:
    """Build the entry of an attestation; all that it says is in the part that its withdrawal erases."""
    facts = {"rules": act.rules.version}
    if before is not None:
        facts["before"] = str(before.attestation_id)
    return act.entry(
        EntryKind.ATTESTATION_GIVEN if before is None else EntryKind.ATTESTATION_REPLACED,
        new.log_entry_id,
        facts,
        subject_key=new.subject_key,
        personal={
            "subject": new.subject_key.hex(),
            "account": new.account_ref.hex(),
            "band": new.band,
            "as_of": new.as_of.isoformat(),
            "until": new.until.isoformat(),
            "consent": new.consent_ref.hex(),
            "text": new.consent_text,
            "method": new.consent_method.value,
            "consent_given_at": format_time(new.consent_given_at),
            "consent_until": new.consent_ends.isoformat(),
            "document": new.document_digest.hex(),
        },
    )


def end(act: Act, ended: Sequence[Attestation], state: AttestationState) -> None:
    """Log the end of attestations and delete their rows; the caller has the subjects' locks."""
    act.tx.openings.append(
        [
            act.entry(
                EntryKind.ATTESTATION_ENDED,
                act.new_id(),
                {"attestation": str(each.attestation_id), "state": state.value, "rules": act.rules.version},
                subject_key=each.subject_key,
            )
            for each in ended
        ]
    )
    act.tx.attestations.remove(ended)
    # A step of its own checks whether anything else keeps the subject.
    act.tx.idle_subjects.look_again({each.subject_key: act.today for each in ended})
