from wadjet import get

@get('/')
async def handler() -> ...:
    ...
