"""Which document each row of a payout is about, in the order that is the surest first.

By Svea's checkout and delivery, by Svea's invoice number, by a checkout that has one delivery, by the
order number. Our own links answer for all rows in a few questions; only rows that none of them knows
are looked for in Fortnox, where somebody else may have made the invoice.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from services.sync_worker.context import FlowContext
from services.sync_worker.flows.payout.observed import Target
from shared.clients.fortnox.errors import NotFound
from shared.clients.fortnox.wire import FortnoxInvoice
from shared.domain.errors import ForeignOrder, UnknownCheckout
from shared.domain.money import Money
from shared.domain.money import total as sum_of
from shared.domain.payouts import Payout, PayoutRow
from shared.ledger.ids import subject_id
from shared.ledger.links import Outline
from shared.ledger.payouts import NOT_MADE
from shared.ledger.records import Subject

SUFFIX = re.compile(r"-\d+$")


@dataclass
class Matching:
    """``look`` fills ``targets`` and ``why_not``, by row key. ``chosen`` is what a person named, and
    ``removed`` are numbers of payments that a person has taken away."""

    ctx: FlowContext
    payout: Payout
    chosen: Mapping[str, str]
    removed: frozenset[str] = frozenset()
    targets: dict[str, tuple[Target, ...]] = field(default_factory=dict)
    why_not: dict[str, str] = field(default_factory=dict)
    _documents: dict[str, list[Outline]] = field(default_factory=dict)
    _paid: dict[str, Money] = field(default_factory=dict)
    _rates: dict[str, Decimal | None] = field(default_factory=dict)
    _taken: set[str] = field(default_factory=set)
    _elsewhere_sold: dict[int, str] = field(default_factory=dict)  # checkout id -> market

    async def look(self) -> None:
        rows = [row for row in self.payout.money_rows if row.kind in ("Order", "Credit") and row.nominal]
        sales = await self._sales(rows)
        await self._learn({*sales.values(), *await self._sales_chosen()})
        await self._learn_refused()
        for row in rows:
            if row.key in self.chosen:
                await self._by_hand(row, self.chosen[row.key])
            else:
                await self._by_sale(row, sales.get(row.key))

    # ── what we know ──────────────────────────────────────────────────────────────────────────────

    async def _sales(self, rows: Iterable[PayoutRow]) -> dict[str, str]:
        """Subject id by row key."""
        connection = self.ctx.settings.name
        wanted = list(rows)
        by_invoice = await self.ctx.ledger.aliases.resolve_many(
            connection, "svea_invoice", [str(row.invoice_number) for row in wanted if row.invoice_number]
        )
        by_number = await self.ctx.ledger.aliases.resolve_many(
            connection, "order_number", [name for row in wanted for name in _numbers(row)]
        )
        await self._learn_markets(wanted)
        found: dict[str, str] = {}
        for row in wanted:
            if row.checkout_id is not None:
                if row.checkout_id not in self._elsewhere_sold:
                    found[row.key] = subject_id(connection, "sale", str(row.checkout_id))
                continue
            named = [
                by_invoice.get(str(row.invoice_number)),
                *(by_number.get(name) for name in _numbers(row)),
            ]
            for sale in named:
                if sale is not None and await self._is_of_this_market(sale):
                    found[row.key] = sale
                    break
        return found

    async def _learn_markets(self, rows: Iterable[PayoutRow]) -> None:
        """Which checkouts another key set of the connection has sold."""
        keys = sorted({str(row.checkout_id) for row in rows if row.checkout_id is not None})
        known = await self.ctx.ledger.subjects.find_many(self.ctx.settings.name, "sale", keys)
        for key, sale in known.items():
            if not await self._is_ours(sale):
                self._elsewhere_sold[int(key)] = sale.market or ""

    async def _is_of_this_market(self, sale: str) -> bool:
        """Two shops may count their orders alike."""
        subject = await self.ctx.ledger.subjects.get(sale)
        return subject is not None and await self._is_ours(subject)

    async def _is_ours(self, sale: Subject) -> bool:
        """By the market that told of it; if that is another one, by what this key set may read."""
        if sale.market in (None, self.payout.market):
            return True
        if not sale.key.isdecimal():
            return False
        try:
            await self.ctx.svea[self.payout.market].order(sale.key)
        except (ForeignOrder, UnknownCheckout):
            return False
        return True

    async def _sales_chosen(self) -> set[str]:
        """A person may have named a document of ours."""
        found = await self.ctx.ledger.payout_lists.sale_documents(
            self.ctx.settings.name, self.chosen.values()
        )
        return {one.sale_id for one in found.values()}

    async def _learn(self, sales: set[str]) -> None:
        """The invoices and credits of these sales, and what other payouts have paid of them."""
        links = self.ctx.ledger.links
        outlines = await links.outlines(self.ctx.settings.name, subjects=sales)
        documents = [one for one in outlines if one.kind in ("invoice", "credit_invoice", "order")]
        by_sale: dict[str, list[Outline]] = defaultdict(list)
        for one in documents:
            by_sale[one.subject_id].append(one)
        self._documents = by_sale
        payable = {one.reference for one in documents if one.kind != "order"}
        made_of = await links.outlines(self.ctx.settings.name, parents=payable)
        for payment in made_of:
            is_other = payment.kind == "payment" and payment.subject_id != self.ctx.subject.id
            if is_other and payment.state not in NOT_MADE:
                self._add_paid(payment)
        if self.payout.currency != "SEK":
            await self._learn_rates(documents)

    def _add_paid(self, payment: Outline) -> None:
        if payment.parent is None or payment.total is None or payment.currency is None:
            return
        zero = Money.zero(payment.currency)
        paid = Money(payment.total, payment.currency)
        self._paid[payment.parent] = self._paid.get(payment.parent, zero) + paid

    async def _learn_rates(self, documents: Iterable[Outline]) -> None:
        """The rate that each claim was booked at; only documents in another currency have one."""
        names = [(one.kind, one.reference) for one in documents if one.currency == self.payout.currency]
        for link in await self.ctx.ledger.links.named(self.ctx.settings.name, "fortnox", names):
            rate = link.draft.get("rate")
            self._rates[link.reference] = Decimal(rate) if rate else None

    async def _learn_refused(self) -> None:
        """Fortnox refused to take these payments: what it says is open is what is open."""
        # Orders count for themselves: one may have the number of an invoice.
        ours = {(one.kind, one.number): one for found in self._documents.values() for one in found}
        for link in self.ctx.links:
            number = link.draft.get("number")
            one = ours.get((str(link.draft.get("document_kind")), number))
            if (link.kind, link.state) != ("payment", "refused") or one is None:
                continue
            invoice = await self.ctx.fortnox.invoice(str(number))
            currency = one.currency or self.payout.currency
            if currency != "SEK" and invoice.balance:
                continue  # in which currency it says so is not known
            paid = Money((one.total or Decimal(0)) - invoice.balance, currency)
            self._paid[one.reference] = paid - self._paid_here(one.reference, currency)

    # ── one row ───────────────────────────────────────────────────────────────────────────────────

    async def _by_sale(self, row: PayoutRow, sale: str | None) -> None:
        if row.checkout_id in self._elsewhere_sold:
            market = self._elsewhere_sold[row.checkout_id]
            self.why_not[row.key] = (
                f"{row.names} was sold in market {market}, and this is a payout of another"
            )
            return
        documents = self._documents.get(sale or "", [])
        found = self._credits(row, documents) if row.kind == "Credit" else self._invoices(row, documents)
        if isinstance(found, str):
            found = await self._elsewhere(row, found)
        if isinstance(found, str):
            self.why_not[row.key] = found
        else:
            self.targets[row.key] = found

    def _invoices(self, row: PayoutRow, documents: list[Outline]) -> tuple[Target, ...] | str:
        invoices = [one for one in documents if one.kind == "invoice"]
        made = [one for one in invoices if one.state == "final" and one.number]
        if row.delivery_id is not None:
            named = [one for one in made if _is_of_delivery(one, row.delivery_id)]
            if named:
                return tuple(self._target(one, "its delivery") for one in _in_order(named))
            if not _is_whole_sale(row, made, documents):
                return f"delivery {row.delivery_id} of {row.names} has no invoice"
        if len(made) == 1:
            return (self._target(made[0], "its sale's only invoice"),)
        exact = [one for one in made if one.total == row.nominal.amount and one.reference not in self._taken]
        if exact:
            first = _in_order(exact)[0]
            self._taken.add(first.reference)
            return (self._target(first, "its amount"),)
        if not invoices:
            return f"{row.names} has no invoice"
        return f"{row.names} has {len(made)} booked invoices, and the row names none of them"

    def _credits(self, row: PayoutRow, documents: list[Outline]) -> tuple[Target, ...] | str:
        """A credit invoice of that amount that no other row takes, or all that are left if they sum to it."""
        made = [
            one
            for one in documents
            if one.kind == "credit_invoice"
            and one.state == "final"
            and one.number
            and one.reference not in self._taken
            and self._target(one, "").open
        ]
        if row.delivery_id is not None:
            made = [
                one for one in made if one.parent and _names_delivery(one.parent, row.delivery_id)
            ] or made
        for one in _in_order(made):
            if one.total == row.nominal.amount:
                self._taken.add(one.reference)
                return (self._target(one, "its amount"),)
        if made and sum((one.total or Decimal(0) for one in made), Decimal(0)) == row.nominal.amount:
            self._taken |= {one.reference for one in made}
            return tuple(self._target(one, "their sum") for one in _in_order(made))
        return f"{row.names} has no credit invoice of {row.nominal}"

    def _target(self, one: Outline, how: str) -> Target:
        currency = one.currency or self.payout.currency
        return Target(
            kind="credit_invoice" if one.kind == "credit_invoice" else "invoice",
            ref=one.reference,
            number=one.number or "",
            dated=one.dated or self.payout.on,
            total=Money(one.total or Decimal(0), currency),
            paid=self._paid.get(one.reference, Money.zero(currency)),
            claim_rate=self._rates.get(one.reference),
            how=how,
        )

    # ── documents that somebody else made ─────────────────────────────────────────────────────────

    async def _elsewhere(self, row: PayoutRow, why: str) -> tuple[Target, ...] | str:
        """By the field that the merchant keeps the order number in, exact, then without ``-n``.

        Of several the one of that amount; never one that another market has sold.
        """
        field_name = self.ctx.settings.order_number_field
        for number in _numbers(row):
            found = []
            for head in await self.ctx.fortnox.invoices_with(field_name, number):
                if (head.total < 0) != (row.kind == "Credit") or not await self._may_be_paid(head.number):
                    continue
                invoice = await self.ctx.fortnox.invoice(head.number)
                is_named = self._names(_said(invoice, field_name), number)
                if is_named and invoice.currency == self.payout.currency:
                    found.append(invoice)
            exact = [one for one in found if one.total == row.nominal.amount]
            if len(found) == 1 or len(exact) == 1:
                return (self._foreign((found if len(found) == 1 else exact)[0], f"order number {number}"),)
            if found:
                return f"{row.names}: {len(found)} invoices have order number {number}"
        return why

    async def _may_be_paid(self, number: str) -> bool:
        """An invoice that is ours has to be this market's."""
        for kind in ("invoice", "credit_invoice"):
            link = await self.ctx.ledger.links.by_number(self.ctx.settings.name, "fortnox", kind, number)
            if link is not None:
                return await self._is_of_this_market(link.subject_id)
        return True

    def _names(self, said: str, number: str) -> bool:
        pattern = self.ctx.settings.order_number_pattern
        if pattern is None:
            return said == number
        found = re.search(pattern, said)
        return found is not None and (found.group(1) if found.groups() else found.group()) == number

    async def _by_hand(self, row: PayoutRow, number: str) -> None:
        documents = (one for found in self._documents.values() for one in found)
        ours = next((one for one in documents if one.number == number and one.state == "final"), None)
        if ours is not None:
            self.targets[row.key] = (self._target(ours, "hand"),)
            return
        try:
            invoice = await self.ctx.fortnox.invoice(number)
        except NotFound:
            self.why_not[row.key] = f"Fortnox has no invoice {number}, which was chosen by hand"
        else:
            self.targets[row.key] = (self._foreign(invoice, "hand"),)

    def _foreign(self, invoice: FortnoxInvoice, how: str) -> Target:
        """What this payout has paid of it is not counted, as for documents of ours."""
        currency = invoice.currency or self.payout.currency
        total = Money(invoice.total, currency)
        rate = None if currency == "SEK" else invoice.currency_rate / invoice.currency_unit
        return Target(
            kind="credit_invoice" if invoice.total < 0 else "invoice",
            ref="",
            number=invoice.number,
            dated=invoice.invoice_date or self.payout.on,
            total=total,
            paid=total - Money(invoice.balance, currency) - self._paid_here(f"#{invoice.number}", currency),
            claim_rate=rate,
            how=how,
        )

    def _paid_here(self, document: str, currency: str) -> Money:
        """By this payout itself: it is not counted, or a second look would find less open than the first."""
        booked = (
            Money(link.total, currency)
            for link in self.ctx.links
            if (link.kind, link.parent, link.state) == ("payment", document, "final")
            and link.total
            and link.number not in self.removed
        )
        return sum_of(booked, currency)


def _said(invoice: FortnoxInvoice, field_name: str) -> str:
    said = {
        "yourordernumber": invoice.your_order_number,
        "externalinvoicereference1": invoice.external_reference1,
        "externalinvoicereference2": invoice.external_reference2,
        "ocr": invoice.ocr,
    }
    return said.get(field_name.lower(), "")


def _numbers(row: PayoutRow) -> tuple[str, ...]:
    if not row.order_number:
        return ()
    return tuple(dict.fromkeys((row.order_number, SUFFIX.sub("", row.order_number))))


def _is_of_delivery(one: Outline, delivery_id: int) -> bool:
    return _names_delivery(one.reference, delivery_id)


def _is_whole_sale(row: PayoutRow, made: Iterable[Outline], documents: Iterable[Outline]) -> bool:
    """One invoice of that amount and nothing left to deliver: the row is about it, whatever it names."""
    amounts = [one.total for one in made]
    is_open = any(one.kind == "order" and one.state == "created" for one in documents)
    return amounts == [row.nominal.amount] and not is_open


def _names_delivery(reference: str, delivery_id: int) -> bool:
    return reference.endswith(f"-D{delivery_id}")


def _in_order(outlines: Iterable[Outline]) -> list[Outline]:
    return sorted(outlines, key=lambda one: one.reference)
