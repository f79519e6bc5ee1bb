"""What a flow may touch, built per connection."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from services.sync_worker.fortnox_facts import FortnoxFacts
from services.sync_worker.shop_facts import ShopFacts
from services.sync_worker.vat_register import VatRegister
from shared.clients.fortnox.client import FortnoxClient
from shared.clients.magento.client import MagentoClient
from shared.clients.svea.client import SveaClient
from shared.ledger.ledger import Ledger
from shared.ledger.records import Link, Subject
from shared.settings.connections import ConnectionDeclaration


@dataclass(frozen=True)
class FlowContext:
    """One run's tools. ``svea`` has one client per market, by name."""

    settings: ConnectionDeclaration
    subject: Subject
    ledger: Ledger
    fortnox: FortnoxClient
    facts: FortnoxFacts
    svea: Mapping[str, SveaClient]
    clock: Callable[[], datetime]
    magento: MagentoClient | None = None  # None without a shop, or before it has given us its keys
    shop_facts: ShopFacts | None = None
    vat_register: VatRegister | None = None
    links: tuple[Link, ...] = ()  # the subject's own, as they were when the run began

    @property
    def today(self) -> date:
        """Today's date in the books."""
        return self.clock().astimezone(self.settings.zone).date()
