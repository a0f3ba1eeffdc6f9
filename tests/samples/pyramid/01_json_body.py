# Mended: json.loads has had no encoding= since Python 3.9, so the bytes are decoded before.
from json import loads

loads(request.body_bytes.decode(request.charset))
