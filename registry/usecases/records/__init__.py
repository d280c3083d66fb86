"""Debts reported, updated, confirmed and taken back."""
