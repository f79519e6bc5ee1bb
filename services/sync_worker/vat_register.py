"""VIES, remembered in the ledger: one sale asks once, and a register that is down is left alone."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from shared.clients.vies import Vies
from shared.domain.errors import Unavailable
from shared.domain.vat_numbers import Registered, VatNumber
from shared.ledger.vat_numbers import KnownVatNumber, VatNumbers
from shared.settings.connections import ConnectionDeclaration

log = structlog.get_logger()

VALID_FOR = timedelta(days=1)  # it is to be valid at the delivery, and may have ended since the order
INVALID_FOR = timedelta(hours=1)  # new companies come late to the register
LEFT_ALONE = timedelta(minutes=10)


@dataclass
class VatRegister:
    """Shared by all runs of a connection in this process."""

    client: Vies
    settings: ConnectionDeclaration
    known: VatNumbers
    clock: Callable[[], datetime]
    _down_until: datetime | None = None

    def forget(self) -> None:
        """A person may have opened the way to it."""
        self._down_until = None

    async def look_up(self, number: VatNumber) -> Registered | None:
        """What is known of it today; else of the last time; None where VIES has never answered."""
        name = self.settings.name
        known = await self.known.find(name, number.text)
        if (known is not None and self._is_fresh(known)) or self._is_down():
            return self._told(known)
        try:
            answer = await self.client.check(number)
        except Unavailable as passing:
            self._down_until = self.clock() + LEFT_ALONE
            log.info("vies.unavailable", reason=passing.message)
            return self._told(known)
        kept = await self.known.keep(name, number.text, valid=answer.valid, consultation=answer.consultation)
        return self._told(kept)

    def _is_fresh(self, known: KnownVatNumber) -> bool:
        return self.clock() - known.asked_at <= (VALID_FOR if known.valid else INVALID_FOR)

    def _is_down(self) -> bool:
        return self._down_until is not None and self.clock() < self._down_until

    def _told(self, known: KnownVatNumber | None) -> Registered | None:
        if known is None:
            return None
        on = known.asked_at.astimezone(self.settings.zone).date()
        return Registered(known.valid, on, known.consultation)
