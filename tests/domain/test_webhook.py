"""Which URLs and addresses the registry calls, and which it refuses."""

import pytest

from registry.domain.webhook import MAX_URL, UrlRefused, check_url, is_public

LONG = "https://carrier.example/"


@pytest.mark.parametrize(
    "url",
    [
        "https://carrier.example/events",
        "https://carrier.example:8443/events?to=clearline",
        "https://8.8.8.8/",
        "https://[2001:4860:4860::8888]/",
        LONG + "x" * (MAX_URL - len(LONG)),
    ],
)
def test_https_to_the_open_internet_is_called(url):
    check_url(url, private_allowed=False)
    check_url(url, private_allowed=True)


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("http://carrier.example/", "not-https"),
        ("http://127.0.0.1/", "not-https"),
        ("ftp://carrier.example/", "not-https"),
        ("https://127.0.0.1/", "private-address"),
        ("https://10.0.0.1/", "private-address"),
        ("https://169.254.169.254/latest", "private-address"),
        ("https://[::1]/", "private-address"),
        ("https:///events", "malformed"),
        ("events", "malformed"),
        ("https://user@carrier.example/", "malformed"),
        ("https://carrier.example:0/", "malformed"),
        ("https://carrier.example:99999/", "malformed"),
        ("https://carrier.example/#part", "malformed"),
        ("https://carrier.example/a b", "malformed"),
        ("https://carrier.example\\@10.0.0.1/", "malformed"),
        ("https://%31%30.0.0.1/", "malformed"),
        ("https://運營商.example/", "malformed"),
        ("https://carrier.example/\r\nX: y", "malformed"),
        ("https://[::1/", "malformed"),
        (LONG + "x" * MAX_URL, "malformed"),
    ],
)
def test_other_urls_are_refused_with_a_word(url, code):
    with pytest.raises(UrlRefused) as refused:
        check_url(url, private_allowed=False)
    assert refused.value.code == code
    assert url not in str(refused.value)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8080/x", "http://localhost/x", "http://[::1]/x", "https://10.0.0.1/"]
)
def test_a_closed_network_may_allow_private_addresses(url):
    check_url(url, private_allowed=True)


@pytest.mark.parametrize("url", ["http://10.0.0.1/", "http://carrier.example/"])
def test_without_tls_only_this_machine_is_called(url):
    with pytest.raises(UrlRefused):
        check_url(url, private_allowed=True)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "0.0.0.0",  # noqa: S104 (refused, not listened on)
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "100.64.0.1",
        "169.254.169.254",
        "224.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "fe80::1",
        "fc00::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "2002:7f00:1::1",
        "2001:0:4136:e378:8000:63bf:3fff:fdd2",
        "64:ff9b::7f00:1",
    ],
)
def test_private_addresses_are_known_however_they_are_wrapped(address):
    assert not is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "2001:4860:4860::8888", "::ffff:8.8.8.8"])
def test_public_addresses_are_known(address):
    assert is_public(address)
