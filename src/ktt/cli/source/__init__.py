"""`ktt source`: from an unknown record system to a mapping file that somebody has approved."""
