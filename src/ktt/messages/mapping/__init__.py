"""The mapping of a message pack: which places in the JSON hold which columns of the record types (ADR 0016).

`language` is the form of `mapping.toml`, `compiler` makes `scopes` of it, and `decode` and `encode` carry records over.
"""
