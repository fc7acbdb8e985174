"""Tools for those who bring a message pack of their own."""
