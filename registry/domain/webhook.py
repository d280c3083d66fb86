"""Where a participant's events are delivered to, and which addresses the registry refuses to call."""

import datetime as dt
import ipaddress
import uuid
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

MAX_URL: Final = 500
_NEVER_AHEAD: Final = dt.timedelta(days=1)
"""No pause and no lease is as long."""
_NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")


class UrlRefused(ValueError):
    """A URL that is not called; ``code`` says why, the URL is not repeated."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """One participant's webhook and how far its feed was delivered."""

    recipient: str
    url: str
    registered_at: dt.datetime
    position: int
    """Everything up to here was delivered, or given up and listed."""
    attempts: int = 0
    """Failed attempts at what comes next."""
    next_attempt_at: dt.datetime
    lease_id: uuid.UUID | None = None
    leased_until: dt.datetime | None = None
    """Another worker is at it until then; afterwards it is taken for dead."""
    log_entry_id: uuid.UUID

    def is_due(self, now: dt.datetime) -> bool:
        """A time further ahead than anybody sets one was written by a wrong clock, and holds nothing up."""
        times = (self.next_attempt_at, self.leased_until)
        return all(each is None or each <= now or each > now + _NEVER_AHEAD for each in times)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetter:
    """Events that were given up: still in the feed, to be read there."""

    recipient: str
    first_position: int
    last_position: int
    attempts: int
    reason: str
    given_up_at: dt.datetime


def check_url(url: str, *, private_allowed: bool) -> None:
    """Https, or http to this very machine where that is allowed; raises UrlRefused.

    What a name stands for is looked at when it is called: it may stand for something else by then.
    """
    if len(url) > MAX_URL or not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
        raise UrlRefused("malformed")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise UrlRefused("malformed") from None
    if not host or port == 0 or "@" in parts.netloc or "#" in url or "%" in parts.netloc:
        raise UrlRefused("malformed")
    if parts.scheme != "https" and not (parts.scheme == "http" and private_allowed and _is_this_machine(host)):
        raise UrlRefused("not-https")
    if not private_allowed and _is_address(host) and not is_public(host):
        raise UrlRefused("private-address")


def is_public(address: str) -> bool:
    """Whether an IP address is one of the open Internet, also where it wraps an IPv4 address."""
    found = ipaddress.ip_address(address)
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is not None:
            return is_public(str(found.ipv4_mapped))
        if found.sixtofour is not None or found.teredo is not None or found in _NAT64:
            return False
    return found.is_global and not found.is_multicast


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _is_this_machine(host: str) -> bool:
    return host == "localhost" or (_is_address(host) and ipaddress.ip_address(host).is_loopback)
