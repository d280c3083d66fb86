"""What a carrier asks before it activates, and the quote that has to be paid."""
