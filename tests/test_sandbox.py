"""What a confined process can and cannot do, tried for real.

Whatever must be refused is also run in a child that did not enter the sandbox, where it must work:
so a refusal here is the sandbox's doing and not the machine's.
"""

import errno
import json
import os
import platform
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from autograder import landlock, sandbox, seccomp

REPOSITORY = Path(__file__).resolve().parent.parent
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(REPOSITORY), "OMP_NUM_THREADS": "1"}

LINUX = sys.platform == "linux"

needs_sandbox = pytest.mark.skipif(
    not sandbox.capabilities().full, reason="this machine has no full sandbox to test"
)


class Template:
    """The warm process, and a folder that its children may read."""

    def __init__(self, folder: Path):
        self.folder = folder
        (folder / "outside").mkdir()
        (folder / "outside" / "secret").write_text("secret")
        self.readable = folder / "readable"
        (self.readable / "hidden" / "deep").mkdir(parents=True)
        (self.readable / "open").mkdir()
        (self.readable / "hidden" / "deep" / "secret").write_text("secret")
        (self.readable / "open" / "file").write_text("text")
        (self.readable / "link").symlink_to(folder / "outside")
        (self.readable / "open" / "link").symlink_to(folder / "outside" / "secret")
        paths = {
            "readable": [sys.prefix, sys.base_prefix, "/usr/lib", str(self.readable)],
            "hidden": [str(self.readable / "hidden")],
        }
        program = Path(__file__).with_name("sandbox_template.py")
        self.process = subprocess.Popen(
            [sys.executable, program, json.dumps(paths)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=ENVIRONMENT,
        )

    def run(self, code: str, **options) -> dict:
        names = f"readable, folder = {str(self.readable)!r}, {str(self.folder)!r}\n"
        request = {"code": names + textwrap.dedent(code), **options}
        print(json.dumps(request), file=self.process.stdin, flush=True)
        return json.loads(self.process.stdout.readline())

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    if not sandbox.capabilities().full:
        pytest.skip("this machine has no full sandbox to test")
    template = Template(tmp_path_factory.mktemp("sandbox"))
    yield template
    template.close()


def python(code: str, **environment: str) -> str:
    """The last line that a fresh Python prints."""
    command = [sys.executable, "-c", textwrap.dedent(code)]
    options = {"capture_output": True, "text": True, "timeout": 30, "check": True}
    done = subprocess.run(command, env={**ENVIRONMENT, **environment}, **options)
    return done.stdout.strip().rpartition("\n")[2]


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
    "safetensors": """
        from safetensors.torch import load, save
        result = load(save({"a": torch.ones(3)}))["a"].sum().item() == 3
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


@pytest.mark.parametrize("code", WORKS.values(), ids=WORKS.keys())
def test_honest_work_goes_on(template, code):
    assert template.run(code) == {"status": 0, "result": True}


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


@pytest.fixture
def renewed(template):
    for name in ("renamed", "removed"):
        (template.folder / name).write_text("")
    for name in ("made", "linked", "symbolic", "fifo"):
        path = template.folder / name
        path.rmdir() if path.is_dir() else path.unlink(missing_ok=True)
    (template.readable / "open" / "file").write_text("text")
    return template


@pytest.mark.parametrize("code", REFUSED.values(), ids=REFUSED.keys())
def test_refused_and_only_by_the_sandbox(renewed, code):
    confined = renewed.run(code)
    assert confined.get("errno") in (errno.EPERM, errno.EACCES), confined
    assert (renewed.readable / "open" / "file").read_text() == "text"
    loose = renewed.run(code, confined=False)
    if loose.get("errno") in (errno.EPERM, errno.EACCES):
        pytest.skip("this machine refuses it outside the sandbox too")
    assert "error" not in loose


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


@pytest.fixture(scope="module")
def errors(template):
    code = """
        result = {}
        for name, arguments in calls.items():
            try:
                call(name, *arguments)
                result[name] = 0
            except OSError as error:
                result[name] = error.errno
    """
    code = f"calls = {CALLS!r}\n{textwrap.dedent(code)}"
    return [template.run(code, confined=confined)["result"] for confined in (True, False)]


@pytest.mark.parametrize("name", CALLS)
def test_call_is_refused(errors, name):
    confined, loose = errors
    if loose[name] in (errno.EPERM, errno.ENOSYS):
        pytest.skip("this machine refuses it outside the sandbox too")
    assert confined[name] == errno.EPERM


def test_processes_cannot_be_made_by_clone(template):
    flags_of_a_thread_in_new_namespaces = 0x10000 | 0x10000000
    for flags in (signal.SIGCHLD, 0, flags_of_a_thread_in_new_namespaces):
        assert template.run(f"call('clone', {flags}, 0, 0, 0, 0)")["errno"] == errno.EPERM
    assert template.run("call('clone3', 0, 0)")["errno"] == errno.ENOSYS


@pytest.mark.skipif(platform.machine() != "x86_64", reason="machine code of x86_64")
def test_calls_by_other_numbers_kill(template):
    thirty_two_bits = r"""
        import mmap
        code = mmap.mmap(-1, 4096, prot=7)
        code.write(b'\xb8\x14\0\0\0\xcd\x80\xc3')  # mov eax, getpid; int 0x80; ret
        address = ctypes.addressof(ctypes.c_char.from_buffer(code))
        result = ctypes.CFUNCTYPE(ctypes.c_int)(address)()
    """
    assert template.run(thirty_two_bits)["status"] in (-signal.SIGSYS, -signal.SIGSEGV)
    assert template.run("call(0x40000000 + 39)")["status"] == -signal.SIGSYS


def test_shell_is_refused(template):
    assert template.run("result = os.system('true')")["result"] != 0
    assert template.run("result = os.system('true')", confined=False)["result"] == 0


def test_exec_is_refused(template):
    code = "os.execv('/bin/sh', ['sh', '-c', 'exit 7'])"
    assert template.run(code)["errno"] in (errno.EPERM, errno.EACCES)
    assert template.run(code, confined=False)["status"] == 7


def test_threads_are_confined_too(template):
    code = """
        import socket, threading
        result = []
        def attempt(action):
            try:
                action()
                result.append("done")
            except PermissionError:
                result.append("refused")
        actions = [lambda: open('/etc/passwd'), socket.socket, lambda: os.kill(os.getppid(), 0)]
        threads = [threading.Thread(target=attempt, args=[action]) for action in actions]
        [thread.start() for thread in threads]
        [thread.join() for thread in threads]
    """
    assert template.run(code)["result"] == ["refused"] * 3
    assert template.run(code, confined=False)["result"] == ["done"] * 3


def test_inherited_descriptors_are_closed(template):
    code = """
        result = []
        for number in range(300):
            try:
                os.fstat(number)
                result.append(number)
            except OSError:
                pass
        null = os.stat('/dev/null').st_rdev
        result = [result, end, [os.fstat(number).st_rdev == null for number in range(3)]]
    """
    confined, end, null = template.run(code)["result"]
    assert confined == sorted([0, 1, 2, end]) and null == [True] * 3
    assert {9, 200} <= set(template.run(code, confined=False)["result"][0])


def test_capabilities_of_root_are_gone(template):
    header = """
        header = (ctypes.c_uint32 * 2)(0x20080522, 0)
        data = (ctypes.c_uint32 * 6)()
        assert ctypes.CDLL(None).capget(header, data) == 0
        result = list(data)
    """
    # The filter refuses capget itself, so this process enters without one.
    code = "import dataclasses\nloose = dataclasses.replace(preparation, seccomp_code=None)\n"
    code += "sandbox.enter(loose, memory=1 << 30, cpu_seconds=5, keep={end})\n"
    assert template.run(code + textwrap.dedent(header), confined=False)["result"] == [0] * 6


def test_cannot_be_dumped_or_traced(template):
    code = "result = call('prctl', 3, 0, 0, 0, 0)"
    assert template.run(code)["result"] == 0
    assert template.run(code, confined=False)["result"] == 1


def test_memory_is_limited(template):
    for code in ("bytearray(150 << 20)", "torch.empty(150 << 18)", "numpy.empty(150 << 17)"):
        refused = template.run(code, memory=100 << 20)
        assert refused.get("error") in ("MemoryError", "RuntimeError", "_ArrayMemoryError"), refused
        assert template.run(code, memory=300 << 20) == {"status": 0, "result": None}


def test_limits_cannot_be_raised_again(template):
    code = """
        import resource
        attempts = {}
        for name in ("RLIMIT_AS", "RLIMIT_CPU", "RLIMIT_NOFILE", "RLIMIT_FSIZE"):
            soft, hard = resource.getrlimit(getattr(resource, name))
            assert soft == hard != resource.RLIM_INFINITY
            try:
                resource.setrlimit(getattr(resource, name), (soft, hard + 1))
                attempts[name] = "raised"
            except (ValueError, OSError):
                attempts[name] = "refused"
        result = sorted(set(attempts.values()))
    """
    assert template.run(code)["result"] == ["refused"]


def test_processor_time_is_limited(template):
    ended = template.run("while True: pass", cpu_seconds=1)["status"]
    assert ended in (-signal.SIGXCPU, -signal.SIGKILL)


def test_abort_ends_only_itself(template):
    assert template.run("os.abort()")["status"] == -signal.SIGABRT
    assert template.run("result = 1")["result"] == 1


@needs_sandbox
def test_dies_with_its_parent():
    # The child holds standard output open; the run ends only when the child does.
    code = """
        import os, time
        from autograder import sandbox
        preparation = sandbox.prepare([])
        begin, end = os.pipe()
        if os.fork() == 0:
            sandbox.enter(preparation, memory=1 << 30, cpu_seconds=60, keep={1, end})
            os.write(end, b'x')
            time.sleep(60)
        os.read(begin, 1)
        os.write(1, b'ready')
    """
    assert python(code) == "ready"


def test_refuses_to_enter_without_its_parent(template):
    code = """
        import dataclasses
        orphan = dataclasses.replace(preparation, owner=1)
        try:
            sandbox.enter(orphan, memory=1 << 30, cpu_seconds=5, keep={end})
        except sandbox.SandboxError as error:
            result = str(error)
    """
    assert "gone" in template.run(code, confined=False)["result"]


def test_refuses_to_enter_with_other_threads(template):
    code = """
        import threading
        threading.Thread(target=threading.Event().wait, daemon=True).start()
        try:
            sandbox.enter(preparation, memory=1 << 30, cpu_seconds=5, keep={end})
        except sandbox.SandboxError as error:
            result = str(error)
    """
    assert template.run(code, confined=False)["result"].startswith("2 threads")


def test_refuses_to_go_on_when_the_kernel_refuses(template):
    code = """
        import dataclasses
        broken = dataclasses.replace(preparation, **{field})
        try:
            sandbox.enter(broken, memory=1 << 30, cpu_seconds=5, keep={{end}})
        except sandbox.SandboxError:
            result = "refused"
    """
    for field in ({"seccomp_code": "rubbish!"}, {"ruleset": 0}):
        source = code.format(field=repr(field).replace("'rubbish!'", "b'rubbish!'"))
        assert template.run(source, confined=False).get("result") == "refused"


@pytest.mark.parametrize("abi", range(1, landlock.abi()))
def test_older_kernels_refuse_as_much(renewed, abi):
    assert renewed.run(WORKS["null"], abi=abi)["result"]
    assert renewed.run(WORKS["reading"], abi=abi)["result"]
    for name in ("the users", "hidden", "writing a readable file", "emptying a file"):
        assert renewed.run(REFUSED[name], abi=abi)["errno"] in (errno.EPERM, errno.EACCES)
    for name in ("emptying by reading", "renaming", "a signal to the parent", "an abstract name"):
        assert renewed.run(REFUSED[name], abi=abi)["errno"] in (errno.EPERM, errno.EACCES)


def test_enter_takes_about_a_millisecond(template):
    code = """
        import time
        begin = time.perf_counter()
        sandbox.enter(preparation, memory=1 << 30, cpu_seconds=5, keep={end})
        result = time.perf_counter() - begin
    """
    assert min(template.run(code, confined=False)["result"] for _ in range(5)) < 0.005


@needs_sandbox
def test_capabilities_are_those_that_were_tried():
    found = sandbox.capabilities()
    assert (found.landlock_abi, found.seccomp, found.reasons) == (landlock.abi(), True, [])


def test_capabilities_can_be_pretended_away(monkeypatch):
    monkeypatch.setenv(sandbox.ASSUME_NONE, "1")
    found = sandbox.capabilities()
    assert (found.landlock_abi, found.seccomp, found.full) == (0, False, False)
    assert found.reasons == [f"{sandbox.ASSUME_NONE} is set"]


def test_capabilities_say_why_there_is_no_trial(monkeypatch):
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    found = sandbox.capabilities()
    assert not found.full and "could not be tried" in found.reasons[0]


@pytest.mark.skipif(not LINUX, reason="limits of memory are known to hold on Linux")
def test_without_a_sandbox_limits_remain():
    code = """
        import os
        from autograder import sandbox
        preparation = sandbox.prepare([])
        assert not preparation.full
        if os.fork() == 0:
            sandbox.enter(preparation, memory=100 << 20, cpu_seconds=5, keep={1})
            open(sandbox.__file__).close()
            try:
                bytearray(200 << 20)
            except MemoryError:
                os.write(1, b"limited")
            os._exit(0)
        os.wait()
    """
    assert python(code, **{sandbox.ASSUME_NONE: "1"}) == "limited"


@pytest.mark.parametrize("missing", ["platform", "seccomp", "landlock"])
def test_says_what_is_missing(missing):
    code = """
        import sys
        missing = {missing!r}
        if missing == "platform":
            sys.platform, sys.modules["resource"] = "darwin", None
        elif missing == "seccomp":
            sys.modules["pyseccomp"] = None
        from autograder import landlock, sandbox
        if missing == "landlock":
            landlock.abi = lambda: 0
        preparation = sandbox.prepare(["/usr"])
        assert not preparation.full
        print(preparation.reasons)
    """
    assert {"platform": "darwin", "seccomp": "seccomp", "landlock": "Landlock"}[missing] in python(
        code.format(missing=missing)
    )


def test_every_allowed_call_exists_somewhere():
    pyseccomp = pytest.importorskip("pyseccomp")
    names = " ".join(seccomp.ALLOWED.values()).split() + list(seccomp.OPTIONS)
    architectures = (pyseccomp.Arch.X86_64, pyseccomp.Arch.AARCH64)
    unknown = [
        name
        for name in names
        if all(pyseccomp.resolve_syscall(machine, name) < 0 for machine in architectures)
    ]
    assert not unknown and len(names) == len(set(names))
