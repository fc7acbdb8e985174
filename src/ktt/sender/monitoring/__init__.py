"""Whether all is well: the status of every unit each morning, alarms when it changes, proof of what was sent, and a bundle for support."""
