from wadjet import new_app

app = new_app()

class MyObject:
    def __view_result__(self):
        return "Hello from MyObject!", {"x-www-myobject": "foo"}

@app.get("/")
async def index():
    return MyObject()  # this is ok

app.run()
