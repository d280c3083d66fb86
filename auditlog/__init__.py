"""What an outsider does with the transparency log: read, follow, witness, audit, mirror, and believe nothing."""
