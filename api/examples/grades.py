"""A carrier's own terms for low grades."""

from typing import Any, Final

from api.examples.values import AT, OTHER_ID

NEW_CREDIT_TERMS: Final[dict[str, Any]] = {
    "service_class": "MOBILE",
    "tariff": "5G-129",
    "average_bill_fen": 129_00,
    "deposit_permille_of_bill": 2_000,
    "prepaid": True,
    "use": "BINDING",
    "effective_from": "2027-01-01",
}
CREDIT_TERMS: Final[dict[str, Any]] = {**NEW_CREDIT_TERMS, "terms_id": OTHER_ID, "set_at": AT}
CREDIT_TERMS_LIST: Final[dict[str, Any]] = {"in_force": [CREDIT_TERMS], "terms": [CREDIT_TERMS]}
