class MyResponse(Response[str]):
    def __init__(self, body: str) -> None:
        super().__init__(body)
