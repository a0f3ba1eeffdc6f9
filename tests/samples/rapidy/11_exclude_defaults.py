from pydantic import BaseModel, Field
from wadjet import get

class Result(BaseModel):
    value: str = Field('data', alias='someValue')

@get(
    '/',
    response_exclude_defaults=False, # <-- default
)
async def handler() -> Result:
    return Result() # {"value": "data"}

...

@get(
    '/',
    response_exclude_defaults=True,
)
async def handler() -> Result:
    return Result() # {}
