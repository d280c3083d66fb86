"""A canonical form has a name, which changes with the readings: reports compare rows of one form only."""

import hashlib

import pytest

from protocol import accounts, household, identifiers
from tests.support.root import ROOT

VECTORS = ROOT / "docs" / "spec" / "vectors"
READINGS = {
    "identifiers": (identifiers.FORM, "identifiers/1", ("identifiers.json",), "ed6eaea2cd67b955"),
    "household": (household.FORM, "household/1", ("household.json", "addresses.json"), "880a9ee7d47f9c82"),
    "accounts": (accounts.FORM, "accounts/1", ("accounts.json",), "2dd687d2f5e8d50f"),
}
"""If a vector changed its reading, raise the number of the form. If vectors were only added, keep it. Then pin anew."""


@pytest.mark.parametrize("name", READINGS)
def test_a_form_is_named_anew_when_its_vectors_read_otherwise(name: str) -> None:
    form, pinned, files, digest = READINGS[name]
    found = hashlib.sha256(b"".join((VECTORS / file).read_bytes() for file in files)).hexdigest()[:16]
    assert (form, found) == (pinned, digest)
