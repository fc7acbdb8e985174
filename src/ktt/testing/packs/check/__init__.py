"""The proof of a message pack: `ktt pack check`."""
