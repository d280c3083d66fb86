"""Open a route of the local service only under a configured host name and to a token of the route's scope."""

import logging
import re
from typing import Final

from flask import Flask, Response, request

from gateway.local.contract.operations import OPEN, OPERATIONS, SCOPES
from gateway.local.tokens import Caller, TokenBook
from protocol.problems import Problem, Refusal

_CHALLENGE: Final = 'Bearer realm="clearline-gateway"'
_ERRORS: Final = {
    Problem.TOKEN_MISSING: "",
    Problem.TOKEN_UNKNOWN: ', error="invalid_token"',
    Problem.SCOPE_MISSING: ', error="insufficient_scope"',
}
_BEARER: Final = re.compile(r"[Bb][Ee][Aa][Rr][Ee][Rr] +([!-~]{1,256})")
_log = logging.getLogger("clearline.gateway")


class RoutesUnmapped(Exception):
    """A route is not in the table of operations, or an operation has no route; it is a programming error."""


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
    """Raise RoutesUnmapped unless the routes are those of the table of operations, path and method."""
    routes = {(rule.endpoint, _path(rule.rule), _methods(rule.methods)) for rule in app.url_map.iter_rules()}
    table = {(each.endpoint, each.path, frozenset({each.method})) for each in OPERATIONS}
    strays = sorted({endpoint for endpoint, _, _ in routes ^ table})
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


def _path(rule: str) -> str:
    """Write a rule of the router as a path of the document."""
    return re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule)


def _methods(methods: set[str] | None) -> frozenset[str]:
    """Leave out the methods that the framework adds."""
    return frozenset(methods or ()) - {"HEAD", "OPTIONS"}


def _host_name(host: str) -> str:
    name, _, port = host.rpartition(":")
    return (name if port.isdigit() and name else host).lower()
