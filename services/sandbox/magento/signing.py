"""The OAuth 1.0a check as Magento 2.4.7 does it, its deviations from RFC 5849 included (magento-measured 2).

Written from the measured server, not from the client: the client's signer is never used here.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import hmac
import re
from collections.abc import Mapping
from urllib.parse import quote, unquote, urlsplit

UNRESERVED = "a-zA-Z0-9_\\-.~"
_UNDONE_IN_PATHS = re.compile(f"[{UNRESERVED}:@&=+$,/;%]")
_ESCAPED_IN_PATHS = re.compile(f"[^{UNRESERVED})(:@&=+$,/;%]+|%(?![A-Fa-f0-9]{{2}})")
_PROTOCOL_NAME = re.compile(r"oauth_[a-z_-]+")
DEFAULT_PORTS = {"http": "80", "https": "443"}


def header_parameters(authorization: str) -> dict[str, str] | None:
    """The `oauth_*` parameters of an Authorization header; None when it speaks no OAuth.

    What stands before `OAuth ` is ignored, so Basic and OAuth may share the header.
    """
    at = authorization.lower().find("oauth ")
    if at < 0:
        return None
    found: dict[str, str] = {}
    for part in authorization[at + len("oauth ") :].split(","):
        name, equals, value = part.strip().partition("=")
        if equals and _PROTOCOL_NAME.search(name):
            found[unquote(name)] = unquote(value.strip('"'))
    return found


def query_parameters(query: str) -> dict[str, str]:
    """Only pairs with exactly one `=`; a `+` stays a plus; a repeated name keeps its last value."""
    found: dict[str, str] = {}
    for part in query.split("&"):
        name, equals, value = part.partition("=")
        if equals and "=" not in value and not _PROTOCOL_NAME.search(unquote(name)):
            found[unquote(name)] = unquote(value)
    return found


def signature(
    method: str, url: str, parameters: Mapping[str, str], *, consumer_secret: str, token_secret: str
) -> str:
    """Base64 HMAC-SHA256; `url` as it came, with its query; `parameters`: the protocol's own."""
    query = urlsplit(url).query
    everything = query_parameters(query) | {k: v for k, v in parameters.items() if k != "oauth_signature"}
    text = "&".join((method.upper(), _encoded(_signed_url(url)), _encoded(_in_order(everything))))
    key = f"{_encoded(consumer_secret)}&{_encoded(token_secret)}"
    return base64.b64encode(hmac.new(key.encode(), text.encode(), hashlib.sha256).digest()).decode()


def _encoded(text: str) -> str:
    return quote(text, safe="~")


def _in_order(parameters: Mapping[str, str]) -> str:
    encoded = {_encoded(name): _encoded(value) for name, value in parameters.items()}
    names = sorted(encoded, key=functools.cmp_to_key(natural_compare))
    return "&".join(f"{name}={encoded[name]}" for name in names)


def _signed_url(url: str) -> str:
    parts = urlsplit(url)
    host, _, port = parts.netloc.lower().partition(":")
    netloc = host if port in ("", DEFAULT_PORTS.get(parts.scheme)) else f"{host}:{port}"
    return f"{parts.scheme}://{netloc}{normalised_path(parts.path)}"


def normalised_path(path: str) -> str:
    """Unreserved characters and `: @ & = + $ , / ; %` lose their escapes, a bare `%` gets one."""

    def undo(found: re.Match[str]) -> str:
        character = chr(int(found.group()[1:], 16))
        is_undone = character.isascii() and _UNDONE_IN_PATHS.fullmatch(character)
        return character if is_undone else found.group().upper()

    decoded = re.sub(r"%[A-Fa-f0-9]{2}", undo, path)
    return _ESCAPED_IN_PATHS.sub(lambda found: quote(found.group(), safe=""), decoded)


def natural_compare(left: str, right: str) -> int:
    """PHP's `strnatcmp`: runs of digits compare as numbers, so `[2]` comes before `[10]`."""
    left, right = _without_leading_zeros(left), _without_leading_zeros(right)
    a = b = 0
    while a < len(left) and b < len(right):
        if left[a].isdigit() and right[b].isdigit():
            one, other = _digits(left, a), _digits(right, b)
            decided = _compare_numbers(one, other)
            if decided:
                return decided
            a, b = a + len(one), b + len(other)
        elif left[a] != right[b]:
            return -1 if left[a] < right[b] else 1
        else:
            a, b = a + 1, b + 1
    return (a < len(left)) - (b < len(right))


def _compare_numbers(one: str, other: str) -> int:
    """A leading zero makes it a fraction: digit by digit. Else the longer number is the greater."""
    if one[0] != "0" and other[0] != "0" and len(one) != len(other):
        return -1 if len(one) < len(other) else 1
    return (one > other) - (one < other)


def _digits(text: str, start: int) -> str:
    found = re.compile(r"[0-9]+").match(text, start)
    assert found is not None
    return found.group()


def _without_leading_zeros(text: str) -> str:
    return re.sub(r"^0+(?=[0-9])", "", text)
