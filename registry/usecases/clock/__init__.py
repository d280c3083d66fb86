"""Judges the registry's clock, counts the work that waits for a person, and applies the operator's confirmation."""
