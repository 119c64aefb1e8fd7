"""Brings up loopback, the only interface of a new network namespace, and executes the given command in its place.

Rust's standard library lacks the system calls for it, and not every machine has the program `ip`.
"""

import fcntl
import os
import socket
import struct
import sys

# netdevice(7), linux/sockios.h and linux/if.h
SIOCSIFFLAGS = 0x8914
IFF_UP = 0x1

with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as interfaces:
    fcntl.ioctl(interfaces, SIOCSIFFLAGS, struct.pack("16sh22x", b"lo", IFF_UP))
os.execvp(sys.argv[1], sys.argv[1:])
