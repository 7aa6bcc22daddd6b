"""System calls by number (x86-64), which return the kernel's own error."""

import ctypes
import errno
import os
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

NUMBERS = {
    "getpid": 39, "ptrace": 101, "syslog": 103, "setuid": 105, "personality": 135, "nice": 141,
    "pivot_root": 155, "chroot": 161, "acct": 163, "settimeofday": 164, "mount": 165,
    "umount2": 166, "swapon": 167, "reboot": 169, "sethostname": 170, "iopl": 172, "ioperm": 173,
    "init_module": 175, "quotactl": 179, "clock_settime": 227, "kexec_load": 246, "add_key": 248,
    "request_key": 249, "keyctl": 250, "mknodat": 259, "unshare": 272, "move_pages": 279,
    "perf_event_open": 298, "fanotify_init": 300, "name_to_handle_at": 303,
    "open_by_handle_at": 304, "setns": 308, "process_vm_readv": 310, "kcmp": 312,
    "finit_module": 313, "bpf": 321, "userfaultfd": 323, "io_uring_setup": 425, "open_tree": 428,
    "move_mount": 429, "fsopen": 430, "clone3": 435,
}  # fmt: skip
_libc = ctypes.CDLL(None, use_errno=True)
# Calls through it keep the interpreter's lock. A cloned child has one thread: if another thread of the parent held the
# lock at that moment, the child would wait for ever.
_locked = ctypes.PyDLL(None, use_errno=True)


def call(name: str, *arguments: Any) -> str:
    """Make a system call; return `ok`, or the name of the error."""
    ctypes.set_errno(0)
    answer = _libc.syscall(NUMBERS[name], *arguments)
    return "ok" if answer >= 0 else errno.errorcode[ctypes.get_errno()]


def clone(flags: int) -> str:
    """Clone a child into new namespaces; return `ok`, or the name of the error."""
    ctypes.set_errno(0)
    pid = _locked.syscall(56, flags | 17, 0, 0, 0, 0)
    if pid == 0:
        _locked._exit(0)
    if pid > 0:
        os.waitpid(pid, 0)
        return "ok"
    return errno.errorcode[ctypes.get_errno()]


def open_socket(family: int, kind: int, protocol: int = 0) -> str:
    try:
        socket.socket(family, kind, protocol).close()
    except OSError as error:
        return errno.errorcode[error.errno or 0]
    return "ok"


def open_to_write(path: str) -> str:
    """Open a file for writing, without writing; return `ok`, or the name of the error."""
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_NONBLOCK))
    except OSError as error:
        return errno.errorcode[error.errno or 0]
    return "ok"


def put(path: str, text: str) -> str:
    try:
        Path(path).write_text(text)
    except OSError as error:
        return errno.errorcode[error.errno or 0]
    return "ok"


def attempt(function: Callable[..., object], *arguments: Any, **options: Any) -> str:
    """Call a Python function; return `ok`, or the name of the error."""
    try:
        function(*arguments, **options)
    except OSError as error:
        return errno.errorcode.get(error.errno or 0, str(error))
    except ValueError:
        # The resource module raises ValueError for EPERM.
        return "EPERM"
    return "ok"
