"""The demo from the first webhook to the last figure."""

import time
from collections.abc import Callable, Iterator, Mapping
from itertools import groupby

from services.local.demo import tie_out
from services.local.demo.acts import Act, acts_of, given_back
from services.local.demo.books import Books, Document, to_books
from services.local.demo.expected import A_GIVEN_BACK, SALES, WHILE_PENDING, ExpectedSale
from services.local.demo.operations import Operations, SaleState
from services.local.demo.progress import Progress
from services.local.demo.show import Outcome, Show
from services.local.demo.stand_ins import StandIns, Story

PENDING_ACT = "H/1"
KNOWN_WITHIN_SECONDS = 10.0

Clock = Callable[[], float]


class Performance:
    """Plays, shows and checks. `differences` collects whatever is not as it must be."""

    def __init__(
        self,
        stand_ins: StandIns,
        operations: Operations,
        progress: Progress,
        show: Show,
        monotonic: Clock = time.monotonic,
    ) -> None:
        self._stand_ins = stand_ins
        self._operations = operations
        self._progress = progress
        self._show = show
        self._monotonic = monotonic
        self._stories: list[Story] = []
        self._shown: set[tuple[str, str, str]] = set()
        self.differences: list[str] = []

    def play(self) -> None:
        """All chapters; what an earlier demo with this state has played is not played again."""
        self._stories = self._stand_ins.stories()
        self._shown = {document.key for document in self._books().documents}
        self._show.chapter("Svea's stories")
        for _, acts in groupby(acts_of(self._stories), key=lambda act: act.story.key):
            self._play_story([act for act in acts if act.name not in self._progress.done])
        self._tell_everything_again()
        self._give_back_unheard()
        self._show.chapter("The figures")
        outcomes = list(self._outcomes())
        self._show.table(outcomes)
        for outcome in outcomes:
            self.differences += [
                f"{outcome.title} {outcome.checkout_id}: {off}" for off in outcome.differences
            ]

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
        self._show_changes()
        self._show.rests(state)
        if act.name == PENDING_ACT:
            off = tie_out.against_expected(WHILE_PENDING, state, self._books().of(act.story.checkout_id))
            self.differences += [f"{act.name} while pending: {text}" for text in off]
        self._progress.note(act.name, self._told())

    def _at_rest(self, act: Act) -> SaleState | None:
        """How the act's sale rests; None when nobody was told of it."""
        key = str(act.story.checkout_id)
        deadline = self._monotonic() + KNOWN_WITHIN_SECONDS
        while key not in (states := self._operations.at_rest()) and act.told_by != "nobody":
            if self._monotonic() > deadline:
                self.differences.append(f"{act.name}: Sluss does not know {key} although it was told of it")
                break
            self._operations.pause(0.1)
        return states.get(key)

    def _told(self) -> list[tuple[str, str]]:
        sent = self._stand_ins.webhooks()
        return [(one["merchant_id"], one["body"]) for one in sent if one["kind"] == "event"]

    # ── nothing twice ─────────────────────────────────────────────────────────────────────────────

    def _tell_everything_again(self) -> None:
        """Every webhook once more, the last first; then every sale looked at once more."""
        self._show.chapter("Everything once more, in another order")
        documents, known, writes = self._books(), self._operations.webhooks(), self._stand_ins.writes()
        for merchant, body in reversed(self._progress.told):
            self._stand_ins.send_again(merchant, body)
        self._stand_ins.settle()
        self._operations.at_rest()
        new_events = self._operations.webhooks() - known
        self._show.say(f"{len(self._progress.told)} webhooks again, the last first: {new_events} new events.")
        again = self._operations.look_again_at_all()
        self._operations.at_rest()
        new_writes = self._stand_ins.writes() - writes
        self._show.say(f"{again} sales looked at again: {new_writes} writes to Fortnox.")
        if new_events or new_writes or self._books() != documents:
            self.differences.append(f"once more: {new_events} new events, {new_writes} writes to Fortnox")
        self._show_changes()

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
        self._show_changes()
        self._progress.note(act.name, [])

    # ── the figures ───────────────────────────────────────────────────────────────────────────────

    def _outcomes(self) -> Iterator[Outcome]:
        books, states = self._books(), self._operations.at_rest()
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
            yield Outcome(titles[checkout_id], checkout_id, documents, off)
        strangers = [found for found in books.documents if found.checkout_id not in map(str, SALES)]
        self.differences += [f"{found.kind} {found.number} belongs to no sale" for found in strangers]

    def _expected(self) -> Mapping[int, ExpectedSale]:
        act = given_back(self._stories)
        return {**SALES, act.story.checkout_id: A_GIVEN_BACK}

    # ── what is new in the books ──────────────────────────────────────────────────────────────────

    def _books(self) -> Books:
        return to_books(self._stand_ins.documents(), self._stand_ins.vouchers())

    def _show_changes(self) -> list[Document]:
        changed = [document for document in self._books().documents if document.key not in self._shown]
        self._shown |= {document.key for document in changed}
        self._show.booked(changed)
        return changed
