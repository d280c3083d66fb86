"""Frozen values and pure transitions: what the business is, without storage, HTTP or a clock."""
