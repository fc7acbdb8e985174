"""The client's key, from a new one to the next: made, imported, looked at, exchanged (`ktt key`)."""
