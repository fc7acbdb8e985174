"""The mapping file of a record system: how its tables, columns and codes become canonical records."""
