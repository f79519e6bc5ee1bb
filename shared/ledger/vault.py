"""Secrets at rest: Fernet, several keys, the newest first."""

import json
from collections.abc import Sequence
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from shared.ledger.columns import to_json

MAKE_A_KEY = "python -c 'from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())'"


class Vault:
    """Seals with the newest key, opens with any."""

    def __init__(self, keys: Sequence[str]) -> None:
        if not keys:
            raise ValueError(
                "the ledger does not keep secrets in plain text: set SLUSS_ENCRYPTION_KEYS "
                f"(make a key with: {MAKE_A_KEY})"
            )
        try:
            self._fernet = MultiFernet([Fernet(key) for key in keys])
        except ValueError as problem:
            raise ValueError(
                f"SLUSS_ENCRYPTION_KEYS has something that is not a Fernet key (make one with: {MAKE_A_KEY})"
            ) from problem

    def seal(self, value: dict[str, Any]) -> str:
        return self._fernet.encrypt(to_json(value).encode()).decode()

    def open(self, sealed: str) -> dict[str, Any]:
        try:
            value: dict[str, Any] = json.loads(self._fernet.decrypt(sealed.encode()))
        except InvalidToken as problem:
            raise ValueError(
                "a stored secret cannot be opened: its key is missing in SLUSS_ENCRYPTION_KEYS"
            ) from problem
        return value

    def reseal(self, sealed: str) -> str:
        """The same content under the newest key."""
        return self._fernet.rotate(sealed.encode()).decode()
