"""How much the tests try: enough by default to see a mistake of today, and far more in `make soak` (KTT_EFFORT=full).

Every count of made-up input stands here, first what `make test` tries and then what `make soak` tries.

By default Hypothesis makes the same examples every time (`derandomize`): when a test turns red, a change of ours is the
reason, and it is red again on any machine. What nobody has thought of is looked for with full effort, where the examples
are new every time; a failure prints the line that repeats it. No example has a deadline in either, as a machine that
does other work beside would break it.
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

FULL = os.environ.get("KTT_EFFORT", "quick") == "full"


def _tries(quick: int, full: int) -> int:
    return full if FULL else quick


# ── made by ourselves, from a seed ──────────────────────────────────────────────────────────────────────────────────
RECEIVER_REQUESTS = _tries(400, 10_000)  # nearly right requests to the receiver
RECEIVER_BYTES = _tries(60, 2_000)  # noise at its socket
MESSAGES = _tries(1_000, 10_000)  # mutilated daily messages that are validated
ANNUAL_MESSAGES = _tries(200, 10_000)  # mutilated annual messages that are validated

ORDINARY_MONTHS = _tries(2, 200)  # of municipalities whose days must ask a person nothing
ORDINARY_DAYS = _tries(6, 30)  # in each
MONTH_RECIPIENTS = _tries(20, 2_000)  # of the municipality whose month of days is sent over HTTP

# ── made by Hypothesis: the examples of one test ────────────────────────────────────────────────────────────────────
PLAIN = _tries(100, 2_000)  # where a test names no count of its own
ACCEPTANCE = _tries(15, 300)  # groups of deliveries on each store of the receiver
ANY_SCHEMA = _tries(60, 5_000)  # schemas of any keywords, each with some messages
ANNUAL_OPINIONS = _tries(8, 200)  # annual messages read and judged twice
CHANGES = _tries(20, 400)  # two states of a record system, and the messages between them
ENVELOPES = _tries(30, 2_000)
FAST_CHECK = _tries(150, 40_000)  # messages for the automaton
FINGERPRINTS = _tries(20, 500)
JSON_TEXTS = _tries(150, 20_000)
NUMBERS = _tries(100, 5_000)  # synthetic national identity numbers
OPEN_FINDINGS = _tries(15, 500)
OUTBOX_SQLITE = _tries(15, 150)  # interleavings of 30 steps
OUTBOX_POSTGRESQL = _tries(12, 60)
REGISTRY = _tries(8, 300)  # sequences of messages to the registry
REGISTRY_WAITING = _tries(12, 200)  # interleavings of 30 steps, with units that wait, on each database
ROUND_TRIPS = _tries(8, 200)
SHAPES = _tries(5, 200)  # records in each message of the test packs
SCHEMATHESIS = _tries(4, 50)  # cases of each kind and operation
SECOND_OPINIONS = _tries(25, 600)  # record systems judged twice
THREE_VALIDATORS = _tries(60, 16_000)  # messages for three JSON Schema validators, each of five versions
HISTORIES = _tries(25, 10_000)  # made-up histories on each database, against the definition; from seeds
TWO_CLOCKS = _tries(8, 1_000)  # histories on each database, asked by both clocks; made by Hypothesis
WHOLE_ROADS = _tries(4, 150)  # from the record system to the registry, of so many days
VERSIONS = _tries(50, 1_500)  # sequences folded at once and one by one

# ── `kill -9` under load, on each database ──────────────────────────────────────────────────────────────────────────
INGEST_ROUNDS = _tries(1, 12)  # of killing an ingest at each of its steps, twice
LOAD_ROUNDS = _tries(1, 3)
LOAD_SECONDS = _tries(0, 30)  # of killing at random, after one process, the supervisor and all at once were killed
LOAD_UNITS = _tries(6, 16)  # that send at once
FLEET_UNITS = _tries(12, 300)  # of one fleet, some of which have bad luck

# ── attacks on the receiver ─────────────────────────────────────────────────────────────────────────────────────────
ATTACK_SECONDS = _tries(1, 30)  # of each
SLOWEST_ANSWER = _tries(5, 2)  # seconds; the whole suite keeps a machine busier than an attack does


def use_profile() -> None:
    """Make these the settings that every property test begins with. Before a test module is imported."""
    settings.register_profile(
        "ktt",
        max_examples=PLAIN,
        deadline=None,
        derandomize=not FULL,
        database=None,
        print_blob=True,
        suppress_health_check=list(HealthCheck),
    )
    settings.load_profile("ktt")
