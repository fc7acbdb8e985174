"""The receiver's own documentation: OpenAPI and the page that shows it."""
