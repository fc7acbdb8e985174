"""The commands of the receiver, `ktt mottak`."""
