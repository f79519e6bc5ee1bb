"""The state folder of one machine."""

from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from shared.settings.home import Home, InUse, UnsafeKeys, default_folder


def test_keys_are_made_once_and_only_we_may_read_them(tmp_path: Path) -> None:
    home = Home(tmp_path / "state")

    home.prepare()
    first = home.keys()
    home.prepare()

    assert home.keys() == first
    assert home.keys_file.stat().st_mode & 0o777 == 0o600
    assert home.folder.stat().st_mode & 0o777 == 0o700
    assert Fernet(first["SLUSS_ENCRYPTION_KEYS"]).encrypt(b"a secret") != b"a secret"


def test_a_key_file_that_others_may_read_is_not_used(tmp_path: Path) -> None:
    home = Home(tmp_path / "state")
    home.prepare()
    home.keys_file.chmod(0o644)

    with pytest.raises(UnsafeKeys, match="chmod 600"):
        home.keys()


def test_two_folders_never_share_a_key(tmp_path: Path) -> None:
    one, other = Home(tmp_path / "one"), Home(tmp_path / "other")
    one.prepare()
    other.prepare()

    assert not set(one.keys().values()) & set(other.keys().values())


def test_a_new_key_comes_before_those_that_still_open_what_they_sealed(tmp_path: Path) -> None:
    home = Home(tmp_path / "state")
    home.prepare()
    before = home.keys()

    home.add_encryption_key("newest")

    assert home.keys() == {**before, "SLUSS_ENCRYPTION_KEYS": f"newest,{before['SLUSS_ENCRYPTION_KEYS']}"}
    assert home.keys_file.stat().st_mode & 0o777 == 0o600


def test_one_folder_serves_one_sluss_at_a_time(tmp_path: Path) -> None:
    home = Home(tmp_path / "state")

    with home.alone(), pytest.raises(InUse, match="stop it first"), home.alone():
        pytest.fail("two at once")
    with home.alone():
        assert home.folder.parent.exists()


def test_the_usual_folder_follows_the_desktop_rules() -> None:
    assert default_folder({"XDG_DATA_HOME": "/data"}) == Path("/data/sluss")
    assert default_folder({}) == Path.home() / ".local" / "share" / "sluss"
