"""HTTP as values: requests, responses and conversations without a network, and the one client that speaks it."""
