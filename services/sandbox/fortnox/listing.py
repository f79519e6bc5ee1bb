"""Lists: searching, filtering, sorting and paging, the same way for every resource."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from services.sandbox.fortnox.company import STOCKHOLM, Records
from services.sandbox.fortnox.fields import iso_date
from services.sandbox.fortnox.refusals import Refusal
from services.sandbox.fortnox.wire import Fields

Search = Callable[[Fields, str], bool]
PAGING = frozenset({"page", "limit", "offset", "sortorder"})
MAX_LIMIT = 500
DEFAULT_LIMIT = 100


@dataclass(frozen=True)
class Listing:
    """What one resource's list can be asked for."""

    searches: Mapping[str, Search] = field(default_factory=dict)
    filters: Mapping[str, Callable[[Fields], bool]] = field(default_factory=dict)
    sorts: Mapping[str, str] = field(default_factory=dict)
    date_field: str | None = None
    lastmodified: bool = True

    def page(self, records: Records, query: Mapping[str, str]) -> tuple[list[Fields], Fields]:
        """The records asked for and the MetaInformation."""
        self._must_know(query)
        wants_some = query.keys() - PAGING - {"sortby"}
        keys = [key for key in records if not wants_some or self._matches(records, key, query)]
        return paged(self._sorted([records[key] for key in keys], query), query)

    def _must_know(self, query: Mapping[str, str]) -> None:
        known = PAGING | set(self.searches)
        known |= {"filter"} if self.filters else set()
        known |= {"sortby"} if self.sorts else set()
        known |= {"fromdate", "todate"} if self.date_field else set()
        known |= {"lastmodified"} if self.lastmodified else set()
        for name in query:
            if name not in known:
                raise Refusal(2000588, f"Ogiltig parameter: {name}.")

    def _matches(self, records: Records, key: str, query: Mapping[str, str]) -> bool:
        record = records[key]
        if "lastmodified" in query and records.modified[key] < local_instant(query["lastmodified"]):
            return False
        if not self._is_between(record, query) or not self._passes(record, query):
            return False
        return all(search(record, query[name]) for name, search in self.searches.items() if name in query)

    def _is_between(self, record: Fields, query: Mapping[str, str]) -> bool:
        if self.date_field is None:
            return True
        day = record[self.date_field] or ""
        return (
            ("fromdate" not in query or day >= iso_date(query["fromdate"], "fromdate").isoformat())
            and ("todate" not in query or day <= iso_date(query["todate"], "todate").isoformat())
        )  # fmt: skip

    def _passes(self, record: Fields, query: Mapping[str, str]) -> bool:
        wanted = query.get("filter")
        if wanted is None:
            return True
        if wanted not in self.filters:
            raise Refusal(2000587, "Ett ogiltigt filter har använts.")
        return self.filters[wanted](record)

    def _sorted(self, records: list[Fields], query: Mapping[str, str]) -> list[Fields]:
        name = query.get("sortby")
        if name is not None and name not in self.sorts:
            raise Refusal(2000588, f"Det går inte att sortera på {name}.")
        descending = query.get("sortorder", "ascending") == "descending"
        if name is None:
            return records[::-1] if descending else records
        return sorted(records, key=lambda record: natural(record[self.sorts[name]]), reverse=descending)


def contains(*names: str) -> Search:
    """Substring, whatever the case, in any of the fields."""
    return lambda record, value: any(
        value.casefold() in str(record.get(name) or "").casefold() for name in names
    )


def equals(name: str) -> Search:
    """The same text or flag."""
    return lambda record, value: str(record.get(name)).casefold() == value.casefold()


def paged(records: list[Fields], query: Mapping[str, str]) -> tuple[list[Fields], Fields]:
    """One page, by `page` or `offset`. Recorded: an offset behind the last record counts nothing at all."""
    limit = _whole(query, "limit", DEFAULT_LIMIT, low=1, high=MAX_LIMIT)
    page = _whole(query, "page", 1, low=1)
    offset = _whole(query, "offset", (page - 1) * limit, low=0)
    total = len(records) if offset < len(records) or "offset" not in query else 0
    meta = {"@TotalResources": total, "@TotalPages": -(-total // limit), "@CurrentPage": offset // limit + 1}
    if total == 0:
        meta["@CurrentPage"] = 1
    return records[offset : offset + limit], meta


def local_instant(text: str) -> datetime:
    """`YYYY-MM-DD[ HH:MM[:SS]]` in Swedish local time."""
    for form in ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d"):
        try:
            return datetime.strptime(text, form).replace(tzinfo=STOCKHOLM).astimezone(UTC)
        except ValueError:
            continue
    raise Refusal(2000588, "Ogiltigt värde på lastmodified.")


@lru_cache(maxsize=1 << 18)
def natural(value: Any) -> tuple[int, Any]:
    """Numbers by value and before text."""
    text = "" if value is None else str(value)
    try:
        return (0, float(text))
    except ValueError:
        return (1, text.casefold())


def _whole(query: Mapping[str, str], name: str, default: int, *, low: int, high: int | None = None) -> int:
    text = query.get(name, str(default))
    if not text.isdecimal() or int(text) < low or (high is not None and int(text) > high):
        raise Refusal(2000588, f"Ogiltigt värde på {name}.")
    return int(text)
