"""A shop's client as a declaration makes it."""

import pytest
from pydantic import ValidationError

from shared.clients.factory import magento_base
from shared.settings.magento import MagentoSettings
from tests.shared.clients.magento.scripted import ScriptedShop, a_list
from tests.support.clock import Clock


@pytest.mark.parametrize("end", ["", "/", "/rest", "/rest/", "/rest/V1", "/rest/V1/"])
@pytest.mark.parametrize("base", ["https://shop.example.com", "http://127.0.0.1:9000/butik/index.php"])
def test_the_shops_address_may_end_as_it_likes(base: str, end: str) -> None:
    assert magento_base(base + end) == base


async def test_basic_auth_goes_in_front_of_the_signature(clock: Clock) -> None:
    shop = ScriptedShop(clock, basic_auth="dev:dev")
    shop.says("GET /taxClasses/search", a_list([]))

    await shop.client.tax_classes()

    assert shop.asked[0].headers["authorization"].startswith("Basic ZGV2OmRldg==, OAuth oauth_consumer_key=")
    await shop.client.close()


@pytest.mark.parametrize(
    "wrong",
    [
        {"base_url": "https://dev:dev@shop.example.com"},
        {"base_url": "https://shop.example.com", "authentication": "bearer", "basic_auth": "dev:dev"},
    ],
)
def test_what_cannot_be_sent_is_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(ValidationError, match="basic_auth"):
        MagentoSettings.model_validate(wrong)
