"""The Magento shops of one sandbox."""

from __future__ import annotations

import random
import string

import httpx

from services.sandbox.clock import SandboxClock
from services.sandbox.magento.adobe_keys import AdobeKeys
from services.sandbox.magento.announcing import Announcer, MagentoOutbox
from services.sandbox.magento.oauth import KEY_LENGTH, Integration
from services.sandbox.magento.shop import Shop
from services.sandbox.magento.shop_pages import ShopPages

ALPHABET = string.ascii_lowercase + string.digits


class SandboxMagento:
    """`shops` by name; `default` is also reached without its name in the path."""

    def __init__(
        self,
        clock: SandboxClock,
        *,
        webhook_transport: httpx.AsyncBaseTransport | None = None,
        chance: random.Random | None = None,
    ) -> None:
        self.clock = clock
        self.shops: dict[str, Shop] = {}
        self.adobe_keys = AdobeKeys()
        self.chance = chance or random.Random()
        self.outbox = MagentoOutbox(
            signing_time=clock.source, chance=self.chance, transport=webhook_transport
        )

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
        pages = ShopPages.standard(base_url or f"http://sandbox/magento/{name}/")
        announcer = Announcer(self.outbox, self.adobe_keys, self.clock, self.chance, pages)
        shop = Shop(name, self.clock, integration, pages, announcer, self.secret)
        self.shops[name] = shop
        return shop

    async def settle(self, timeout_seconds: float = 30.0) -> None:
        """Wait until every notice is accepted or given up. Held ones stay held."""
        await self.outbox.settle(timeout_seconds)

    def secret(self) -> str:
        """32 characters of `[0-9a-z]`, as Magento makes its keys."""
        return "".join(self.chance.choices(ALPHABET, k=KEY_LENGTH))
