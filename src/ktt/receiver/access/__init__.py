"""Who may send what for whom: the access list and its audit log, tokens, proofs and limits per client."""
