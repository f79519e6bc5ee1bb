"""RSA keys that play Adobe's: two for I/O events, published like Adobe's, and one for webhooks."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from functools import cached_property

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

KEY_BITS = 2048
PATH = "/prod/keys/pub-key-00000000-0000-4000-8000-{:012d}.pem"


@dataclass
class AdobeKey:
    """`private_pem` is kept, not the key object: a state file can hold it."""

    path: str
    private_pem: bytes

    @classmethod
    def fresh(cls, number: int) -> AdobeKey:
        key = generate_private_key(public_exponent=65537, key_size=KEY_BITS)
        pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        return cls(PATH.format(number), pem)

    @property
    def public_pem(self) -> str:
        shown = self._key().public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        return shown.decode()

    def signature(self, message: bytes) -> str:
        """Base64 of RSA-SHA256, PKCS#1 v1.5."""
        return base64.b64encode(self._key().sign(message, PKCS1v15(), SHA256())).decode()

    def _key(self) -> RSAPrivateKey:
        key = load_pem_private_key(self.private_pem, password=None)
        assert isinstance(key, RSAPrivateKey)
        return key


@dataclass
class AdobeKeys:
    """Made when first asked for: it takes a moment."""

    _next: int = field(default=1)

    @cached_property
    def event_keys(self) -> tuple[AdobeKey, AdobeKey]:
        return self._fresh(), self._fresh()

    @cached_property
    def webhook_key(self) -> AdobeKey:
        return self._fresh()

    def rotate(self) -> None:
        """The second key becomes the first, and a new one the second."""
        vars(self)["event_keys"] = (self.event_keys[1], self._fresh())

    def published(self, path: str) -> str | None:
        """The PEM at a path of the key host."""
        return next((one.public_pem for one in self.event_keys if one.path == path), None)

    def _fresh(self) -> AdobeKey:
        number, self._next = self._next, self._next + 1
        return AdobeKey.fresh(number)
