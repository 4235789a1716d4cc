"""Two states of boards, compared as people see them: things in order, not by the keys that make the order.

What comes back next to a leftover on its old key has another key at the same place.
"""

from __future__ import annotations

from typing import Any

# What says next to whom a thing stands, by table; columns all stand on the board.
BESIDE = {"columns": (), "cards": ("column",), "checklists": ("card",), "items": ("checklist",)}


def as_before(now: list[dict[str, Any]], before: list[dict[str, Any]]) -> None:
    """Each board (the tables of its state) has the same fields and order; what is new is put away."""
    for here, was in zip(now, before, strict=True):
        for table in was:
            rows, present = _ordered(table, was[table]), _ordered(table, here[table])
            assert {key: present.get(key) for key in rows} == rows, table
            for key in present.keys() - rows.keys():
                row = present[key]
                assert row.get("archived") or row.get("removed"), (table, key)


def _ordered(table: str, rows: dict[str, Any]) -> dict[str, Any]:
    """The rows with their rank among what is not archived beside them in place of their key."""
    if table not in BESIDE:
        return rows
    ranks: dict[str, int] = {}
    counts: dict[tuple[Any, ...], int] = {}
    for key in sorted(rows, key=lambda key: rows[key]["position"]):
        if not rows[key].get("archived"):
            place = tuple(rows[key][name] for name in BESIDE[table])
            counts[place] = ranks[key] = counts.get(place, 0) + 1
    return {
        key: {name: value for name, value in row.items() if name != "position"} | {"rank": ranks.get(key)}
        for key, row in rows.items()
    }
