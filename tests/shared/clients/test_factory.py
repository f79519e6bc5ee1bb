"""Addresses as people write them, and limits that belong to a tenant."""

import pytest

from shared.clients.factory import fortnox_api, fortnox_limiter, fortnox_oauth, svea_base
from tests.shared.clients.support import SERVICE, World, a_declaration


@pytest.mark.parametrize("end", ["", "/", "/3", "/3/"])
@pytest.mark.parametrize("base", ["https://api.fortnox.se", "http://127.0.0.1:9000/fortnox"])
def test_the_fortnox_address_may_end_as_it_likes(base: str, end: str) -> None:
    assert fortnox_api(base + end) == base


@pytest.mark.parametrize("end", ["", "/", "/oauth-v1", "/oauth-v1/", "/oauth-v1/token", "/oauth-v1/auth/"])
def test_the_oauth_address_may_end_as_it_likes(end: str) -> None:
    assert fortnox_oauth("https://apps.fortnox.se" + end) == "https://apps.fortnox.se/oauth-v1"


@pytest.mark.parametrize("end", ["", "/", "/api", "/api/"])
def test_sveas_addresses_may_end_as_they_like(end: str) -> None:
    assert svea_base("https://checkoutapi.svea.com" + end) == "https://checkoutapi.svea.com"


def test_the_limit_belongs_to_client_id_and_tenant() -> None:
    def key(**fortnox: object) -> str:
        return fortnox_limiter(a_declaration(**fortnox), SERVICE, None).key

    assert key() == key(client_secret="another")
    assert key() != key(tenant_id=7)
    assert key() != key(client_id="another")


@pytest.mark.parametrize("url", ["http://sandbox/fortnox/3", "http://sandbox/fortnox/"])
async def test_a_client_works_with_each_way_to_write_the_address(world: World, url: str) -> None:
    fortnox = world.fortnox(api_url=url, oauth_url="http://sandbox/fortnox/")

    assert (await fortnox.company()).name == "Provbolaget AB"
