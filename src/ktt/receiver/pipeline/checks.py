"""The order of the checks (transport § 9) as one table: each step is a small function with one exit, a `Refusal`.

No step may move across either of the two marked lines. Steps up to `HEAD` need no body and run when the headers have
arrived; the body is not read before them.
"""

from __future__ import annotations

from ktt.receiver.pipeline import body_checks, header_checks
from ktt.receiver.pipeline.steps import Step

HEAD = (
    Step("1", "credentials", header_checks.take_credentials),
    Step("2", "token", header_checks.check_token, asks=header_checks.token_unknown),
    Step("3", "proof", header_checks.check_proof, timed=True),
    Step("4", "caller", header_checks.know_caller),
    Step("5", "limits", header_checks.hold_within_limits),
    Step("6", "jti", header_checks.burn_jti, timed=True),
    # ═══ line 1: the request is authenticated from here
    Step("7", "headers", header_checks.check_headers),
    Step("8", "claims", header_checks.read_claims),
    Step("9", "access", header_checks.check_access, asks=header_checks.access_unknown),
    Step("10", "key", header_checks.find_key),
)
BODY = (
    Step("11", "body", body_checks.take_body, heavy=True),
    Step("12", "ledger", body_checks.record_wrapped_key, timed=True),
    Step("13-15", "envelope", body_checks.open_envelope, heavy=True, timed=True),
    # ═══ line 2: the content is authentic from here; nothing is parsed before this line
    Step("16", "json", body_checks.check_json, heavy=True),
    Step("17", "schema", body_checks.check_schema, heavy=True, timed=True),
    Step("18", "units", body_checks.check_units, heavy=True),
    Step("19", "seal", body_checks.seal, heavy=True),
    Step("19", "store", body_checks.store, timed=True),
)
