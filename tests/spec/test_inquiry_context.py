"""The references of an inquiry's context, recomputed by the standard library alone."""

import hashlib
import hmac
import json
import unicodedata
from pathlib import Path
from typing import Any

import pytest

VECTORS = json.loads((Path(__file__).parents[2] / "docs/spec/vectors/inquiry-context.json").read_bytes())
INFOS = {"order": b"clearline/order/v1", "agent": b"clearline/agent/v1", "consent": b"clearline/consent/v1"}


def derived(kind: str) -> bytes:
    extracted = hmac.digest(bytes(32), bytes.fromhex(VECTORS["account_key_hex"]), "sha256")
    return hmac.digest(extracted, INFOS[kind] + b"\x01", "sha256")


@pytest.mark.parametrize("kind", INFOS)
def test_each_kind_of_number_has_a_derived_key_of_its_own(kind: str) -> None:
    assert VECTORS["keys_hex"][kind] == derived(kind).hex()


@pytest.mark.parametrize("kind", INFOS)
@pytest.mark.parametrize("case", VECTORS["names"])
def test_a_reference_is_the_beginning_of_a_keyed_hash(case: dict[str, Any], kind: str) -> None:
    text = unicodedata.normalize("NFKC", case["text"]).strip()
    assert text == case["canonical"]
    made = hmac.new(derived(kind), text.encode(), hashlib.sha256).digest()[:16]
    assert made.hex() == case[f"{kind}_hex"]
