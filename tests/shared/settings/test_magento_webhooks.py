"""What a declaration may say about the shop's webhooks, and what of it is ever shown."""

from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from pydantic import ValidationError

from shared.ledger import declarations
from shared.settings.connections import ConnectionDeclaration
from shared.settings.magento_webhooks import MagentoWebhooks
from tests.services.webhook_gateway.shop_support import TOKEN, a_shop, public_pem

AN_EC_KEY = (
    generate_private_key(SECP256R1())
    .public_key()
    .public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    .decode()
)
LOGIN = {"username": "hook", "password": "a-password"}


def test_what_is_left_out_takes_nothing_but_our_module_for_five_minutes() -> None:
    webhooks = MagentoWebhooks()

    assert webhooks.signature_tolerance.total_seconds() == 300
    assert (webhooks.tokens, webhooks.adobe_commerce_keys, webhooks.adobe_client_ids) == ((), (), ())


@pytest.mark.parametrize(
    ("declared", "where"),
    [
        ({"tokens": ["x" * 31]}, ("tokens", 0)),
        ({"adobe_commerce_keys": ["no key"]}, ("adobe_commerce_keys", 0)),
        ({"adobe_commerce_keys": [AN_EC_KEY]}, ("adobe_commerce_keys", 0)),
        ({"basic": {"username": "hook"}}, ("basic", "password")),
        ({"secret": "x"}, ("secret",)),
    ],
)
def test_what_could_not_verify_anything_is_refused_with_its_place(
    declared: dict[str, Any], where: tuple[object, ...]
) -> None:
    with pytest.raises(ValidationError) as refused:
        MagentoWebhooks.model_validate(declared)

    assert [finding["loc"] for finding in refused.value.errors()] == [where]


def test_a_refused_token_is_not_repeated() -> None:
    with pytest.raises(ValidationError) as refused:
        MagentoWebhooks.model_validate({"tokens": ["a-short-token"]})

    assert "a-short-token" not in str(refused.value.errors(include_input=False))
    assert "32 characters" in str(refused.value)


def test_tokens_and_passwords_are_shown_to_nobody_and_may_stay() -> None:
    declared = a_shop(basic=LOGIN)
    stored = ConnectionDeclaration.model_validate(declared)

    shown = declarations.public(stored)
    merged = declarations.merged(shown, declarations.revealed(stored))

    assert shown["magento"]["webhooks"]["tokens"] == [{"stored": True}]
    assert shown["magento"]["webhooks"]["basic"] == {"username": "hook", "password": {"stored": True}}
    assert TOKEN not in str(shown)
    assert shown["magento"]["webhooks"]["adobe_commerce_keys"][0] == public_pem("commerce")
    assert ConnectionDeclaration.model_validate(merged) == stored
