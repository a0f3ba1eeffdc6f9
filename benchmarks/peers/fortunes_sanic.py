"""Sanic; the page is rendered by hand, since its templates are in a package of their own."""
# mypy: ignore-errors
# ruff: noqa: ARG001 - handlers take the request
# The peer is installed in its own environment, where no type checker looks.

import sys

from sanic import Sanic, response

from benchmarks.peers.fortunes import rendered

app = Sanic("fortunes")


@app.get("/fortunes")
async def fortunes(request):
    return response.html(await rendered())


if __name__ == "__main__":
    host, port = sys.argv[1], int(sys.argv[2])
    app.run(host=host, port=port, single_process=True, access_log=False, motd=False)
