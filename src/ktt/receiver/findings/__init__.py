"""Findings in accepted messages, open until they are corrected."""
