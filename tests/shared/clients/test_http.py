"""What a call that goes wrong means, and how often it is made."""

import asyncio
import time
from contextlib import suppress
from datetime import timedelta

import httpx
import pytest

from shared.clients.http import Answer, CallRecord, HttpClient, Outgoing
from shared.domain.errors import InDoubt, Unavailable
from tests.shared.clients.scripted import Entry, Script, answers

OK = answers(200, {"ok": True}, x_uid="b29abb4d")


class Naps:
    """Sleeps at once and remembers how long it would have been."""

    def __init__(self) -> None:
        self.taken: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.taken.append(seconds)


class Gate:
    """A limiter that lets all pass and counts."""

    def __init__(self) -> None:
        self.lanes: list[str] = []
        self.refusals: list[timedelta | None] = []

    async def take(self, lane: str) -> None:
        self.lanes.append(lane)

    async def refused(self, retry_after: timedelta | None = None) -> None:
        self.refusals.append(retry_after)

    def granted(self) -> int:
        return len(self.lanes)


class World:
    def __init__(self, *entries: Entry, limited: bool = False, understands: bool = False) -> None:
        self.script = Script(list(entries))
        self.naps, self.gate = Naps(), Gate()
        self.records: list[CallRecord] = []
        self.signed = 0
        self.http = HttpClient(
            "https://api.test/",
            system="fortnox",
            auth=self._sign,
            limiter=self.gate if limited else None,
            observer=self.records.append,
            understood=(lambda answer: b"clear" in answer.body) if understands else None,
            transport=self.script,
            sleep=self.naps,
        )

    async def _sign(self, outgoing: Outgoing) -> dict[str, str]:
        self.signed += 1
        return {"Authorization": f"attempt {self.signed} of {outgoing.method} {outgoing.url}"}

    async def read(self) -> Answer:
        return await self.http.call("GET", "/3/orders", params={"a": "x y&z"}, endpoint="orders")

    async def write(self, *, idempotent: bool | None = None) -> Answer:
        return await self.http.call(
            "POST", "/3/orders", body=b"{}", idempotent=idempotent, endpoint="orders", lane="bulk"
        )


async def test_an_answer_comes_back_with_its_status_headers_and_bytes() -> None:
    world = World(OK)

    answer = await world.read()

    assert (answer.status, answer.json(), answer.headers["x-uid"]) == (200, {"ok": True}, "b29abb4d")
    assert str(world.script.requests[0].url) == "https://api.test/3/orders?a=x%20y%26z"


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 303])
async def test_an_answer_that_says_something_is_for_the_caller_and_never_repeated(status: int) -> None:
    world = World(answers(status))

    assert (await world.read()).status == status
    assert (await world.write()).status == status
    assert len(world.script.requests) == 2


@pytest.mark.parametrize(
    "failure",
    [answers(500), answers(503), httpx.ReadTimeout("slow"), httpx.RemoteProtocolError("gone")],
)
async def test_a_read_is_repeated_and_every_attempt_is_signed_anew(failure: Entry) -> None:
    world = World(failure, OK)

    assert (await world.read()).status == 200
    assert world.signed == 2
    assert [request.headers["authorization"][:9] for request in world.script.requests] == [
        "attempt 1",
        "attempt 2",
    ]


async def test_a_read_that_keeps_failing_is_unavailable_after_a_few_quick_attempts() -> None:
    world = World(answers(502))

    with pytest.raises(Unavailable, match="502"):
        await world.read()
    assert len(world.script.requests) == 4
    assert sum(world.naps.taken) <= 10


@pytest.mark.parametrize(
    "failure",
    [
        answers(500),
        answers(504),
        httpx.ReadTimeout("slow"),
        httpx.ReadError("reset"),
        httpx.WriteError("reset"),
        httpx.WriteTimeout("slow"),
        httpx.RemoteProtocolError("Server disconnected without sending a response."),
        httpx.DecodingError("broken gzip"),
    ],
)
async def test_a_write_that_may_have_happened_is_in_doubt_and_never_repeated(failure: Entry) -> None:
    world = World(failure, OK)

    with pytest.raises(InDoubt, match="may or may not"):
        await world.write()
    assert len(world.script.requests) == 1


async def test_a_write_that_is_declared_idempotent_is_repeated() -> None:
    world = World(httpx.ReadError("reset"), answers(503), OK)

    assert (await world.write(idempotent=True)).status == 200
    assert len(world.script.requests) == 3


@pytest.mark.parametrize(
    "failure", [httpx.ConnectError("refused"), httpx.ConnectTimeout("slow"), httpx.PoolTimeout("full")]
)
async def test_a_write_that_was_never_sent_is_unavailable_and_may_be_repeated(failure: Exception) -> None:
    assert (await World(failure, OK).write()).status == 200

    with pytest.raises(Unavailable):
        await World(failure).write()


async def test_a_refusal_with_a_5xx_that_is_understood_is_an_answer() -> None:
    world = World(httpx.Response(500, content=b"a clear refusal"), understands=True)

    assert (await world.write()).status == 500
    assert len(world.script.requests) == 1


async def test_429_is_not_executed_so_a_write_is_repeated_after_the_limiter_lets_it() -> None:
    world = World(answers(429, retry_after="3"), OK, limited=True)

    assert (await world.write()).status == 200
    assert world.gate.refusals == [timedelta(seconds=3)]
    assert world.gate.lanes == ["bulk", "bulk"]
    assert world.naps.taken[0] < 2.5  # the limiter waits, not we


async def test_without_a_limiter_retry_after_is_waited_for() -> None:
    world = World(answers(429, retry_after="3"), OK)

    await world.read()

    assert 3 <= world.naps.taken[0] < 6


async def test_a_longer_retry_after_than_we_stay_for_is_handed_to_the_caller_at_once() -> None:
    world = World(answers(503, retry_after="120"))

    with pytest.raises(Unavailable) as failure:
        await world.read()
    assert failure.value.retry_after == timedelta(seconds=120)
    assert len(world.script.requests) == 1


async def test_a_retry_after_that_is_nonsense_counts_as_absent() -> None:
    assert (await World(answers(503, retry_after="soon"), OK).read()).status == 200


async def test_a_401_asks_once_for_new_credentials() -> None:
    script = Script([answers(401), OK])
    refused: list[str] = []

    async def renew(headers: object) -> bool:
        refused.append(str(headers))
        return True

    http = HttpClient("https://api.test", system="fortnox", renew=renew, transport=script)

    assert (await http.call("POST", "/3/orders", body=b"{}")).status == 200
    assert len(refused) == 1

    script.entries = [answers(401)]
    assert (await http.call("POST", "/3/orders", body=b"{}")).status == 401
    assert len(refused) == 2


async def test_every_attempt_is_observed_with_what_went_and_what_came() -> None:
    world = World(httpx.ReadTimeout("slow"), OK)

    await world.http.call("PUT", "/3/orders/1", body=b"{}", idempotent=True, endpoint="PUT order")

    first, second = world.records
    assert (first.error, first.status, first.attempt) == ("ReadTimeout: slow", None, 1)
    assert (second.status, second.answer, second.vendor_request_id) == (200, b'{"ok":true}', "b29abb4d")
    assert (second.system, second.endpoint, second.method) == ("fortnox", "PUT order", "PUT")
    assert (second.path, second.request, second.attempt) == ("/3/orders/1", b"{}", 2)
    assert second.duration >= timedelta(0)


async def test_secret_bodies_are_not_shown_to_observers() -> None:
    records: list[CallRecord] = []
    http = HttpClient(
        "https://oauth.test",
        system="oauth",
        observer=records.append,
        bodies_are_secret=True,
        transport=Script([answers(200, {"access_token": "s3cret"})]),
    )

    await http.call("POST", "/token", body=b"refresh_token=s3cret")

    assert (records[0].request, records[0].answer, records[0].status) == (None, None, 200)
    assert "s3cret" not in repr(records)


async def test_an_observer_may_be_awaited() -> None:
    seen = []

    async def observe(record: CallRecord) -> None:
        await asyncio.sleep(0)
        seen.append(record.status)

    http = HttpClient("https://a.test", system="a", observer=observe, transport=Script([OK]))
    await http.call("GET", "/")

    assert seen == [200]


async def test_an_answer_that_drips_forever_ends_at_twice_the_time_out() -> None:
    gone = asyncio.Event()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n")
        while not reader.at_eof():
            writer.write(b"x")
            with suppress(TimeoutError):
                await asyncio.wait_for(reader.read(1), 0.05)
        writer.close()
        gone.set()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    http = HttpClient(f"http://127.0.0.1:{port}", system="slow", timeout=timedelta(seconds=0.2))
    started = time.monotonic()

    with pytest.raises(InDoubt):
        await http.call("POST", "/", body=b"{}")

    assert time.monotonic() - started < 1
    await http.close()
    server.close()
    await gone.wait()


async def test_redirects_are_not_followed() -> None:
    world = World(httpx.Response(302, headers={"location": "https://elsewhere.test/"}))

    assert (await world.read()).status == 302
    assert len(world.script.requests) == 1


async def test_a_slash_in_a_number_stays_encoded() -> None:
    world = World(OK)

    await world.http.call("GET", "/3/articles/A%2F1")

    assert world.script.requests[0].url.raw_path == b"/3/articles/A%2F1"
