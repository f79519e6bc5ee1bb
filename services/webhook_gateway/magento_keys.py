"""A shop's declaration as what its webhooks must show."""

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from services.webhook_gateway.verification.magento import ShopKeys
from shared.settings.magento import MagentoSettings


def to_shop_keys(connection: str, shop: MagentoSettings) -> ShopKeys:
    webhooks = shop.webhooks
    basic = webhooks.basic
    return ShopKeys(
        connection=connection,
        secrets=tuple(plain for secret in shop.webhook_secrets if (plain := secret.get_secret_value())),
        tolerance=webhooks.signature_tolerance,
        commerce_keys=tuple(to_rsa_key(pem) for pem in webhooks.adobe_commerce_keys),
        adobe_clients=webhooks.adobe_client_ids,
        tokens=tuple(token.get_secret_value() for token in webhooks.tokens),
        login=f"{basic.username}:{basic.password.get_secret_value()}" if basic else None,
    )


def to_rsa_key(pem: str) -> RSAPublicKey:
    """Raises ValueError for anything but an RSA public key; declared ones were looked at before."""
    key = load_pem_public_key(pem.encode())
    if not isinstance(key, RSAPublicKey):
        raise ValueError("not an RSA key")
    return key
