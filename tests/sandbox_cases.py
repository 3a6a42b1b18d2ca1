"""What a confined process is asked to do in tests/test_sandbox.py, as code for the template.

The code finds `readable`, a folder that it may read, and `folder`, in which that lies.
"""

from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent

WORKS = {
    "reading": "result = open(readable + '/open/file').read() == 'text'",
    "listing": "result = 'file' in os.listdir(readable + '/open')",
    "null": "open('/dev/null', 'w').write('x'); result = open('/dev/null').read() == ''",
    "random": "result = len(open('/dev/urandom', 'rb').read(4)) == 4 == len(os.urandom(4))",
    "autograd": """
        weight = torch.randn(4, 3, requires_grad=True)
        logits = torch.randn(5, 4) @ weight
        torch.nn.functional.cross_entropy(logits, torch.tensor([0] * 5)).backward()
        result = weight.grad.shape == (4, 3)
    """,
    "convolution": """
        import torch.nn.functional as F
        result = F.conv2d(torch.ones(1, 1, 5, 5), torch.ones(2, 1, 3, 3)).shape == (1, 2, 3, 3)
    """,
    "threaded products": """
        torch.set_num_threads(2)
        a = torch.ones(600, 600)
        result = (a @ a).sum().item() == 600.0**3 and (a + 1).exp().shape == (600, 600)
    """,
    "layers": """
        layer = torch.nn.LSTM(4, 4)
        layer(torch.randn(3, 1, 4))[0].sum().backward()
        result = layer.weight_ih_l0.grad is not None
    """,
    "data loader": """
        from torch.utils.data import DataLoader
        result = len(list(DataLoader(torch.arange(10), batch_size=3, shuffle=True))) == 4
    """,
    "jit": "result = torch.jit.script(torch.nn.Linear(2, 2))(torch.ones(1, 2)).shape == (1, 2)",
    "numpy": """
        values = numpy.random.default_rng().normal(size=(50, 50))
        result = len(numpy.linalg.svd(values)[1]) == 50
    """,
    "late imports": "import sqlite3, decimal, xml.dom.minidom, statistics, lzma; result = True",
    "threads": """
        from concurrent.futures import ThreadPoolExecutor
        result = list(ThreadPoolExecutor(4).map(lambda n: (torch.ones(n) * n).sum().item(), [1, 2]))
        result = result == [1, 4]
    """,
    "own signals": """
        import signal
        seen = []
        signal.signal(signal.SIGUSR1, lambda *_: seen.append(1))
        signal.raise_signal(signal.SIGUSR1)
        os.kill(os.getpid(), signal.SIGUSR1)
        result = len(seen) == 2
    """,
    "own limits": "import resource as r; result = r.getrlimit(r.RLIMIT_NOFILE) == (64, 64)",
    "a pipe": "begin, pipe = os.pipe(); os.write(pipe, b'x'); result = os.read(begin, 1) == b'x'",
}


REFUSED = {
    "the users": "open('/etc/passwd')",
    "the repository": f"open({__file__!r})",
    "the solutions": f"os.listdir({str(REPOSITORY / 'solutions')!r})",
    "home": "os.listdir(os.path.expanduser('~'))",
    "the root": "os.listdir('/')",
    "a file beside": "open(folder + '/outside/secret')",
    "a way round": "open(readable + '/../outside/secret')",
    "hidden": "open(readable + '/hidden/deep/secret')",
    "a link to a folder": "open(readable + '/link/secret')",
    "a link to a file": "open(readable + '/open/link')",
    "memory of the parent": "open(f'/proc/{os.getppid()}/mem')",
    "descriptors of the parent": "os.listdir(f'/proc/{os.getppid()}/fd')",
    "folder of the parent": "os.readlink(f'/proc/{os.getppid()}/cwd')",
    "a file by its process": "open('/proc/self/root/etc/passwd')",
    "the environment": "open('/proc/self/environ')",
    "its mapped memory": "open('/proc/self/maps')",
    "its own memory": "open('/proc/self/mem', 'r+b')",
    "control groups": "os.listdir('/sys/fs/cgroup')",
    "writing a readable file": "open(readable + '/open/file', 'a')",
    "a new file": "open(readable + '/open/new', 'w')",
    "a file in tmp": "import tempfile; tempfile.TemporaryFile(dir='/tmp')",
    "a file in shared memory": "open('/dev/shm/gradschool', 'w'); os.unlink('/dev/shm/gradschool')",
    "emptying a file": "os.truncate(readable + '/open/file', 0)",
    "emptying by reading": "os.open(readable + '/open/file', os.O_RDONLY | os.O_TRUNC)",
    "a folder": "os.mkdir(folder + '/made')",
    "renaming": "os.rename(folder + '/renamed', folder + '/renamed')",
    "removing": "os.unlink(folder + '/removed')",
    "a hard link": "os.link(folder + '/renamed', folder + '/linked')",
    "a symbolic link": "os.symlink('x', folder + '/symbolic')",
    "a named pipe": "os.mkfifo(folder + '/fifo')",
    "modes": "os.chmod(readable + '/open/file', 0o644)",
    "times": "os.utime(readable + '/open/file')",
    "owners": "os.chown(readable + '/open/file', -1, -1)",
    "fork": "os._exit(0) if os.fork() == 0 else os.wait()",
    "spawn": "os.waitpid(os.posix_spawn('/bin/true', ['true'], {}), 0)",
    "subprocess": "import subprocess; subprocess.run(['/bin/true'], check=True)",
    "multiprocessing": """
        import multiprocessing
        multiprocessing.get_context('fork').Process(target=int).start()
    """,
    "a socket": "import socket; socket.socket().close()",
    "a datagram": "import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM).close()",
    "a unix socket": "import socket; socket.socket(socket.AF_UNIX).close()",
    "an abstract name": "import socket; socket.socket(socket.AF_UNIX).bind(chr(0) + folder)",
    "a pair of sockets": "import socket; [end.close() for end in socket.socketpair()]",
    "netlink": "import socket; socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0).close()",
    "a file in memory": "os.memfd_create('name')",
    "a signal to the parent": "os.kill(os.getppid(), 0)",
    "a signal to the group": "os.kill(0, 0)",
    "a signal to the parent's thread": "call('tgkill', os.getppid(), os.getppid(), 0)",
    "a signal to any thread": "call('tkill', os.getppid(), 0)",
    "a handle of the parent": "os.pidfd_open(os.getppid())",
    "a signal by a pipe": "import fcntl; fcntl.fcntl(end, fcntl.F_SETOWN, os.getppid())",
    "another's limits": "import resource; resource.prlimit(os.getppid(), resource.RLIMIT_CORE)",
    "its own limits": "import resource; resource.prlimit(0, resource.RLIMIT_CORE, (0, 0))",
    "processors": "os.sched_setaffinity(0, os.sched_getaffinity(0))",
    "priority": "os.setpriority(os.PRIO_PROCESS, 0, 0)",
    "being traced": "call('prctl', 4, 1, 0, 0, 0)",
    "outliving the parent": "call('prctl', 1, 0, 0, 0, 0)",
    "a size of a pipe": "import fcntl; fcntl.fcntl(end, 1031, 65536)",
}


# System calls with arguments that do no harm: the kernel answers, but not with EPERM.
CALLS = {
    "add_key": (),
    "chroot": (),
    "clock_settime": (0, 0),
    "execve": (),
    "execveat": (-1, 0, 0, 0, 0),
    "fanotify_init": (-1, 0),
    "fsopen": (0, -1),
    "inotify_init1": (-1,),
    "io_setup": (0, 0),
    "io_uring_enter": (-1,),
    "io_uring_register": (-1,),
    "io_uring_setup": (1, 0),
    "kcmp": (-1, -1, 0),
    "keyctl": (0, -4, 0),
    "landlock_create_ruleset": (0, 0, 1),
    "mbind": (0, 0, 99),
    "memfd_create": (0, 0),
    "memfd_secret": (-1,),
    "migrate_pages": (-1,),
    "mlockall": (0,),
    "mount_setattr": (-1, 0, -1),
    "move_mount": (-1, 0, -1, 0, -1),
    "move_pages": (-1,),
    "mq_open": (),
    "msgget": (-1, 0),
    "name_to_handle_at": (-1, 0, 0, 0, -1),
    "open_by_handle_at": (-1, 0, 0),
    "open_tree": (-1, 0, -1),
    "openat2": (-1, 0, 0, 0),
    "perf_event_open": (),
    "personality": (0xFFFFFFFF,),
    "pidfd_getfd": (-1, 0, 0),
    "pidfd_send_signal": (-1, 0, 0, 0),
    "pivot_root": (),
    "pkey_alloc": (-1, 0),
    "process_madvise": (-1,),
    "process_vm_readv": (1, 0, 0, 0, 0, -1),
    "process_vm_writev": (1, 0, 0, 0, 0, -1),
    "ptrace": (-1, 0),
    "quotactl": (-1,),
    "request_key": (),
    "rt_sigqueueinfo": (1, 0, 0),
    "rt_tgsigqueueinfo": (1, 1, 0, 0),
    "sched_setattr": (0, 0, 0),
    "sched_setscheduler": (-1,),
    "seccomp": (-1,),
    "semget": (-1, 0, 0),
    "sendfile": (-1, -1, 0, 0),
    "sendmsg": (-1,),
    "setns": (-1, 0),
    "setresgid": (-1, -1, -1),
    "setresuid": (-1, -1, -1),
    "setsid": (),
    "setxattr": (),
    "shmget": (-1, 0, 0),
    "splice": (-1, 0, -1, 0, 0),
    "timer_create": (-1, 0, 0),
    "umount2": (0, -1),
    "unshare": (0,),
    "userfaultfd": (-1,),
    "vmsplice": (-1,),
}
