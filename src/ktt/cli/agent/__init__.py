"""`ktt agent`: the sender that runs itself."""
