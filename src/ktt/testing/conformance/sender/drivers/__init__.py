"""How a sender under test is driven: by commands, by whoever operates it, or in the suite's process."""
