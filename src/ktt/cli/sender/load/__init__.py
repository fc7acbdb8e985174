"""`ktt load`: the history, planned or sent."""
