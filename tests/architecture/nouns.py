"""The table of nouns: one for each resource, the same in every room, and the modules beside them."""

from typing import Final

NOUNS: Final = frozenset(
    {
        "activations",
        "archive",
        "attestations",
        "ceremonies",
        "collected",
        "confirmations",
        "deposits",
        "disassociations",
        "disputes",
        "events",
        "evidence",
        "grades",
        "inquiries",
        "log",
        "participants",
        "plans",
        "records",
        "red_list",
        "reversals",
        "rules",
        "settlements",
        "statements",
        "take_outs",
        "tallies",
        "transfers",
        "webhooks",
        "withdrawals",
    }
)
"""Resources of the interface. ``collected`` are payments that one carrier took for another."""

BESIDE: Final[dict[str, frozenset[str]]] = {
    "protocol.messages": frozenset({"context", "evaluations", "limits", "service", "steps", "tokens"}),
    "api.routes": frozenset({"service"}),
    "api.examples": frozenset({"tokens", "values"}),
    "client.resources": frozenset(),
    "gateway.counter": frozenset(
        {
            "activation_batches",
            "activation_text",
            "activation_words",
            "attestation_text",
            "attestation_words",
            "check_text",
            "deposit_text",
            "deposit_words",
            "phrases",
            "review_words",
            "statement_text",
            "statement_words",
            "words",
        }
    ),
    "registry.usecases": frozenset({"clock", "restores", "shared"}),
}
"""Rooms of nouns, and what else a module there may be called. In registry.usecases only the folders are nouns."""
