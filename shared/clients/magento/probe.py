"""Does the connection to a shop work, and for what is it not enough? Reads only, and little of it.

Magento says wrong credentials and missing rights with one status, and refuses a bearer token that it does
not accept like a right that is missing. So every resource is asked for once: refused somewhere means the
rights, each by its name; refused everywhere means that Magento does not see who asks.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from shared.clients.magento.client import MagentoClient
from shared.clients.magento.search import Search, is_
from shared.clients.magento.wire_shop import StoreConfig, Website
from shared.domain.errors import MagentoCredentials, MagentoRights

NO_ROWS = Search((is_("entity_id", 0),), size=1, page=1).params()
ONE_ROW = Search(sort="", size=1, page=1).params()
STORES = "Magento_Backend::store"


@dataclass(frozen=True)
class Need:
    """One read that stands for a resource, and what we want it for."""

    resource: str
    path: str
    purpose: str
    params: Mapping[str, str] = field(default_factory=dict)


# Writes have resources of their own (comments, credit memos, saving an order): no harmless call asks for
# them, so they are named by the first that is refused.
NEEDS = (
    Need(STORES, "/store/websites", "web sites and stores"),
    Need("Magento_Sales::actions_view", "/orders", "orders", NO_ROWS),
    Need("Magento_Sales::sales_invoice", "/invoices", "invoices", NO_ROWS),
    Need("Magento_Sales::sales_creditmemo", "/creditmemos", "credit memos", NO_ROWS),
    Need("Magento_Sales::shipment", "/shipments", "shipments", NO_ROWS),
    Need("Magento_Customer::customer", "/customers/search", "customers", NO_ROWS),
    Need("Magento_Customer::group", "/customerGroups/search", "customer groups", ONE_ROW),
    Need("Magento_Catalog::products", "/products", "products", NO_ROWS),
    Need("Magento_Catalog::categories", "/categories/list", "categories", NO_ROWS),
    Need("Magento_Tax::manage_tax", "/taxClasses/search", "tax classes", ONE_ROW),
)


class State(StrEnum):
    WORKS = "works"
    WRONG_CREDENTIALS = "wrong_credentials"
    NOBODY = "nobody"  # all was refused: no right at all, a bearer token not accepted, or a lost header
    MISSING_RIGHTS = "missing_rights"


@dataclass(frozen=True)
class Missing:
    """``resource`` as Magento names it."""

    resource: str
    purpose: str


@dataclass(frozen=True)
class Finding:
    """What the probe found; ``message`` is Magento's own word when it refused everything.

    ``has_inventory`` is None where the right to see it is missing. ``version`` is as far as Magento lets
    one see it (its edition and minor version), else empty.
    """

    state: State
    message: str = ""
    missing: tuple[Missing, ...] = ()
    websites: tuple[Website, ...] = ()
    stores: tuple[StoreConfig, ...] = ()
    has_inventory: bool | None = None
    has_our_module: bool | None = None
    version: str = ""

    @property
    def base_currencies(self) -> frozenset[str]:
        return frozenset(store.base_currency for store in self.stores)


async def probe(shop: MagentoClient) -> Finding:
    """Some fifteen reads. Raises Unavailable where the shop does not answer at all, and NeedsAttention
    for what has to do with neither credentials nor rights (a wrong address, for example)."""
    missing: list[Missing] = []
    words = ""
    for need in NEEDS:
        refused = await shop.refusal_of(need.path, dict(need.params))
        if isinstance(refused, MagentoCredentials):
            return Finding(State.WRONG_CREDENTIALS, message=refused.message)
        if refused is not None:
            missing.append(Missing(refused.facts.get("resource", need.resource), need.purpose))
            words = words or refused.message
    if len(missing) == len(NEEDS):
        return Finding(State.NOBODY, message=words, missing=tuple(missing))
    sees_stores = all(gone.resource != STORES for gone in missing)
    return Finding(
        State.MISSING_RIGHTS if missing else State.WORKS,
        message=words,
        missing=tuple(missing),
        websites=await shop.websites() if sees_stores else (),
        stores=await shop.store_configs() if sees_stores else (),
        has_inventory=await _is_there(shop.stock_sources),
        has_our_module=await _is_there(shop.module_version),
        version=await shop.version(),
    )


async def _is_there(ask: Callable[[], Awaitable[object]]) -> bool | None:
    try:
        return await ask() is not None
    except MagentoRights:
        return None
