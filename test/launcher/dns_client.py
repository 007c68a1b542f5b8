"""What programs in a jail may do to the socket of the DNS service: `dns_client.py ROOT SCENARIO [NUMBER]`, as JSON."""

import json
import os
import random
import socket
import struct
import sys

PLACE = "/var/run/mDNSResponder"


def connect():
    connection = socket.socket(socket.AF_UNIX)
    connection.connect(PLACE)
    connection.settimeout(20)
    return connection


def ask(connection, body):
    """Sends as the library of macOS does: all but the last byte, then that with a descriptor for errors."""
    own, theirs = socket.socketpair()
    connection.sendall(struct.pack("!I", len(body)) + body[:-1])
    socket.send_fds(connection, [body[-1:]], [theirs.fileno()])
    theirs.close()
    return own


def take_answer(connection, own, size):
    data, rights = b"", []
    while len(data) < size:
        part, found, _, _ = socket.recv_fds(connection, size - len(data), 16)
        rights += found
        if not part:
            break
        data += part
    with own:
        said = own.recv(100)
    given = [os.read(right, 100).decode() for right in rights]
    for right in rights:
        os.close(right)
    return data, said.decode(), given


def lookup(connection, body):
    data, said, given = take_answer(connection, ask(connection, body), len(body))
    return data == body and said == "ok " + body[:64].decode() and given == ["from the service"]


def one(_):
    with connect() as connection:
        return [lookup(connection, b"example.org"), lookup(connection, b"x"), lookup(connection, b"y" * 3000)]


def many(number):
    connections = [connect() for _ in range(number)]
    asked = [ask(connection, b"name%d" % i) for i, connection in enumerate(connections)]
    pairs = zip(connections, asked)
    answers = [take_answer(connection, own, len(b"name%d" % i)) for i, (connection, own) in enumerate(pairs)]
    return sum(said == "ok name%d" % i and given == ["from the service"] for i, (_, said, given) in enumerate(answers))


def half_close(size):
    """All of the request is written before anything of the answer is read, so that buffers fill up on the way."""
    with connect() as connection:
        body = b"z" * size
        own = ask(connection, body)
        connection.shutdown(socket.SHUT_WR)
        data, said, given = take_answer(connection, own, size + 3)
        return [data == body + b"bye", said == "ok " + "z" * 64, given, connection.recv(1) == b""]


def garbage(number):
    chance = random.Random(1)
    for _ in range(number):
        with connect() as connection:
            rights = [os.open("/", os.O_RDONLY) for _ in range(chance.randrange(3))]
            try:
                socket.send_fds(connection, [chance.randbytes(chance.randrange(1, 40000))], rights)
            except OSError:
                pass
            for right in rights:
                os.close(right)
    return one(0)


def rights(number):
    """What comes back when so many descriptors are passed at once: nothing but the end."""
    with connect() as connection:
        try:
            socket.send_fds(connection, [b"x"], [0] * number)
            return connection.recv(100).decode()
        except ConnectionError:
            return ""


def end(_):
    try:
        with connect() as connection:
            return connection.recv(100).decode()
    except ConnectionResetError:
        return ""


def held(number):
    """More connections than are let in: all but the first wait, and are served when those have gone."""
    first = [connect() for _ in range(number)]
    for connection in first:
        connection.close()
    return one(0)


os.chroot(sys.argv[1])
os.chdir("/")
scenario = {f.__name__: f for f in (one, many, half_close, garbage, rights, end, held)}[sys.argv[2]]
print(json.dumps(scenario(int(sys.argv[3]) if len(sys.argv) > 3 else 0)))
