"""A connection trusts the known certificate authorities; an address without TLS makes nobody read them."""

import ssl

import pytest

from client.trust import trusted_for


@pytest.mark.parametrize("url", ["https://registry.example", "HTTPS://registry.example:8443/", "no address"])
def test_a_server_under_tls_needs_a_certificate_of_a_known_authority(url: str) -> None:
    context = trusted_for(url)
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)
    assert len(context.get_ca_certs()) > 50


@pytest.mark.parametrize("url", ["http://127.0.0.1:9100", "HTTP://registry.example"])
def test_without_tls_nobody_is_trusted_and_a_certificate_would_be_refused(url: str) -> None:
    context = trusted_for(url)
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)
    assert context.get_ca_certs() == []
