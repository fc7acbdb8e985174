"""Daily reporting of allocated municipal health and care services: the sender, the receiver and the registry."""
