"""A plan as a file: TOML, one table for each part of the system.

TOML and not YAML, because Python reads it without anything installed.
"""

from __future__ import annotations

import dataclasses
import math
import re
import tomllib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NoReturn

from scalelab.models.system_parts import AppTier, Cache, Database, Demand, SessionStore, System
from scalelab.planner.autoscaled_fleet import Autoscaler
from scalelab.planner.client_retries import Clients
from scalelab.planner.one_failure import Recovery
from scalelab.planner.remedy_menu import RemedyMenu
from scalelab.planner.system_prices import Prices
from scalelab.planner.user_habits import UserHabits

PARTS = {
    "users": UserHabits,
    "demand": Demand,
    "app": AppTier,
    "autoscaler": Autoscaler,
    "sessions": SessionStore,
    "cache": Cache,
    "database": Database,
    "clients": Clients,
    "prices": Prices,
    "recovery": Recovery,
    "remedies": RemedyMenu,
}
BY_HOUR, HOURS = "by_hour", 24  # the one setting of [demand] that no class has


@dataclass(frozen=True, kw_only=True)
class PlanFile:
    """What a plan file says.

    Parameters
    ----------
    name : str
        Of the file.
    system : System
        At the rate of the demand, or at the peak of the users or of the hours; with the most
        servers that the autoscaler may start.
    habits : UserHabits or None
        None where the demand is given in requests per second.
    rates_per_s : tuple of float or None
        Rate of each hour of the day; None where only one is known.
    autoscaler : Autoscaler or None
        None for a number of servers that stays.
    clients : Clients
        Retries, the disturbance that they must get over, and correlated work.
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
    rates_per_s: tuple[float, ...] | None
    autoscaler: Autoscaler | None
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
        The file. A part that has no table is as its class makes it; a cache, a session store, an
        autoscaler and users are only there if their table is. The demand has one of three:
        `rate_per_s`, the 24 rates of a day as `by_hour`, or a table of users.

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
    habits, autoscaler = made.get("users"), made.get("autoscaler")
    settings, rates = _rates(file, text, dict(tables.get("demand", {})), habits)
    app = made.get("app", AppTier())
    if autoscaler is not None:
        if "servers" in tables.get("app", {}):
            line = _line_of(text, "app", "servers")
            _fail(file, line, "servers stands beside [autoscaler], which sets them; drop one")
        app = replace(app, servers=autoscaler.max_servers)
    system = System(
        demand=_part(file, text, "demand", settings),
        app=app,
        database=made.get("database", Database()),
        cache=made.get("cache"),
        sessions=made.get("sessions"),
    )
    return PlanFile(
        name=file.name,
        system=system,
        habits=habits,
        rates_per_s=rates,
        autoscaler=autoscaler,
        clients=made.get("clients", Clients()),
        prices=made.get("prices", Prices()),
        recovery=made.get("recovery", Recovery()),
        menu=made.get("remedies", RemedyMenu()),
    )


def _rates(
    file: Path, text: str, settings: dict[str, Any], habits: UserHabits | None
) -> tuple[dict[str, Any], tuple[float, ...] | None]:
    """Return the settings of the demand with its rate, and the rates by hour if they are known."""
    hours = settings.pop(BY_HOUR, None)
    if habits is not None:
        for setting in ("rate_per_s", BY_HOUR):
            if setting in settings or (setting == BY_HOUR and hours is not None):
                told = f"{setting} stands beside [users], which make the rate; drop one"
                _fail(file, _line_of(text, "demand", setting), told)
        return settings | {"rate_per_s": habits.peak_rate_per_s}, tuple(habits.rates_by_hour())
    if hours is None:
        if "rate_per_s" not in settings:
            line = _line_of(text, "demand", "")
            told = f"[demand] needs rate_per_s or {BY_HOUR}, or the plan a table [users]"
            _fail(file, line, told)
        return settings, None
    line = _line_of(text, "demand", BY_HOUR)
    if "rate_per_s" in settings:
        _fail(file, line, f"{BY_HOUR} stands beside rate_per_s; drop one")
    if not isinstance(hours, list) or len(hours) != HOURS:
        got = f"{len(hours)} of them" if isinstance(hours, list) else repr(hours)
        _fail(file, line, f"[demand] {BY_HOUR} must be a list of {HOURS} rates > 0, got {got}")
    for hour, rate in enumerate(hours):
        if isinstance(rate, bool) or not isinstance(rate, (int, float)) or not 0 < rate < math.inf:
            told = f"[demand] {BY_HOUR} must be rates > 0, got {rate!r} in hour {hour}"
            _fail(file, line, told)
    return settings | {"rate_per_s": float(max(hours))}, tuple(float(rate) for rate in hours)


def _part(file: Path, text: str, table: str, settings: dict[str, Any]) -> Any:
    kind = PARTS[table]
    fields = {field.name: field for field in dataclasses.fields(kind)}
    for setting in settings:
        if setting not in fields:
            line = _line_of(text, table, setting)
            allowed = ", ".join([*fields, BY_HOUR] if table == "demand" else fields)
            _fail(file, line, f"[{table}] has no {setting}; allowed are {allowed}")
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
