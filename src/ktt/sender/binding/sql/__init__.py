"""The bindings in a database: their table, and the store that keeps the promises of the port."""
