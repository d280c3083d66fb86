"""The proposal to put an organisation on the red list, as it crosses from a carrier's gateway to the registry."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from protocol.codes import RedListGround
from protocol.messages.inquiries import SubjectTokens


@dataclass(frozen=True, slots=True, kw_only=True)
class RedListProposal:
    """One organisation, why, and the Beijing date on which its entry is to end (that day not included).

    ``organisation`` is the gateway's word that the token stands for a firm and no natural person: the registry
    cannot see it.
    """

    tokens: SubjectTokens
    organisation: bool
    ground: RedListGround
    expires_on: dt.date

    def to_wire(self) -> dict[str, Any]:
        return {
            "tokens": self.tokens.to_wire(),
            "organisation": self.organisation,
            "ground": self.ground.value,
            "expires_on": self.expires_on.isoformat(),
        }
