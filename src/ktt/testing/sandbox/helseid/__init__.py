"""The sandbox's HelseID: discovery, keys and a token endpoint that verifies what it is given."""
