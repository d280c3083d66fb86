"""ristretto255 in plain integers, read off RFC 9496 section 4: slow, and shares no code with ours."""

import hashlib

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
SQRT_M1 = 19681161376707505956807079304988542015446066515923890162744021073123829784752
SQRT_AD_MINUS_ONE = 25063068953384623474111414158702152701244531502492656460079210482610430750235
INVSQRT_A_MINUS_D = 54469307008909316920995813868745141605393597292927456921205312896311721017578
ZERO = (0, 1, 1, 0)
CONTEXT = b"OPRFV1-\x01-ristretto255-SHA512"
Point = tuple[int, int, int, int]  # extended coordinates: x, y, z, t


def magnitude(x: int) -> int:
    return P - x if x & 1 else x


def sqrt_ratio(u: int, v: int) -> tuple[bool, int]:
    r = u * pow(v, 3, P) * pow(u * pow(v, 7, P), (P - 5) // 8, P) % P
    check = v * r * r % P
    flipped = check == -u % P
    if flipped or check == -u * SQRT_M1 % P:
        r = r * SQRT_M1 % P
    return check == u % P or flipped, magnitude(r)


def decode(raw: bytes) -> Point:
    s = int.from_bytes(raw, "little")
    u1, u2 = (1 - s * s) % P, (1 + s * s) % P
    v = (-D * u1 * u1 - u2 * u2) % P
    square, root = sqrt_ratio(1, v * u2 * u2 % P)
    x = magnitude(2 * s * root * u2 % P)
    y = u1 * root * root * u2 * v % P
    t = x * y % P
    if len(raw) != 32 or s >= P or s & 1 or not square or t & 1 or y == 0:
        raise ValueError("not an element")
    return x, y, 1, t


def encode(point: Point) -> bytes:
    x, y, z, t = point
    u1, u2 = (z + y) * (z - y) % P, x * y % P
    _, root = sqrt_ratio(1, u1 * u2 * u2 % P)
    den1, den2 = root * u1 % P, root * u2 % P
    z_inv = den1 * den2 * t % P
    if t * z_inv % P & 1:
        x, y, den2 = y * SQRT_M1 % P, x * SQRT_M1 % P, den1 * INVSQRT_A_MINUS_D % P
    if x * z_inv % P & 1:
        y = -y
    return magnitude(den2 * (z - y) % P).to_bytes(32, "little")


def add(one: Point, other: Point) -> Point:
    (x1, y1, z1, t1), (x2, y2, z2, t2) = one, other
    a, b = (y1 - x1) * (y2 - x2), (y1 + x1) * (y2 + x2)
    c, d = 2 * D * t1 * t2, 2 * z1 * z2
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def multiply(k: int, point: Point) -> Point:
    total = ZERO
    for bit in f"{k:b}":
        total = add(total, total)
        if bit == "1":
            total = add(total, point)
    return total


def one_way_map(uniform: bytes) -> Point:
    halves = (int.from_bytes(uniform[at : at + 32], "little") % 2**255 for at in (0, 32))
    return add(*(_map(each % P) for each in halves))


def _map(t: int) -> Point:
    r = SQRT_M1 * t * t % P
    u, v = (r + 1) * (1 - D * D) % P, (-1 - r * D) * (r + D) % P
    square, s = sqrt_ratio(u, v)
    if not square:
        s = -magnitude(s * t % P) % P
    n = ((-1 if square else r) * (r - 1) * (D - 1) ** 2 - v) % P
    w0, w1, w2, w3 = 2 * s * v, n * SQRT_AD_MINUS_ONE, 1 - s * s, 1 + s * s
    return w0 * w3 % P, w2 * w1 % P, w1 * w3 % P, w0 * w2 % P


def expand(msg: bytes, dst: bytes) -> bytes:
    """RFC 9380, section 5.3.1, for the 64 bytes that are needed here."""
    dst_prime = dst + bytes([len(dst)])
    b0 = hashlib.sha512(bytes(128) + msg + b"\x00\x40\x00" + dst_prime).digest()
    return hashlib.sha512(b0 + b"\x01" + dst_prime).digest()


def hash_to_group(msg: bytes) -> Point:
    return one_way_map(expand(msg, b"HashToGroup-" + CONTEXT))


def hash_to_scalar(msg: bytes) -> int:
    return int.from_bytes(expand(msg, b"HashToScalar-" + CONTEXT), "little") % L


def prefixed(*parts: bytes) -> bytes:
    return b"".join(len(part).to_bytes(2, "big") + part for part in parts)


def composites(pk: bytes, asked: list[bytes], evaluated: list[bytes]) -> tuple[Point, Point]:
    """M and Z of RFC 9497, section 2.2.1."""
    seed = hashlib.sha512(prefixed(pk, b"Seed-" + CONTEXT)).digest()
    m = z = ZERO
    for i, (c, d) in enumerate(zip(asked, evaluated, strict=True)):
        weight = hash_to_scalar(prefixed(seed) + i.to_bytes(2, "big") + prefixed(c, d) + b"Composite")
        m, z = add(m, multiply(weight, decode(c))), add(z, multiply(weight, decode(d)))
    return m, z


def challenge(
    pk: bytes,
    m: Point,
    z: Point,
    t2: Point,
    t3: Point,
) -> int:
    return hash_to_scalar(prefixed(pk, *(encode(point) for point in (m, z, t2, t3))) + b"Challenge")
