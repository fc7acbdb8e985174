"""The commands of the registry, `ktt registry`."""
