"""From the receiver's inbox into the registry: pages read, decoded and written, and what waits set aside."""
