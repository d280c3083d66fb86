"""The protocol that all parties share, byte for byte: identifiers, encodings, codes, messages and problems."""
