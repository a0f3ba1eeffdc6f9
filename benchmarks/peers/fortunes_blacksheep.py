"""BlackSheep; the page is rendered by hand, which costs less than its own views."""
# mypy: ignore-errors
# The peer is installed in its own environment, where no type checker looks.

from blacksheep import Application, html

from benchmarks.peers.fortunes import rendered

app = Application(show_error_details=False)


@app.router.get("/fortunes")
async def fortunes():
    return html(await rendered())
