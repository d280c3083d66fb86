"""The vectors are the ones that the README names, byte for byte."""

import hashlib
import re
from pathlib import Path
from typing import Any

VECTORS = Path(__file__).parents[1] / "vectors"
ROW = re.compile(r"^\| `(?P<name>[^`]+)` \|.*\| `(?P<sha256>[0-9a-f]{64})` \|$", re.MULTILINE)


def listed() -> dict[str, Any]:
    return {row["name"]: row["sha256"] for row in ROW.finditer((VECTORS / "README.md").read_text())}


def test_every_crypto_vector_file_has_the_digest_of_the_readme() -> None:
    for name, sha256 in listed().items():
        assert hashlib.sha256((VECTORS / name).read_bytes()).hexdigest() == sha256, name


def test_the_crypto_vector_files_are_listed() -> None:
    assert {path.name for path in VECTORS.glob("*.json")} <= listed().keys()
