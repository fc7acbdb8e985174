"""A proposed mapping, from a profile: the likeliest table of each record type, the likeliest column of each field."""
