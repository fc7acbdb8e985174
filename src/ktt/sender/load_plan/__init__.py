"""What an initial load will send, how long it will take, and when it may send: told before anything is sent."""
