"""Shapes of what goes in and out: strict, bounded, unknown members refused; no policy and no look-ups."""
