"""What the senders' schemes have in common. Pure; a refusal has the fact `rule`, for log and counter only."""

import hashlib
import hmac
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from shared.domain.errors import Rejected

LONGEST_TIMESTAMP = 12

NOBODYS_TOKEN = hashlib.sha512(b"compared with when there is nothing to compare with").hexdigest()


def rejected(rule: str, message: str) -> Rejected:
    """`rule` is the one that failed: not for the sender."""
    return Rejected(message, facts={"rule": rule})


def must_be_one(values: Sequence[str], what: str) -> str:
    """Twice is as wrong as malformed. Raises Rejected."""
    if not values:
        raise rejected(f"{what}_missing", f"the {what} header is missing")
    if len(values) > 1:
        raise rejected(f"{what}_malformed", f"the {what} header was sent {len(values)} times")
    return values[0]


def must_be_fresh(timestamp: str, *, now: datetime, tolerance: timedelta) -> None:
    """Raises Rejected unless these unix seconds are no further from our clock than that."""
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= LONGEST_TIMESTAMP):
        raise rejected("timestamp_malformed", "the timestamp is not unix seconds")
    age = now.timestamp() - int(timestamp)
    if abs(age) > tolerance.total_seconds():
        rule = "timestamp_too_old" if age > 0 else "timestamp_in_future"
        raise rejected(rule, f"the timestamp is {age:.0f} s from our clock")


def any_same(expected: Iterable[str], shown: str) -> bool:
    """Takes as long whichever it is, if any; by digest, so that lengths do not tell either."""
    sent = _digest(shown)
    same = [hmac.compare_digest(_digest(one), sent) for one in expected]
    return any(same)


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode(errors="surrogatepass")).digest()
