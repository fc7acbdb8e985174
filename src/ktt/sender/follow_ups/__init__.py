"""What the registry waits for the unit to do, as the receiver told it last (ADR 0024)."""
