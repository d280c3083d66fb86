"""Calls that an operator or a regulator makes: one signed request to the registry, its answer or one line why not."""

import datetime as dt
import os
from pathlib import Path
from typing import Any, Final

import httpx

from cli.outcome import ExitCode, Failure
from crypto.signing.keys import load_private_key
from gateway.peer import PeerSilent, SignedPeer, Signer
from gateway.problems import problem_errors, problem_name
from protocol import strict_json
from protocol.encodings import canonical_json
from protocol.problems import Problem

_MAX_ANSWER: Final = 4 * 1024 * 1024
_TIMEOUT_SECONDS: Final = 30.0
_REDIRECTION: Final = 300


def file_signer(key: Path, key_id: str) -> Signer:
    """Signs under a key file, at the system's time."""
    return Signer(
        key_id=key_id,
        private_key=load_private_key(key),
        clock=lambda: dt.datetime.now(dt.UTC),
        random=os.urandom,
    )


def ask_registry(
    url: str,
    signer: Signer,
    method: str,
    path: str,
    *,
    body: dict[str, Any] | None = None,
    idempotency_key: str | None = None,
) -> dict[str, Any]:
    """Send once; raises Failure. Under the same key the same call again gives the same answer."""
    with httpx.Client(timeout=_TIMEOUT_SECONDS, trust_env=False) as http:
        try:
            answer = SignedPeer(url, http, signer).exchange(
                method,
                path,
                body=None if body is None else canonical_json(body),
                idempotency_key=idempotency_key,
                max_answer=_MAX_ANSWER,
            )
        except PeerSilent as silent:
            raise Failure(f"the registry at {url}: {silent.reason}", ExitCode.UNAVAILABLE) from None
    if answer.status >= _REDIRECTION:
        fields = "".join(f" [{field}: {code}]" for field, code in problem_errors(answer))
        code = ExitCode.UNAVAILABLE if answer.status == Problem.UNAVAILABLE.value.status else ExitCode.FAILED
        raise Failure(f"the registry refused: {problem_name(answer)} ({answer.status}){fields}", code)
    return strict_json.load_object(answer.body, max_bytes=_MAX_ANSWER)
