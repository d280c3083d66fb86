"""Examples of TM Forum's messages as we take and give them. The person and all numbers are made up."""

from collections.abc import Mapping
from typing import Any, Final

from gateway.tmf.answers import BASE_TYPE, ITEM_TYPE
from gateway.tmf.bodies import CHECK_TYPE
from gateway.tmf.results import ROOT

_ID: Final = "019accd8-2b00-7aaa-8aaa-00000000000a"
_AT: Final = "2026-11-29T06:03:01.000000Z"
_OFFERING: Final = {"@type": "ProductOfferingRef", "id": "MOBILE-129"}

_CHECK: Final = {
    "@type": CHECK_TYPE,
    "@baseType": BASE_TYPE,
    "clearlineOrder": "2026-000123",
    "clearlineConsent": "C-2026-77",
    "clearlineConsentText": "standard-1",
    "clearlineIdentity": "READER",
    "channel": {"@type": "ChannelRef", "id": "SH-PD-0123", "name": "Shop"},
    "provideAlternative": True,
    "provideResultReason": True,
    "relatedParty": [
        {
            "@type": "RelatedPartyOrPartyRole",
            "role": "customer",
            "partyOrPartyRole": {
                "@type": "Individual",
                "individualIdentification": [
                    {
                        "@type": "IndividualIdentification",
                        "identificationType": "nationalIdentityCard",
                        "identificationId": "11010519491231002X",
                    }
                ],
            },
        },
        {
            "@type": "RelatedPartyOrPartyRole",
            "role": "salesAgent",
            "partyOrPartyRole": {"@type": "PartyRef", "id": "A-017"},
        },
    ],
    "checkProductOfferingQualificationItem": [
        {
            "@type": "CheckProductOfferingQualificationItem",
            "id": "1",
            "action": "add",
            "productOffering": _OFFERING,
        }
    ],
}
_ITEM: Final = {
    "@type": ITEM_TYPE,
    "id": "1",
    "action": "add",
    "productOffering": _OFFERING,
    "state": "done",
    "qualificationItemResult": "alternate",
    "clearlineDecision": "PAY_FIRST",
    "clearlineInquiry": _ID,
    "eligibilityResultReason": [
        {
            "@type": "EligibilityResultReason",
            "code": "OWN_ARREARS",
            "label": "You have unpaid bills for telephone service.",
        },
    ],
    "alternateProductOfferingProposal": [
        {
            "@type": "AlternateProductOfferingProposal",
            "id": "1",
            "alternateProductOffering": {"@type": "ProductOfferingRef", "id": "MOBILE-PREPAID"},
        }
    ],
}
_ANSWER: Final = {
    "@type": CHECK_TYPE,
    "@baseType": BASE_TYPE,
    "id": _ID,
    "href": f"{ROOT}/{_ID}",
    "state": "done",
    "qualificationResult": "yellow",
    "effectiveQualificationDate": _AT,
    "expirationDate": "2026-11-29T06:33:01.000000Z",
    "provideAlternative": True,
    "provideResultReason": True,
    "checkProductOfferingQualificationItem": [_ITEM],
}
_QUOTE: Final = {
    "reference": "q2Zl1r8nV0yJ3xK5tB7wPA",
    "amount": {"unit": "CNY", "value": 610.39},
    "validUntil": "2026-12-02T06:03:01.000000Z",
}

BODIES: Final[Mapping[str, dict[str, Any]]] = {
    "createCheckProductOfferingQualification": _CHECK,
    "productOrderStateChangeEvent": {
        "@type": "ProductOrderStateChangeEvent",
        "eventId": "e-2026-77",
        "eventType": "ProductOrderStateChangeEvent",
        "eventTime": "2026-11-29T06:10:00.000Z",
        "event": {
            "productOrder": {
                "@type": "ProductOrder",
                "id": "2026-000123",
                "state": "completed",
                "completionDate": "2026-11-29T06:09:58.000Z",
                "productOrderItem": [
                    {
                        "@type": "ProductOrderItem",
                        "id": "1",
                        "action": "add",
                        "state": "completed",
                        "quantity": 1,
                        "productOffering": _OFFERING,
                    }
                ],
            }
        },
    },
}
ANSWERS: Final[Mapping[str, dict[str, Any]]] = {
    "createCheckProductOfferingQualification": _ANSWER
    | {
        "clearlineOrderKept": True,
        "checkProductOfferingQualificationItem": [_ITEM | {"clearlineQuote": _QUOTE}],
    },
    "retrieveCheckProductOfferingQualification": _ANSWER,
}
