"""Wire scenarios of files below an allowed folder; what is sent of them is in ``contents.py``."""

from __future__ import annotations

from tests.scenarios.scenario import Scenario, ask, without

__all__ = ["FILES"]

REFUSED = (400, 403, 404)


def outside(number: str, target: str) -> Scenario:
    """Give nothing from outside of the folder, and do not say where it is."""
    return Scenario(
        f"FILE-{number} {target!r}", ask(f"/file/{target}"), REFUSED, without(b"secret:", b"root:", b"/tmp/")
    )


def missing(number: str, target: str, *, lane_is_wire: bool = False) -> Scenario:
    """Say that there is nothing, at once."""
    return Scenario(
        f"FILE-{number} {target[:40]!r} is not there",
        ask(f"/file/{target}"),
        REFUSED,
        without(b"/tmp/"),
        lane="wire" if lane_is_wire else "any",
    )


FILES = (
    outside("02", "%2e%2e/secret.txt"),
    outside("04", "%2e%2e%2fsecret.txt"),
    outside("05", "..%5csecret.txt"),
    outside("06", "..\\secret.txt"),
    outside("07", "%252e%252e%252fsecret.txt"),
    outside("09", "..;/secret.txt"),
    outside("11", "sub/../../secret.txt"),
    outside("14", "../files-secret/secret.txt"),
    outside("16", "..%2ffiles-secret%2fsecret.txt"),
    outside("20", "../../../../../../../../etc/passwd"),
    outside("23", "link-out"),
    outside("24", "dir-out/secret.txt"),
    outside("55", "/etc/passwd"),
    outside("57", "%2f%2fetc/passwd"),
    outside("59", "..%2f..%2f..%2f..%2f..%2f..%2fetc%2fpasswd"),
    outside("101", "%5C%5Cevil.test%5Cshare"),
    missing("26", "a" * 4000),
    missing("30", "sub"),
    missing("63", "hello.txt%00.png"),
    missing("65", "%ff%fe"),
    missing("67", "%ed%b0%80"),
    missing("70", "fifo"),
    missing("72", "hello.txt/x"),
    *(missing("100", name) for name in ("CON", "NUL", "aux.txt", "COM1", "CON%20.txt", "CONIN$")),
    Scenario("FILE-36 percent in the name", ask("/file/100%25.txt"), body=b"percent"),
    Scenario("FILE-37 a file in a folder in it", ask("/file/sub/inner.txt"), body=b"inner"),
    Scenario(
        "FILE-76 POST is not allowed",
        ask("/file/hello.txt", method="POST"),
        (405,),
        fields={"allow": "GET, HEAD, OPTIONS"},
    ),
    Scenario("FILE-78 an empty file", ask("/file/empty.txt"), body=b"", fields={"content-length": "0"}),
)
