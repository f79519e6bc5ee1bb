"""Fortnox' books while the demo plays: what is new in them, and when a sale has come to rest."""

import time
from collections.abc import Callable
from datetime import timedelta

from services.local.demo.books import Books, Document, to_books
from services.local.demo.operations import Operations, SaleState
from services.local.demo.show import Show
from services.local.demo.stand_ins import StandIns

POLL_SECONDS = 0.1

Clock = Callable[[], float]


class Watch:
    """Remembers which documents were shown."""

    def __init__(
        self, stand_ins: StandIns, operations: Operations, show: Show, monotonic: Clock = time.monotonic
    ) -> None:
        self._stand_ins = stand_ins
        self._operations = operations
        self._show = show
        self._monotonic = monotonic
        self._shown: set[tuple[str, str, str]] = set()

    def begin(self) -> None:
        """What an earlier demo with this state booked is not shown again."""
        self._shown = {document.key for document in self.books().documents}

    def books(self) -> Books:
        return to_books(self._stand_ins.documents(), self._stand_ins.vouchers())

    def show_changes(self) -> list[Document]:
        changed = [document for document in self.books().documents if document.key not in self._shown]
        self._shown |= {document.key for document in changed}
        self._show.booked(changed)
        return changed

    def known(self, key: str, *, within: timedelta) -> SaleState | None:
        """How the sale rests once no sale is on its way; None when it stays unknown."""
        return self._wait(lambda: self._operations.at_rest().get(key), within)

    def reached(self, key: str, state: str, *, within: timedelta) -> SaleState | None:
        """The sale once it is in that state, and at rest unless it waits; None when it never is."""

        def find() -> SaleState | None:
            found = self._operations.sale(key)
            if found is None or found.state != state:
                return None
            return found if state == "waiting" else self._operations.at_rest().get(key)

        return self._wait(find, within)

    def _wait(self, find: Callable[[], SaleState | None], within: timedelta) -> SaleState | None:
        deadline = self._monotonic() + within.total_seconds()
        while (found := find()) is None and self._monotonic() < deadline:
            self._operations.pause(POLL_SECONDS)
        return found
