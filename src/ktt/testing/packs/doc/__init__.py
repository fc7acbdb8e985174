"""The reference pages of a message pack: `ktt pack doc`."""
