"""Keep and show the committees that key ceremonies formed."""
