"""The sender that runs itself: written into the operating system's own scheduler, or waiting by a clock of its own."""
