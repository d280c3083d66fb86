"""The rules and a creditor's own terms: proposed, approved, published."""
