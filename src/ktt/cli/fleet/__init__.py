"""`ktt fleet`: many reporting units in one process."""
