"""Makes the tokens for the gateways' local services: one for each scope, in a file of its own."""

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
    """Return the path of a carrier's token of a scope."""
    return home / f"{scope.value}.token"


def bearer(home: Path, scope: Scope) -> dict[str, str]:
    """Make the header with which a carrier's own system calls its gateway."""
    return {"Authorization": f"Bearer {token_file(home, scope).read_text(encoding='ascii').strip()}"}
