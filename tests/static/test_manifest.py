from __future__ import annotations

from pathlib import Path

import pytest

from wadjet.errors import ConfigError
from wadjet.static.manifest import missing, read_manifest


@pytest.mark.parametrize(
    "text",
    [
        '{"src/main.ts": "assets/main.1a.js"}',
        '{"src/main.ts": "/assets/main.1a.js"}',
        '{"src/main.ts": {"file": "assets/main.1a.js", "isEntry": true}, "_shared": {"imports": []}}',
        '{"version": "1.1", "paths": {"src/main.ts": "assets/main.1a.js"}}',
    ],
)
def test_what_bundlers_write_is_read(tmp_path: Path, text: str) -> None:
    path = tmp_path / "manifest.json"
    path.write_text(text)
    assert read_manifest(path, "here") == {"src/main.ts": "assets/main.1a.js"}


@pytest.mark.parametrize(
    ("text", "what"),
    [("{", "is not JSON"), ("[]", "is no JSON object"), ('{"paths": []}', "is no JSON object")],
)
def test_what_is_no_manifest_is_an_error_with_its_place(tmp_path: Path, text: str, what: str) -> None:
    path = tmp_path / "manifest.json"
    path.write_text(text)
    with pytest.raises(ConfigError, match=f"^here: manifest '.*manifest.json' {what}"):
        read_manifest(path, "here")


def test_a_manifest_that_is_not_there_is_an_error_with_a_remedy(tmp_path: Path) -> None:
    with pytest.raises(
        ConfigError, match=r"cannot be read \(No such file or directory\); build the files first"
    ):
        read_manifest(tmp_path / "none.json", "here")


def test_what_is_missing_is_said_with_a_guess() -> None:
    assert str(missing("ap.css", "/assets", ["app.css"])) == (
        "static_url('ap.css'): there is no such file in /assets; did you mean 'app.css'?"
    )
    assert (
        str(missing("xyz", "/assets", ["app.css"])) == "static_url('xyz'): there is no such file in /assets"
    )
