"""Speak TM Forum's open APIs to a carrier's systems that do: a thin adapter, field by field."""
