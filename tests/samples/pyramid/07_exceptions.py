from wadjet.httpexceptions import HTTPNotFound
from wadjet.httpexceptions import HTTPMovedPermanently

response = HTTPNotFound('There is no such resource')
# or:
response = HTTPMovedPermanently(location=new_url)
