"""Every record at either end with how it compares, in one frame; the counts and the snapshot that follow from it."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from ktt.domain.fingerprint import fingerprint
from ktt.domain.records import RECIPIENT, frame_of
from ktt.sender.delta.carriers import links_needed
from ktt.sender.reconciliation.inventory import Listing
from ktt.sender.reconciliation.sent_records import SentRecords
from ktt.sender.registry_comparison import DIFFERENCES, TypeComparison
from ktt.sender.report import MAX_IDS
from ktt.sender.sender import Sender

_COMPARED = {"record_type": pl.String(), "local_id": pl.String(), "state": pl.String(), "there": pl.Boolean()}
_IN_REGISTRY, _IN_EXTRACT = pl.col("hash_there").is_not_null(), pl.col("hash").is_not_null()
NOT_THIS_ONE = ""
"""The fingerprint of a record that the registry has with another content: no record has this one."""


def compare_listing(sent: SentRecords, listing: Listing) -> pl.DataFrame:
    """`record_type`, `local_id`, `state`, and whether the record is `there`, in the registry.

    The state is `equal`, `missing`, `different`, `surplus`, `held`, or `unproved`: in the registry alone, while the
    extract does not prove that it is gone. A recipient whom only the registry has is not told: its records are.
    """
    there = {str(name): frame for (name,), frame in listing.records.group_by("record_type")}
    frames = [
        _compare_type(
            name, mine, there.get(name, pl.DataFrame(schema={"local_id": pl.String, "hash": pl.String})), sent
        )
        for name, mine in sent.hashes(listing.salt).items()
    ]
    compared = pl.concat([pl.DataFrame(schema=_COMPARED), *frames])
    return compared.filter((pl.col("record_type") != RECIPIENT.name) | ~pl.col("state").is_in(["surplus", "unproved"]))


def _compare_type(name: str, mine: pl.DataFrame, theirs: pl.DataFrame, sent: SentRecords) -> pl.DataFrame:
    held = sent.held.get(name, pl.Series(dtype=pl.String))
    proved = name == RECIPIENT.name or sent.extract.proves_absence(name)
    both = mine.join(theirs.select("local_id", hash_there="hash"), on="local_id", how="full", coalesce=True)
    state = (
        pl.when(pl.col("local_id").is_in(held.implode()))
        .then(pl.lit("held"))
        .when(~_IN_REGISTRY)
        .then(pl.lit("missing"))
        .when(~_IN_EXTRACT)
        .then(pl.lit("surplus" if proved else "unproved"))
        .when(pl.col("hash") == pl.col("hash_there"))
        .then(pl.lit("equal"))
        .otherwise(pl.lit("different"))
    )
    return both.select(pl.lit(name).alias("record_type"), "local_id", state=state, there=_IN_REGISTRY)


def type_comparisons(sent: SentRecords, compared: pl.DataFrame) -> dict[str, TypeComparison]:
    """The counts and the first ids of each record type."""
    counts = {(name, state): n for name, state, n in compared.group_by("record_type", "state").len().iter_rows()}
    first = pl.col("local_id").sort().head(MAX_IDS)
    listed = compared.filter(pl.col("state").is_in(DIFFERENCES)).group_by("record_type", "state").agg(first)
    ids = {(name, state): found for name, state, found in listed.iter_rows()}
    return {
        name: TypeComparison(
            sent=frame_of(sent.records, kind).height,
            held=len(sent.held.get(name, ())) - len(sent.extract.kept.get(name, ())),
            unproved=counts.get((name, "unproved"), 0),
            first={state: ids[name, state] for state in DIFFERENCES if (name, state) in ids},
            **{state: counts.get((name, state), 0) for state in DIFFERENCES},
        )
        for name, kind in [(RECIPIENT.name, RECIPIENT), *((kind.name, kind) for kind in sent.kinds)]
    }


def true_snapshot(
    sender: Sender, sent: SentRecords, compared: pl.DataFrame, *, whole_persons: bool = False
) -> dict[str, pl.DataFrame]:
    """The snapshot that says what the registry truly has: the fingerprint of what is equal, `NOT_THIS_ONE` of the rest.

    The records of a person whom the registry lacks or has wrongly are not equal: sending them again brings the person.
    With `whole_persons`, so are all records of the persons who have one that is missing or different.
    """
    people = _people_to_send(sent, compared, whole_persons=whole_persons)
    found: dict[str, pl.DataFrame] = {}
    for kind in sent.kinds:
        theirs = frame_of(sent.records, kind).filter(pl.col(RECIPIENT.key).is_in(people.implode()))[kind.key]
        own = fingerprint(sent.extract.records, kind, sender.fingerprint_key).select("local_id", "fingerprint")
        of_type = compared.filter((pl.col("record_type") == kind.name) & pl.col("there"))
        same = (pl.col("state") == "equal") & ~pl.col("local_id").is_in(theirs.implode())
        known = pl.when(same).then("fingerprint").otherwise(pl.lit(NOT_THIS_ONE))
        found[kind.name] = of_type.join(own, on="local_id", how="left").select("local_id", fingerprint=known)
    return found | _links(sender, sent, found)


def _people_to_send(sent: SentRecords, compared: pl.DataFrame, *, whole_persons: bool) -> pl.Series:
    """The persons whose records are all sent again."""
    wrong = compared.filter(pl.col("state").is_in(["missing", "different"]))
    people = [wrong.filter(pl.col("record_type") == RECIPIENT.name)["local_id"]]
    for kind in sent.kinds if whole_persons else ():
        ids = wrong.filter(pl.col("record_type") == kind.name)["local_id"]
        people.append(frame_of(sent.records, kind).filter(pl.col(kind.key).is_in(ids.implode()))[RECIPIENT.key])
    return pl.concat(people).unique()


def _links(sender: Sender, sent: SentRecords, known: Mapping[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """Which of these stand inside which, where a pack puts records inside others: as they do now, else as they did."""
    found: dict[str, pl.DataFrame] = {}
    nested = [one for version in sender.versions for one in version.nested]
    for name, one in zip(links_needed(sender.versions), nested, strict=True):
        inner, outer = one.inner, one.outer
        now = frame_of(sent.records, inner).select(local_id=inner.key, fingerprint=outer.key).drop_nulls()
        before = sender.outbox.snapshot(sender.unit, name)
        links = pl.concat([now, before]).unique("local_id", keep="first")
        found[name] = links.join(known[inner.name], on="local_id", how="semi")
    return found
