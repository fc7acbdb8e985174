"""A profile of a record system: its tables, its columns and what kinds of values they hold, without any value about a person."""
