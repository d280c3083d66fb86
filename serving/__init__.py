"""Holds the parts that each of our processes needs, whichever party runs it; no business and no key is in here."""
