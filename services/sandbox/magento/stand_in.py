"""The Magento shops of one sandbox."""

from __future__ import annotations

import random
import string

from services.sandbox.clock import SandboxClock
from services.sandbox.magento.oauth import KEY_LENGTH, Integration
from services.sandbox.magento.shop import Shop

ALPHABET = string.ascii_lowercase + string.digits


class SandboxMagento:
    """`shops` by name; `default` is also reached without its name in the path."""

    def __init__(self, clock: SandboxClock, *, chance: random.Random | None = None) -> None:
        self.clock = clock
        self.shops: dict[str, Shop] = {}
        self._chance = chance or random.Random()

    def add_shop(
        self,
        name: str = "default",
        consumer_key: str | None = None,
        consumer_secret: str | None = None,
        access_token: str | None = None,
        access_token_secret: str | None = None,
        *,
        base_url: str | None = None,
    ) -> Shop:
        """A new shop with one active integration; credentials that are left out are made up."""
        integration = Integration(
            consumer_id=1,
            consumer_key=consumer_key or self.secret(),
            consumer_secret=consumer_secret or self.secret(),
            access_token=access_token or self.secret(),
            access_token_secret=access_token_secret or self.secret(),
        )
        shop = Shop(name, self.clock, integration, base_url or f"http://sandbox/magento/{name}/")
        self.shops[name] = shop
        return shop

    def secret(self) -> str:
        """32 characters of `[0-9a-z]`, as Magento makes its keys."""
        return "".join(self._chance.choices(ALPHABET, k=KEY_LENGTH))
