"""Receives the master of a terminal on a unix socket and relays it, as conmon and containerd's shim do.

Usage: console_receiver.py SOCKET COLUMNS ROWS
Prints "listening", then "received NAME" with the text that came along, then what comes on the terminal.
"""
import array, fcntl, os, select, socket, struct, sys, termios


def write(data):
    while data:
        data = data[os.write(1, data):]


def main():
    path, columns, rows = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    server = socket.socket(socket.AF_UNIX)
    server.bind(path)
    server.listen(1)
    write(b"listening\n")
    connection = server.accept()[0]
    text, control, _, _ = connection.recvmsg(4096, socket.CMSG_SPACE(16))
    descriptors = array.array("i")
    for level, kind, data in control:
        if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
            descriptors.frombytes(data)
    if len(descriptors) != 1:
        sys.exit(f"{len(descriptors)} descriptors")
    terminal = descriptors[0]
    write(b"received " + text + b"\n")
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    sources = [0, terminal]
    while terminal in sources:
        for source in select.select(sources, [], [])[0]:
            try:
                data = os.read(source, 65536)
            except OSError:  # EIO: the last process on the terminal has gone
                data = b""
            if not data:
                sources.remove(source)
            elif source == terminal:
                write(data)
            else:
                os.write(terminal, data)


main()
