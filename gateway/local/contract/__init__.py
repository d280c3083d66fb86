"""Say what the local service takes and answers: one table of operations, and the document made from it."""
