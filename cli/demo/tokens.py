"""The demonstration's callers of each gateway's local service: one token for each scope, in a file of its own."""

import os
from pathlib import Path

from cli.options import write_secret
from gateway.local.tokens import Scope, add_caller

_CALLERS = "local-tokens.json"


def make_tokens(home: Path) -> None:
    """Make a carrier's tokens beside its ``gateway.toml``, unless it has some."""
    if (home / _CALLERS).exists():
        return
    for scope in Scope:
        token = add_caller(home / _CALLERS, scope.value, [scope], random=os.urandom)
        write_secret(token_file(home, scope), f"{token}\n".encode("ascii"))


def token_file(home: Path, scope: Scope) -> Path:
    """Where a carrier's token of a scope lies."""
    return home / f"{scope.value}.token"


def bearer(home: Path, scope: Scope) -> dict[str, str]:
    """The header with which a carrier's own system calls its gateway."""
    return {"Authorization": f"Bearer {token_file(home, scope).read_text(encoding='ascii').strip()}"}
