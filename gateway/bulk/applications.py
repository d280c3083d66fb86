"""Hold an applicant who is asked about, and the decision with what a counter needs to say it."""

from dataclasses import dataclass
from typing import Any

from gateway.identity.context import Circumstances
from gateway.identity.documents import RawIdentity
from gateway.tools import Tools
from protocol.codes import ServiceClass
from protocol.messages.grades import GradeTerms
from protocol.messages.inquiries import InquiryAnswer
from protocol.states import HouseholdKeyState, HouseholdKind
from protocol.wire.codec import write


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """The applicant, and the service that they ask for."""

    identity: RawIdentity
    service_class: ServiceClass
    circumstances: Circumstances | None = None
    """None where the caller tells nothing of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """The decision on one applicant, and the state of each household key."""

    answer: InquiryAnswer
    household_register: HouseholdKeyState
    household_address: HouseholdKeyState
    order_kept: bool | None = None
    """True: the order's number finds the token from now on. None where no order was named."""
    grade: GradeTerms | None = None
    """The terms of the answer's grade, with the words of its reasons."""

    @property
    def household_keys(self) -> dict[HouseholdKind, HouseholdKeyState]:
        """The state of each household key."""
        return {HouseholdKind.REGISTER: self.household_register, HouseholdKind.ADDRESS: self.household_address}

    def to_answer(self) -> dict[str, Any]:
        """Build the answer for a local program, without the made-up reference that went to the registry."""
        keys = {kind.value.lower(): state.value for kind, state in self.household_keys.items()}
        document = {"alternatives": []} | write(self.answer) | {"household_keys": keys}
        del document["inquiry_ref"]
        return document if self.order_kept is None else document | {"order_kept": self.order_kept}


def terms_of(tools: Tools, answer: InquiryAnswer) -> GradeTerms | None:
    """Return the terms of an answer's grade, if the rules at hand are those that it names; nobody is asked for them."""
    rules = None if answer.credit is None else tools.registry.rules_at_hand()
    return None if rules is None or rules.version != answer.rules_version else rules.grade
