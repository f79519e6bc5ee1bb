"""The demo from the first webhook to the last figure."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from itertools import groupby

from services.local.demo import tie_out
from services.local.demo.acts import Act, acts_of, given_back
from services.local.demo.expected import A_GIVEN_BACK, SALES, WHILE_PENDING, ExpectedSale
from services.local.demo.loads import LoadChapter
from services.local.demo.magento import DemoShop
from services.local.demo.operations import Operations, SaleState
from services.local.demo.progress import Progress
from services.local.demo.shop_chapter import ShopChapter
from services.local.demo.show import Outcome, Show
from services.local.demo.stand_ins import StandIns, Story
from services.local.demo.watch import Watch

PENDING_ACT = "H/1"
KNOWN_WITHIN = timedelta(seconds=10)


class Performance:
    """Plays, shows and checks. `differences` collects whatever is not as it must be."""

    def __init__(
        self,
        stand_ins: StandIns,
        shop: DemoShop,
        operations: Operations,
        progress: Progress,
        show: Show,
    ) -> None:
        self._stand_ins = stand_ins
        self._shop = shop
        self._operations = operations
        self._progress = progress
        self._show = show
        self._watch = Watch(stand_ins, operations, show)
        self._purchases = ShopChapter(stand_ins, shop, operations, progress, show, self._watch)
        self._loads = LoadChapter(stand_ins, operations, progress, show)
        self._stories: list[Story] = []
        self.differences: list[str] = []

    def play(self) -> None:
        """All chapters; what an earlier demo with this state has played is not played again."""
        self._stories = self._stand_ins.stories()
        self._watch.begin()
        self._show.chapter("Svea's stories")
        for _, acts in groupby(acts_of(self._stories), key=lambda act: act.story.key):
            self._play_story([act for act in acts if act.name not in self._progress.done])
        self._purchases.play()
        self._loads.play()  # first: one that was interrupted still writes
        self._tell_everything_again()
        self._give_back_unheard()
        self._show.chapter("The figures")
        outcomes = [*self._outcomes(), *self._purchases.outcomes()]
        self._show.table(outcomes)
        self._loads.check()
        self.differences += self._purchases.differences + self._loads.differences
        for outcome in outcomes:
            self.differences += [f"{outcome.title} {outcome.sale}: {off}" for off in outcome.differences]

    # ── the stories ───────────────────────────────────────────────────────────────────────────────

    def _play_story(self, acts: list[Act]) -> None:
        for number, act in enumerate(acts):
            if number == 0:
                self._show.story(act)
            self._play_act(act)

    def _play_act(self, act: Act) -> None:
        self._operations.pause(0)
        self._show.came_in(act)
        act.perform(self._stand_ins)
        state = self._at_rest(act)
        self._watch.show_changes()
        self._show.rests(state)
        if act.name == PENDING_ACT:
            off = tie_out.against_expected(
                WHILE_PENDING, state, self._watch.books().of(act.story.checkout_id)
            )
            self.differences += [f"{act.name} while pending: {text}" for text in off]
        self._progress.note(act.name, self._stand_ins.told())

    def _at_rest(self, act: Act) -> SaleState | None:
        """How the act's sale rests; None when nobody was told of it."""
        key = str(act.story.checkout_id)
        if act.told_by == "nobody":
            return self._operations.at_rest().get(key)
        state = self._watch.known(key, within=KNOWN_WITHIN)
        if state is None:
            self.differences.append(f"{act.name}: Sluss does not know {key} although it was told of it")
        return state

    # ── nothing twice ─────────────────────────────────────────────────────────────────────────────

    def _tell_everything_again(self) -> None:
        """Every webhook once more, the last first; then every sale looked at once more."""
        self._show.chapter("Everything once more, in another order")
        documents, known, writes = self._watch.books(), self._operations.webhooks(), self._stand_ins.writes()
        for merchant, body in reversed(self._progress.told):
            self._stand_ins.send_again(merchant, body)
        notices = self._shop.tell_again()
        self._stand_ins.settle()
        self._shop.settle()
        self._operations.at_rest()
        new_events = self._operations.webhooks() - known
        told = f"{len(self._progress.told)} webhooks again, the last first, and {notices} notices of the shop"
        self._show.say(f"{told}: {new_events} new events.")
        again = self._operations.look_again_at_all()
        self._operations.at_rest()
        new_writes = self._stand_ins.writes() - writes
        self._show.say(f"{again} sales looked at again: {new_writes} writes to Fortnox.")
        if new_events or new_writes or self._watch.books() != documents:
            self.differences.append(f"once more: {new_events} new events, {new_writes} writes to Fortnox")
        self._watch.show_changes()

    # ── nothing lost ──────────────────────────────────────────────────────────────────────────────

    def _give_back_unheard(self) -> None:
        """Svea credits, and its webhook is lost; a backfill of that id finds the credits."""
        act = given_back(self._stories)
        if act.name in self._progress.done:
            return
        self._show.chapter("A refund of which no webhook tells, found by a backfill")
        self._show.story(act)
        self._show.came_in(act)
        act.perform(self._stand_ins)
        self._operations.backfill(act.story.checkout_id)
        self._operations.at_rest()
        self._watch.show_changes()
        self._progress.note(act.name, [])

    # ── the figures ───────────────────────────────────────────────────────────────────────────────

    def _outcomes(self) -> Iterator[Outcome]:
        books, states = self._watch.books(), self._operations.at_rest()
        vat_accounts = self._stand_ins.vat_accounts()
        titles = {act.story.checkout_id: act.story.key for act in acts_of(self._stories)}
        for checkout_id, expected in self._expected().items():
            documents = books.of(checkout_id)
            order = self._stand_ins.order(checkout_id)
            off = [
                *tie_out.against_svea(order, documents),
                *tie_out.vouchers(documents, vat_accounts),
                *tie_out.against_expected(expected, states.get(str(checkout_id)), documents),
            ]
            yield Outcome(titles[checkout_id], str(checkout_id), documents, off)
        ours = {document.key for document in self._purchases.documents()}
        strangers = [
            found
            for found in books.documents
            if found.checkout_id not in map(str, SALES) and found.key not in ours
        ]
        self.differences += [f"{found.kind} {found.number} belongs to no sale" for found in strangers]

    def _expected(self) -> Mapping[int, ExpectedSale]:
        act = given_back(self._stories)
        return {**SALES, act.story.checkout_id: A_GIVEN_BACK}
