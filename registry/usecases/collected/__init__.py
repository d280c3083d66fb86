"""Money that one carrier's counter takes for another."""
