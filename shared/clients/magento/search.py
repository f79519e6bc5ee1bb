"""What to look for in a list: ``searchCriteria`` as Magento takes it.

Filters of one group are alternatives, groups all hold. Indexes stay below 10, so that even a server that
sorts another way finds the signature right. Instants are sent in UTC without a zone.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

Value = str | int | Decimal | datetime
MOST_FILTERS = 10


@dataclass(frozen=True)
class Filter:
    """One comparison; ``condition`` is Magento's: eq neq gt gteq lt lteq in nin like null notnull."""

    field: str
    value: Value
    condition: str = "eq"


Group = tuple[Filter, ...]


def any_of(field: str, values: Iterable[str | int]) -> Group:
    """``in`` where no value has a comma in it, which would part it; else a comparison for each."""
    groups = list(any_of_many(field, values))
    if len(groups) != 1:
        raise ValueError(f"{len(groups)} groups are needed to look for these values of {field}")
    return groups[0]


def any_of_many(field: str, values: Iterable[str | int]) -> Iterator[Group]:
    """Groups for one search each, which together find what has any of these values."""
    found = [str(value) for value in values]
    plain = [value for value in found if "," not in value]
    parted = [value for value in found if "," in value]
    if plain:
        yield (Filter(field, ",".join(plain), "in"),)
    for start in range(0, len(parted), MOST_FILTERS):
        yield tuple(Filter(field, value) for value in parted[start : start + MOST_FILTERS])


@dataclass(frozen=True)
class Search:
    """``sort`` is a unique key, ascending: without one, rows repeat or are skipped between pages."""

    groups: tuple[Group, ...] = ()
    sort: str = "entity_id"
    size: int | None = None
    page: int | None = None
    fields: str = ""

    def params(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for number, group in enumerate(self.groups):
            for position, one in enumerate(group):
                name = f"searchCriteria[filterGroups][{number}][filters][{position}]"
                found[f"{name}[field]"] = one.field
                found[f"{name}[value]"] = _printed(one.value)
                found[f"{name}[conditionType]"] = one.condition
        if self.sort:
            found["searchCriteria[sortOrders][0][field]"] = self.sort
            found["searchCriteria[sortOrders][0][direction]"] = "ASC"
        if self.size is not None:
            found["searchCriteria[pageSize]"] = str(self.size)
        if self.page is not None:
            found["searchCriteria[currentPage]"] = str(self.page)
        if not found:
            found["searchCriteria"] = ""
        if self.fields:
            found["fields"] = self.fields
        return found


def is_(field: str, value: Value) -> Group:
    return (Filter(field, value),)


def changed(since: datetime | None = None, until: datetime | None = None) -> tuple[Group, ...]:
    """Rows whose ``updated_at`` is in this window; both ends belong to it."""
    ends = ((since, "gteq"), (until, "lteq"))
    return tuple((Filter("updated_at", end, how),) for end, how in ends if end is not None)


def _printed(value: Value) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")
    return str(value)
