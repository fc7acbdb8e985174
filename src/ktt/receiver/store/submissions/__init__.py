"""What the receiver writes before it answers, one group of submissions at a time, in SQLite or PostgreSQL."""
