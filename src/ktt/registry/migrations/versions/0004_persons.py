"""The audit log of persons as a chain, keys that are one person, and which vaults are in use.

What was looked at before becomes the first entries of the chain, in their order; its head is sealed with the next entry.
A person whom the registry does not know any more stays without a road from the log.
"""

import datetime as dt
import hashlib
import json
import secrets

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _tables()
    number, previous = _entries()
    op.execute(sa.text("INSERT INTO audit_head (number, hash) VALUES (:n, :h)").bindparams(n=number, h=previous))
    op.drop_table("identity_look")


def _tables() -> None:
    op.create_table(
        "audit_entry",
        _required("number", sa.BigInteger, primary_key=True, autoincrement=False),
        _required("at", INSTANT),
        *(_required(name) for name in ("who", "act", "why")),
        *(sa.Column(name, TEXT) for name in ("unit", "detail")),
        _required("hash"),
    )
    op.create_table(
        "audit_about",
        _required("number", sa.BigInteger, primary_key=True, autoincrement=False),
        _required("subject", primary_key=True),
    )
    op.create_table("audit_subject", _required("subject", primary_key=True), _required("person_key", unique=True))
    op.create_table(
        "audit_head", _required("number", sa.BigInteger), _required("hash"), sa.Column("sealed", sa.LargeBinary)
    )
    op.create_table(
        "person_link",
        _required("person_key", primary_key=True),
        _required("same_as"),
        _required("linked_at", INSTANT),
        *(sa.Column(name, sa.BigInteger) for name in ("position", "entry")),
    )
    op.create_table("vault_check", _required("vault", primary_key=True), _required("value"))


def _entries() -> tuple[int, str]:
    """Each earlier look as an entry; the number and the hash of the last."""
    connection, number, previous, subjects = op.get_bind(), 0, "", {}
    looks = sa.table(
        "identity_look", *map(sa.column, ("id", "who", "why", "person_key")), sa.column("looked_at", INSTANT)
    )
    for look in connection.execute(sa.select(looks).order_by(looks.c.id)).all():
        number += 1
        at = look.looked_at.astimezone(dt.UTC) if look.looked_at.tzinfo else look.looked_at.replace(tzinfo=dt.UTC)
        unit = look.person_key.removeprefix("unit ") if look.person_key.startswith("unit ") else None
        about = [] if unit else [subjects.setdefault(look.person_key, secrets.token_hex(16))]
        act = "list" if unit else "look"
        entry = [number, at.isoformat(), look.who, act, look.why, unit, None, about]
        text = json.dumps([previous, *entry], ensure_ascii=False, separators=(",", ":"))
        previous = hashlib.sha256(text.encode()).hexdigest()
        row = dict(zip(("number", "at", "who", "act", "why", "unit", "detail"), entry, strict=False))
        _insert("audit_entry", row | {"at": _stored(at), "hash": previous})
        for subject in about:
            _insert("audit_about", {"number": number, "subject": subject})
    known = set(connection.scalars(sa.text("SELECT DISTINCT person_key FROM recipient_known")))
    for person_key, subject in subjects.items():
        if person_key in known:
            _insert("audit_subject", {"subject": subject, "person_key": person_key})
    return number, previous


def _insert(table: str, row: dict[str, object]) -> None:
    names = (sa.column(name, INSTANT) if name == "at" else sa.column(name) for name in row)
    op.get_bind().execute(sa.insert(sa.table(table, *names)).values(row))


def _stored(at: dt.datetime) -> dt.datetime:
    return at.replace(tzinfo=None) if op.get_bind().dialect.name == "sqlite" else at


def _required(name: str, kind: object = TEXT, **options: object) -> sa.Column:
    return sa.Column(name, kind, nullable=False, **options)
