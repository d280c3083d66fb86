"""What every party must agree on, byte for byte: identifiers, encodings, codes, messages and problems."""
