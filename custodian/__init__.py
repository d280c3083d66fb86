"""The key custodian holds one share of the key, evaluates carriers' blinded elements, and stores only counts."""
