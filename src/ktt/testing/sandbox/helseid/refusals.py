"""How the token endpoint says no (RFC 6749 § 5.2)."""

from __future__ import annotations


class OAuthRefusal(Exception):
    """An `error` of OAuth's list, and what the developer at the other end should know."""

    def __init__(self, error: str, description: str) -> None:
        self.error, self.description = error, description
        super().__init__(f"{error}: {description}")
