"""Articles by the product they were made of: asked when a product is new, renamed or gone, never per sale.

There is no index on what stands inside a draft: each question reads the connection's articles once,
a fifth of a second for 50,000 of them.
"""

from array import array
from collections.abc import Callable, Collection, Sequence

from sqlalchemy import ColumnElement, Connection, Select, Text, cast, func, select, type_coerce
from sqlalchemy.dialects.postgresql import JSONB

from shared.ledger.database import Database
from shared.ledger.models import link as table
from shared.ledger.records import Link
from shared.ledger.rows import to_link

column = table.c
Where = Callable[[str], ColumnElement[bool]]


class CatalogueLinks:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def of_products(self, connection: str, products: Collection[int]) -> list[Link]:
        """The articles that were made of these products of the shop, under whatever number."""
        if not products:
            return []
        wanted = sorted(str(product) for product in products)
        return await self._articles(connection, lambda dialect: _inside(dialect, "product").in_(wanted))

    async def spelled_like(self, connection: str, references: Collection[str]) -> list[Link]:
        """The articles with these references, whatever the case."""
        if not references:
            return []
        wanted = sorted({reference.lower() for reference in references})
        return await self._articles(connection, lambda _: func.lower(column.reference).in_(wanted))

    async def active_products(self, connection: str) -> Sequence[int]:
        """The products whose article is active, ascending; eight bytes for each."""
        rows = await self._database.read(lambda found: found.execute(_active(found, connection)).all())
        return array("q", sorted(int(row[0]) for row in rows))

    async def _articles(self, connection: str, where: Where) -> list[Link]:
        rows = await self._database.read(
            lambda found: found.execute(
                select(table).where(*_of(connection), where(found.dialect.name)).order_by(column.id)
            ).all()
        )
        return [to_link(row) for row in rows]


def _of(connection: str) -> Sequence[ColumnElement[bool]]:
    return column.connection == connection, column.system == "fortnox", column.kind == "article"


def _active(found: Connection, connection: str) -> Select[str]:
    dialect = found.dialect.name
    yes = "true" if dialect == "postgresql" else "1"
    product = _inside(dialect, "product")
    return select(product).where(*_of(connection), _inside(dialect, "active") == yes, product.is_not(None))


def _inside(dialect: str, name: str) -> ColumnElement[str]:
    """A field of a draft, as text; NULL where the draft has none."""
    text = type_coerce(column.draft, Text)
    if dialect == "postgresql":
        return func.jsonb_extract_path_text(cast(text, JSONB), name)
    return cast(func.json_extract(text, f"$.{name}"), Text)
