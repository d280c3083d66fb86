"""Calls of servers on loopback, without TLS and without the certificate authorities that TLS would need."""

import ssl
from typing import Final

from client.trust import trusted_for

NO_TLS: Final[ssl.SSLContext] = trusted_for("http://127.0.0.1")
"""For ``verify=``: httpx would read the authorities anew for each call, which is ten times the call."""
