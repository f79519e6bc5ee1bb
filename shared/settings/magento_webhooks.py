"""What the shop's webhooks must show: each way of sending is taken once its secret or key stands here."""

from datetime import timedelta
from typing import Annotated

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from pydantic import AfterValidator, Field, SecretStr

from shared.settings.section import Secret, Section

SHORTEST_TOKEN = 32


def _long_enough(token: SecretStr) -> SecretStr:
    if len(token.get_secret_value()) < SHORTEST_TOKEN:
        raise ValueError(f"a token that stands for a signature has at least {SHORTEST_TOKEN} characters")
    return token


def _rsa_key(pem: str) -> str:
    try:
        key = load_pem_public_key(pem.encode())
    except (ValueError, UnsupportedAlgorithm) as problem:
        raise ValueError("not a public key in PEM form") from problem
    if not isinstance(key, RSAPublicKey):
        raise ValueError("not an RSA key")
    return pem


class BasicLogin(Section):
    username: str = Field(description="Name that the sender logs in with.")
    password: Secret = Field(description="Password that the sender logs in with.")


class MagentoWebhooks(Section):
    signature_tolerance: timedelta = Field(
        timedelta(seconds=300), description="How far `X-Sluss-Timestamp` may be from our clock."
    )
    adobe_commerce_keys: tuple[Annotated[str, AfterValidator(_rsa_key)], ...] = Field(
        (), description="Public keys (PEM) that sign Adobe Commerce's webhooks; any is valid."
    )
    adobe_client_ids: tuple[str, ...] = Field(
        (), description="Client ids of the Adobe projects whose I/O events are ours."
    )
    tokens: tuple[Annotated[Secret, AfterValidator(_long_enough)], ...] = Field(
        (), description="Long random last parts of the address for modules that cannot sign; any is valid."
    )
    basic: BasicLogin | None = Field(None, description="If given, those modules must log in (Basic) as well.")
    admin_url: str | None = Field(
        None, description="Address of the shop's admin, if it is not on the host of `base_url`."
    )
