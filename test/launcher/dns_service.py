"""A service that reads requests as macOS's mDNSResponder does: `dns_service.py SOCKET`; says "ready" when it listens.

A request is four bytes of length, read in a way that loses descriptors, then so many bytes, with the last of which a
descriptor must come. It answers `ok TEXT` on that one, and sends the request back with a descriptor of its own, on which
`from the service` can be read. At the end of the input it says `bye`.
"""

import os
import socket
import struct
import sys
import threading


def receive(connection, size):
    data = b""
    while len(data) < size:
        part = connection.recv(size - len(data))
        if not part:
            break
        data += part
    return data


def receive_with_rights(connection, size):
    data, rights = b"", []
    while len(data) < size:
        part, found, _, _ = socket.recv_fds(connection, size - len(data), 16)
        rights += found
        if not part:
            break
        data += part
    return data, rights


def answer(connection, body, rights):
    for right in rights:
        os.write(right, b"ok " + body[:64])
        os.close(right)
    reading, writing = os.pipe()
    os.write(writing, b"from the service")
    os.close(writing)
    socket.send_fds(connection, [body[:1]], [reading])
    os.close(reading)
    connection.sendall(body[1:])


def serve(connection):
    with connection:
        try:
            while len(head := receive(connection, 4)) == 4:
                size = struct.unpack("!I", head)[0]
                if size == 0 or size > 1 << 24:
                    return
                answer(connection, *receive_with_rights(connection, size))
            connection.sendall(b"bye")
        except OSError:
            pass


listening = socket.socket(socket.AF_UNIX)
listening.bind(sys.argv[1])
listening.listen(8)
print("ready", flush=True)
while True:
    threading.Thread(target=serve, args=(listening.accept()[0],), daemon=True).start()
