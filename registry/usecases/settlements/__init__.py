"""Settle debts, and issue the clearances that follow."""
