"""A demonstration of the whole program: a synthetic municipality reports, and the registry is compared with its source."""
