"""The command `ktt`."""
