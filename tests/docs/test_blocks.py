"""Blocks are found, grouped and run as the page shows them."""

from __future__ import annotations

import sys

import pytest

from tests.docs.blocks import Failed, blocks, chains, run

PAGE = """# A page

```python
import wadjet
x = 1
```

```sh
make test
```

1. In a list:

   ```python continue
   assert x == 1
   ```

````python no-run
text = '''
```
'''
````

```python file=app.py
assert __name__ == "docs"
```
"""


def ran(text: str) -> None:
    for chain in chains(blocks("page.md", text)):
        run(chain)


def test_python_blocks_are_found_with_the_line_of_their_code() -> None:
    found = [(str(block), block.words, block.code.splitlines()[0]) for block in blocks("page.md", PAGE)]
    assert found == [
        ("page.md:4", ("python",), "import wadjet"),
        ("page.md:15", ("python", "continue"), "assert x == 1"),
        ("page.md:19", ("python", "no-run"), "text = '''"),
        ("page.md:25", ("python", "file=app.py"), 'assert __name__ == "docs"'),
    ]


def test_a_page_runs_and_leaves_no_module_behind() -> None:
    ran(PAGE)
    assert "docs" not in sys.modules


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("\n```python\n1\n1 / 0\n```\n", "page.md:4: ZeroDivisionError: division by zero"),
        ("```python\nx = 1\n```\n```python\nx\n```\n", "page.md:5: NameError: name 'x' is not defined"),
        ("```python\ndef f():\n  raise KeyError\nf()\n```\n", "page.md:3: KeyError: "),
        ("```python no-run\n1 +\n```\n", "page.md:2: invalid syntax"),
        ("```python\nint('x')\n```\n", "page.md:2: ValueError: invalid literal for int() with base 10: 'x'"),
    ],
)
def test_a_failure_names_page_and_line(text: str, message: str) -> None:
    with pytest.raises(Failed) as caught:
        ran(text)
    assert str(caught.value) == message


def test_a_block_that_is_not_run_is_only_compiled(capsys: pytest.CaptureFixture[str]) -> None:
    ran("```python\nprint('one')\n```\n```python no-run\nprint('two')\n1 / 0\n```\n")
    assert capsys.readouterr().out == "one\n"


def test_there_must_be_something_to_continue() -> None:
    with pytest.raises(Failed, match=r"page\.md:2: there is no block to continue"):
        ran("```python continue\nx\n```\n")


@pytest.mark.parametrize(
    ("fence", "code", "complete"),
    [
        ("python", "from wadjet import Wadjet", True),
        ("python", "import wadjet.http", True),
        ("python file=app.py", "import wadjet", True),
        ("python", "app = Wadjet()", False),
        ("python", "import wadjetry", False),
        ("python no-run", "import wadjet", False),
        ("python continue", "import wadjet", False),
    ],
)
def test_a_complete_file_imports_the_framework_and_runs(fence: str, code: str, complete: bool) -> None:
    (block,) = blocks("page.md", f"```{fence}\n{code}\n```\n")
    assert block.is_complete_file is complete
