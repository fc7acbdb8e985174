"""`ktt store`: what the sender's store is bound to, binding it anew, by name and with a reason, and its backup."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ktt.cli.sender.options import CONFIG, ConfigFile, Reason, current_user, load_settings
from ktt.cli.sender.upkeep import store_backup
from ktt.cli.show import JsonFlag, emit, language, table, told
from ktt.core.text import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import RenderableType

    from ktt.sender.binding.binding import Standing
    from ktt.sender.binding.store import Binding

app = typer.Typer(add_completion=False)
store_backup.register(app)

_ACTS = {
    "first": Text(nb="første kjøring", en="first run"),
    "adopted": Text(nb="i bruk fra før", en="in use from before"),
    "unused": Text(nb="nye innstillinger, ingenting sendt ennå", en="new settings, nothing sent yet"),
    "bound": Text(nb="bundet på nytt", en="bound anew"),
    "anew": Text(nb="begynt på nytt", en="started anew"),
    "mended": Text(nb="rettet etter registeret", en="put right by the registry"),
}
_COLUMNS = (
    Text(nb="Når", en="When"),
    Text(nb="Hvordan", en="How"),
    Text(nb="Av", en="By"),
    Text(nb="Hvorfor", en="Why"),
    Text(nb="Miljø", en="Environment"),
    Text(nb="Mottak", en="Receiver"),
    Text(nb="Klient", en="Client"),
)
_UNBOUND = Text(
    nb="Lageret er ikke bundet ennå. Første kjøring binder det til innstillingene.",
    en="The store is not bound yet. The first run binds it to the settings.",
)
_AGREES = Text(
    nb="✓ Lageret, innstillingene og vitnefilen hører sammen.", en="✓ Store, settings and witness file belong together."
)
_BOUND = Text(
    nb="Lageret til {unit} er bundet til {address} ({environment}).",
    en="The store of {unit} is bound to {address} ({environment}).",
)
_ANEW = Text(
    nb="Lageret til {unit} er tomt og bundet til {address} ({environment}). Det gamle ligger i «{away}». Kjør «ktt load», som sender alt. Er registeret det samme som før, så kjør «ktt reconcile» etterpå: det som er slettet i EPJ i mellomtiden, ligger der ennå.",
    en="The store of {unit} is empty and bound to {address} ({environment}). The old one is “{away}”. Run `ktt load`, which sends everything. If the registry is the same as before, run `ktt reconcile` afterwards: what was deleted from the record system meanwhile is still there.",
)


@app.command(
    help=told(
        nb="Vis hva lageret er bundet til, siden når, av hvem og hvorfor.",
        en="Show what the store is bound to, since when, by whom and why.",
    )
)
def show(config: ConfigFile = CONFIG, *, json: JsonFlag = False) -> None:
    """The bindings of this unit's store, and what keeps the next run from using it, if anything does."""
    settings = load_settings(config)
    from ktt.wiring.sender import binding_from

    with binding_from(settings) as binding:
        standing, history = binding.standing(), binding.store.history(binding.unit)
    emit(
        _data(standing, history, settings.unit.reporting_unit.key), json=json, render=lambda: _shown(standing, history)
    )
    if standing.problem is not None:
        raise standing.problem


@app.command(
    help=told(
        nb="Bind lageret til innstillingene slik de er nå. Mottaket spørres om den siste kvitteringen.",
        en="Bind the store to the settings as they are now. The receiver is asked for the last receipt.",
    )
)
def bind(
    reason: Reason,
    config: ConfigFile = CONFIG,
    *,
    same_registry: Annotated[
        bool,
        typer.Option(
            "--same-registry",
            help=told(
                nb="Dere bekrefter at registeret er det samme og lageret det siste. Trengs bare når mottaket ikke har oppslag.",
                en="You vouch that the registry is the same and the store the newest. Only needed when the receiver has no lookups.",
            ),
        ),
    ] = False,
    start_anew: Annotated[
        bool,
        typer.Option(
            "--start-anew",
            help=told(
                nb="Legg det gamle lageret bort og begynn med et tomt; «ktt load» sender alt.",
                en="Put the old store away and begin with an empty one; `ktt load` sends everything.",
            ),
        ),
    ] = False,
    json: JsonFlag = False,
) -> None:
    """Bind this unit's store to its settings: another receiver, client, machine or environment."""
    settings = load_settings(config)
    from ktt.sender.binding.rebind import rebind
    from ktt.sender.outbox.dispatch import locked
    from ktt.wiring.sender import binding_from, outbox_from, start_store_anew

    unit, by, away = settings.unit.reporting_unit, current_user(), None
    if start_anew:
        made, away = start_store_anew(settings, by, reason)
    else:
        with outbox_from(settings) as outbox, locked(outbox, unit), binding_from(settings) as binding:
            made = rebind(binding, by, reason, same_registry=same_registry)
    words = _ANEW if away else _BOUND
    said = words.format(unit=unit.key, address=made.facts.address, environment=made.facts.environment, away=away)
    data = {"unit": unit.key, "binding": _binding_data(made), "put_away": away}
    emit(data, json=json, render=lambda: said.in_(language()))


def _data(standing: Standing, history: Sequence[Binding], unit: str) -> dict[str, Any]:
    problem = standing.problem
    return {
        "unit": unit,
        "bound": standing.binding and _binding_data(standing.binding),
        "differences": [asdict(one) for one in standing.differences],
        "problem": problem and {"code": problem.code, "what": problem.says(), "exit_code": problem.exit_code},
        "history": [_binding_data(one) for one in history],
    }


def _binding_data(binding: Binding) -> dict[str, Any]:
    return asdict(binding.facts) | {name: getattr(binding, name) for name in ("store", "act", "by", "reason", "at")}


def _shown(standing: Standing, history: Sequence[Binding]) -> RenderableType:
    from rich.console import Group

    if standing.binding is None and standing.problem is None:
        return _UNBOUND.in_(language())
    rows = [
        (
            one.at,
            _ACTS[one.act].in_(language()),
            one.by,
            one.reason,
            one.facts.environment,
            one.facts.address,
            one.facts.client_id,
        )
        for one in history
    ]
    return Group(*([_AGREES.in_(language())] if standing.problem is None else []), table(_COLUMNS, rows))
