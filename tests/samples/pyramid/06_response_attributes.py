from wadjet.http.response import Response
response = Response(body='hello world!', content_type='text/plain')
