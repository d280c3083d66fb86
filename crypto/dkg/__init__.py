"""Distributed key generation: polynomials, Feldman commitments and proofs of possession."""
