"""The demo's chapter of purchases that a shop tells of, step by step, and what must have become of them."""

from collections.abc import Iterator
from datetime import timedelta

from services.local.demo import tie_out
from services.local.demo.books import Document
from services.local.demo.expected import PURCHASES
from services.local.demo.magento import DemoShop
from services.local.demo.operations import Operations
from services.local.demo.progress import Progress
from services.local.demo.purchases import Happening, Purchase, purchases
from services.local.demo.show import Outcome, Show
from services.local.demo.stand_ins import StandIns
from services.local.demo.svea_orders import SveaOrders
from services.local.demo.watch import Watch

SOON = timedelta(seconds=10)
LATER = timedelta(seconds=30)


class ShopChapter:
    """Plays, shows and checks. `differences` collects whatever is not as it must be."""

    def __init__(
        self,
        stand_ins: StandIns,
        shop: DemoShop,
        operations: Operations,
        progress: Progress,
        show: Show,
        watch: Watch,
    ) -> None:
        self._stand_ins = stand_ins
        self._shop = shop
        self._operations = operations
        self._progress = progress
        self._show = show
        self._watch = watch
        self._purchases = purchases(SveaOrders(stand_ins.control), shop)
        self.differences: list[str] = []

    def play(self) -> None:
        """What an earlier demo with this state has played is not played again."""
        self._show.chapter("One purchase, told of by Svea and by the shop")
        for purchase, happenings in self._purchases:
            numbered = [
                (f"{purchase.key}/{number}", happening) for number, happening in enumerate(happenings, 1)
            ]
            left = [(name, step) for name, step in numbered if name not in self._progress.done]
            if left:
                self._show.purchase(purchase.key, purchase.title, purchase.number)
            for name, step in left:
                self._play(name, purchase, step)

    def _play(self, name: str, purchase: Purchase, step: Happening) -> None:
        self._operations.pause(0)
        self._show.happens(step.told)
        step.happens(purchase)
        key = purchase.sale
        state = self._watch.reached(key, step.ends, within=SOON)
        if state is None:  # a notice of it went down with a demo that was killed
            self._operations.look_for(purchase.checkout_id, purchase.number)
            state = self._watch.reached(key, step.ends, within=LATER)
        changed = self._watch.show_changes()
        if state is None:
            found = self._operations.sale(key) or tie_out.NOTHING_YET
            self.differences.append(f"{name}: sale {key} is {found.state} ({found.why}), not {step.ends}")
        elif not changed:
            self._show.nothing_new(state)
        self._progress.note(name, self._stand_ins.told())

    # ── the figures ───────────────────────────────────────────────────────────────────────────────

    def documents(self) -> list[Document]:
        """Of all purchases of this chapter."""
        return [document for purchase, _ in self._purchases for document in self._documents_of(purchase)]

    def outcomes(self) -> Iterator[Outcome]:
        states, vat_accounts = self._operations.at_rest(), self._stand_ins.vat_accounts()
        for purchase, _ in self._purchases:
            documents = self._documents_of(purchase)
            off = [
                *tie_out.against_shop(self._shop.order(purchase.number), documents),
                *tie_out.vouchers(documents, vat_accounts),
                *tie_out.against_expected(PURCHASES[purchase.key], states.get(purchase.sale), documents),
            ]
            if purchase.checkout_id is not None:
                off += tie_out.against_svea(self._stand_ins.order(purchase.checkout_id), documents)
            yield Outcome(purchase.key, purchase.sale, documents, off)

    def _documents_of(self, purchase: Purchase) -> list[Document]:
        books = self._watch.books()
        if purchase.checkout_id is not None:
            return books.of(purchase.checkout_id)
        return books.referenced(f"M{purchase.order_id}-")
