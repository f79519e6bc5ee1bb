"""A list of ids or numbers, as the lines of a run: what was asked for, and what is known of each now."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from services.webhook_gateway.storable_text import LARGEST_ID, storable
from shared.ledger.ids import subject_id
from shared.ledger.ledger import Ledger
from shared.ledger.records import IncomingEvent, RunItem, Subject

NEW = "new"
KNOWN = "known"
INVALID = "invalid"
UNKNOWN = "unknown"
ON_THEIR_WAY = (NEW, KNOWN)
ORDER_NUMBER = "order_number"


@dataclass(frozen=True)
class Asked:
    """``subject_key`` is None if it cannot be what it should be."""

    name: str
    subject_key: str | None


def checkout_ids(values: Iterable[Any]) -> list[Asked]:
    """Positive whole numbers, or their text; each once, in the order they were given."""
    return _each_once(Asked(_name(value, at), _checkout_id(value)) for at, value in enumerate(values))


def order_numbers(values: Iterable[Any]) -> list[Asked]:
    """Looked up among the names of sales that we know."""
    named = ((_name(value, at), storable(value)) for at, value in enumerate(values))
    return _each_once(Asked(name, f"{ORDER_NUMBER}:{number}" if number else None) for name, number in named)


async def to_items(
    ledger: Ledger, connection: str, asked: Sequence[Asked], *, has_shop: bool = False
) -> list[RunItem]:
    """With a shop, an order number that nobody knows yet is looked up there."""
    keys = [one.subject_key for one in asked if one.subject_key is not None]
    known = await ledger.subjects.find_many(connection, "sale", keys)
    return [_to_item(connection, one, known.get(one.subject_key or ""), has_shop) for one in asked]


def _to_item(connection: str, asked: Asked, known: Subject | None, has_shop: bool) -> RunItem:
    if asked.subject_key is None:
        return RunItem(asked.name, INVALID, "This is not such a number.")
    if known is not None:
        state = known.state.replace("_", " ")
        return RunItem(asked.name, KNOWN, f"Known already: {state}. It is looked at again.", known.id)
    if asked.subject_key.startswith(f"{ORDER_NUMBER}:"):
        if has_shop:
            wanted = subject_id(connection, "sale", asked.subject_key)
            return RunItem(asked.name, NEW, "New: it is looked up in the shop.", wanted)
        return RunItem(
            asked.name, UNKNOWN, "No sale with this order number was seen; ask for its checkout id."
        )
    return RunItem(
        asked.name, NEW, "New: it is read from Svea.", subject_id(connection, "sale", asked.subject_key)
    )


def to_events(
    run_id: str, connection: str, market: str | None, asked: Sequence[Asked], items: Sequence[RunItem]
) -> list[IncomingEvent]:
    return [
        IncomingEvent(
            connection=connection,
            source="backfill",
            name="backfill",
            dedupe_key=f"{run_id}:{item.key}",
            subject_kind="sale",
            subject_key=one.subject_key,
            market=market,
            lane="bulk",
            attributes={"run_id": run_id},
        )
        for one, item in zip(asked, items, strict=True)
        if item.state in ON_THEIR_WAY
    ]


def _each_once(asked: Iterable[Asked]) -> list[Asked]:
    return list({one.name: one for one in asked}.values())


def _name(value: object, at: int) -> str:
    number = _checkout_id(value)
    return number or storable(value) or f"#{at + 1}"


def _checkout_id(value: object) -> str | None:
    text = value.strip() if isinstance(value, str) else value
    if isinstance(text, str) and text.isascii() and text.isdigit() and len(text) <= len(str(LARGEST_ID)):
        text = int(text)
    if isinstance(text, int) and not isinstance(text, bool) and 0 < text <= LARGEST_ID:
        return str(text)
    return None
