"""`GET /metrics`, and the gauges that are read when it is asked for."""
