"""The record system's tables: names, columns and forms, and the field of the model that each column holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ktt.testing.synthetic.municipality import model
from ktt.testing.synthetic.municipality.profile import load_profile
from ktt.testing.synthetic.record_system.formats import (
    COUNT,
    DAY,
    END,
    HOURS,
    INSTANT,
    MONTH,
    PERSON,
    TEXT,
    Form,
    code_form,
    local_codes,
)


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its local name, the field it holds, and its form."""

    name: str
    field: str
    form: Form


@dataclass(frozen=True, slots=True)
class Table:
    """One table. `record` is the canonical type that it holds, `attribute` the list in the person or parent record.

    `sorted_by` is the day field by which that list is sorted, where its order matters.
    """

    name: str
    record: str
    kind: type
    attribute: str
    columns: tuple[Column, ...]
    key: int = 1
    parts: tuple[Table, ...] = ()
    sorted_by: str | None = None

    @property
    def fields(self) -> list[str]:
        """The model's field of each column."""
        return [c.field for c in self.columns]

    @property
    def names(self) -> list[str]:
        """The name of each column."""
        return [c.name for c in self.columns]

    @property
    def keys(self) -> list[str]:
        """The columns that identify a row: the first `key` ones."""
        return self.names[: self.key]


def _codes(name: str) -> Form:
    return code_form(name, local_codes()[name])


TYPES = code_form("tjenestetype", {s.local: s.code for s in load_profile().service})
_YES_NO = _codes("ja_nei")


def _columns(*rows: tuple[str, str, Form]) -> tuple[Column, ...]:
    return tuple(Column(*row) for row in rows)


_OWNER = ("bruker_nr", "local_person_id", PERSON)
_CHANGED = ("sist_endret", "recorded_at", INSTANT)

PEOPLE = Table(
    "bruker", "recipient", model.Person, "", _columns(
        _OWNER,
        ("ident", "person_number", TEXT),
        ("fodt", "born_on", DAY),
        ("kjonn", "sex", TEXT),
        ("dod", "died_on", DAY),
    ),
    parts=(
        Table("bruker_adresse", "residence", model.Residence, "residences", _columns(
            _OWNER,
            ("gjelder_fra", "starts_on", DAY),
            ("gjelder_til", "ends_on", END),
            ("kommune", "municipality", TEXT),
            ("bydel", "district", TEXT),
        ), key=2, sorted_by="starts_on"),
    ),
)  # fmt: skip

DECISIONS = Table(
    "sak_vedtak", "decision", model.Decision, "decisions", _columns(
        ("vedtak_id", "decision_id", TEXT),
        _OWNER,
        ("sak_nr", "case_id", TEXT),
        ("lopenr", "decision_number", COUNT),
        ("forste_vedtak", "original_decision_id", TEXT),
        ("soknad_mottatt", "applied_on", DAY),
        ("vedtatt", "decided_on", DAY),
        _CHANGED,
    ),
    parts=(
        Table("vedtak_linje", "decision_line", model.Line, "lines", _columns(
            ("vedtak_id", "decision_id", TEXT),
            ("tjeneste_id", "service_id", TEXT),
            ("tjkode", "service_type", TYPES),
            ("utfall", "outcome", _codes("utfall")),
            ("timer_uke", "hours_per_week", HOURS),
            ("timer_ressurs", "staff_hours_per_week", HOURS),
            ("rullerende", "rotating", _YES_NO),
            ("innvilget_fra", "starts_on", DAY),
            ("innvilget_til", "ends_on", END),
        ), key=2),
        Table("klage", "appeal", model.Appeal, "appeals", _columns(
            ("vedtak_id", "decision_id", TEXT),
            ("mottatt", "received_on", DAY),
            ("besvart", "answered_on", DAY),
        ), key=2, sorted_by="received_on"),
    ),
)  # fmt: skip

SERVICES = Table(
    "omsorg_tjeneste", "care_service", model.CareService, "services", _columns(
        ("tjeneste_id", "service_id", TEXT),
        _OWNER,
        ("vedtak_id", "decision_id", TEXT),
        ("tjkode", "service_type", TYPES),
        ("startdato", "starts_on", DAY),
        ("sluttdato", "ends_on", END),
        _CHANGED,
    ),
    parts=(
        Table("tjeneste_utforer", "provider_period", model.ProviderPeriod, "providers", _columns(
            ("tjeneste_id", "service_id", TEXT),
            ("fom", "starts_on", DAY),
            ("tom", "ends_on", END),
            ("orgnr", "provider", TEXT),
        ), key=2, sorted_by="starts_on"),
        Table("tjeneste_stopp", "pause", model.Pause, "pauses", _columns(
            ("tjeneste_id", "service_id", TEXT),
            ("stopp_id", "pause_id", TEXT),
            ("fom", "starts_on", DAY),
            ("tom", "ends_on", END),
        ), key=2, sorted_by="starts_on"),
    ),
)  # fmt: skip

CIRCUMSTANCES = Table(
    "bruker_opplysning", "circumstances", model.Circumstances, "circumstances", _columns(
        ("opplysning_id", "circumstances_id", TEXT),
        _OWNER,
        ("gyldig_fra", "starts_on", DAY),
        ("gyldig_til", "ends_on", END),
        ("husstand", "household", _codes("husstand")),
        ("barn", "cares_for_children", _YES_NO),
        ("egnet_bolig", "suitable_dwelling", _YES_NO),
        ("privat_hjelp", "private_help", _codes("privat_hjelp")),
        ("lege_mnd", "doctor_assessed_in", MONTH),
        ("tannlege_mnd", "dentist_assessed_in", MONTH),
        ("ip", "individual_plan", _codes("plan")),
        ("ip_dato", "individual_plan_on", DAY),
        ("koordinator", "coordinator", _codes("plan")),
        ("koordinator_dato", "coordinator_on", DAY),
        ("lmg", "medication_review", _YES_NO),
        ("lmg_dato", "medication_review_on", DAY),
        ("venteliste", "waiting_list", _YES_NO),
        ("venteliste_fra", "waiting_list_from", DAY),
        ("venteliste_til", "waiting_list_to", DAY),
        ("heldogn", "round_the_clock", _YES_NO),
        ("rehab", "habilitation", _YES_NO),
        ("rehab_dato", "habilitation_on", DAY),
        _CHANGED,
    ),
    parts=(
        Table("opplysning_deltakelse", "participation", model.Participation, "participation", _columns(
            ("opplysning_id", "circumstances_id", TEXT),
            ("omrade", "participation_type", _codes("deltakelse")),
            ("behov", "need", _codes("behov")),
            ("mottar", "receives", _codes("mottar")),
        ), key=2),
        Table("opplysning_ernaering", "nutrition", model.Nutrition, "nutrition", _columns(
            ("opplysning_id", "circumstances_id", TEXT),
            ("sporsmal", "nutrition_type", _codes("ernaering")),
            ("svar", "result", _YES_NO),
            ("dato", "surveyed_on", DAY),
        ), key=2),
    ),
)  # fmt: skip

ASSESSMENTS = Table(
    "adl_vurdering", "assessment", model.Assessment, "assessments", _columns(
        ("vurdering_id", "assessment_id", TEXT), _OWNER, ("dato", "assessed_on", DAY), _CHANGED
    ),
    parts=(
        Table("adl_skaar", "score", model.Score, "scores", _columns(
            ("vurdering_id", "assessment_id", TEXT),
            ("variabel", "variable", _codes("funksjon")),
            ("verdi", "score", _codes("skaar")),
        ), key=2),
    ),
    sorted_by="assessed_on",
)  # fmt: skip

DIAGNOSES = Table(
    "bruker_diagnose", "diagnosis", model.Diagnosis, "diagnoses", _columns(
        ("diagnose_id", "diagnosis_id", TEXT),
        _OWNER,
        ("kodesystem", "code_system", _codes("kodesystem")),
        ("kode", "code", TEXT),
        ("fra", "starts_on", DAY),
        ("til", "ends_on", END),
        _CHANGED,
    ),
)  # fmt: skip

RECORDS: Sequence[Table] = (DECISIONS, SERVICES, CIRCUMSTANCES, ASSESSMENTS, DIAGNOSES)
"""The tables whose rows become records."""

TABLES: Sequence[Table] = tuple(t for root in (PEOPLE, *RECORDS) for t in (root, *root.parts))
"""Every table that the mapping names."""
