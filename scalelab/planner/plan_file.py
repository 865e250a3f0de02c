"""A plan as a file: TOML, one table for each part of the system.

TOML and not YAML, because Python reads it without anything installed.
"""

from __future__ import annotations

import dataclasses
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from scalelab import _validate as v
from scalelab.models.system_parts import AppTier, Cache, Database, Demand, SessionStore, System
from scalelab.planner.one_failure import Recovery
from scalelab.planner.remedy_menu import RemedyMenu
from scalelab.planner.system_prices import Prices
from scalelab.planner.user_habits import UserHabits


@dataclass(frozen=True, kw_only=True)
class Clients:
    """What clients do that the models leave out.

    Parameters
    ----------
    retries : int
        How often a client tries again after a timeout, >= 0.
    correlated_work : bool
        Whether a request that is long at one tier is long at the others, too.
    """

    retries: int = 0
    correlated_work: bool = False

    def __post_init__(self) -> None:
        """Refuse what no client does."""
        v.keep(self, retries=v.count("Clients", "retries", self.retries, minimum=0))
        v.truth("Clients", "correlated_work", self.correlated_work)


PARTS = {
    "users": UserHabits,
    "demand": Demand,
    "app": AppTier,
    "sessions": SessionStore,
    "cache": Cache,
    "database": Database,
    "clients": Clients,
    "prices": Prices,
    "recovery": Recovery,
    "remedies": RemedyMenu,
}


@dataclass(frozen=True, kw_only=True)
class PlanFile:
    """What a plan file says.

    Parameters
    ----------
    name : str
        Of the file.
    system : System
        At the rate of the demand, or at the peak of the users.
    habits : UserHabits or None
        None where the demand is given in requests per second.
    clients : Clients
        Retries and correlated work.
    prices : Prices
        All prices.
    recovery : Recovery
        How long repairs take.
    menu : RemedyMenu
        What may be done to the system.
    """

    name: str
    system: System
    habits: UserHabits | None
    clients: Clients
    prices: Prices
    recovery: Recovery
    menu: RemedyMenu


class PlanFileError(ValueError):
    """A plan file says what it cannot; the message has its line and what is allowed."""


def read_plan(path: Path | str) -> PlanFile:
    """Read a plan file.

    Parameters
    ----------
    path : Path or str
        The file. A part that has no table is as its class makes it; a cache, a session store and
        users are only there if their table is.

    Returns
    -------
    PlanFile

    Raises
    ------
    OSError
        The file cannot be read.
    PlanFileError
        It is no TOML, or a table, a setting or a value is none that is known.
    """
    file = Path(path)
    text = file.read_text(encoding="utf-8")
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise PlanFileError(f"{file.name}: {error}") from None
    for table in tables:
        if table not in PARTS or not isinstance(tables[table], dict):
            line = _line_of(text, table, "") or _line_of(text, "", table)
            _fail(file, line, f"[{table}] is no table of a plan; allowed are {', '.join(PARTS)}")
    made = {
        table: _part(file, text, table, settings)
        for table, settings in tables.items()
        if table != "demand"
    }
    habits = made.get("users")
    settings = dict(tables.get("demand", {}))
    if habits is not None:
        if "rate_per_s" in settings:
            line = _line_of(text, "demand", "rate_per_s")
            _fail(file, line, "rate_per_s stands beside [users], which make the rate; drop one")
        settings["rate_per_s"] = habits.peak_rate_per_s
    elif "rate_per_s" not in settings:
        line = _line_of(text, "demand", "")
        _fail(file, line, "[demand] needs rate_per_s, or the plan a table [users]")
    system = System(
        demand=_part(file, text, "demand", settings),
        app=made.get("app", AppTier()),
        database=made.get("database", Database()),
        cache=made.get("cache"),
        sessions=made.get("sessions"),
    )
    return PlanFile(
        name=file.name,
        system=system,
        habits=habits,
        clients=made.get("clients", Clients()),
        prices=made.get("prices", Prices()),
        recovery=made.get("recovery", Recovery()),
        menu=made.get("remedies", RemedyMenu()),
    )


def _part(file: Path, text: str, table: str, settings: dict[str, Any]) -> Any:
    kind = PARTS[table]
    fields = {field.name: field for field in dataclasses.fields(kind)}
    for setting in settings:
        if setting not in fields:
            line = _line_of(text, table, setting)
            _fail(file, line, f"[{table}] has no {setting}; allowed are {', '.join(fields)}")
    for name, field in fields.items():
        if field.default is dataclasses.MISSING and name not in settings:
            _fail(file, _line_of(text, table, ""), f"[{table}] needs {name}")
    values = {k: tuple(x) if isinstance(x, list) else x for k, x in settings.items()}
    try:
        return kind(**values)
    except ValueError as error:
        told = str(error).partition(": ")[2]
        line = _line_of(text, table, told.partition(" ")[0])
        _fail(file, line or _line_of(text, table, ""), f"[{table}] {told}")


def _line_of(text: str, table: str, setting: str) -> int:
    """Line of a setting in a table, or of the table where no setting is asked for; 0 if nowhere."""
    here = ""
    for number, line in enumerate(text.splitlines(), 1):
        if found := re.match(r"\s*\[\s*([\w-]+)\s*\]", line):
            here = found[1]
            if here == table and not setting:
                return number
        elif here == table and setting and re.match(rf"\s*{re.escape(setting)}\s*=", line):
            return number
    return 0


def _fail(file: Path, line: int, told: str) -> NoReturn:
    where = f"{file.name}, line {line}" if line else file.name
    raise PlanFileError(f"{where}: {told}")
