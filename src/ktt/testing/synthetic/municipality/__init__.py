"""A synthetic municipality: its people, their care and the work of its office, day by day."""
