"""How a message travels: signatures, keys, proofs, envelope, headers and answers. Shared by both ends."""
