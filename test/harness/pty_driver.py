"""Runs a program on a new pseudo terminal and relays it to standard input and output.

Usage: pty_driver.py COLUMNS ROWS PROGRAM [ARGUMENT...]
Lines "COLUMNS ROWS" on descriptor 3 resize the terminal. Exits as the program does (128 + signal).
"""
import fcntl, os, pty, select, signal, struct, sys, termios

CONTROL = 3


def resize(terminal, columns, rows):
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


def write_all(descriptor, data):
    while data:
        data = data[os.write(descriptor, data):]


def main():
    columns, rows = int(sys.argv[1]), int(sys.argv[2])
    # The program must not see a terminal without a size, so it waits until the parent has set one.
    gate, opener = os.pipe()
    pid, terminal = pty.fork()
    if pid == 0:
        os.close(opener)
        os.read(gate, 1)
        for descriptor in (gate, CONTROL):
            os.close(descriptor)
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
        try:
            os.execvp(sys.argv[3], sys.argv[3:])
        except OSError as error:
            print(f"{sys.argv[3]}: {error.strerror}", flush=True)
            os._exit(127)
    resize(terminal, columns, rows)
    os.write(opener, b"x")
    sources = {0, CONTROL, terminal}
    while terminal in sources:
        for source in select.select(list(sources), [], [])[0]:
            try:
                data = os.read(source, 65536)
            except OSError:  # EIO: the last process on the terminal has gone
                data = b""
            if not data:
                sources.discard(source)
            elif source == terminal:
                write_all(1, data)
            elif source == CONTROL:
                resize(terminal, *map(int, data.split()[-2:]))
            else:
                write_all(terminal, data)
    status = os.waitpid(pid, 0)[1]
    sys.exit(os.WEXITSTATUS(status) if os.WIFEXITED(status) else 128 + os.WTERMSIG(status))


main()
