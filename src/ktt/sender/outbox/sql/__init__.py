"""The outbox in a database: its tables, its statements, and the store that keeps the promises of the port."""
