"""Mathematics only: no input or output beyond key files, no clock, nothing of ours imported."""
