"""Open a route of the local service only under a configured host name and to a token of the route's scope."""

import logging
import re
from typing import Final

from flask import Flask, Response, request

from gateway.local.bodies import TAKES_A_DOCUMENT
from gateway.local.tokens import Caller, Scope, TokenBook
from protocol.problems import Problem, Refusal
from serving.web import OPEN

SCOPES: Final = {
    "check": Scope.CHECK,
    "recheck": Scope.CHECK,
    "activations": Scope.CHECK,
    "quotes": Scope.CHECK,
    "custodians": Scope.CHECK,
    "file_dispute": Scope.COUNTER,
    "show_dispute": Scope.COUNTER,
    "list_documents": Scope.COUNTER,
    TAKES_A_DOCUMENT: Scope.COUNTER,
    "statement": Scope.COUNTER,
    "rebut": Scope.COUNTER,
    "settlements": Scope.MONEY,
    "collect": Scope.MONEY,
}
"""The one scope of every route, by endpoint."""
_CHALLENGE: Final = 'Bearer realm="clearline-gateway"'
_ERRORS: Final = {
    Problem.TOKEN_MISSING: "",
    Problem.TOKEN_UNKNOWN: ', error="invalid_token"',
    Problem.SCOPE_MISSING: ', error="insufficient_scope"',
}
_BEARER: Final = re.compile(r"[Bb][Ee][Aa][Rr][Ee][Rr] +([!-~]{1,256})")
_log = logging.getLogger("clearline.gateway")


class RoutesUnmapped(Exception):
    """A route has no scope, or a scope no route; it names endpoints and is a programming error."""


def add_door(app: Flask, tokens: TokenBook, host_names: frozenset[str]) -> None:
    """Let nobody through to a view without a token of the route's scope."""

    @app.before_request
    def admit() -> None:
        # A web page in a clerk's browser can reach loopback under its own name (DNS rebinding), or post forms.
        if _host_name(request.host) not in host_names or "Origin" in request.headers:
            raise Refusal(Problem.BAD_REQUEST, detail="Only local programs are served, under a configured name.")
        if request.endpoint in OPEN:
            return
        caller = _caller(tokens)
        # Only a caller with a token learns that a path does not exist.
        if request.endpoint is None:
            return
        scope = SCOPES[request.endpoint]
        if scope not in caller.scopes:
            _log.warning("refused scope=%s caller=%s", scope.value, caller.name)
            raise Refusal(Problem.SCOPE_MISSING, detail=f"The route needs a token of the scope {scope.value}.")
        _log.info("called route=%s caller=%s", request.endpoint, caller.name)


def check_routes(app: Flask) -> None:
    """Raise RoutesUnmapped unless every route has its scope."""
    routes = {rule.endpoint for rule in app.url_map.iter_rules()}
    strays = sorted(routes ^ (SCOPES.keys() | OPEN))
    if strays:
        raise RoutesUnmapped(", ".join(strays))


def add_challenge(answer: Response, problem: Problem) -> None:
    """Add the header in which RFC 6750 tells a caller about the missing token or scope."""
    if problem in _ERRORS:
        answer.headers["WWW-Authenticate"] = _CHALLENGE + _ERRORS[problem]


def _caller(tokens: TokenBook) -> Caller:
    credentials = request.headers.get("Authorization")
    if credentials is None:
        raise Refusal(Problem.TOKEN_MISSING)
    bearer = _BEARER.fullmatch(credentials)
    caller = tokens.caller_of(bearer[1]) if bearer is not None else None
    if caller is None:
        raise Refusal(Problem.TOKEN_UNKNOWN)
    return caller


def _host_name(host: str) -> str:
    name, _, port = host.rpartition(":")
    return (name if port.isdigit() and name else host).lower()
