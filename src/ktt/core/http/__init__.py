"""HTTP as values: requests, responses and conversations without a network, and the one client that sends them."""
