"""Read, follow, witness, audit and mirror the transparency log as an outsider, and trust nothing of the registry."""
