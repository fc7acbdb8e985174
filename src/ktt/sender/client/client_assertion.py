"""The client assertion: who asks HelseID for a token, and on whose behalf (helseid § 5, § 6)."""

from __future__ import annotations

import datetime as dt
from typing import Any

from ktt.domain.unit import ReportingUnit
from ktt.sender.settings import HelseIdSettings
from ktt.wire.dpop import ProofKey, new_jti

TYP = "client-authentication+jwt"
LIFETIME = dt.timedelta(seconds=30)
_MULTI_TENANT_SYSTEM = "urn:oid:1.0.6523"
_CHILD_SYSTEM = "urn:oid:2.16.578.1.12.4.1.4.101"


class ClientAssertions:
    """Makes the client assertions of one client for one reporting unit."""

    def __init__(self, settings: HelseIdSettings, unit: ReportingUnit, key: ProofKey) -> None:
        details = organisation_details(settings, unit)
        self._client_id = settings.client_id
        self._details = {"assertion_details": details} if details else {}
        self._signer = key.signer(TYP)

    def make(self, issuer: str, at: dt.datetime) -> str:
        """A new assertion, to be used once within 30 seconds; the issuer is its only audience."""
        now = int(at.timestamp())
        who = {"iss": self._client_id, "sub": self._client_id, "aud": issuer, "jti": new_jti()}
        when = {"iat": now, "nbf": now, "exp": now + int(LIFETIME.total_seconds())}
        return self._signer.sign({**who, **when, **self._details})


def organisation_details(settings: HelseIdSettings, unit: ReportingUnit) -> list[dict[str, Any]]:
    """The claim `assertion_details`, as an array; empty when HelseID knows the organisation from the client itself."""
    child = settings.child_organisation
    if settings.multi_tenant:
        value = ":".join(["NO:ORGNR", unit.organisation, *([child] if child else [])])
        return [_authorization(_MULTI_TENANT_SYSTEM, value)]
    return [_authorization(_CHILD_SYSTEM, child)] if child else []


def _authorization(system: str, value: str) -> dict[str, Any]:
    identifier = {"system": system, "type": "ENH", "value": value}
    return {"type": "helseid_authorization", "practitioner_role": {"organization": {"identifier": identifier}}}
