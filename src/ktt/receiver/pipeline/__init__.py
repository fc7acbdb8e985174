"""One submission from its headers to the stored message: every check in its order (transport § 9)."""
