"""A booking engine with the real writers, a real ledger and the stand-in's Fortnox; no flow."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from services.sandbox.faults import Action, FaultRule, System
from services.sandbox.fortnox.company import Company
from services.sync_worker.booking import BookingEngine
from services.sync_worker.hold import Hold
from services.sync_worker.writers.fortnox import fortnox_writers
from shared.clients.fortnox.client import FortnoxClient
from shared.domain.documents import Draft, Plan
from shared.domain.money import Money
from shared.domain.outcomes import Done
from shared.domain.payments import PaymentDraft, WriteOff
from shared.ledger.ids import subject_id
from shared.ledger.records import IncomingEvent, Link
from tests.support.world import CONNECTION, World

FAR = float("inf")
DAY = date(2026, 5, 8)
KEY = "se.79021.2026-05-08.SEK"


class Killed(BaseException):
    """The process ends here."""


def sek(amount: str) -> Money:
    return Money(Decimal(amount), "SEK")


def a_payment(
    invoice: str, amount: str = "538.79", ref: str = "P1-R1", *, currency: str = "SEK", **changed: Any
) -> PaymentDraft:
    """Of an invoice by its number; a fee of 8.21 is written off unless the test says otherwise."""
    values: dict[str, Any] = {
        "document_kind": "invoice",
        "document": f"#{invoice}",
        "number": invoice,
        "dated": DAY,
        "amount": Money(Decimal(amount), currency),
        "account": 1581,
        "mode_of_payment": "SVEASE",
        "write_offs": (WriteOff(Decimal("8.21"), 6040, ref),),
    }
    return PaymentDraft(ref=ref, **(values | changed))


@dataclass
class Desk:
    """Books drafts for one subject, as often as a test likes."""

    world: World
    subject: str = field(default_factory=lambda: subject_id(CONNECTION, "payout", KEY))

    @property
    def company(self) -> Company:
        return self.world.company

    async def fortnox(self) -> FortnoxClient:
        return (await self.world.shop.kit(CONNECTION)).fortnox

    async def books(self, *drafts: Draft, dies: tuple[str, str] | None = None) -> Done:
        """One run; with ``dies`` = (step, kind) the process ends there, and the lease with it."""

        async def checkpoint(step: str, draft: Draft) -> None:
            if (step, draft.kind) == dies:
                raise Killed

        ledger = self.world.ledger
        await ledger.inbox.accept(
            [
                IncomingEvent(
                    CONNECTION, "test", "again", str(self.world.clock()), "payout", KEY, lane="settle"
                )
            ]
        )
        self.world.later(timedelta(seconds=1))
        lease = await ledger.subjects.lease(self.subject, "desk", lease_for=timedelta(minutes=1))
        assert lease is not None
        kit = await self.world.shop.kit(CONNECTION)
        engine = BookingEngine(
            links=ledger.links,
            connection=CONNECTION,
            writers=fortnox_writers(kit.fortnox, ledger, kit.settings, self.world.clock),
            hold=Hold(lease, good_until=FAR),
            clock=self.world.clock,
            in_doubt_wait=kit.settings.fortnox.in_doubt_wait,
            checkpoint=checkpoint,
            known=await ledger.links.for_subject(self.subject),
        )
        try:
            return await engine.book(Plan(drafts=drafts))
        finally:
            await ledger.subjects.release(lease)

    async def killed(self, step: str, *drafts: Draft) -> None:
        """A run whose process ends when it reaches the step with the last draft; then time passes."""
        try:
            await self.books(*drafts, dies=(step, drafts[-1].kind))
        except Killed:
            self.world.later(timedelta(seconds=30))
            return
        raise AssertionError(f"nothing reached {step}")

    def fault(self, action: Action, path: str, method: str | None = None) -> None:
        self.world.sandbox.faults.add(FaultRule(System.FORTNOX, action, method, path, times=1))

    async def links(self) -> dict[str, Link]:
        return {link.reference: link for link in await self.world.ledger.links.for_subject(self.subject)}

    async def an_invoice(self, price: str = "547.00", **changed: Any) -> str:
        """The number of a booked invoice that was made on the world's day; VAT 0."""
        fortnox = await self.fortnox()
        customer = await fortnox.create_customer({"Name": "Tilda Testsson", "Type": "PRIVATE"})
        row: Mapping[str, Any] = {
            "Description": "Mugg",
            "Price": abs(Decimal(price)),
            "DeliveredQuantity": Decimal(-1 if Decimal(price) < 0 else 1),
            "VAT": Decimal(0),
            "AccountNumber": 3105,
        }
        body = {
            "CustomerNumber": customer.number,
            "InvoiceDate": self.world.clock().date(),
            "InvoiceRows": [row],
        }
        invoice = await fortnox.create_invoice_document(body | changed)
        await fortnox.bookkeep(invoice.number)
        return invoice.number

    def books_of(self, series: str) -> dict[int, Decimal]:
        """What the vouchers of one series did to each account, debit positive."""
        found: dict[int, Decimal] = {}
        for voucher in self.company.vouchers:
            if voucher.series == series:
                for row in voucher.rows:
                    found[row.account] = found.get(row.account, Decimal(0)) + row.debit - row.credit
        return found
