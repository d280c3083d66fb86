"""Pins the custodians' committee: it is replaced by its proven successor, and by nothing else."""
