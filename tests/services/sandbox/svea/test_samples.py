from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from services.sandbox.svea import stories
from services.sandbox.svea.events import EVENT_NAMES
from services.sandbox.svea.samples import DATA, install, load_merchants, load_samples
from services.sandbox.svea.show_admin import admin_order
from services.sandbox.svea.show_checkout import checkout_order
from services.sandbox.svea.stand_in import SandboxSvea
from tests.services.sandbox.svea.support import Receiver, SveaClient
from tests.support.clock import Clock

ADMIN = sorted((DATA / "payment-admin").glob("order-*.json"))
CHECKOUT = sorted((DATA / "checkout").glob("order-*.json"))
REPORTS = sorted((DATA / "reports").glob("report-*.json"))


def name_of(path: Path) -> str:
    return path.stem


def exact(path: Path) -> bytes:
    return path.read_bytes()


@pytest.fixture
def samples(svea: SandboxSvea) -> SandboxSvea:
    load_merchants(svea)
    return svea


def as_owner(samples: SandboxSvea, http: httpx.AsyncClient, clock: Clock, order_id: int) -> SveaClient:
    merchant = samples.merchant(samples.order(order_id).merchant_id)
    return SveaClient(http, clock, merchant.merchant_id, merchant.secret)


@pytest.mark.parametrize("path", ADMIN, ids=name_of)
async def test_a_payment_admin_sample_is_served_byte_for_byte(
    samples: SandboxSvea, http: httpx.AsyncClient, clock: Clock, path: Path
) -> None:
    order_id = install(samples, path.stem)

    answer = await as_owner(samples, http, clock, order_id).admin("GET", f"/api/v1/orders/{order_id}")

    assert answer.content == exact(path)


@pytest.mark.parametrize("path", CHECKOUT, ids=name_of)
async def test_a_checkout_sample_is_served_byte_for_byte(
    samples: SandboxSvea, http: httpx.AsyncClient, clock: Clock, path: Path
) -> None:
    order_id = install(samples, path.stem)

    answer = await as_owner(samples, http, clock, order_id).checkout("GET", f"/api/orders/{order_id}")

    assert answer.content == exact(path)


@pytest.mark.parametrize("path", ADMIN, ids=name_of)
def test_the_state_rebuilt_from_a_sample_shows_the_sample(samples: SandboxSvea, path: Path) -> None:
    """So the answers that the stand-in makes up have the samples' shape."""
    order_id = install(samples, path.stem)

    assert admin_order(samples.order(order_id)) == json.loads(path.read_bytes())


@pytest.mark.parametrize("path", CHECKOUT, ids=name_of)
def test_the_session_rebuilt_from_a_sample_shows_the_sample(samples: SandboxSvea, path: Path) -> None:
    order_id = install(samples, path.stem)

    assert checkout_order(samples.order(order_id)) == json.loads(path.read_bytes())


@pytest.mark.parametrize("path", REPORTS, ids=name_of)
async def test_a_report_is_served_byte_for_byte_to_its_merchant(
    samples: SandboxSvea, http: httpx.AsyncClient, clock: Clock, path: Path
) -> None:
    load_samples(samples, "none")
    _, market, day = path.stem.split("-", 2)
    merchant = next(one for one in samples.merchants.values() if one.country == market)
    client = SveaClient(http, clock, merchant.merchant_id, merchant.secret)

    answer = await client.admin("GET", f"/api/v2/reports?date={day[:10]}&includeWithholding=true")

    assert answer.content == exact(path)


async def test_acting_on_a_sample_gives_what_the_next_sample_shows(samples: SandboxSvea) -> None:
    install(samples, "order-9300101-1-open")

    samples.deliver(9300101, {1: None, 4: None, 5: None, 6: None})
    samples.deliver(9300101)
    order = samples.order(9300101)
    samples.credit_rows(9300101, order.deliveries[1].number, {2: 100})

    made = admin_order(order)
    sample = json.loads((DATA / "payment-admin" / "order-9300101-4-partially-credited.json").read_bytes())
    assert without_numbers_and_dates(made) == without_numbers_and_dates(sample)


def without_numbers_and_dates(order: dict[str, Any]) -> dict[str, Any]:
    for delivery in order["Deliveries"]:
        for key in ("Id", "InvoiceId", "CreationDate", "DueDate"):
            delivery.pop(key)
    return order


@pytest.mark.parametrize("stage", ["first", "last"])
def test_a_stage_loads_every_order_of_the_samples(samples: SandboxSvea, stage: str) -> None:
    load_samples(samples, stage)

    numbers = {int(path.stem.split("-")[1]) for path in [*ADMIN, *CHECKOUT]}
    assert set(samples.orders) == numbers
    assert len(samples.merchants) == 5
    assert samples.order(9300101).is_final
    assert samples.order(9300190).checkout_status == "Cancelled"
    assert len(samples.order(9300101).deliveries) == (0 if stage == "first" else 2)


def test_a_reopened_sample_is_the_order_before_anything_happened(samples: SandboxSvea) -> None:
    install(samples, "order-9300401-reopened")

    shown = admin_order(samples.order(9300401))

    assert (shown["OrderStatus"], shown["SystemStatus"], shown["Deliveries"]) == ("Open", "Active", [])
    assert (shown["OrderAmount"], len(shown["OrderRows"])) == (28730, 3)
    assert ("admin", 9300401) not in samples.verbatim


def test_the_sample_files_are_the_ones_beside_the_project(shared_material: Path) -> None:
    original = shared_material / "apis" / "svea-samples"

    names = {path.relative_to(original) for path in original.rglob("*") if path.is_file()}

    assert {path.relative_to(DATA) for path in DATA.rglob("*") if path.is_file()} == names
    for name in names:
        assert (DATA / name).read_bytes() == (original / name).read_bytes(), name


@pytest.mark.parametrize("story", stories.ALL, ids=lambda story: story.key)
async def test_a_story_plays_to_its_end_with_its_own_webhook_bytes(
    samples: SandboxSvea, receiver: Receiver, story: stories.Story
) -> None:
    merchant = next(one for one in samples.merchants.values() if one.country == story.market)
    samples.subscriptions.add(
        "s", merchant_id=merchant.merchant_id, url="http://receiver/hook", events=EVENT_NAMES
    ).verified = True
    files = [step.webhook for step in story.steps if step.webhook is not None]

    for step in story.steps:
        assert stories.play(samples, story, step) == (1 if step.webhook else 0)
        await samples.settle()

    assert [body for _, _, body in receiver.requests] == [stories.webhook_bytes(name) for name in files]
    assert {event["CheckoutOrderId"] for event in receiver.events} == {story.checkout_id}
    assert samples.order(story.checkout_id).merchant_id == merchant.merchant_id


def test_the_stories_send_every_sample_webhook_of_the_checkout_orders() -> None:
    sent = {step.webhook for story in stories.ALL for step in story.steps if step.webhook}

    left = {path.name for path in (DATA / "webhooks").glob("*.json")} - sent

    assert sorted(left) == [
        "22-standalone-pending-released.json",
        "23-standalone-closed.json",
        "24-ping.json",
        "25-push-finalized-9300101.json",
        "26-shipping-webhook-9300101.json",
    ]
