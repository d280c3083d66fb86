"""The whole system as real processes on loopback."""
