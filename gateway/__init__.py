"""The carrier's side: the only place where raw identity exists. Tokenise, report, check, settle, verify."""
