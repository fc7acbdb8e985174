"""Pages that the program serves: what is common to them, and the console of the sandbox."""
