"""What `kawat up` and `kawat down` say and do around the stack: one at a time, checked first, told at the end."""

from __future__ import annotations

import contextlib
import os
import shlex
import signal
import stat
import sys
import time
from pathlib import Path

from rich.console import Console
from rich.text import Text

from worker import console
from worker.local import processes
from worker.local.detached import start_detached
from worker.local.doctor import check_state_folder, folder_size, memory_available, memory_needed
from worker.local.jars import DOWNLOAD_MB
from worker.local.lock import AlreadyUpError, Holder, up_holder, up_lock
from worker.local.programs import child_environment, page_url, resolved
from worker.local.setup import Progress
from worker.local.stack import Stack, StoppedError, UnfitError, check_before, clear_leftovers
from worker.local.wishes import Wishes
from worker.settings import Settings, without_password

DOWN_WAIT = 25.0  # seconds: `kawat up` takes 15 at most
LOOK = 0.1  # seconds


def run_up(given: Settings, version: str) -> int:
    """Runs the stack until asked to stop. Returns the exit code. Raises SetupError, with everything stopped again."""
    wishes = Wishes()
    wishes.install()
    settings = resolved(given)
    out = console.lasting_output()
    view = console.StepsView(out)
    try:
        open_state(settings)
        with up_lock(settings.state, page_url(settings)):
            os.environ[processes.MARK] = str(settings.state)  # what the setting up itself runs is found by it
            clear_leftovers(settings.state, view.say)
            check_before(settings)
            introduce(out, settings, version)
            began = time.monotonic()
            progress = Progress(settings.state, Stack.steps(settings), page_url(settings), view)
            stack = Stack(settings, progress, view.say, stop=lambda: wishes.stop, hurry=lambda: wishes.hurry)
            try:
                warnings = stack.set_up()
                view.close()
                told_up(out, settings, time.monotonic() - began, warnings)
                stack.watch()
            except StoppedError:
                pass
            finally:
                view.close()
                told_down(out, stack, settings)
    except AlreadyUpError as error:
        refuse(error.holder, settings.state)
        return 1
    except UnfitError as error:
        console.print_failure("Kawat cannot start here, and has started nothing:")
        for check in error.checks:
            console.print_failure(f"{check.name}: {check.detail}", to_do=check.to_do)
        return 1
    return 0


def run_detached(given: Settings) -> int:
    """The same without a terminal, looked on until it is up."""
    settings = resolved(given)
    open_state(settings)
    holder = up_holder(settings.state)
    if holder is not None:
        refuse(holder, settings.state)
        return 1
    view = console.StepsView(console.output())
    try:
        page = start_detached(settings.state, child_environment(settings), view)
    except KeyboardInterrupt:
        view.close()
        view.say("It goes on without us: see `kawat status`, stop it with `kawat down`.")
        return 0
    finally:
        view.close()
    view.say(f"Kawat is up: {page}. Stop it with `kawat down`.")
    return 0


def run_down(given: Settings) -> int:
    """Stops the `kawat up` of this state folder and what a killed one left. Returns the exit code."""
    state = given.state
    out = console.output()
    holder = up_holder(state)
    if holder is None:
        left = processes.leftovers(state)
        if not left:
            out.print(f"Nothing is running on {state}.", markup=False)
            return 0
        processes.end(left, 5)
        out.print(f"Ended {len(left)} processes that a killed kawat up had left on {state}.", markup=False)
        return 0
    began = time.monotonic()
    with contextlib.suppress(ProcessLookupError):
        os.kill(holder.pid, signal.SIGTERM)
    with out.status(f"Stopping kawat up (process {holder.pid}) …") if out.is_terminal else contextlib.nullcontext():
        while up_holder(state) is not None:
            if time.monotonic() - began > DOWN_WAIT:
                to_do = f"look at it; kill -9 {holder.pid} and `kawat down` again end it the hard way"
                console.print_failure(f"process {holder.pid} is still there after {DOWN_WAIT:.0f} s", to_do=to_do)
                return 1
            time.sleep(LOOK)
    out.print(f"Stopped kawat up (process {holder.pid}) in {time.monotonic() - began:.1f} s.", markup=False)
    return 0


def open_state(settings: Settings) -> None:
    """Makes the state folder, for us alone, one of ours that is there too. Raises UnfitError where it takes no file."""
    with contextlib.suppress(OSError):  # the check says what is wrong
        settings.state.mkdir(parents=True, exist_ok=True, mode=0o700)
        close_folder(settings.state)
    check = check_state_folder(settings.state)
    if check.state == "fail":
        raise UnfitError([check])


def close_folder(folder: Path) -> None:
    """Takes others' rights off it where it is ours. One that people share (sticky) or live in stays as it is."""
    found = folder.stat()
    shared = bool(found.st_mode & stat.S_ISVTX) or Path.home().resolve().is_relative_to(folder)
    if found.st_uid == os.getuid() and not shared and stat.S_IMODE(found.st_mode) != 0o700:
        folder.chmod(0o700)


def introduce(out: Console, settings: Settings, version: str) -> None:
    """What is going to be set up, what it takes."""
    state = settings.state
    new = not (state / "valkey").exists() and not (state / "elasticsearch").exists()
    out.print(
        Text.assemble((f"Kawat {version}", "bold"), f" {'sets itself up' if new else 'goes on'} in {near(state)}")
    )
    local = [name for name, url in services(settings).items() if not url]
    for name, url in services(settings).items():
        if url:
            out.print(Text(f"  {name}: {without_password(url)}"))
    if local:
        out.print(Text(f"  {' and '.join(local)} on this machine, 127.0.0.1 only"))
    memory = f"about {console.size(memory_needed(settings))} of {console.size(memory_available())} available"
    out.print(Text(f"  memory: {memory}"))
    if not settings.elasticsearch_url and not any((state / "programs" / "jars").glob("*.jar")):
        out.print(Text(f"  to download first: {DOWNLOAD_MB} MB (Elasticsearch; once)"))


def services(settings: Settings) -> dict[str, str]:
    """The services by name, with the URL given for each, if any."""
    from worker.local.program import VERSION

    return {f"Elasticsearch {VERSION}": settings.elasticsearch_url, "Valkey": settings.redis_url}


def told_up(out: Console, settings: Settings, seconds: float, warnings: list[str]) -> None:
    for warning in warnings:
        out.print(Text(f"! {console.printable(warning)}", "yellow"))
    out.print(
        Text.assemble(
            ("Kawat is up", "bold green"),
            f" after {seconds:.0f} s: ",
            (page_url(settings), "bold underline"),
            "  Ctrl-C stops it.",
        )
    )


def told_down(out: Console, stack: Stack, settings: Settings) -> None:
    """Stops everything, says so, and what is kept."""
    out.print(Text("Stopping … (Ctrl-C again: at once)", "dim"))
    began = time.monotonic()
    left = stack.end()
    still = f"still there: process {', '.join(map(str, left))}" if left else "nothing is left running"
    out.print(Text(f"Stopped in {time.monotonic() - began:.1f} s; {still}."))
    state = settings.state
    folders = sorted(path for path in state.iterdir() if path.is_dir())
    sizes = {path.name: folder_size(path) for path in folders}
    each = ", ".join(f"{name} {console.size(count)}" for name, count in sizes.items() if count >= 1_000_000)
    total = console.size(folder_size(state))
    out.print(Text(f"Kept in {near(state)}: {total}{f' ({each})' if each else ''}. The next start goes on from it."))
    out.print(Text(f"To remove all of it: rm -r {shlex.quote(near(state))}"))
    if not settings.redis_url and not settings.valkey_socket.is_relative_to(state):
        with contextlib.suppress(OSError):
            settings.valkey_socket.parent.rmdir()


def refuse(holder: Holder | None, state: Path) -> None:
    """Another one is up already."""
    if holder is None:
        console.print_failure(
            "Kawat is being started or stopped just now", where=str(state), to_do="try again in a moment"
        )
        return
    since = holder.since.astimezone().strftime("%Y-%m-%d %H:%M:%S")
    console.print_failure(
        f"Kawat is already up: process {holder.pid}, since {since}, page {holder.page}",
        where=str(state),
        to_do="use that one; or stop it with `kawat down`; or set KAWAT_STATE_DIR (and other ports) for a second one",
    )


def near(path: Path) -> str:
    """The path, short where it is below the folder that we are in."""
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) and path != here else str(path)


def leave(code: int) -> None:
    """Ends this process without waiting for threads: an interrupted download would hold us up for half a minute."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
