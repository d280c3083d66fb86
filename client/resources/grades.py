"""The credit grade at the registry: set and read the sender's own terms for low grades."""

import datetime as dt

from client.registry import RegistryClient
from protocol.messages.grades import CreditTerms, CreditTermsList, NewCreditTerms
from protocol.messages.rules import DayQuery


def read_credit_terms(registry: RegistryClient, at: dt.date | None) -> CreditTermsList:
    """Read the sender's terms for low grades on a Beijing date, today by default, and all that it ever set."""
    return registry.get("/v1/credit-terms", CreditTermsList, DayQuery(at=at))


def set_credit_terms(registry: RegistryClient, terms: NewCreditTerms) -> CreditTerms:
    """Set the terms of one tariff for inquiries from a day on."""
    return registry.post("/v1/credit-terms", terms, CreditTerms)
