"""The report of a validation in each of its forms."""
