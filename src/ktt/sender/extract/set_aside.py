"""Records that somebody has set aside: in an extract they are held, and so is what depends on them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import polars as pl

from ktt.domain.records import CARE_SERVICE, DECISION, ROOT_NAMES, ROOTS, frame_of
from ktt.sender.extract.extract import Extract
from ktt.sender.extract.held_records import without_records


@dataclass(frozen=True, slots=True)
class SetAside:
    """The extract as it is to be compared, with the set aside records held. `dependents` are held because of them.

    `keeps_decisions`: a service that is set aside is gone from the record system, and which decision it stands in at the
    registry is not known; so no decision may be deleted before it, or the service would be left without one.
    """

    extract: Extract
    dependents: int = 0
    keeps_decisions: bool = False


def set_aside(
    extract: Extract, parked: Mapping[str, Sequence[str]], kept: Mapping[str, Sequence[str]] | None = None
) -> SetAside:
    """Hold these records (local ids by root type), present or not, and the services of their decisions.

    `kept` are held as long as the record system does not have them.
    """
    extract = _with_kept(extract, kept or {})
    if not parked:
        return SetAside(extract)
    ids = {name: pl.Series("local_id", parked.get(name, ()), dtype=pl.String) for name in ROOT_NAMES}
    services = frame_of(extract.records, CARE_SERVICE)
    of_parked = services.filter(pl.col(DECISION.key).is_in(ids[DECISION.name].implode()))[CARE_SERVICE.key]
    dependents = of_parked.filter(~of_parked.is_in(ids[CARE_SERVICE.name].implode()))
    here = pl.concat([services[CARE_SERVICE.key], extract.held.get(CARE_SERVICE.name, dependents.clear())])
    absent = ids[CARE_SERVICE.name].filter(~ids[CARE_SERVICE.name].is_in(here.implode()))
    ids[CARE_SERVICE.name] = pl.concat([ids[CARE_SERVICE.name], dependents.alias("local_id")])
    held = {
        name: pl.concat([extract.held[name], ids[name]]).unique() if name in ids else extract.held[name]
        for name in extract.held
    }
    aside = replace(extract, records=without_records(extract.records, ids), held=held)
    return SetAside(aside, len(dependents), keeps_decisions=not absent.is_empty())


def _with_kept(extract: Extract, kept: Mapping[str, Sequence[str]]) -> Extract:
    absent: dict[str, pl.Series] = {}
    for kind in ROOTS:
        ids = pl.Series("local_id", kept.get(kind.name, ()), dtype=pl.String)
        here = pl.concat([frame_of(extract.records, kind)[kind.key], extract.held[kind.name]])
        absent[kind.name] = ids.filter(~ids.is_in(here.implode()))
    if not any(map(len, absent.values())):
        return extract
    held = {name: pl.concat([ids, absent[name]]) if name in absent else ids for name, ids in extract.held.items()}
    return replace(extract, held=held, kept=absent)
