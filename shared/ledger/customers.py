"""Fortnox' customers as we last read them, and which of our references a customer has."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, or_, select

from shared.domain.customers import (
    CUSTOMER_NAME,
    bare_organisation_number,
    bare_vat_number,
    card_from,
    known_as,
    references_of,
)
from shared.ledger.cursors import Cursors
from shared.ledger.database import Database
from shared.ledger.models import alias, link
from shared.ledger.models import customer as table
from shared.ledger.records import CustomerRow
from shared.ledger.statements import starts_with, upsert

column = table.c
SYNCED = "customers.synced_at"


class CustomerRegister:
    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._cursors = Cursors(database, clock)

    async def upsert_many(self, connection: str, rows: Sequence[CustomerRow]) -> None:
        ordered = sorted(rows, key=lambda row: row.number)
        await self._database.write(lambda found: _upsert_all(found, connection, ordered))

    async def candidates(
        self, connection: str, organisation_number: str | None = None, email: str | None = None
    ) -> list[CustomerRow]:
        """Exactly this number and this address, written in whatever way; what is not given does not count."""
        organisation, address = organisation_key(organisation_number), email_key(email)
        if organisation is None and address is None:
            return []
        where = [column.connection == connection]
        where += [] if organisation is None else [column.organisation_key == organisation]
        where += [] if address is None else [column.email_key == address]
        shown = (column.number, column.name, column.email, column.organisation_number)
        statement = select(*shown).where(*where).order_by(column.number)
        rows = await self._database.read(lambda found: found.execute(statement).all())
        return [CustomerRow(*row) for row in rows]

    async def reference_for(
        self, connection: str, names: Sequence[str], *, instead: str | None = None
    ) -> str:
        """Our reference of the customer who goes by one of these names, which are the surest first.

        A name may have moved on: an account that changed its e-mail address is found by the new one. Who
        is new gets the first name, or ``instead`` if that one belongs to somebody who has moved on.
        """
        return await self._database.read(lambda found: _reference_for(found, connection, names, instead))

    async def synced_at(self, connection: str) -> datetime | None:
        value = await self._cursors.get(connection, SYNCED)
        return None if value is None else datetime.fromisoformat(value)

    async def set_synced_at(self, connection: str, instant: datetime) -> None:
        await self._cursors.set(connection, SYNCED, instant.isoformat())


def _upsert_all(connection: Connection, tenant: str, rows: Sequence[CustomerRow]) -> None:
    for row in rows:
        keys = {
            "email_key": email_key(row.email),
            "organisation_key": organisation_key(row.organisation_number),
        }
        upsert(connection, table, {"connection": tenant, **vars(row), **keys})


def email_key(email: str | None) -> str | None:
    return (email or "").strip().casefold() or None


def organisation_key(number: str | None) -> str | None:
    """``556036-0793``, ``16556036-0793`` and ``SE556036079301`` are one company; others' letters count."""
    bare = bare_vat_number(number or "")
    is_swedish = bare.isdigit() or bare.startswith("SE")
    return (bare_organisation_number(bare) if is_swedish else bare) or None


def _reference_for(connection: Connection, tenant: str, names: Sequence[str], instead: str | None) -> str:
    by_account = _accounts_named(connection, tenant, names)
    for parent, known in by_account:
        if _is_one(names, known):
            return parent
    moved = set()
    for reference, draft in _customers_named(connection, tenant, names):
        known = _names_now(connection, tenant, reference, draft)
        if _is_one(names, known):
            return reference
        moved.add(reference)
    return instead if instead is not None and names[0] in moved else names[0]


def _accounts_named(
    connection: Connection, tenant: str, names: Sequence[str]
) -> list[tuple[str, tuple[str, ...]]]:
    """Reference in Fortnox and present names of the accounts that have ever had one of these."""
    ever_had = or_(*(starts_with(alias.c.value, known_as(name, "")) for name in names))
    statement = (
        select(link.c.parent, link.c.draft)
        .join(alias, alias.c.subject_id == link.c.subject_id)
        .where(alias.c.connection == tenant, alias.c.name == CUSTOMER_NAME, ever_had)
        .where(link.c.kind == "shop_customer", link.c.state != "cancelled", link.c.parent.is_not(None))
        .order_by(link.c.id)
    )
    rows = connection.execute(statement).all()
    return [(row.parent, card_from(row.draft["card"]).references) for row in rows]


def _customers_named(
    connection: Connection, tenant: str, names: Sequence[str]
) -> list[tuple[str, Mapping[str, Any]]]:
    where = _link_of("fortnox", "customer", tenant)
    statement = select(link.c.reference, link.c.draft).where(*where, link.c.reference.in_(names))
    found = {row.reference: row.draft for row in connection.execute(statement)}
    return [(name, found[name]) for name in names if name in found]


def _names_now(
    connection: Connection, tenant: str, reference: str, draft: Mapping[str, Any]
) -> tuple[str, ...]:
    """What the account says that keeps the customer; else what we wrote last."""
    keeper = draft.get("keeper")
    if keeper:
        where = _link_of("magento", "shop_customer", tenant)
        account = connection.execute(select(link.c.draft).where(*where, link.c.reference == keeper)).first()
        if account is not None:
            return card_from(account.draft["card"]).references
    if "party" not in draft:
        return (reference,)
    billing = draft.get("billing") or {}
    return references_of(
        draft["party"],
        name=draft["name"],
        email=draft["email"],
        organisation_number=draft["organisation_number"],
        vat_number=draft.get("vat_number") or "",
        postal_code=billing.get("postal_code") or "",
    )


def _link_of(system: str, kind: str, tenant: str) -> tuple[Any, ...]:
    return link.c.connection == tenant, link.c.system == system, link.c.kind == kind


def _is_one(names: Sequence[str], known: Sequence[str]) -> bool:
    """Two companies with numbers are one if the number is; without, the e-mail address decides."""
    if len(names) > 1 and len(known) > 1:
        return names[0] == known[0]
    return bool(set(names) & set(known))
