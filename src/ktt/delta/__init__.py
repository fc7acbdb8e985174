"""What has changed since the registry last said yes."""
