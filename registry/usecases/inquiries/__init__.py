"""Answer inquiries before activations, and read the quotes that they end in."""
