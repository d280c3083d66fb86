"""Write the reasons of a decision with labels that an applicant may read."""

from collections.abc import Iterator

from gateway.counter.check_text import applicants_remedy
from gateway.counter.phrases import NAMES
from gateway.counter.words import KEY_STATES, REASONS, Language
from gateway.tmf.answers import AnsweredItem, EligibilityResultReason
from protocol.states import HouseholdKeyState, HouseholdKind


def reasons_of(codes: AnsweredItem, language: Language) -> tuple[EligibilityResultReason, ...]:
    """List reasons, remedies, and the household keys by which nobody was looked for."""
    return tuple(
        EligibilityResultReason(type_="EligibilityResultReason", code=code, label=label)
        for code, label in _labelled(codes, language)
    )


def _labelled(codes: AnsweredItem, language: Language) -> Iterator[tuple[str, str]]:
    for reason in codes.reasons:
        yield reason.value, REASONS[reason][language].applicant
    for remedy in codes.remedies:
        yield remedy.value, applicants_remedy(remedy, codes.reasons, language)
    for kind, state in ((HouseholdKind.REGISTER, codes.register), (HouseholdKind.ADDRESS, codes.address)):
        if state is not HouseholdKeyState.GIVEN:
            label = KEY_STATES[state][language].applicant.format(key=NAMES[kind][language])
            yield f"{kind.value}_{state.value}", label
