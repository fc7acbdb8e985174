"""Rules that are the same for every record type: codes, dates, local ids and places."""
