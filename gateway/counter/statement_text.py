"""Print a subject's statement for the person: Markdown in its language, without codes that only engineers read."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any

from gateway.counter.activation_words import ACTIVATION_REASONS, BASES, OUTCOMES
from gateway.counter.attestation_text import attestation_lines, demand_lines
from gateway.counter.deposit_text import deposit_lines
from gateway.counter.review_words import REVIEW_OUTCOMES, REVIEW_REASONS
from gateway.counter.statement_words import WORDS
from gateway.counter.words import Language, yuan
from protocol.beijing import beijing_date
from protocol.codes import SettlementKind
from protocol.messages import statements as messages
from protocol.messages.disassociations import Rebuttal
from protocol.messages.grades import StatedGrade
from protocol.messages.red_list import RedListEntry
from protocol.messages.settlements import StatedClearance, StatedPayment
from protocol.states import DisputeState


def render(statement: messages.Statement, language: Language) -> str:
    """Write the statement as Markdown."""
    return _Page(language=language, words=WORDS[language], names=_names(statement), statement=statement).text()


def _day(moment: dt.datetime) -> dt.date:
    return beijing_date(moment)


def _names(statement: messages.Statement) -> dict[str, messages.NamedParticipant]:
    return {each.participant_id: each for each in statement.participants}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Page:
    language: Language
    words: Mapping[str, str]
    names: Mapping[str, messages.NamedParticipant]
    statement: messages.Statement

    def text(self) -> str:
        """Write the heading, the sections that are not empty, and the reader's remedies."""
        said = self.statement
        lines = [f"# {self.words['title']}", "", self._say("given", day=said.given_on, id=said.statement_id)]
        counted = "free" if said.free else "charged"
        lines += ["", self._say(counted, left=said.free_left, year=said.terms.free_statements_a_year)]
        sections: dict[str, Iterable[list[str]]] = {
            "records": map(self._record, said.records),
            "transfers": map(self._transfer, said.transfers),
            "disputes": map(self._dispute, said.disputes),
            "evidence_demands": map(self._demand, said.evidence_demands),
            "plans": map(self._plan, said.plans),
            "inquiries": map(self._inquiry, said.inquiries),
            "households": map(self._household, said.households),
            "weighed_for_others": map(self._weight, said.weighed_for_others),
            "collections": map(self._collection, said.collections),
            "deposits": (deposit_lines(each, self.language, self._who) for each in said.deposits),
            "archived": map(self._archived, said.archived),
            "rebuttals": map(self._rebuttal, said.rebuttals),
            "clearances": map(self._clearance, said.clearances),
            "victim_markers": map(self._marker, said.victim_markers),
            "red_list": map(self._entry, said.red_list),
            "attestations": (attestation_lines(each, self.language, self._who) for each in said.attestations),
            "attestation_demands": (demand_lines(each, self.language, self._who) for each in said.attestation_demands),
            "earlier_statements": map(self._earlier, said.earlier_statements),
        }
        written = {name: list(chain.from_iterable(members)) for name, members in sections.items()}
        if said.grade is not None:
            lines += ["", f"## {self.words['grade']}", "", *self._grade(said.grade)]
        if not any(written.values()):
            lines += ["", self.words["nothing"]]
        for name, section in written.items():
            if section:
                lines += ["", f"## {self.words[name]}", "", *section]
        return "\n".join([*lines, "", *self._help()]) + "\n"

    def _say(self, name: str, **values: Any) -> str:
        """Fill a sentence in; ``who`` is the counter by default."""
        return self.words[name].format(**{"who": self._who(self.statement.asked_through), **values})

    def _who(self, participant_id: str) -> str:
        named = self.names.get(participant_id)
        return participant_id if named is None else named.name

    def _contact(self, participant_id: str) -> str | None:
        named = self.names.get(participant_id)
        return None if named is None else named.contact

    def _word(self, code: str | None) -> str:
        return self.words.get(code or "-", code or "")

    def _debt(self, number: int | None) -> str:
        return self.words["unknown"] if number is None else str(number)

    def _grade(self, item: StatedGrade) -> list[str]:
        """Say the letter, its reasons, and where it counts."""
        reasons = [f"  - {getattr(each, self.language)}" for each in item.reasons]
        told = self._say("grade-of-today", grade=item.grade, days=item.history_days)
        return [f"- {told}", *reasons, f"- {self.words['grade-counts']}"]

    def _record(self, item: messages.StatedRecord) -> list[str]:
        who = self._who(item.creditor)
        head = self._say(
            "record",
            number=item.number,
            service=self._word(item.service_class),
            who=who,
            state=self._word(item.state),
        )
        lines = [f"### {head}", "", f"- {self.words['blocks' if item.blocks else 'blocks-not']}"]
        due = item.owed
        if due is None:
            lines.append(f"- {self.words['owed-not']}")
            if item.turn_to is not None:
                contact = self._contact(item.turn_to) or "-"
                turn = self._say("turn-to", buyer=self._who(item.turn_to), who=who, contact=contact)
                lines.append(f"- {turn}")
        else:
            owed = self._say(
                "owed",
                day=self.statement.given_on,
                total=yuan(due.total_fen),
                principal=yuan(due.principal_fen),
                fee=yuan(due.late_fee_fen),
                costs=yuan(due.costs_fen),
            )
            lines += [f"- {owed}", f"- {self._say('pay', contact=self._contact(item.creditor) or who)}"]
        dates = self._say(
            "dates",
            due=item.due_date,
            notice=item.notice_date,
            channel=self._word(item.notice_channel),
            enforceable=item.enforceable_from,
            listed=item.listed_on,
            expires=item.expires_on,
        )
        happened = self.words["then"].join(f"{_day(each.at)} {self._word(each.state)}" for each in item.history)
        paid = map(self._payment, item.payments)
        return [*lines, f"- {dates}", f"- {self._say('history', events=happened)}", *paid, ""]

    def _payment(self, item: StatedPayment) -> str:
        undone = "" if item.reversed_at is None else self._say("undone", day=_day(item.reversed_at))
        is_waiver = item.kind is SettlementKind.WAIVER
        waived = self._say("waived", amount=yuan(item.waived_fen)) if item.waived_fen and not is_waiver else ""
        said = self._say(
            "waiver" if is_waiver else "payment",
            day=_day(item.settled_at),
            received=_day(item.received_at),
            amount=yuan(item.amount_fen),
        )
        return f"  - {said}{waived}{undone}"

    def _dispute(self, item: messages.StatedDispute) -> list[str]:
        outcome = "" if item.outcome is None else f", {self._word(item.outcome)}"
        said = self._say(
            "dispute",
            id=item.dispute_id,
            record=self._debt(item.record),
            ground=self._word(item.ground),
            state=self._word(item.state),
            outcome=outcome,
            filed=item.filed_on,
            who=self._who(item.filed_through),
            answer_due=item.answer_due,
            close_due=item.close_due,
            documents=item.documents,
        )
        is_beside = item.state is not DisputeState.CLOSED and not item.stops_enforcement
        return [f"- {said}{' ' + self.words['dispute-beside'] if is_beside else ''}"]

    def _transfer(self, item: messages.StatedTransfer) -> list[str]:
        said = self._say(
            "transfer",
            day=_day(item.at),
            record=self._debt(item.record),
            seller=self._who(item.seller),
            buyer=self._who(item.buyer),
        )
        return [f"- {said}"]

    def _demand(self, item: messages.StatedDemand) -> list[str]:
        bill = "" if item.bill is None else f" {item.bill}"
        said = self._say(
            "demand",
            day=_day(item.demanded_at),
            who=self._who(item.demanded_by),
            document=self._word(item.document) + bill,
            record=self._debt(item.record),
            due=item.answer_due,
            state=self._word(item.state),
        )
        return [f"- {said}"]

    def _plan(self, item: messages.StatedPlan) -> list[str]:
        parts = ", ".join(f"{each.due_date}: {yuan(each.amount_fen)}" for each in item.instalments)
        said = self._say("plan", record=self._debt(item.record), state=self._word(item.state), parts=parts)
        return [f"- {said}"]

    def _inquiry(self, item: messages.StatedInquiry) -> list[str]:
        said = self._say(
            "inquiry",
            at=_day(item.at),
            who=self._who(item.participant),
            service=self._word(item.service_class),
            decision=self._word(item.decision),
            reasons=", ".join(self._word(each) for each in item.reasons),
        )
        grade = "" if item.grade is None else self._say("inquiry-grade", grade=item.grade)
        return [
            f"- {said}{grade}{self._circumstances(item)}",
            *map(self._recheck, item.rechecks),
            *self._followed(item),
        ]

    def _recheck(self, check: messages.StatedRecheck) -> str:
        return f"  - {self._say('rechecked', at=_day(check.at), decision=self._word(check.decision))}"

    def _followed(self, item: messages.StatedInquiry) -> Iterator[str]:
        """Say what the inquirer told of the order: its reviews, and each revision of its outcome."""
        for review in item.reviews:
            outcome = REVIEW_OUTCOMES[review.outcome][self.language].name
            reason = REVIEW_REASONS[review.reason][self.language].name
            late = self.words["reviewed-late"] if review.late else ""
            days = {"at": _day(review.at), "asked": _day(review.asked_at)}
            yield f"  - {self._say('reviewed', **days, outcome=outcome, why=reason, late=late)}"
        for told in item.activations:
            reason = "" if told.reason is None else ACTIVATION_REASONS[told.reason][self.language].name
            said = self._say(
                "followed",
                at=_day(told.at),
                outcome=OUTCOMES[told.outcome][self.language].name,
                why=self._say("why", reason=reason) if reason else "",
                basis=BASES[told.basis][self.language].name,
            )
            yield f"  - {said}"

    def _circumstances(self, item: messages.StatedInquiry) -> str:
        """Say why and where it was asked, as far as the inquirer told."""
        if item.purpose is None or item.channel is None:
            return ""
        purpose, channel = self._word(item.purpose), self._word(item.channel)
        name = "circumstances" if item.outlet is None else "circumstances-at"
        return self._say(name, purpose=purpose, channel=channel, outlet=item.outlet)

    def _household(self, item: messages.StatedHousehold) -> list[str]:
        name = "household" if item.ended_on is None else "household-ended"
        record, kind = self._debt(item.record), self._word(item.kind)
        return [f"- {self._say(name, record=record, kind=kind, since=item.since, ended=item.ended_on)}"]

    def _weight(self, item: messages.StatedWeight) -> list[str]:
        who, record = self._who(item.participant), self._debt(item.record)
        return [f"- {self._say('weight', day=item.on, who=who, record=record)}"]

    def _collection(self, item: messages.StatedCollection) -> list[str]:
        state = self._word("REVERSED" if item.reversed_at is not None else item.state)
        said = self._say(
            "collection",
            day=_day(item.collected_at),
            amount=yuan(item.amount_fen),
            who=self._who(item.collector),
            creditor=self._who(item.creditor),
            state=state,
        )
        return [f"- {said}"]

    def _archived(self, item: messages.ArchivedRecord) -> list[str]:
        said = self._say(
            "archived-debt",
            who=self._who(item.creditor),
            state=self._word(item.state),
            listed=item.listed_on,
            closed=_day(item.closed_at),
            purge=item.purge_on,
        )
        return [f"- {said}"]

    def _rebuttal(self, item: Rebuttal) -> list[str]:
        households = ", ".join(self._word(each) for each in item.households)
        said = self._say(
            "rebuttal",
            households=households,
            ground=self._word(item.ground),
            state=self._word(item.state),
            filed=_day(item.filed_at),
            who=self._who(item.filed_by),
            until=item.until,
        )
        return [f"- {said}"]

    def _clearance(self, item: StatedClearance) -> list[str]:
        state = self._word(item.state)
        read = [f"  - {self._say('reading', at=_day(each.at), who=self._who(each.by))}" for each in item.readings]
        return [f"- {self._say('clearance', id=item.clearance_id, at=_day(item.issued_at), state=state)}", *read]

    def _marker(self, item: messages.StatedMarker) -> list[str]:
        return [f"- {self._say('marker', until=item.until)}"]

    def _entry(self, item: RedListEntry) -> list[str]:
        said = self._say("entry", ground=self._word(item.ground), state=self._word(item.state), until=item.expires_on)
        return [f"- {said}"]

    def _earlier(self, item: messages.EarlierStatement) -> list[str]:
        return [f"- {self._say('earlier', at=_day(item.given_at), who=self._who(item.asked_through))}"]

    def _help(self) -> list[str]:
        terms = self.statement.terms
        return [
            f"## {self.words['help']}",
            "",
            f"- {self.words['help-pay']}",
            f"- {self._say('help-dispute', answer=terms.dispute_answer_days, close=terms.dispute_close_days)}",
            f"- {self._say('help-household', months=terms.rebuttal_months)}",
            f"- {self._say('help-expiry', years=terms.record_years)}",
        ]
