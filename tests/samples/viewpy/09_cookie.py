@app.get("/")
async def index():
    res = Response(...)
    res.cookie("hello", "world")
    return res
