"""The key custodian: holds one share of the key, evaluates what carriers blinded, and keeps counts only."""
