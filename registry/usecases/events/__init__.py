"""Events on their way to participants."""
