"""The tally vectors, checked by the standard library and a bare Ed25519; and the page against the code."""

import base64
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from docs.spec.make_vectors import FOLDER
from protocol.messages.tallies import MAX_CARRIERS, MAX_TALLY_BYTES, TALLY_DAYS, TALLY_TYPE, TallyCode

PAGE = (FOLDER.parent / "tallies.md").read_text(encoding="utf-8")
VECTORS = json.loads((FOLDER / "tallies.json").read_bytes())


def decoded(segment: str) -> bytes:
    return base64.urlsafe_b64decode(segment + "=" * (-len(segment) % 4))


@pytest.mark.parametrize("case", VECTORS["tallies"], ids=lambda case: str(case["claims"]["total"]))
def test_a_token_is_an_ed25519_signature_over_header_and_canonical_payload(case: dict[str, Any]) -> None:
    signing_input, _, signature = case["token"].rpartition(".")
    header, _, payload = signing_input.partition(".")
    expected = f'{{"alg":"Ed25519","kid":"{VECTORS["key"]["key_id"]}","typ":"{TALLY_TYPE}"}}'
    assert decoded(header).decode() == expected
    assert decoded(payload).decode() == json.dumps(case["claims"], sort_keys=True, separators=(",", ":"))
    assert decoded(payload).decode() == case["payload"]
    key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(VECTORS["key"]["public_hex"]))
    key.verify(decoded(signature), signing_input.encode())


def test_the_page_names_every_code_and_bound() -> None:
    for code in TallyCode:
        assert f"`{code}`" in PAGE, code
    assert f"`{TALLY_TYPE}`" in PAGE
    assert f"{MAX_TALLY_BYTES:,} bytes" in PAGE
    assert f"At most {MAX_CARRIERS}" in PAGE
    assert f"for {TALLY_DAYS} days" in PAGE
