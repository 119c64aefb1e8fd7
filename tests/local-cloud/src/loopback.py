"""Brings up loopback, the only interface of a new network namespace, and becomes the command that is named.

The system calls for it are not in Rust's standard library, and not every machine has the program `ip`.
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
