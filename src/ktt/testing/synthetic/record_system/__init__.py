"""The synthetic municipality's record system: its tables, mapping file and answer key."""
