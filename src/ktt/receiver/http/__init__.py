"""HTTP at the receiver: request bodies within bounds, responses of one form, limits on connections."""
