"""The order of the checks (slash § 9) as one table: each step is a small function with one exit, a `Refusal`.

No step may move across either of the two marked lines. Steps up to `HEAD` need no body and run when the headers have
arrived; the body is not read before them.
"""

from __future__ import annotations

from ktt.receiver import entering, opening
from ktt.receiver.steps import Step

HEAD = (
    Step("1", "credentials", entering.take_credentials),
    Step("2", "token", entering.check_token, asks=entering.token_unknown),
    Step("3", "proof", entering.check_proof, timed=True),
    Step("4", "caller", entering.know_caller),
    Step("5", "limits", entering.hold_within_limits),
    Step("6", "jti", entering.burn_jti, timed=True),
    # ═══ line 1: the request is authenticated from here
    Step("7", "headers", entering.check_headers),
    Step("8", "claims", entering.read_claims),
    Step("9", "access", entering.check_access, asks=entering.access_unknown),
    Step("10", "key", entering.find_key),
)
BODY = (
    Step("11", "body", opening.take_body, heavy=True),
    Step("12", "ledger", opening.record_wrapped_key, timed=True),
    Step("13-15", "envelope", opening.open_envelope, heavy=True, timed=True),
    # ═══ line 2: the content is authentic from here; nothing is parsed before this line
    Step("16", "json", opening.check_json, heavy=True),
    Step("17", "schema", opening.check_schema, heavy=True, timed=True),
    Step("18", "units", opening.check_units, heavy=True),
    Step("19", "seal", opening.seal, heavy=True),
    Step("19", "store", opening.store, timed=True),
)
