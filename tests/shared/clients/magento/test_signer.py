"""Signatures as the server checks them: vectors signed by its own classes, and a verifier written apart."""

import base64
import hashlib
import hmac
import re
import string
from datetime import timedelta
from urllib.parse import quote, unquote, urlencode

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.clients.http import HttpClient, Outgoing
from shared.clients.magento.signer import (
    BearerSigner,
    OAuthKeys,
    OAuthSigner,
    base_string,
    is_ambiguous,
    natural_key,
    signature,
    signed_path,
)
from tests.shared.clients.magento.support import recorded, sample
from tests.support.clock import Clock

VECTORS = sample("oauth/hmac-sha256-vectors")
KEYS = OAuthKeys(
    VECTORS["consumer_key"],
    VECTORS["consumer_secret"],
    VECTORS["access_token"],
    VECTORS["access_token_secret"],
)
OAUTH = {
    "oauth_consumer_key": KEYS.consumer_key,
    "oauth_nonce": VECTORS["nonce"],
    "oauth_signature_method": "HMAC-SHA256",
    "oauth_timestamp": VECTORS["timestamp"],
    "oauth_token": KEYS.token,
    "oauth_version": "1.0",
}
BY_NAME = [pytest.param(vector, id=vector["name"]) for vector in VECTORS["vectors"]]


@pytest.mark.parametrize("vector", BY_NAME)
def test_a_signature_is_the_one_that_2_4_6_and_2_4_7_compute(vector: dict[str, str]) -> None:
    base = base_string(vector["method"], vector["url"], OAUTH)

    assert signature(base, KEYS) == vector["magento_2_4_6_2_4_7_signature"]


@pytest.mark.parametrize("vector", BY_NAME)
def test_with_escapes_left_a_signature_is_the_one_that_2_4_8_computes(vector: dict[str, str]) -> None:
    """Except the order of parameters, which is natural in every version."""
    base = base_string(vector["method"], vector["url"], OAUTH, undo_escapes=False)

    same = signature(base, KEYS) == vector["rfc5849_signature"]
    assert same == (vector["name"] != "eleven-filter-groups")


# ── what was recorded ─────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("order", "status"), [("natural", 200), ("bytewise", 401)])
def test_twelve_filter_groups_are_sorted_as_the_server_sorts_them(order: str, status: int) -> None:
    exchange = recorded(f"auth/twelve_filter_groups_{order}_sort")
    assert exchange["status"] == status
    base = base_string("GET", "http://shop" + exchange["request"]["path"], OAUTH)

    names = [part.split("=")[0] for part in unquote(base.split("&")[2]).split("&")]
    groups = [int(found[1]) for name in names if (found := re.search(r"filterGroups%5D%5B(\d+)", name))]
    bytewise = sorted(groups, key=str)

    assert groups == sorted(groups)
    assert (groups == bytewise) is False


@pytest.mark.parametrize(
    ("sku", "sent", "signed"),
    [
        ("A/B", "A%2FB", "A/B"),
        ("A+B", "A%2BB", "A+B"),
        ("A&B", "A%26B", "A&B"),
        ("A:B", "A%3AB", "A:B"),
        ("A,B", "A%2CB", "A,B"),
        ("A;B", "A%3BB", "A;B"),
        ("A=B", "A%3DB", "A=B"),
        ("A@B", "A%40B", "A@B"),
        ("A$B", "A%24B", "A$B"),
        ("A%B", "A%25B", "A%25B"),
        ("A%2FB", "A%252FB", "A%2FB"),
        ("A B", "A%20B", "A%20B"),
        ("A#B", "A%23B", "A%23B"),
        ("A?B", "A%3FB", "A%3FB"),
        ("Åå", "%C3%85%C3%A5", "%C3%85%C3%A5"),
        ("A'B", "A%27B", "A%27B"),
        ('A"B', "A%22B", "A%22B"),
        ("A(B", "A%28B", "A%28B"),
        ("A[B", "A%5BB", "A%5BB"),
        ("A\\B", "A%5CB", "A%5CB"),
    ],
)
def test_a_path_is_signed_with_these_escapes_undone(sku: str, sent: str, signed: str) -> None:
    assert quote(sku, safe="") == sent

    assert signed_path(f"/rest/V1/products/{sent}") == f"/rest/V1/products/{signed}"
    assert is_ambiguous(f"http://shop/rest/V1/products/{sent}") == (sent != signed)


def test_a_query_does_not_make_a_path_ambiguous() -> None:
    assert not is_ambiguous("http://shop/rest/V1/orders?searchCriteria%5BpageSize%5D=1&a=%2F")


def test_query_parts_that_the_server_leaves_out_are_left_out() -> None:
    plain = base_string("GET", "http://shop/rest/V1/orders?a=1", OAUTH)

    for query in ("a=1&bare", "a=1&b=2=3", "a=1&oauth_nonce=x", "a=0&a=1"):
        assert base_string("GET", f"http://shop/rest/V1/orders?{query}", OAUTH) == plain


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("https://Shop.Example.com:443/rest", "https://shop.example.com/rest"),
        ("http://shop.example.com:8080/rest", "http://shop.example.com:8080/rest"),
        ("https://kläder.example/rest", "https://xn--klder-hra.example/rest"),
        ("http://127.0.0.1:38080", "http://127.0.0.1:38080/"),
    ],
)
def test_the_host_is_signed_as_the_header_says_it(url: str, address: str) -> None:
    assert base_string("GET", url, {}).split("&")[1] == quote(address, safe="")
    assert httpx.Request("GET", url).headers["host"] == address.split("/")[2]


# ── PHP's order ───────────────────────────────────────────────────────────────────────────────────

# each line in the order that `usort($names, 'strnatcmp')` of PHP 8.2 gives
SORTED_BY_PHP = (
    "a%5B1%5D a%5B2%5D a%5B10%5D a%5B11%5D a%5B100%5D",
    "a0 a1 a2 a10 a10b2 a10b10",
    "A a a%5D a1 ab",
    "fields oauth_nonce searchCriteria searchCriteria%5BpageSize%5D storeCodes%5B0%5D",
)


@pytest.mark.parametrize("line", SORTED_BY_PHP)
def test_names_are_in_natural_order(line: str) -> None:
    mixed = sorted(line.split(), key=len, reverse=True)

    assert sorted(mixed, key=natural_key) == line.split()


# ── every attempt ─────────────────────────────────────────────────────────────────────────────────


def oauth_of(header: str) -> dict[str, str]:
    return {k: unquote(v) for k, v in re.findall(r'(oauth_\w+)="([^"]*)"', header)}


async def test_each_attempt_has_its_own_nonce_and_time() -> None:
    clock = Clock()
    sign = OAuthSigner(KEYS, clock=clock)

    first = oauth_of((await sign(Outgoing("GET", "http://shop/rest", b"")))["Authorization"])
    clock.advance(timedelta(seconds=7))
    second = oauth_of((await sign(Outgoing("GET", "http://shop/rest", b"")))["Authorization"])

    assert int(second["oauth_timestamp"]) - int(first["oauth_timestamp"]) == 7
    assert first["oauth_nonce"] != second["oauth_nonce"]
    assert {len(first["oauth_nonce"]), len(second["oauth_nonce"])} == {32}
    assert first["oauth_signature"] != second["oauth_signature"]


def test_basic_auth_of_a_staging_site_goes_in_front() -> None:
    header = OAuthSigner(KEYS, basic="dev:dev").authorization("GET", "http://shop/rest")

    assert header.startswith("Basic ZGV2OmRldg==, OAuth oauth_consumer_key=")


async def test_a_bearer_shows_the_token_only() -> None:
    headers = await BearerSigner("at0123")(Outgoing("GET", "http://shop/rest", b""))

    assert headers["Authorization"] == "Bearer at0123"


# ── the server's side, written from its description ───────────────────────────────────────────────

DECODED_BY_SERVER = set(string.ascii_letters + string.digits + "-._~:@&=+$,/;%")


def server_accepts(request: httpx.Request) -> bool:
    """What 2.4.7 does with the bytes that arrive: magento-measured section 2."""
    raw_path, _, raw_query = request.url.raw_path.decode().partition("?")
    header = request.headers["authorization"]
    oauth = oauth_of(header[header.index("OAuth ") :])
    claimed = oauth.pop("oauth_signature")
    parameters = dict(oauth)
    for part in raw_query.split("&"):
        if part.count("=") == 1:
            name, value = part.split("=")
            parameters[unquote(name)] = unquote(value)
    rfc3986 = {quote(k, safe="~"): quote(v, safe="~") for k, v in parameters.items()}
    ordered = "&".join(f"{k}={rfc3986[k]}" for k in sorted(rfc3986, key=chunks))
    path = re.sub(
        "%[0-9A-Fa-f]{2}",
        lambda found: unquote(found[0]) if unquote(found[0]) in DECODED_BY_SERVER else found[0],
        raw_path,
    )
    path = re.sub("%(?![0-9A-Fa-f]{2})", "%25", path)
    url = f"{request.url.scheme}://{request.headers['host']}{path}"
    base = "&".join((request.method, quote(url, safe="~"), quote(ordered, safe="~")))
    key = f"{KEYS.consumer_secret}&{KEYS.token_secret}".encode()
    right = base64.b64encode(hmac.new(key, base.encode(), hashlib.sha256).digest()).decode()
    return hmac.compare_digest(right, claimed)


def chunks(name: str) -> list[tuple[int, int, str]]:
    """Natural order where no run of digits begins with 0: enough for what is generated here."""
    found = re.findall(r"\d+|.", name)
    return [(48, int(c), "") if c.isdigit() else (ord(c), 0, c) for c in found]


NAMES = st.builds("f[{}][{}]".format, st.integers(1, 120), st.sampled_from(["field", "value"]))
TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=12)
SKUS = TEXTS.filter(lambda sku: sku.strip() not in ("", ".", ".."))


@given(sku=SKUS, query=st.dictionaries(NAMES, TEXTS, max_size=14))
async def test_whatever_is_asked_the_server_accepts_the_bytes_that_arrive(
    sku: str, query: dict[str, str]
) -> None:
    arrived: list[httpx.Request] = []

    def server(request: httpx.Request) -> httpx.Response:
        arrived.append(request)
        return httpx.Response(200 if server_accepts(request) else 401)

    http = HttpClient(
        "http://shop:8080/magento",
        system="magento",
        auth=OAuthSigner(KEYS),
        transport=httpx.MockTransport(server),
    )
    path = "/rest/V1/products/" + quote(sku, safe="")

    answer = await http.call("GET", path, params=query)

    assert answer.status == 200
    full = "/magento" + path + ("?" + urlencode(query, quote_via=quote) if query else "")
    assert arrived[0].url.raw_path.decode() == full
    await http.close()
