"""The messages: packs of message types, their JSON Schemas, and the way from records to JSON and back."""
