"""The requirements of the protocol, and the cases that are about each of them."""
