"""The commands of the sender."""
