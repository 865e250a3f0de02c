"""Scene of the chapter on external state: two tabs of one user, without and with a version."""

from __future__ import annotations

from functools import partial
from typing import Any

from scalelab.course.chapters.external_state.experiments import add_item
from scalelab.course.shows.session_store import show_session_store
from scalelab.course.stage import Stage
from scalelab.fakes.sessions.session_store import SessionRecord, SessionStore

GUARDS = {"only the data": False, "the version, too": True}


def two_tabs_meet(stage: Stage, guarded: bool) -> None:
    """Let two tabs add an item each to one cart, a hundred times slower than real ones."""
    store = SessionStore(stage.clock, round_trip_s=1.0, ttl_s=1e6)
    store.save("ann", {"cart": []})
    tabs = show_session_store(stage, store, ("tab 1", "tab 2"), _cart)
    for tab, item, at_s in (("tab 1", "book", 2.0), ("tab 2", "pen", 2.8)):
        add = partial(add_item, tabs[tab], item, guarded, work_s=2.0)
        stage.at(at_s, f"{tab.capitalize()} wants to add a {item}.", add)
    finish = partial(store.submit_load, "ann", partial(_tell, stage), _nothing)
    stage.clock.schedule_at(11.0, finish)


def _tell(stage: Stage, record: SessionRecord) -> None:
    lost = {"book", "pen"} - set((record.data or {})["cart"])
    end = f"The {lost.pop()} is lost, and no message was an error." if lost else "Nothing is lost."
    stage.say(f"In the cart: {_cart(record.data)}. {end}")


def _cart(data: dict[str, Any] | None) -> str:
    return ", ".join((data or {"cart": []})["cart"]) or "empty"


def _nothing(_: object) -> None:
    pass


SCENES = ((two_tabs_meet, GUARDS, 13.0),)
