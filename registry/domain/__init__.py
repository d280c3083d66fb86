"""Holds the business as frozen values and pure transitions, without storage, HTTP or a clock."""
