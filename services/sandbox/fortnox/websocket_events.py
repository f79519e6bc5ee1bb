"""What changed in the companies, in the words of Fortnox' event stream; kept, to be sent again."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from services.sandbox.fortnox.wire import Fields, words

STOCKHOLM = ZoneInfo("Europe/Stockholm")
KEPT_FOR = timedelta(days=14)
TOPICS = words(
    """
    articles bureau-activities bureau-assignments cost-centers currencies customers financial-years
    invoices messages offers orders projects supplier-invoices suppliers termsofdeliveries
    termsofpayments vouchers warehouse-stockbalances waysofdeliveries
    """
)
REGISTERS = {"customers": "customer", "articles": "article", "orders": "order", "invoices": "invoice"}
"""Records of a company -> topic's own name for one."""
SECOND_VERSION = ("customer-updated",)


@dataclass(frozen=True)
class Change:
    """One event. ``number`` counts all events of the stand-in; the offset is it in other words."""

    number: int
    topic: str
    type: str
    tenant_id: int
    entity: str
    at: datetime
    more: Fields = field(default_factory=dict)

    @property
    def offset(self) -> str:
        return f"{self.number:010x}-{self.topic[:3]}"

    def frame(self) -> Fields:
        version = 2 if self.type in SECOND_VERSION else 1
        return {
            "topic": self.topic,
            "offset": self.offset,
            "type": f"{self.type}-v{version}",
            "tenantId": self.tenant_id,
            "entityId": self.entity,
            "timestamp": self.at.astimezone(STOCKHOLM).isoformat(timespec="seconds"),
        } | self.more


@dataclass
class Changes:
    """All events of all companies, by topic and in order."""

    by_topic: defaultdict[str, list[Change]] = field(default_factory=lambda: defaultdict(list))
    count: int = 0
    lose: int = 0
    """So many of the next events are never told, nor kept."""
    states: dict[tuple[int, str, str], tuple[bool, bool]] = field(default_factory=dict)
    """Booked and cancelled, of each document that was told of."""
    heard_by: list[Callable[[], None]] = field(default_factory=list)
    """Who is called when there is something new. Not kept."""

    def __getstate__(self) -> dict[str, Any]:
        return vars(self) | {"heard_by": []}

    def note(self, topic: str, kind: str, tenant_id: int, entity: str, at: datetime, **more: Any) -> None:
        if self.lose:
            self.lose -= 1
            return
        self.count += 1
        self.by_topic[topic].append(Change(self.count, topic, kind, tenant_id, entity, at, more))
        for hear in list(self.heard_by):
            hear()

    def note_record(
        self, name: str, tenant_id: int, key: str, record: Fields, at: datetime, *, is_new: bool
    ) -> None:
        """A record of a register or a document was written: what that is called."""
        if name == "payments":
            self._note_payment(tenant_id, key, record, at)
        elif name in REGISTERS:
            self.note(name, f"{REGISTERS[name]}-{self._what(name, tenant_id, key, record, is_new)}",
                      tenant_id, key, at)  # fmt: skip

    def _what(self, name: str, tenant_id: int, key: str, record: Fields, is_new: bool) -> str:
        booked, cancelled = self._moved(name, tenant_id, key, record)
        if is_new:
            return "created"
        return "cancelled" if cancelled else "bookkeep" if booked else "updated"

    def _moved(self, name: str, tenant_id: int, key: str, record: Fields) -> tuple[bool, bool]:
        """Whether it has been booked, and cancelled, since it was last told of."""
        before = self.states.get((tenant_id, name, key), (False, False))
        now = (bool(record.get("Booked")), bool(record.get("Cancelled")))
        self.states[tenant_id, name, key] = now
        return now[0] and not before[0], now[1] and not before[1]

    def _note_payment(self, tenant_id: int, key: str, record: Fields, at: datetime) -> None:
        """Fortnox names the invoice: its topic is `invoices`."""
        booked, _ = self._moved("payments", tenant_id, key, record)
        if booked:
            self.note("invoices", "invoicepayment-bookkeep", tenant_id, str(record["InvoiceNumber"]), at)

    def after(self, topic: str, number: int) -> list[Change]:
        found = self.by_topic.get(topic, [])
        return found[bisect_right(found, number, key=lambda change: change.number) :]

    def find(self, topic: str, offset: str) -> Change | None:
        return next((one for one in self.by_topic.get(topic, ()) if one.offset == offset), None)
