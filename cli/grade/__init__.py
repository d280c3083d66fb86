"""`clearline grade`: Judge a scorecard by the orders that came after it."""
