"""What puts the parts together: the only package that knows every implementation, and makes them from the settings."""
