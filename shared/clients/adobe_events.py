"""Adobe I/O Events, as far as we have to ask: the keys that sign events, and the address that proves us.

Nothing of what a request said is fetched as it is: a path of a key has one form and one host, an address to
open must be https on a host of a list. Redirects are not followed.
"""

from collections.abc import Sequence
from fnmatch import fnmatchcase
from urllib.parse import urlsplit

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from shared.clients.http import HttpClient, Observer, Transport
from shared.domain.adobe_keys import is_key_path
from shared.domain.errors import Rejected, UnreadableAnswer
from shared.settings.service import ServiceSettings


class AdobeEvents:
    def __init__(
        self, service: ServiceSettings, observer: Observer | None = None, transport: Transport | None = None
    ) -> None:
        self._service = service
        self._observer = observer
        self._transport = transport

    async def key(self, path: str) -> str:
        """The RSA key (PEM) at that path. Raises Rejected if there is none, UnreadableAnswer, Unavailable."""
        if not is_key_path(path):
            raise Rejected(f"{path!r} is no path of a key of Adobe")
        http = self._http(self._service.adobe_key_host)
        try:
            answer = await http.call("GET", path, endpoint="GET /prod/keys")
        finally:
            await http.close()
        if not answer.ok:
            raise Rejected(f"Adobe has no key at {path} (status {answer.status})")
        return _must_be_rsa(answer.body, path)

    async def open(self, url: str) -> None:
        """Open the address that Adobe asked us to. Raises Rejected for any other, or if it is refused."""
        host, path = _must_be_adobes(url, self._service.adobe_validation_hosts.split(","))
        http = self._http(f"https://{host}")
        try:
            answer = await http.call("GET", path, endpoint="GET validationUrl")
        finally:
            await http.close()
        if answer.status >= 400:
            raise Rejected(f"Adobe answered {answer.status} at the validation address")

    def _http(self, base: str) -> HttpClient:
        return HttpClient(
            base,
            system="adobe_events",
            timeout=self._service.http_timeout,
            observer=self._observer,
            transport=self._transport,
        )


def _must_be_rsa(body: bytes, path: str) -> str:
    try:
        key = load_pem_public_key(body)
    except (ValueError, UnsupportedAlgorithm) as problem:
        raise UnreadableAnswer(f"what Adobe has at {path} is no public key") from problem
    if not isinstance(key, RSAPublicKey):
        raise UnreadableAnswer(f"what Adobe has at {path} is no RSA key")
    return body.decode()


def _must_be_adobes(url: str, hosts: Sequence[str]) -> tuple[str, str]:
    """Host and path with query. Raises Rejected."""
    try:
        parts = urlsplit(url)
        plain = parts.scheme == "https" and parts.netloc.lower() == parts.hostname
    except ValueError as problem:
        raise Rejected("the validation address cannot be read") from problem
    if not plain or parts.hostname is None:
        raise Rejected("the validation address is not plain https")
    if not any(fnmatchcase(parts.hostname, known.strip().lower()) for known in hosts):
        raise Rejected(
            f"{parts.hostname} is not a host of Adobe's that is known (SLUSS_ADOBE_VALIDATION_HOSTS)"
        )
    return parts.hostname, (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
