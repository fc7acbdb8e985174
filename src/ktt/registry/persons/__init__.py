"""One person in the registry: whom a key is, all that is held, deletion, and the way back from a pseudonym."""
