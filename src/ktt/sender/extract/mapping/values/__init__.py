"""How single values are read: the forms of days and times, texts made of columns, local codes, and what cannot be read."""
