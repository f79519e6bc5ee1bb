"""What the module sends over a real socket is what the gateway verifies and reads."""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import Message
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import pytest

from services.local.ports import free_port
from services.webhook_gateway.magento_notices import module_event
from services.webhook_gateway.verification.magento import ShopKeys, must_be_signed_by_module
from shared.domain.errors import Rejected
from tests.deploy.magento.conftest import Run

SECRET = "whsec_åäö_0123456789"
KEYS = ShopKeys(connection="acme", secrets=(SECRET,))


@dataclass
class Receiver:
    """Answers one after the other what is lined up, then 200."""

    answers: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    got: list[tuple[str, Message, bytes]] = field(default_factory=list)
    connections: set[Any] = field(default_factory=set)
    url: str = ""


@contextmanager
def _served(receiver: Receiver) -> Iterator[Receiver]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            receiver.got.append((self.path, self.headers, body))
            receiver.connections.add(self.client_address)
            status, headers = receiver.answers.pop(0) if receiver.answers else (200, {})
            self.send_response(status)
            for name, value in ({"Content-Length": "2"} | headers).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, format: str, *args: Any) -> None:
            """Not on the test's output."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        receiver.url = f"http://127.0.0.1:{server.server_port}/webhooks/magento/acme"
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield receiver
        server.shutdown()
        thread.join()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with _served(Receiver()) as receiver:
        yield receiver


def _tells(in_php: Run, url: str) -> dict[str, Any]:
    said: dict[str, Any] = json.loads(
        in_php(str(shutil.which("php")), "tests/Support/deliver.php", url, SECRET)
    )
    return said


def test_what_the_module_sends_is_verified_and_read_as_what_it_is(in_php: Run, receiver: Receiver) -> None:
    _tells(in_php, receiver.url)

    now = datetime.now(UTC)
    for _, headers, body in receiver.got:
        must_be_signed_by_module(
            body,
            signatures=headers.get_all("X-Sluss-Signature", []),
            timestamps=headers.get_all("X-Sluss-Timestamp", []),
            keys=KEYS,
            now=now,
        )
    events = [module_event(body, connection="acme") for _, _, body in receiver.got]
    assert [(event.name, event.subject_kind, event.subject_key) for event in events] == [
        ("order.placed", "sale", "M1007"),
        ("creditmemo.created", "sale", "M1007"),
        ("customer.updated", "customer", "502"),
        ("product.updated", "article", "11"),
    ]
    assert events[3].attributes["sku"] == 'MÖSSA/BLÅ "L"'
    assert len({event.dedupe_key for event in events}) == 4


def test_headers_repeat_what_the_body_says(in_php: Run, receiver: Receiver) -> None:
    _tells(in_php, receiver.url)

    for path, headers, body in receiver.got:
        told = json.loads(body)
        assert path == "/webhooks/magento/acme"
        assert (headers["X-Sluss-Id"], headers["X-Sluss-Event"]) == (told["id"], told["type"])
        assert headers["Content-Type"] == "application/json"
        assert "Expect" not in headers


def test_one_connection_serves_a_whole_run(in_php: Run, receiver: Receiver) -> None:
    _tells(in_php, receiver.url)

    assert (len(receiver.got), len(receiver.connections)) == (4, 1)


def test_a_changed_body_is_no_longer_signed(in_php: Run, receiver: Receiver) -> None:
    _tells(in_php, receiver.url)
    _, headers, body = receiver.got[0]

    with pytest.raises(Rejected):
        must_be_signed_by_module(
            body.replace(b"1007", b"1008"),
            signatures=headers.get_all("X-Sluss-Signature", []),
            timestamps=headers.get_all("X-Sluss-Timestamp", []),
            keys=KEYS,
            now=datetime.now(UTC),
        )


def test_a_redirect_is_not_followed_with_a_signed_message(in_php: Run, receiver: Receiver) -> None:
    receiver.answers = [(307, {"Location": f"{receiver.url}/elsewhere"})]

    said = _tells(in_php, receiver.url)

    assert {path for path, _, _ in receiver.got} == {"/webhooks/magento/acme"}
    assert said["lies"][0] == "order.placed 1007 pending"
    assert said["errors"][0] == "HTTP 307 {}"


def test_nobody_at_the_address_costs_three_attempts_and_says_so(in_php: Run) -> None:
    said = _tells(in_php, f"http://127.0.0.1:{free_port()}/webhooks/magento/acme")

    assert [line.split()[-1] for line in said["lies"]] == ["pending"] * 4
    assert [bool(error) for error in said["errors"]] == [True, True, True, False]
    assert str(said["errors"][0]).startswith("no answer: ")


def test_an_address_that_is_no_web_address_is_not_opened(in_php: Run) -> None:
    said = _tells(in_php, "file:///etc/hostname")

    assert "sent" not in {line.split()[-1] for line in said["lies"]}
