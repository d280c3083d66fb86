"""Keep and show the custodians' tallies."""
