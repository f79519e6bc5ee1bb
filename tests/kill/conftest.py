"""One running house per file of tests and database; each test opens shops of its own in it."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.support.databases import postgres_database, sqlite_url_in
from tests.support.processes_world import House, a_house


@pytest_asyncio.fixture(
    scope="module",
    loop_scope="module",
    params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)],
)
async def house(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[House]:
    """Gateway, scheduler and three workers; whoever is killed is replaced."""
    folder = tmp_path_factory.mktemp("house")
    if request.param == "sqlite":
        async with a_house(sqlite_url_in(folder), folder) as made:
            await made.start_house()
            yield made
    else:
        with postgres_database(request.getfixturevalue("postgres_server")) as url:
            async with a_house(url, folder) as made:
                await made.start_house()
                yield made
