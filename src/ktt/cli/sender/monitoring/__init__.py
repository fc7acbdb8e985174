"""The commands that watch over the sender: status, receipts, support."""
