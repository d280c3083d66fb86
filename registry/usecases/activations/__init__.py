"""Take the reports of activations, one at a time or as a stream."""
