"""The JSON Schema of a mapping file, made from what the reader of the file is made from, for editors."""
