"""One watch call of grpcio. Arguments: host:port, the first request in base64, channel options as JSON. Prints "open" at the
first answer, and the status as JSON at the end."""
import base64
import json
import queue
import sys

import grpc

target, hello, options = sys.argv[1:]
requests = queue.Queue()
requests.put(base64.b64decode(hello))
channel = grpc.insecure_channel(target, options=list(json.loads(options).items()))
call = channel.stream_stream('/registrycenter.v1.WatchService/Watch')(iter(requests.get, None))
try:
    next(call)
    print('open', flush=True)
    for answer in call:
        pass
except grpc.RpcError:
    pass
details = dict(call.trailing_metadata() or ()).get('grpc-status-details-bin', b'')
print(json.dumps({
    'code': call.code().value[0],
    'message': call.details(),
    'details': base64.b64encode(details).decode(),
}), flush=True)
requests.put(None)
channel.close()
