"""Print the attestations and demands of a subject's statement as lines of Markdown."""

from collections.abc import Callable

from gateway.counter.attestation_words import METHODS, REPLIES, SENTENCES, STATES
from gateway.counter.words import Language
from protocol.beijing import beijing_date
from protocol.encodings import b64url_encode
from protocol.messages.attestations import StatedAttestation, StatedAttestationDemand

Who = Callable[[str], str]
"""Returns the name of a participant."""


def attestation_lines(item: StatedAttestation, language: Language, who: Who) -> list[str]:
    """Write an attestation, the consent that it rests on, and the way to end it."""
    words = SENTENCES[language]
    said = words["attestation"].format(who=who(item.by), band=item.band, as_of=item.as_of, until=item.until)
    consent = words["attestation-consent"].format(
        ref=b64url_encode(item.consent_ref),
        text=item.text,
        method=METHODS[item.method][language],
        given=beijing_date(item.consent_given_at),
        ends=item.consent_until,
    )
    return [f"- {said}", f"  - {consent}", f"  - {words['attestation-end']}"]


def demand_lines(item: StatedAttestationDemand, language: Language, who: Who) -> list[str]:
    """Write a demand with its answer."""
    state = STATES[item.state][language]
    said = SENTENCES[language]["attestation-demand"].format(
        who=who(item.participant),
        at=beijing_date(item.demanded_at),
        through=who(item.demanded_through),
        due=item.answer_due,
        state=state if item.reply is None else f"{state} ({REPLIES[item.reply][language]})",
    )
    return [f"- {said}"]
