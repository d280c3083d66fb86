"""Writes the vectors of docs/spec/inquiry-context.md: a carrier's references of orders, clerks and consents."""

# ruff: noqa: INP001 (a script's part, beside the pages it serves)

import unicodedata
from typing import Final

from crypto.references import Named, NameInvalid, References, derived_key
from docs.spec.fixed import stream

KEY: Final = stream("account key")(32)
NAMES: Final = (
    "ORDER-20261129-0001",
    " ORDER-20261129-0001 ",
    "ＯＲＤＥＲ-20261129-0001",
    "A-017",
    "0012345678",
    "工号017",
    "x" * 64,
)
REFUSED: Final = ("", "  ", "x" * 65, "A\u0000017", "A\n017", "\u202e017")


def content() -> dict[str, object]:
    """Write the account key, the derived keys, each name with its references, and refused names."""
    references = References(KEY)
    return {
        "account_key_hex": KEY.hex(),
        "keys_hex": {kind.name.lower(): derived_key(KEY, kind).hex() for kind in Named},
        "names": [
            {
                "text": name,
                "canonical": unicodedata.normalize("NFKC", name).strip(),
                **{f"{kind.name.lower()}_hex": references.of(kind, name).hex() for kind in Named},
            }
            for name in NAMES
        ],
        "refused_names": [_refused(references, name) for name in REFUSED],
    }


def _refused(references: References, name: str) -> dict[str, str]:
    try:
        references.of(Named.ORDER, name)
    except NameInvalid:
        return {"text": name, "refused": "NOT_A_NAME"}
    raise AssertionError(name)
