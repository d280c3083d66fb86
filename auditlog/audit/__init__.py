"""Recompute a year's whole log, and trust nothing from the registry."""
