"""The HTTP client of the sender: the exchanges with HelseID and the receiver, with nothing of the queue."""
