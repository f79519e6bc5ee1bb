"""Adobe's keys from the gateway's wish to a verified event, and nothing fetched from anywhere else."""

from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from services.sync_worker.converge import converge
from services.sync_worker.workshop import Workshop
from shared.domain.adobe_keys import EVERYBODYS, GOOD_FOR, KEY_KIND, KEYS_NAME, AdobeKey, to_keys, to_value
from shared.ledger.ledger import Ledger
from shared.ledger.records import IncomingEvent, Subject
from shared.queue import Queue
from shared.settings.service import ServiceSettings
from tests.services.webhook_gateway.shop_support import KEY_PATH, OTHER_PATH, public_pem
from tests.shared.clients.scripted import Script
from tests.support.clock import Clock

ADDRESS = "https://csm.adobe.io/validate?id=1"


@pytest.fixture
async def shop(sqlite_url: str, clock: Clock, redis_url: str) -> AsyncIterator[Workshop]:
    service = ServiceSettings(redis_url=redis_url)
    keys = [Fernet.generate_key().decode()]
    ledger = await Ledger.open(sqlite_url, keys=keys, clock=clock, migrate=True)
    queue = await Queue.connect(service, patient=False)
    yield Workshop(ledger=ledger, service=service, queue=queue, owner="w", clock=clock)
    await queue.close()
    await ledger.close()


async def runs(
    shop: Workshop, kind: str, key: str, *answers: httpx.Response | Exception
) -> tuple[Subject, Script]:
    """One run of that subject, with these answers from outside."""
    script = Script(list(answers))
    shop.transport = script
    event = IncomingEvent("acme", "magento", "wanted", f"{key}|{shop.clock()}", kind, key)
    (accepted,) = await shop.ledger.inbox.accept([event])
    assert accepted.subject is not None
    await converge(shop, accepted.subject.subject_id)
    subject = await shop.ledger.subjects.get(accepted.subject.subject_id)
    assert subject is not None
    return subject, script


async def kept(shop: Workshop) -> dict[str, AdobeKey]:
    stored = await shop.ledger.credentials.get(EVERYBODYS, KEYS_NAME)
    return to_keys(stored.value, now=shop.clock()) if stored else {}


def a_pem(name: str = "adobe") -> httpx.Response:
    return httpx.Response(200, text=public_pem(name))


async def test_a_key_is_fetched_from_adobes_host_and_kept_beside_the_others(shop: Workshop) -> None:
    subject, script = await runs(shop, KEY_KIND, KEY_PATH, a_pem())
    await runs(shop, KEY_KIND, OTHER_PATH, a_pem("adobe, other"))

    assert subject.state == "done"
    assert [str(request.url) for request in script.requests] == [
        f"https://static.adobeioevents.com{KEY_PATH}"
    ]
    assert {path: key.pem for path, key in (await kept(shop)).items()} == {
        KEY_PATH: public_pem("adobe"),
        OTHER_PATH: public_pem("adobe, other"),
    }


async def test_a_key_that_is_a_day_old_is_let_go_when_another_is_kept(shop: Workshop) -> None:
    await runs(shop, KEY_KIND, KEY_PATH, a_pem())
    shop.clock.advance(GOOD_FOR)  # type: ignore[attr-defined]

    await runs(shop, KEY_KIND, OTHER_PATH, a_pem("adobe, other"))

    assert list(await kept(shop)) == [OTHER_PATH]


async def test_a_key_fetched_again_begins_another_day(shop: Workshop) -> None:
    await runs(shop, KEY_KIND, KEY_PATH, a_pem())
    shop.clock.advance(timedelta(hours=13))  # type: ignore[attr-defined]

    await runs(shop, KEY_KIND, KEY_PATH, a_pem("adobe, newer"))

    key = (await kept(shop))[KEY_PATH]
    assert (key.pem, key.fetched_at) == (public_pem("adobe, newer"), shop.clock())


async def test_two_workers_that_keep_a_key_at_once_both_keep_it(shop: Workshop) -> None:
    other = AdobeKey(OTHER_PATH, public_pem("adobe, other"), shop.clock())

    class Slow(Script):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            await shop.ledger.credentials.put(
                EVERYBODYS, KEYS_NAME, to_value({OTHER_PATH: other}), None, expected_version=None
            )
            return await super().handle_async_request(request)

    event = IncomingEvent("acme", "magento", "wanted", "1", KEY_KIND, KEY_PATH)
    (accepted,) = await shop.ledger.inbox.accept([event])
    shop.transport = Slow([a_pem()])
    assert accepted.subject is not None
    await converge(shop, accepted.subject.subject_id)

    assert sorted(await kept(shop)) == [KEY_PATH, OTHER_PATH]


@pytest.mark.parametrize(
    ("answer", "state", "code"),
    [
        (httpx.Response(404), "rejected", None),
        (httpx.Response(302, headers={"location": "https://evil.example/"}), "rejected", None),
        (httpx.Response(503), "waiting", "unavailable"),
        (httpx.ConnectError("no"), "waiting", "unavailable"),
        (httpx.Response(200, text="<html>"), "needs_attention", "unreadable_answer"),
        (
            httpx.Response(
                200,
                content=generate_private_key(SECP256R1())
                .public_key()
                .public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
            ),
            "needs_attention",
            "unreadable_answer",
        ),
    ],
    ids=["404", "302", "503", "down", "html", "ec"],
)
async def test_what_is_no_key_is_not_kept(
    shop: Workshop, answer: httpx.Response | Exception, state: str, code: str | None
) -> None:
    subject, _ = await runs(shop, KEY_KIND, KEY_PATH, answer)

    assert (subject.state, subject.problem.code if subject.problem else None) == (state, code)
    assert await kept(shop) == {}


@pytest.mark.parametrize("path", ["/etc/passwd", "//evil.example/prod/keys/pub-key-0.pem", ""])
async def test_nothing_but_a_path_of_a_key_is_fetched(shop: Workshop, path: str) -> None:
    subject, script = await runs(shop, KEY_KIND, path or "x", a_pem())

    assert (subject.state, script.requests) == ("rejected", [])


async def test_adobes_validation_address_is_opened(shop: Workshop) -> None:
    subject, script = await runs(shop, "adobe_validation", ADDRESS, httpx.Response(200))

    assert subject.state == "done"
    assert [str(request.url) for request in script.requests] == [ADDRESS]


@pytest.mark.parametrize(
    "url",
    [
        "http://csm.adobe.io/validate",
        "https://evil.example/validate",
        "https://csm.adobe.io.evil.example/",
        "https://adobe.io@evil.example/",
        "https://csm.adobe.io:8443/",
        "https://evil.example#.adobe.io",
        "https://evil.example/.adobe.io",
        "https://[::1/",
        "file:///etc/passwd",
        "https://127.0.0.1/",
    ],
)
async def test_no_other_address_is_opened(shop: Workshop, url: str) -> None:
    subject, script = await runs(shop, "adobe_validation", url, httpx.Response(200))

    assert (subject.state, script.requests) == ("rejected", [])


async def test_an_address_that_adobe_refuses_is_not_opened_again(shop: Workshop) -> None:
    subject, _ = await runs(shop, "adobe_validation", ADDRESS, httpx.Response(410))

    assert subject.state == "rejected"
