"""The index key finds a token, the sealed value keeps it, and neither takes anything that was tampered with."""

import hashlib
import hmac
import os
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.keywrap import aes_key_unwrap

from crypto.envelope.index_key import HOUSEHOLD_ADDRESS, HOUSEHOLD_REGISTER, SUBJECT, IndexDomain, index_key
from crypto.envelope.sealed import (
    CIPHERTEXT_BYTES,
    SUITE,
    WRAPPED_KEY_BYTES,
    Sealed,
    seal,
    seal_document,
    unseal,
    unseal_document,
)
from crypto.errors import BadElement, BadInput, BadKey, SealBroken
from tests.support.cells import every_cell

PEPPER, KEK, TOKEN = bytes(range(32)), bytes(range(32, 64)), bytes(range(64, 96))
ROW = b"subject-key-of-row"
DOMAINS = (SUBJECT, HOUSEHOLD_REGISTER, HOUSEHOLD_ADDRESS)


def sealed_token() -> Sealed:
    return seal(TOKEN, KEK, 7, ROW, os.urandom)


def flipped(value: bytes, position: int) -> bytes:
    changed = bytearray(value)
    changed[position] ^= 1
    return bytes(changed)


@pytest.mark.parametrize(
    ("domain", "tag"),
    [
        (SUBJECT, b"clearline/index/v1/subject\n"),
        (HOUSEHOLD_REGISTER, b"clearline/index/v1/household-register\n"),
        (HOUSEHOLD_ADDRESS, b"clearline/index/v1/household-address\n"),
    ],
)
def test_an_index_key_is_the_first_half_of_the_hmac_of_tag_and_token(domain: IndexDomain, tag: bytes) -> None:
    assert index_key(PEPPER, domain, TOKEN) == hmac.digest(PEPPER, tag + TOKEN, hashlib.sha256)[:16]


def test_the_three_domains_give_unrelated_keys_and_no_tag_begins_another() -> None:
    assert len({index_key(PEPPER, domain, TOKEN) for domain in DOMAINS}) == 3
    assert not any(a != b and a.startswith(b) for a in DOMAINS for b in DOMAINS)


@pytest.mark.parametrize("pepper", [b"", bytes(31), bytes(33)])
def test_a_pepper_of_another_length_is_refused(pepper: bytes) -> None:
    with pytest.raises(BadKey):
        index_key(pepper, SUBJECT, TOKEN)


@pytest.mark.parametrize("element", [b"", TOKEN[:-1], TOKEN + b"\x00", bytes(32)])
def test_what_cannot_be_a_token_has_no_index_key(element: bytes) -> None:
    with pytest.raises(BadElement):
        index_key(PEPPER, SUBJECT, element)


def test_a_sealed_token_opens_to_itself() -> None:
    sealed = sealed_token()
    assert (sealed.suite, sealed.kek_epoch) == (SUITE, 7)
    assert (len(sealed.wrapped_key), len(sealed.ciphertext)) == (WRAPPED_KEY_BYTES, CIPHERTEXT_BYTES)
    assert unseal(sealed, KEK, ROW) == TOKEN


@pytest.mark.parametrize(
    ("seal_one", "content", "version"),
    [
        (seal, TOKEN, b"clearline/envelope/v1\n"),
        (seal_document, b"%PDF-1.7", b"clearline/envelope/document/v1\n"),
    ],
)
def test_what_a_former_release_sealed_opens_by_the_plain_reading_of_its_form(
    seal_one: Callable[..., Sealed], content: bytes, version: bytes
) -> None:
    sealed = seal_one(content, KEK, 258, ROW, os.urandom)
    named = version + b"AES-256-GCM\n" + bytes(6) + b"\x01\x02" + ROW
    cipher = AESGCM(aes_key_unwrap(KEK, sealed.wrapped_key))
    assert cipher.decrypt(sealed.ciphertext[:12], sealed.ciphertext[12:], named) == content


@pytest.mark.parametrize("epoch", [0, 2**63 - 1])
def test_a_key_encryption_key_has_an_epoch_of_63_bits(epoch: int) -> None:
    assert unseal(seal(TOKEN, KEK, epoch, ROW, os.urandom), KEK, ROW) == TOKEN


def test_sealing_twice_gives_nothing_in_common() -> None:
    one, other = sealed_token(), sealed_token()
    assert one.wrapped_key != other.wrapped_key
    assert one.ciphertext != other.ciphertext


def test_a_sealed_value_does_not_print_itself() -> None:
    assert repr(sealed_token()) == f"Sealed(suite='{SUITE}', kek_epoch=7)"


def test_any_changed_byte_of_the_ciphertext_is_refused() -> None:
    with every_cell() as table:
        for position in range(CIPHERTEXT_BYTES):
            with table.cell(position):
                sealed = sealed_token()
                with pytest.raises(SealBroken):
                    unseal(replace(sealed, ciphertext=flipped(sealed.ciphertext, position)), KEK, ROW)


def test_any_changed_byte_of_the_wrapped_key_is_refused() -> None:
    with every_cell() as table:
        for position in range(WRAPPED_KEY_BYTES):
            with table.cell(position):
                sealed = sealed_token()
                with pytest.raises(SealBroken):
                    unseal(replace(sealed, wrapped_key=flipped(sealed.wrapped_key, position)), KEK, ROW)


@pytest.mark.parametrize(
    "change",
    [
        {"suite": "SM4-GCM"},
        {"kek_epoch": 8},
        {"wrapped_key": b""},
        {"ciphertext": b""},
        {"ciphertext": bytes(CIPHERTEXT_BYTES - 1)},
        {"wrapped_key": bytes(WRAPPED_KEY_BYTES + 8)},
    ],
)
def test_another_suite_epoch_or_length_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(SealBroken):
        unseal(replace(sealed_token(), **change), KEK, ROW)


def test_a_sealed_value_moved_to_another_row_is_refused() -> None:
    with pytest.raises(SealBroken):
        unseal(sealed_token(), KEK, ROW + b"2")


def test_parts_of_two_sealed_values_do_not_open_together() -> None:
    with pytest.raises(SealBroken):
        unseal(replace(sealed_token(), wrapped_key=sealed_token().wrapped_key), KEK, ROW)


def test_another_key_encryption_key_does_not_open_it() -> None:
    with pytest.raises(SealBroken):
        unseal(sealed_token(), PEPPER, ROW)


@pytest.mark.parametrize(("kek", "epoch"), [(bytes(31), 1), (bytes(33), 1), (KEK, -1), (KEK, 2**63)])
def test_a_key_encryption_key_of_another_length_or_epoch_is_refused(kek: bytes, epoch: int) -> None:
    with pytest.raises(BadKey):
        seal(TOKEN, kek, epoch, ROW, os.urandom)


@pytest.mark.parametrize("element", [b"", TOKEN[:-1], TOKEN + b"\x00"])
def test_only_32_bytes_are_sealed(element: bytes) -> None:
    with pytest.raises(BadElement):
        seal(element, KEK, 1, ROW, os.urandom)


@pytest.mark.parametrize("content", [b"a", TOKEN, b"%PDF-1.7" + bytes(70_000)])
def test_a_sealed_document_opens_to_itself_whatever_its_length(content: bytes) -> None:
    assert unseal_document(seal_document(content, KEK, 7, ROW, os.urandom), KEK, ROW) == content


def test_an_empty_document_is_not_sealed() -> None:
    with pytest.raises(BadInput):
        seal_document(b"", KEK, 1, ROW, os.urandom)


def test_a_token_does_not_open_as_a_document_nor_a_document_as_a_token() -> None:
    with pytest.raises(SealBroken):
        unseal_document(sealed_token(), KEK, ROW)
    with pytest.raises(SealBroken):
        unseal(seal_document(TOKEN, KEK, 7, ROW, os.urandom), KEK, ROW)


@pytest.mark.parametrize(
    "change",
    [{"suite": "SM4-GCM"}, {"kek_epoch": 8}, {"wrapped_key": b""}, {"ciphertext": b""}, {"ciphertext": bytes(60)}],
)
def test_a_document_of_another_suite_epoch_length_or_content_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(SealBroken):
        unseal_document(replace(seal_document(TOKEN, KEK, 7, ROW, os.urandom), **change), KEK, ROW)


def test_a_document_does_not_open_in_another_row_or_under_another_key() -> None:
    sealed = seal_document(b"a receipt", KEK, 7, ROW, os.urandom)
    for kek, row in ((KEK, ROW + b"2"), (PEPPER, ROW)):
        with pytest.raises(SealBroken):
            unseal_document(sealed, kek, row)
