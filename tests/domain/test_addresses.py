"""Which URLs and addresses the registry calls, and which it refuses."""

import ipaddress
import itertools
import socket

import pytest

from registry.domain.addresses import UrlRefused, check_url, is_public

LONG = "https://carrier.example/"
LABEL = "a" * 63
LONGEST_NAME = ".".join((LABEL, LABEL, LABEL, "b" * 53, "example"))


@pytest.mark.parametrize(
    "url",
    [
        "https://carrier.example/events",
        "https://carrier.example:8443/events?to=clearline",
        "https://8.8.8.8/",
        "https://Carrier.Example/",
        "https://xn--fiqs8s.example/",
        "https://1and1.example/",
        "https://3.carrier.example/",
        "https://under_score.carrier.example/",
        "https://[2001:4860:4860::8888]/",
        LONG + "x" * (500 - len(LONG)),
        f"https://{LONGEST_NAME}/",
    ],
)
def test_https_to_the_open_internet_is_called(url: str) -> None:
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
        (LONG + "x" * (501 - len(LONG)), "malformed"),
        (f"https://b{LONGEST_NAME}/", "malformed"),
        (f"https://c.{LONGEST_NAME[1:]}/", "malformed"),
        ("https://[64:ff9b:1::a00:1]/", "private-address"),
        ("https://[fec0::1]/", "private-address"),
        ("https://[5f00::1]/", "private-address"),
        ("https://[3fff::1]/", "private-address"),
        ("https://[::7f00:1]/", "private-address"),
        ("https://[::127.0.0.1]/", "private-address"),
        ("https://[::ffff:127.0.0.1]/", "private-address"),
        ("https://[::ffff:8.8.8.8]/", "private-address"),
        ("https://[2002:7f00:1::]/", "private-address"),
        ("https://localhost/", "private-address"),
        ("https://LOCALHOST/", "private-address"),
        ("https://a.localhost/", "private-address"),
        ("https://printer/", "private-address"),
        ("https://printer.local/", "private-address"),
        ("https://metadata.google.internal/", "private-address"),
        ("https://router.home.arpa/", "private-address"),
        ("https://2130706433/", "malformed"),
        ("https://017700000001/", "malformed"),
        ("https://0x7f000001/", "malformed"),
        ("https://0X7F000001/", "malformed"),
        ("https://127.1/", "malformed"),
        ("https://127.0.1/", "malformed"),
        ("https://0/", "malformed"),
        ("https://0177.0.0.1/", "malformed"),
        ("https://127.0.0.01/", "malformed"),
        ("https://0x7f.0.0.1/", "malformed"),
        ("https://127.0.0.0x1/", "malformed"),
        ("https://127.0.0.0x/", "malformed"),
        ("https://127.0.0.1./", "malformed"),
        ("https://127.1./", "malformed"),
        ("https://localhost./", "malformed"),
        ("https://carrier.example./", "malformed"),
        ("https://carrier..example/", "malformed"),
        ("https://.carrier.example/", "malformed"),
        ("https://-carrier.example/", "malformed"),
        ("https://carrier!.example/", "malformed"),
        ("https://256.256.256.256/", "malformed"),
        ("https://１２７.0.0.1/", "malformed"),
        ("https://127。0。0。1/", "malformed"),
        ("https://①②⑦.0.0.1/", "malformed"),
        ("https://[fe80::1%eth0]/", "malformed"),
        ("https://[fe80::1%25eth0]/", "malformed"),
        ("https://[::1%lo]/", "malformed"),
        ("https://[v1.1]/", "malformed"),
        ("https://[127.0.0.1]/", "malformed"),
        ("https://carrier.example:/", "malformed"),
        ("https://carrier.example:0443/", "malformed"),
        ("https://carrier.example:+443/", "malformed"),
        ("https://carrier.example:4 43/", "malformed"),
        ("https://user:word@carrier.example/", "malformed"),
        ("https://@carrier.example/", "malformed"),
        ("https://" + "a" * 64 + ".example/", "malformed"),
        ("https://" + "a." * 127 + "example/", "malformed"),
    ],
)
def test_other_urls_are_refused_with_a_word(url: str, code: str) -> None:
    with pytest.raises(UrlRefused) as refused:
        check_url(url, private_allowed=False)
    assert refused.value.code == code
    assert url not in str(refused.value)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8080/x", "http://localhost/x", "http://[::1]/x", "https://10.0.0.1/"]
)
def test_a_closed_network_may_allow_private_addresses(url: str) -> None:
    check_url(url, private_allowed=True)


@pytest.mark.parametrize("url", ["http://10.0.0.1/", "http://carrier.example/"])
def test_without_tls_only_this_machine_is_called(url: str) -> None:
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
        "2002:808:808::1",
        "64:ff9b::7f00:1",
        "64:ff9b:1::a00:1",
        "64:ff9b:1:fffe::808:808",
        "::7f00:1",
        "::808:808",
        "::ffff:8.8.8.8",
        "::ffff:0:808:808",
        "fec0::1",
        "feff::1",
        "5f00::1",
        "5f00:ffff::1",
        "3fff::1",
        "3fff:fff::1",
        "2001:db8::1",
        "2001:2::1",
        "2001:10::1",
        "2001:20::1",
        "2001:1::1",
        "2620:4f:8000::1",
        "100::1",
        "4000::1",
        "1fff::1",
        "ff0e::1",
        "fe80::1%eth0",
        "2001:4860:4860::8888%1",
        "0.1.2.3",
        "192.0.0.1",
        "192.0.0.9",
        "192.0.0.192",
        "192.0.2.1",
        "192.88.99.1",
        "192.31.196.1",
        "192.52.193.1",
        "192.175.48.1",
        "198.18.0.1",
        "198.19.255.255",
        "198.51.100.1",
        "203.0.113.1",
        "100.100.100.200",
        "168.63.129.16",
        "239.255.255.255",
        "240.0.0.1",
    ],
)
def test_private_addresses_are_known_however_they_are_wrapped(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "2001:4860:4860::8888", "2400:cb00::1", "192.0.1.1", "198.20.0.1"])
def test_public_addresses_are_known(address: str) -> None:
    assert is_public(address)


def spellings(address: str) -> set[str]:
    """An IPv4 address as C libraries read it: of one to four parts, each in decimal, octal or hex."""
    octets = ipaddress.IPv4Address(address).packed
    found = set()
    for parts in range(1, 5):
        head, rest = octets[: parts - 1], int.from_bytes(octets[parts - 1 :])
        for forms in itertools.product(("{}", "0{:o}", "0x{:x}", "0X{:X}", "0x00{:x}", "000{:o}"), repeat=parts):
            found.add(".".join(form.format(each) for form, each in zip(forms, [*head, rest], strict=True)))
    return found | {f"{each}." for each in found}


@pytest.mark.parametrize("address", ["127.0.0.1", "10.20.30.40", "169.254.169.254", "0.0.0.0"])  # noqa: S104 (refused)
def test_whatever_the_system_reads_as_a_private_address_is_refused_at_admission(address: str) -> None:
    read = 0
    for host in spellings(address):
        with pytest.raises(UrlRefused):
            check_url(f"https://{host}/", private_allowed=False)
        read += bool(resolved(host))
    assert read > 100


def resolved(host: str) -> bool:
    try:
        return bool(socket.getaddrinfo(host, 443, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST))
    except OSError:
        return False
