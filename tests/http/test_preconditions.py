from datetime import UTC, datetime

import pytest

from wadjet import Request, Response, Wadjet
from wadjet.http.conditional import EntityTag
from wadjet.http.exceptions import NotModified, PreconditionFailed
from wadjet.http.preconditions import check_preconditions
from wadjet.testing import TestClient

MODIFIED = datetime(1994, 10, 29, 19, 43, 31, tzinfo=UTC)
LM = "Sat, 29 Oct 1994 19:43:31 GMT"


def asking(method: str, *fields: tuple[bytes, bytes]) -> Request:
    return Request({"type": "http", "method": method, "path": "/", "headers": fields})


@pytest.mark.parametrize("etag", ["v1", '"v1"', EntityTag("v1")])
def test_what_the_client_has_is_not_computed(etag: EntityTag | str) -> None:
    request = asking("GET", (b"if-none-match", b'"v1"'))
    with pytest.raises(NotModified) as raised:
        check_preconditions(request, etag=etag, last_modified=MODIFIED)
    assert raised.value.raw_headers == [(b"etag", b'"v1"')]
    check_preconditions(request, etag="v2")


def test_a_date_will_do_for_a_validator() -> None:
    with pytest.raises(NotModified) as raised:
        check_preconditions(asking("HEAD", (b"if-modified-since", LM.encode())), last_modified=MODIFIED)
    assert raised.value.raw_headers == [(b"last-modified", LM.encode())]


def test_any_version_is_not_modified_without_validators() -> None:
    with pytest.raises(NotModified) as raised:
        check_preconditions(asking("GET", (b"if-none-match", b"*")))
    assert raised.value.raw_headers == []


def test_a_text_that_is_no_entity_tag_is_refused() -> None:
    with pytest.raises(ValueError, match="cannot be an entity tag"):
        check_preconditions(asking("GET"), etag="a b")


def test_no_update_is_lost() -> None:
    """COND-49 to COND-52."""
    pages: dict[str, str] = {}
    app = Wadjet(debug=False)

    @app.put("/pages/{name}")
    async def write(request: Request, name: str) -> Response[str]:
        current = pages.get(name)
        check_preconditions(request, etag=current, exists=current is not None)
        pages[name] = await request.text()
        return Response("", 204, {"etag": f'"{pages[name]}"'})

    with TestClient(app) as client:

        def put(content: str, **fields: str) -> int:
            named = {name.replace("_", "-"): value for name, value in fields.items()}
            return client.put("/pages/a", content=content, headers=named).status_code

        assert put("v1", if_match="*") == 412
        assert put("v1", if_none_match="*") == 204
        assert put("v2", if_none_match="*") == 412
        assert put("v2", if_match='"v0"') == 412
        assert put("v2", if_none_match='"v1"') == 412
        assert pages == {"a": "v1"}
        assert put("v2", if_match='"v1"') == 204
        assert pages == {"a": "v2"}


def test_a_failed_condition_has_a_body_that_says_so() -> None:
    with pytest.raises(PreconditionFailed, match="A condition of the request does not hold"):
        check_preconditions(asking("DELETE", (b"if-match", b'"v0"')), etag="v1")
