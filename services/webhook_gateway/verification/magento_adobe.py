"""Is this from Adobe? Pure: raw body, headers and keys in, a verdict out.

Commerce webhooks: `x-adobe-commerce-webhook-signature` is the base64 of an RSA-SHA256 signature (PKCS#1 v1.5)
over the base64 text of the raw body. Adobe's words say HMAC, its samples verify RSA with the key from the
admin; the samples decide. I/O Events: two RSA-SHA256 signatures over the raw body, each with the path of its
key at Adobe's key host; one good one suffices, so that keys can rotate.
"""

import base64
import binascii
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey, RSAPublicNumbers
from cryptography.hazmat.primitives.hashes import SHA256

from services.webhook_gateway.verification.rules import must_be_one, rejected
from shared.domain.adobe_keys import is_key_path

COMMERCE_SIGNATURE = "x-adobe-commerce-webhook-signature"
# Adobe's guide writes the dash, its SDK's comments do not.
EVENT_SIGNATURES = tuple(
    (f"x-adobe-digital-signature-{n}", f"x-adobe-digital-signature{n}") for n in ("1", "2")
)
EVENT_KEY_PATHS = tuple((f"x-adobe-public-key{n}-path", f"x-adobe-public-key-{n}-path") for n in ("1", "2"))
LONGEST_SIGNATURE = 1024

# Verified with when there is nothing to verify with, for the time it takes: nobody has its private half.
NOBODYS_KEY = RSAPublicNumbers(e=65537, n=(1 << 2047) + (1 << 1023) + 1).public_key()


class KeysNotKnown(Exception):
    """A key that may have made this signature was not fetched yet; ``paths`` says which."""

    def __init__(self, paths: Sequence[str]) -> None:
        super().__init__(f"{len(paths)} keys of Adobe are not known")
        self.paths = tuple(paths)


@dataclass(frozen=True)
class Claim:
    """One signature and where its key is said to be."""

    key_path: str
    signature: bytes


def must_be_signed_by_commerce(
    body: bytes, *, signatures: Sequence[str], keys: Sequence[RSAPublicKey]
) -> None:
    """Raises Rejected; without keys it takes as long as with one."""
    signature = _decoded(must_be_one(signatures, "signature"))
    message = base64.b64encode(body)
    matches = [_made_by(key, signature, message) for key in keys or (NOBODYS_KEY,)]
    if not (any(matches) and keys):
        raise rejected("signature_mismatch", "no key of this shop made this signature")


def must_be_claimed(headers: Mapping[str, str]) -> list[Claim]:
    """The signatures whose keys may be asked for: a path that is not Adobe's is none. Raises Rejected."""
    claims = []
    for signature_names, path_names in zip(EVENT_SIGNATURES, EVENT_KEY_PATHS, strict=True):
        signature = next((headers[name] for name in signature_names if name in headers), "")
        path = next((headers[name] for name in path_names if name in headers), "")
        if signature and is_key_path(path):
            claims.append(Claim(path, _decoded(signature)))
    if not claims:
        raise rejected("signature_missing", "there is no signature with a key that is Adobe's")
    return claims


def must_be_signed_by_adobe(body: bytes, claims: Sequence[Claim], keys: Mapping[str, RSAPublicKey]) -> None:
    """Raises KeysNotKnown when a key that is missing could still make it good, else Rejected."""
    if any(
        _made_by(keys[claim.key_path], claim.signature, body) for claim in claims if claim.key_path in keys
    ):
        return
    missing = [claim.key_path for claim in claims if claim.key_path not in keys]
    if missing:
        raise KeysNotKnown(missing)
    raise rejected("signature_mismatch", "none of the keys that are named made these signatures")


def _made_by(key: RSAPublicKey, signature: bytes, message: bytes) -> bool:
    try:
        key.verify(signature, message, PKCS1v15(), SHA256())
    except InvalidSignature:
        return False
    return True


def _decoded(signature: str) -> bytes:
    try:
        if len(signature) > LONGEST_SIGNATURE:
            raise ValueError("too long")
        return base64.b64decode(re.sub(r"\s", "", signature).encode("ascii"), validate=True)
    except (UnicodeEncodeError, binascii.Error, ValueError) as problem:
        raise rejected("signature_malformed", "the signature is not base64") from problem
