"""Checks the URLs that participants register: https to the public Internet, in a spelling with one reading."""

import ipaddress
import re
from typing import Final
from urllib.parse import SplitResult, urlsplit

from protocol.names import MAX_URL
from protocol.problems import FieldCode

_MAX_NAME: Final = 253
_LABEL: Final = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
_NUMBER: Final = re.compile(r"[0-9]+|0x[0-9a-f]*")
"""A last label like this makes every resolver read the whole name as an IPv4 address, in decimal, octal or hex."""
_LOCAL_NAMES: Final = frozenset({"localhost", "localdomain", "local", "internal", "intranet", "lan", "home", "corp"})
_LOCAL_SUFFIX: Final = "home.arpa"

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_GLOBAL_UNICAST: Final = ipaddress.IPv6Network("2000::/3")
"""IANA's global unicast space: loopback, mapped, compatible, translated, local and multicast addresses lie outside."""
_NOT_CALLED_4: Final = tuple(
    map(
        ipaddress.IPv4Network,
        (
            # The whole IANA IPv4 Special-Purpose Address Registry (RFC 6890), globally reachable or not.
            "0.0.0.0/8",
            "10.0.0.0/8",
            "100.64.0.0/10",
            "127.0.0.0/8",
            "169.254.0.0/16",
            "172.16.0.0/12",
            "192.0.0.0/24",
            "192.0.2.0/24",
            "192.31.196.0/24",
            "192.52.193.0/24",
            "192.88.99.0/24",
            "192.168.0.0/16",
            "192.175.48.0/24",
            "198.18.0.0/15",
            "198.51.100.0/24",
            "203.0.113.0/24",
            # Multicast (RFC 5771), reserved addresses and broadcast (RFC 1112).
            "224.0.0.0/4",
            "240.0.0.0/4",
            # Machines of one large cloud reach services of their own host at this public address.
            "168.63.129.16/32",
        ),
    )
)
_NOT_CALLED_6: Final = tuple(
    map(
        ipaddress.IPv6Network,
        (
            # The part of the IANA IPv6 Special-Purpose Address Registry (RFC 6890) within the global unicast space.
            "2001::/23",
            "2001:db8::/32",
            "2002::/16",
            "2620:4f:8000::/48",
            "3fff::/20",
        ),
    )
)


class UrlRefused(ValueError):
    """The registry does not call this URL; ``code`` is the reason, and the URL is not repeated."""

    def __init__(self, code: FieldCode) -> None:
        super().__init__(code)
        self.code = code


def check_url(url: str, *, private_allowed: bool) -> None:
    """Check that a URL is https, or http to this machine where that is allowed; raises UrlRefused.

    The addresses of a name are checked only before the call: they may change until then.
    """
    parts, host = _read(url)
    address = _address(host)
    if address is None and not _is_name(host):
        raise UrlRefused(FieldCode.MALFORMED)
    is_this_machine = host == "localhost" if address is None else address.is_loopback
    if parts.scheme != "https" and not (parts.scheme == "http" and private_allowed and is_this_machine):
        raise UrlRefused(FieldCode.NOT_HTTPS)
    if not private_allowed and (_is_local(host) if address is None else not is_public(host)):
        raise UrlRefused(FieldCode.PRIVATE_ADDRESS)


def is_public(address: str) -> bool:
    """Tell whether an IP address belongs to the public Internet.

    An IPv6 address that embeds an IPv4 address (mapped, compatible, translated, 6to4, Teredo, NAT64) or names a zone
    never does. The lists are our own, since those of ``ipaddress`` change with Python; an address has to pass both.
    """
    found = ipaddress.ip_address(address)
    if isinstance(found, ipaddress.IPv4Address):
        listed = any(found in each for each in _NOT_CALLED_4)
    else:
        is_inside = found.scope_id is None and found in _GLOBAL_UNICAST
        listed = not is_inside or any(found in each for each in _NOT_CALLED_6)
    return not listed and found.is_global and not found.is_multicast


def _read(url: str) -> tuple[SplitResult, str]:
    """Read the parts of a URL and its host in lower case; refuse any other than the canonical host and port."""
    if len(url) > MAX_URL or not url.isascii() or not url.isprintable() or " " in url or "\\" in url or "#" in url:
        raise UrlRefused(FieldCode.MALFORMED)
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise UrlRefused(FieldCode.MALFORMED) from None
    authority = f"[{host}]" if ":" in host else host
    if port is not None:
        authority += f":{port}"
    # This refuses a user name, a percent sign, a zone, an empty port and a port with a leading zero.
    if port == 0 or parts.netloc.lower() != authority:
        raise UrlRefused(FieldCode.MALFORMED)
    return parts, host


def _address(host: str) -> _Address | None:
    """Read a host as an IP address; None if it is none. Raises UrlRefused for an odd spelling of one.

    Every resolver reads ``127.1``, ``0x7f000001``, ``2130706433`` and ``0177.0.0.1`` as loopback; Python does not.
    """
    try:
        found = ipaddress.ip_address(host)
    except ValueError:
        if ":" in host or _NUMBER.fullmatch(host.rstrip(".").rpartition(".")[2]):
            raise UrlRefused(FieldCode.MALFORMED) from None
        return None
    if isinstance(found, ipaddress.IPv6Address) and found.scope_id is not None:
        raise UrlRefused(FieldCode.MALFORMED)
    return found


def _is_name(host: str) -> bool:
    """Tell whether a host is a name of host labels, without a dot at the end."""
    return len(host) <= _MAX_NAME and all(map(_LABEL.fullmatch, host.split(".")))


def _is_local(name: str) -> bool:
    """Tell whether a name belongs to this machine or network only, as every name without a dot does."""
    labels = name.split(".")
    return len(labels) == 1 or labels[-1] in _LOCAL_NAMES or f".{name}".endswith(f".{_LOCAL_SUFFIX}")
