"""The console of a sandbox: what came, what became of it, and what can be made to fail, on pages for a browser."""
