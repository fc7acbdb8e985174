"""JSON Schemas that somebody else wrote: read, made self-contained, and asked about messages of any size."""
