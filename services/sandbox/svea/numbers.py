"""The numbers Svea hands out. They start above those of the samples."""

from __future__ import annotations

import random
import uuid
from dataclasses import dataclass, field
from itertools import count


@dataclass
class Numbers:
    random: random.Random
    _checkouts: count[int] = field(default_factory=lambda: count(9400001))
    _deliveries: count[int] = field(default_factory=lambda: count(7300001))
    _invoices: count[int] = field(default_factory=lambda: count(890001))
    _credits: count[int] = field(default_factory=lambda: count(4200001))
    _tasks: count[int] = field(default_factory=lambda: count(7800001))
    _customers: count[int] = field(default_factory=lambda: count(52001))

    def checkout(self) -> int:
        return next(self._checkouts)

    def delivery(self) -> int:
        return next(self._deliveries)

    def invoice(self) -> int:
        return next(self._invoices)

    def credit(self) -> int:
        return next(self._credits)

    def task(self) -> int:
        return next(self._tasks)

    def customer(self) -> int:
        return next(self._customers)

    def guid(self) -> str:
        return str(uuid.UUID(int=self.random.getrandbits(128), version=4))
