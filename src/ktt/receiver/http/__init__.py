"""HTTP at the receiver: request bodies within bounds, responses in one form, limits on connections."""
