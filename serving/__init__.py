"""Holds the parts that every process of every party needs; no business and no key is in here."""
