"""Implements RFC 9497 over ristretto255-SHA512 (modes 0x00 and 0x01), and the threshold arrangement on top of it."""
