"""Databases and key files of ours."""
