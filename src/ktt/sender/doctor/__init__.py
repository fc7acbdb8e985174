"""`ktt doctor`: everything that a sender needs, looked at link by link. Nothing is changed, here or at the other end."""
