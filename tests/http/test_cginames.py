from wadjet.http.cginames import fields_by_cgi_names, fields_in


def test_fields_have_the_names_of_cgi_and_their_lines_are_one_list() -> None:
    fields = [
        (b"content-type", b"a/b"),
        (b"content-length", b"0"),
        (b"x-a", b"1"),
        (b"x-a", b"\xe9"),
        (b"cookie", b"a=1"),
        (b"cookie", b"b=2"),
    ]
    assert fields_by_cgi_names(fields) == {
        "CONTENT_TYPE": "a/b",
        "CONTENT_LENGTH": "0",
        "HTTP_X_A": "1, é",
        "HTTP_COOKIE": "a=1; b=2",
    }


def test_fields_are_found_by_the_names_of_cgi() -> None:
    environ = {
        "CONTENT_TYPE": "a/b",
        "CONTENT_LENGTH": "",
        "HTTP_CONTENT_TYPE": "of nobody",
        "HTTP_X_A": "1",
        "PATH_INFO": "/",
    }
    assert list(fields_in(environ)) == [("content-type", "a/b"), ("x-a", "1")]
