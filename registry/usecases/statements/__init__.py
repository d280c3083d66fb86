"""Give subjects their statements."""
