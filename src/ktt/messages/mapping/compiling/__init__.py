"""The steps of `compiler`: members, the tree of scopes, and what must hold of it as a whole."""
