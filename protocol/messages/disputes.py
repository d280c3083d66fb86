"""A dispute as it crosses from a carrier's gateway to the registry."""

from dataclasses import dataclass
from typing import Any

from protocol.codes import DisputeGround, ServiceClass
from protocol.messages.inquiries import SubjectTokens


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeFiling:
    """What a subject disputes: their own records, all of them or those of one creditor and one class of service.

    The subject proves who they are at the filing carrier's counter, so the tokens say whose records; no inquiry shows
    a record's id, and a record that is still PENDING is in no quote: the creditor and the service are what the notice
    and the quote's page tell.
    """

    tokens: SubjectTokens
    ground: DisputeGround
    creditor: str | None = None
    service_class: ServiceClass | None = None

    def to_wire(self) -> dict[str, Any]:
        document: dict[str, Any] = {"tokens": self.tokens.to_wire(), "ground": self.ground.value}
        if self.creditor is not None:
            document["creditor"] = self.creditor
        if self.service_class is not None:
            document["service_class"] = self.service_class.value
        return document
