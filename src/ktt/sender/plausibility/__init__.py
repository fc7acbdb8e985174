"""Is it plausible? What a run saw is held against the unit's own last runs, and what is odd must be accepted by a person.

`questions` asks, before anything is queued; `store` keeps the history and the acceptances.
"""
