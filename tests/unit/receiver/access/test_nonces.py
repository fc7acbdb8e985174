"""DPoP nonces."""

from __future__ import annotations

import datetime as dt

from ktt.receiver.access.nonces import Nonces
from support.receiver_harness import NOW


def test_a_nonce_is_good_in_its_period_and_the_next():
    nonces = Nonces(b"secret")
    nonce = nonces.current(NOW)
    accepted = {minutes: nonces.accepts(nonce, NOW + dt.timedelta(minutes=minutes)) for minutes in (0, 5, 10, -5)}
    assert accepted == {0: True, 5: True, 10: False, -5: False}
    for foreign in (Nonces(b"other").current(NOW), "", None, 7, ["x"]):
        assert not nonces.accepts(foreign, NOW)
