"""Ed25519 keys: private files that only the owner reads, and public keys that mean one signer and one message."""

import os
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from crypto.errors import BadKey, KeyFileBad, SignatureRefused
from crypto.signing.keys import (
    check_key_id,
    generate_signing_key,
    load_private_key,
    load_public,
    public_bytes,
    save_private_key,
)

P = 2**255 - 19
D = -121665 * pow(121666, -1, P) % P
ORDER_8 = int.from_bytes(bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"), "little")
SMALL_ORDER = [0, 1, ORDER_8, P - ORDER_8, P - 1]


def new_key() -> Ed25519PrivateKey:
    return generate_signing_key(os.urandom)


def test_a_key_comes_from_the_randomness_that_it_is_given() -> None:
    seed = bytes(range(32))
    assert public_bytes(generate_signing_key(lambda size: seed[:size])) == public_bytes(
        Ed25519PrivateKey.from_private_bytes(seed)
    )


def test_the_first_key_of_rfc_8032_has_the_public_key_of_the_page() -> None:
    seed = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
    public = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
    assert public_bytes(generate_signing_key(lambda size: seed)).hex() == public


def test_a_public_key_survives_its_encoding() -> None:
    key = new_key()
    assert public_bytes(load_public(public_bytes(key))) == public_bytes(key)


@pytest.mark.parametrize("length", [0, 31, 33, 64])
def test_a_public_key_of_another_length_is_refused(length: int) -> None:
    with pytest.raises(BadKey):
        load_public(bytes(length))


def test_the_points_of_order_8_are_those_whose_double_has_order_4() -> None:
    # On -x^2 + y^2 = 1 + d x^2 y^2 the double of (x, y) has y = 0 exactly when y^2 = -x^2.
    for y in (ORDER_8, P - ORDER_8):
        assert (2 * y * y - 1 + D * pow(y, 4, P)) % P == 0


@pytest.mark.parametrize("sign", [0, 1])
@pytest.mark.parametrize("y", SMALL_ORDER)
def test_a_public_key_of_small_order_is_refused(y: int, sign: int) -> None:
    with pytest.raises(BadKey, match="small order"):
        load_public((y | sign << 255).to_bytes(32, "little"))


@pytest.mark.parametrize("y", [P, P + 1, 2**255 - 1])
def test_a_public_key_that_is_not_canonical_is_refused(y: int) -> None:
    with pytest.raises(BadKey, match="canonical"):
        load_public(y.to_bytes(32, "little"))


@pytest.mark.parametrize("key_id", ["a", "carrier-a-1", "A.b_c:d-9", "x" * 64])
def test_a_plain_key_id_is_taken(key_id: str) -> None:
    check_key_id(key_id)


@pytest.mark.parametrize("key_id", ["", "x" * 65, "a b", 'a"', "a\n", "a/b", "é", "a\x00", "中"])
def test_a_key_id_that_would_need_quoting_is_refused(key_id: str) -> None:
    with pytest.raises(SignatureRefused) as caught:
        check_key_id(key_id)
    assert caught.value.code == "malformed"


def test_a_private_key_survives_its_file_which_only_the_owner_reads(tmp_path: Path) -> None:
    key, path = new_key(), tmp_path / "signing.pem"
    save_private_key(key, path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert public_bytes(load_private_key(path)) == public_bytes(key)


def test_an_existing_key_file_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "signing.pem"
    save_private_key(new_key(), path)
    before = path.read_bytes()
    with pytest.raises(KeyFileBad, match="cannot create"):
        save_private_key(new_key(), path)
    assert path.read_bytes() == before


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o602, 0o610, 0o644, 0o777])
def test_a_key_file_that_others_can_touch_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "signing.pem"
    save_private_key(new_key(), path)
    path.chmod(mode)
    with pytest.raises(KeyFileBad, match="chmod 600"):
        load_private_key(path)


def test_a_missing_key_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "nowhere.pem"
    with pytest.raises(KeyFileBad, match=r"nowhere\.pem: cannot read"):
        load_private_key(path)


def test_a_folder_or_a_device_is_no_key_file(tmp_path: Path) -> None:
    with pytest.raises(KeyFileBad):
        load_private_key(tmp_path)
    link = tmp_path / "null.pem"
    link.symlink_to(os.devnull)
    with pytest.raises(KeyFileBad, match="not a regular file"):
        load_private_key(link)


def pem_of(
    key: Ed25519PrivateKey | EllipticCurvePrivateKey, encryption: BestAvailableEncryption | NoEncryption
) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption)


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", "not an unencrypted PEM"),
        (b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "not an unencrypted PEM"),
        (pem_of(new_key(), BestAvailableEncryption(b"pass")), "not an unencrypted PEM"),
        (pem_of(generate_private_key(SECP256R1()), NoEncryption()), "not Ed25519"),
        (b"x" * 100_000, "not an unencrypted PEM"),
    ],
    ids=["empty", "broken", "encrypted", "another curve", "huge"],
)
def test_what_is_not_an_ed25519_key_is_refused_without_its_content(
    tmp_path: Path, content: bytes, complaint: str
) -> None:
    path = tmp_path / "signing.pem"
    path.touch(mode=0o600)
    path.write_bytes(content)
    with pytest.raises(KeyFileBad, match=complaint) as caught:
        load_private_key(path)
    assert str(caught.value).startswith(str(path))
