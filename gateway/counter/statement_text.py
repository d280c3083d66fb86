"""Prints a subject's statement for the person: Markdown in its language, no code that only an engineer reads."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gateway.counter.statement_words import WORDS, Language
from protocol.beijing import beijing_date
from protocol.encodings import parse_moment

_Item = Mapping[str, Any]


def render(statement: _Item, language: Language) -> str:
    """The statement as Markdown; what a later registry adds and these words do not know is left out."""
    return _Page(words=WORDS[language], names=_names(statement), statement=statement).text()


def yuan(fen: int) -> str:
    """Fen as yuan with two decimals."""
    return f"{fen // 100:,}.{fen % 100:02d}"


def _day(moment: str) -> str:
    return beijing_date(parse_moment(moment)).isoformat()


def _names(statement: _Item) -> dict[str, _Item]:
    return {each["participant_id"]: each for each in statement["participants"]}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Page:
    words: Mapping[str, str]
    names: Mapping[str, _Item]
    statement: _Item

    def text(self) -> str:
        """The page: heading, sections that have something, and what the reader can do."""
        said = self.statement
        lines = [f"# {self.words['title']}", "", self._say("given", day=said["given_on"], id=said["statement_id"])]
        counted = "free" if said["free"] else "charged"
        lines += ["", self._say(counted, left=said["free_left"], year=said["terms"]["free_statements_a_year"])]
        sections = {
            "records": self._record,
            "transfers": self._transfer,
            "disputes": self._dispute,
            "evidence_demands": self._demand,
            "plans": self._plan,
            "inquiries": self._inquiry,
            "households": self._household,
            "weighed_for_others": self._weight,
            "collections": self._collection,
            "archived": self._archived,
            "rebuttals": self._rebuttal,
            "clearances": self._clearance,
            "victim_markers": self._marker,
            "red_list": self._entry,
            "earlier_statements": self._earlier,
        }
        if not any(said[name] for name in sections):
            lines += ["", self.words["nothing"]]
        for name, item in sections.items():
            if said[name]:
                lines += ["", f"## {self.words[name]}", "", *(line for each in said[name] for line in item(each))]
        return "\n".join([*lines, "", *self._help()]) + "\n"

    def _say(self, name: str, **values: Any) -> str:
        """A sentence; ``who`` is the counter unless it is given."""
        return self.words[name].format(**{"who": self._who(self.statement["asked_through"]), **values})

    def _who(self, participant_id: str) -> str:
        named = self.names.get(participant_id)
        return participant_id if named is None else str(named["name"])

    def _word(self, code: str | None) -> str:
        return self.words.get(code or "-", code or "")

    def _debt(self, number: int | None) -> str:
        return self.words["unknown"] if number is None else str(number)

    def _record(self, item: _Item) -> list[str]:
        who = self._who(item["creditor"])
        head = self._say(
            "record",
            number=item["number"],
            service=self._word(item["service_class"]),
            who=who,
            state=self._word(item["state"]),
        )
        lines = [f"### {head}", "", f"- {self.words['blocks' if item['blocks'] else 'blocks-not']}"]
        due = item["owed"]
        if due is None:
            lines.append(f"- {self.words['owed-not']}")
            if item.get("turn_to") is not None:
                contact = self.names.get(item["turn_to"], {}).get("contact")
                turn = self._say("turn-to", buyer=self._who(item["turn_to"]), who=who, contact=contact or "-")
                lines.append(f"- {turn}")
        else:
            parts = {name: yuan(due[f"{name}_fen"]) for name in ("total", "principal", "costs")}
            owed = self._say("owed", day=self.statement["given_on"], fee=yuan(due["late_fee_fen"]), **parts)
            lines.append(f"- {owed}")
            contact = self.names.get(item["creditor"], {}).get("contact")
            lines.append(f"- {self._say('pay', contact=contact or who)}")
        dates = self._say(
            "dates",
            due=item["due_date"],
            notice=item["notice_date"],
            channel=self._word(item["notice_channel"]),
            enforceable=item["enforceable_from"],
            listed=item["listed_on"],
            expires=item["expires_on"],
        )
        happened = self.words["then"].join(
            f"{_day(each['at'])} {self._word(each['state'])}" for each in item["history"]
        )
        return [*lines, f"- {dates}", f"- {self._say('history', events=happened)}", ""]

    def _dispute(self, item: _Item) -> list[str]:
        outcome = "" if item["outcome"] is None else f", {self._word(item['outcome'])}"
        said = self._say(
            "dispute",
            id=item["dispute_id"],
            record=self._debt(item["record"]),
            ground=self._word(item["ground"]),
            state=self._word(item["state"]),
            outcome=outcome,
            filed=item["filed_on"],
            who=self._who(item["filed_through"]),
            answer_due=item["answer_due"],
            close_due=item["close_due"],
            documents=item["documents"],
        )
        is_beside = item["state"] != "CLOSED" and not item["stops_enforcement"]
        return [f"- {said}{' ' + self.words['dispute-beside'] if is_beside else ''}"]

    def _transfer(self, item: _Item) -> list[str]:
        said = self._say(
            "transfer",
            day=_day(item["at"]),
            record=self._debt(item["record"]),
            seller=self._who(item["seller"]),
            buyer=self._who(item["buyer"]),
        )
        return [f"- {said}"]

    def _demand(self, item: _Item) -> list[str]:
        bill = "" if item["bill"] is None else f" {item['bill']}"
        said = self._say(
            "demand",
            day=_day(item["demanded_at"]),
            who=self._who(item["demanded_by"]),
            document=self._word(item["document"]) + bill,
            record=self._debt(item["record"]),
            due=item["answer_due"],
            state=self._word(item["state"]),
        )
        return [f"- {said}"]

    def _plan(self, item: _Item) -> list[str]:
        parts = ", ".join(f"{each['due_date']}: {yuan(each['amount_fen'])}" for each in item["instalments"])
        said = self._say("plan", record=self._debt(item["record"]), state=self._word(item["state"]), parts=parts)
        return [f"- {said}"]

    def _inquiry(self, item: _Item) -> list[str]:
        said = self._say(
            "inquiry",
            at=_day(item["at"]),
            who=self._who(item["participant"]),
            service=self._word(item["service_class"]),
            decision=self._word(item["decision"]),
            reasons=", ".join(self._word(each) for each in item["reasons"]),
        )
        return [f"- {said}"]

    def _household(self, item: _Item) -> list[str]:
        name = "household" if item["ended_on"] is None else "household-ended"
        record, kind = self._debt(item["record"]), self._word(item["kind"])
        return [f"- {self._say(name, record=record, kind=kind, since=item['since'], ended=item['ended_on'])}"]

    def _weight(self, item: _Item) -> list[str]:
        who, record = self._who(item["participant"]), self._debt(item["record"])
        return [f"- {self._say('weight', day=item['on'], who=who, record=record)}"]

    def _collection(self, item: _Item) -> list[str]:
        state = self._word("REVERSED" if item["reversed_at"] is not None else item["state"])
        said = self._say(
            "collection",
            day=_day(item["collected_at"]),
            amount=yuan(item["amount_fen"]),
            who=self._who(item["collector"]),
            creditor=self._who(item["creditor"]),
            state=state,
        )
        return [f"- {said}"]

    def _archived(self, item: _Item) -> list[str]:
        said = self._say(
            "archived-debt",
            who=self._who(item["creditor"]),
            state=self._word(item["state"]),
            listed=item["listed_on"],
            closed=_day(item["closed_at"]),
            purge=item["purge_on"],
        )
        return [f"- {said}"]

    def _rebuttal(self, item: _Item) -> list[str]:
        households = ", ".join(self._word(each) for each in item["households"])
        said = self._say(
            "rebuttal",
            households=households,
            ground=self._word(item["ground"]),
            state=self._word(item["state"]),
            filed=_day(item["filed_at"]),
            who=self._who(item["filed_by"]),
            until=item["until"],
        )
        return [f"- {said}"]

    def _clearance(self, item: _Item) -> list[str]:
        state = self._word(item["state"])
        return [f"- {self._say('clearance', id=item['clearance_id'], at=_day(item['issued_at']), state=state)}"]

    def _marker(self, item: _Item) -> list[str]:
        return [f"- {self._say('marker', until=item['until'])}"]

    def _entry(self, item: _Item) -> list[str]:
        said = self._say(
            "entry", ground=self._word(item["ground"]), state=self._word(item["state"]), until=item["expires_on"]
        )
        return [f"- {said}"]

    def _earlier(self, item: _Item) -> list[str]:
        return [f"- {self._say('earlier', at=_day(item['given_at']), who=self._who(item['asked_through']))}"]

    def _help(self) -> list[str]:
        terms = self.statement["terms"]
        return [
            f"## {self.words['help']}",
            "",
            f"- {self.words['help-pay']}",
            f"- {self._say('help-dispute', answer=terms['dispute_answer_days'], close=terms['dispute_close_days'])}",
            f"- {self._say('help-household', months=terms['rebuttal_months'])}",
            f"- {self._say('help-expiry', years=terms['record_years'])}",
        ]
