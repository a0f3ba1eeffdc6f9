# Mended: Python 2's print statement; names that the document leaves out are imported.
from wadjet.traversal import view_config

@view_config(renderer='string')
def aview(request):
    print(request.json_body)
    return 'OK'
