"""What the routes may use: built once per process, found on the application."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from starlette.requests import Request

from services.webhook_gateway.callback_keys import CallbackKeys
from services.webhook_gateway.doorbell import Doorbell
from services.webhook_gateway.intake import Intake
from services.webhook_gateway.magento_adobe_keys import AdobeKeyRing
from services.webhook_gateway.operations.turns import Turns
from shared.ledger.ledger import Ledger
from shared.settings.service import ServiceSettings


@dataclass(frozen=True)
class House:
    ledger: Ledger
    service: ServiceSettings
    clock: Callable[[], datetime]
    doorbell: Doorbell
    intake: Intake
    callback_keys: CallbackKeys
    adobe_keys: AdobeKeyRing
    turns: Turns


def house_of(request: Request) -> House:
    house = request.app.state.house
    assert isinstance(house, House)
    return house
