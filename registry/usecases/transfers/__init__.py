"""Debts that change hands."""
