"""Adobe's public keys as we keep them: the worker fetches, the gateway verifies, the ledger is between."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

KEYS_NAME = "adobe_event_keys"  # of the credential
EVERYBODYS = ""  # its connection: Adobe has one set of keys, whoever's events they sign
KEY_KIND = "adobe_event_key"  # of the subject; its key is the path
GOOD_FOR = timedelta(hours=24)  # Adobe's own rule
REFRESH_AFTER = timedelta(hours=12)

_PATH = re.compile(r"/prod/keys/pub-key-[0-9a-f-]{1,64}\.pem", re.ASCII)


@dataclass(frozen=True)
class AdobeKey:
    """``pem`` is what was published at ``path``."""

    path: str
    pem: str
    fetched_at: datetime


def is_key_path(path: str) -> bool:
    """Whatever else a header says is never put after Adobe's host."""
    return _PATH.fullmatch(path) is not None


def to_value(keys: Mapping[str, AdobeKey]) -> dict[str, Any]:
    return {
        "keys": [
            {"path": key.path, "pem": key.pem, "fetched_at": key.fetched_at.isoformat()}
            for key in keys.values()
        ]
    }


def to_keys(value: Mapping[str, Any], *, now: datetime) -> dict[str, AdobeKey]:
    """By path; without those that Adobe says may no longer be used from memory."""
    read = (
        AdobeKey(line["path"], line["pem"], datetime.fromisoformat(line["fetched_at"]))
        for line in value.get("keys", ())
    )
    return {key.path: key for key in read if now - key.fetched_at < GOOD_FOR}
