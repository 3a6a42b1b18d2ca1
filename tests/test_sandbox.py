"""What a confined process can and cannot do, tried for real.

Whatever must be refused is also run in a child that did not enter the sandbox, where it must work:
so a refusal here is the sandbox's doing and not the machine's.
"""

import errno
import platform
import signal
import textwrap

import pytest

from autograder.worker import sandbox
from autograder.worker.sandbox import landlock
from tests.sandbox_cases import CALLS, REFUSED, WORKS
from tests.sandbox_client import Template


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    if not sandbox.capabilities().full:
        pytest.skip("this machine has no full sandbox to test")
    template = Template(tmp_path_factory.mktemp("sandbox"))
    yield template
    template.close()


@pytest.mark.parametrize("code", WORKS.values(), ids=WORKS.keys())
def test_honest_work_goes_on(template, code):
    assert template.run(code) == {"status": 0, "result": True}


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
