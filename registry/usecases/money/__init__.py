"""Settlements, plans, reversals, and the clearances that follow."""
