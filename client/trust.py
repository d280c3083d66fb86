"""Tells whom a connection trusts to name a server; the certificate authorities are read only where TLS needs them."""

import ssl

import httpx


def trusted_for(url: str) -> ssl.SSLContext:
    """Return the TLS settings for an address: the known authorities, and for ``http://`` nobody.

    Reading the authorities takes some 30 ms of CPU: more than all else that a command does to call a server on
    loopback. Settings of the environment are ignored.
    """
    if url.lower().startswith("http://"):
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # no connection asks it; it would refuse every certificate
    return httpx.create_ssl_context(trust_env=False)
