"""Deposits that carriers took: followed, told when due, and given back."""
