"""`assertion_details` in every spelling that NHN's and FHI's own code uses (helseid § 6)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from ktt.domain.identifiers import organisation_valid
from ktt.testing.sandbox.helseid.clients import Client
from ktt.testing.sandbox.helseid.refusals import OAuthRefusal

_NAMED_SYSTEM = "urn:oid:1.0.6523"
_CHILD_SYSTEMS = frozenset({"urn:oid:2.16.578.1.12.4.1.4.101", "urn:oid:2.16.578.1.12.4.1.2.101"})
_NAMED = re.compile(r"NO:ORGNR:(\d{9})(?::(\d{9})?)?", re.ASCII)
_PATH = ("practitioner_role", "organization", "identifier")


@dataclass(frozen=True, slots=True)
class Represented:
    """The organisations that a token is issued for."""

    parent: str
    child: str | None = None
    supplier: str | None = None


def represented(client: Client, details: object) -> Represented:
    """Whom the claim names; OAuthRefusal when it is malformed, missing where it is mandatory, or not delegated."""
    named = _named(client, details)
    if not client.multi_tenant:
        if named is not None and named[0] not in {None, client.organisation}:
            raise OAuthRefusal("invalid_request", "a single-tenant client names another parent")
        return Represented(client.organisation, child=None if named is None else named[1])
    if named is None or named[0] is None:
        raise OAuthRefusal("invalid_request", "a multi-tenant client must name a parent organisation")
    if named[0] not in client.acts_for:
        raise OAuthRefusal("invalid_grant", "the organisation has not delegated to this client")
    return Represented(named[0], child=named[1], supplier=client.organisation)


def _named(client: Client, details: object) -> tuple[str | None, str | None] | None:
    """Parent and child as the claim names them; None without a claim."""
    if details is None:
        return None
    items = details if isinstance(details, list) else [details]
    if len(items) != 1 or not isinstance(items[0], dict) or items[0].get("type") != "helseid_authorization":
        raise OAuthRefusal("invalid_request", "assertion_details")
    identifier = _identifier(items[0])
    if identifier.get("type") != "ENH" or not isinstance(identifier.get("value"), str):
        raise OAuthRefusal("invalid_request", "identifier")
    parent, child = _numbers(client, identifier.get("system"), identifier["value"])
    if not all(organisation_valid(number) for number in (parent, child) if number is not None):
        raise OAuthRefusal("invalid_request", "organisation number")
    return parent, child


def _identifier(item: dict[str, Any]) -> dict[str, Any]:
    for name in _PATH:
        inner = item.get(name)
        if not isinstance(inner, dict):
            raise OAuthRefusal("invalid_request", name)
        item = inner
    return item


def _numbers(client: Client, system: object, value: str) -> tuple[str | None, str | None]:
    named = _NAMED.fullmatch(value)
    if system == _NAMED_SYSTEM and named is not None:
        return named[1], named[2]
    if system in _CHILD_SYSTEMS and not client.multi_tenant:
        return None, value
    raise OAuthRefusal("invalid_request", "identifier system")
