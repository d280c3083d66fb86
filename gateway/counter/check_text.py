"""Put the answer of a check into sentences, in their order: what the clerk does next, and what the applicant hears.

No creditor is named: the answer names none, and the applicant opens the quote's page for that.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from gateway.counter.phrases import NAMES, PHRASES
from gateway.counter.words import (
    ALTERNATIVES,
    DECISIONS,
    KEY_STATES,
    REASONS,
    REMEDIES,
    Language,
    Words,
    yuan,
)
from protocol.codes import DecisionCode, ReasonCode, Remedy
from protocol.messages.grades import GradeTerms
from protocol.messages.inquiries import InquiryAnswer
from protocol.states import HouseholdKeyState, HouseholdKind


def texts(
    answer: InquiryAnswer,
    household_keys: Mapping[HouseholdKind, HouseholdKeyState],
    language: Language,
    grade: GradeTerms | None = None,
) -> dict[str, list[str]]:
    """Write the sentences for ``clerk`` and ``applicant``; the words of a grade's reasons are those of its rules."""
    said = _Said(answer=answer, household_keys=household_keys, language=language, grade=grade)
    return {"clerk": list(said.to_the_clerk()), "applicant": list(said.to_the_applicant())}


def applicants_remedy(remedy: Remedy, reasons: Collection[ReasonCode], language: Language) -> str:
    """Write the applicant's sentence of a remedy."""
    if remedy is Remedy.DISPUTE_RECORD and ReasonCode.OWN_ARREARS not in reasons:
        # Only the debtor disputes a debt, and the debtor is somebody else of the household.
        return PHRASES[language]["dispute-of-another"]
    return REMEDIES[remedy][language].applicant


@dataclass(frozen=True, slots=True, kw_only=True)
class _Said:
    answer: InquiryAnswer
    household_keys: Mapping[HouseholdKind, HouseholdKeyState]
    language: Language
    grade: GradeTerms | None

    def to_the_clerk(self) -> Iterator[str]:
        """Verification first, then why, what to do and what else there is; last by which keys was looked."""
        verify = Remedy.VERIFY_AT_COUNTER
        if verify in self.answer.remedies:
            yield REMEDIES[verify][self.language].clerk
        yield from (REASONS[each][self.language].clerk for each in self.answer.reasons)
        yield from self._credit("grade-to-clerk")
        yield from self._limit()
        yield from self._quote()
        yield DECISIONS[self.answer.decision][self.language].clerk
        yield from self._deposit("deposit-to-clerk")
        yield from (words.clerk.format(amount=amount) for words, amount in self._alternatives())
        yield from (REMEDIES[each][self.language].clerk for each in self.answer.remedies if each is not verify)
        yield from (words.clerk.format(key=key) for words, key in self._keys())

    def to_the_applicant(self) -> Iterator[str]:
        """The reasons, the sum, the decision, the alternatives at once, and the remedies, as sentences."""
        yield from (REASONS[each][self.language].applicant for each in self.answer.reasons)
        yield from self._credit("grade-to-applicant")
        yield from self._quote()
        yield DECISIONS[self.answer.decision][self.language].applicant
        yield from self._deposit("deposit-to-applicant")
        yield from (words.applicant.format(amount=amount) for words, amount in self._alternatives())
        for remedy in self.answer.remedies:
            yield applicants_remedy(remedy, self.answer.reasons, self.language)
        if HouseholdKeyState.GIVEN in self.household_keys.values():
            yield from (words.applicant.format(key=key) for words, key in self._keys())

    def _credit(self, phrase: str) -> Iterator[str]:
        """Say the grade with its reasons in words; of a version of the rules that is not at hand, the letter alone."""
        credit = self.answer.credit
        if credit is not None:
            worded = {} if self.grade is None else {each.code: each for each in self.grade.reasons}
            stops = {Language.ZH: ("；", "："), Language.EN: ("; ", ": ")}
            between, begins = stops[self.language]
            known = between.join(getattr(worded[each], self.language) for each in credit.reasons if each in worded)
            reasons = begins + known if known else ""
            yield PHRASES[self.language][phrase].format(grade=credit.grade, reasons=reasons)

    def _limit(self) -> Iterator[str]:
        """Say the limit to the clerk alone: it is the carrier's to grant. A letter without one says nothing."""
        credit = self.answer.credit
        if credit is not None and credit.limit_fen:
            yield PHRASES[self.language]["limit"].format(limit=yuan(credit.limit_fen))

    def _deposit(self, phrase: str) -> Iterator[str]:
        """Say the deposit that is asked for, and when it comes back."""
        credit = self.answer.credit
        if credit is not None and self.grade is not None and self.answer.decision is DecisionCode.DEPOSIT:
            terms = self.grade.deposit
            yield PHRASES[self.language][phrase].format(
                amount=yuan(credit.deposit_fen), bills=terms.bills_in_time, months=terms.months
            )

    def _quote(self) -> Iterator[str]:
        quote = self.answer.quote
        if quote is not None:
            phrases = PHRASES[self.language]
            yield phrases["quote-of-one" if quote.creditors == 1 else "quote"].format(
                total=yuan(quote.total_fen),
                companies=quote.creditors,
                services=phrases["and"].join(NAMES[each][self.language] for each in quote.service_classes),
            )

    def _alternatives(self) -> Iterator[tuple[Words, str]]:
        """Pair each alternative's words with its sum; one of a later release has no words here and is left out."""
        for each in self.answer.alternatives:
            if each.kind in ALTERNATIVES:
                yield ALTERNATIVES[each.kind][self.language], yuan(each.amount_fen or 0)

    def _keys(self) -> Iterator[tuple[Words, str]]:
        for kind, state in self.household_keys.items():
            yield KEY_STATES[state][self.language], NAMES[kind][self.language]
