"""check-attribution: options, messages and exit codes. Knows the command line; everything else lives below.

Exit codes: 0 all well; 1 an article fell below the bar; 2 wrong usage or an input that could not be read; 130 interrupted.
"""

import os
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from shutil import get_terminal_size
from typing import Annotated, Literal, TextIO

import typer
from typer.exceptions import TyperException

from attribution import Article, Checker, ModelError, Report, __version__
from attribution.checker import MIN_CONFIDENCE
from attribution.model.backends import BackendName
from attribution.readers import ReadError, find, read_bytes, read_file
from attribution.reports import Options, writer

PROGRAM = "check-attribution"
STDIN = "-"
OK, BELOW, WRONG, INTERRUPTED = 0, 1, 2, 130

Format = Literal["text", "json", "jsonl"]

app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)


def main() -> None:
    """The console script."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """One call of the command; returns its exit code."""
    try:
        result = typer.main.get_command(app).main(arguments, prog_name=PROGRAM, standalone_mode=False)
    except TyperException as error:
        message = error.format_message() if hasattr(error, "format_message") else str(error)
        message = message.replace("Value error, ", "")
        _say(f"{message.splitlines()[0].rstrip('.')}; see {PROGRAM} --help")
        return WRONG
    except ModelError as error:
        _say(str(error))
        return WRONG
    except OSError as error:
        _say(f"standard output: cannot be written ({error.strerror or error}); free some space or write elsewhere with --output")
        return WRONG
    except KeyboardInterrupt:
        return INTERRUPTED
    except _OutputClosedError:
        # Whoever read our output has had enough; what is left in the buffer goes nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OK
    return int(result or OK)


def _version(wanted: bool) -> None:
    if wanted:
        print(f"{PROGRAM} {__version__}")
        raise typer.Exit


@app.command(context_settings={"help_option_names": ["-h", "--help"]})
def check(
    paths: Annotated[
        list[str] | None,
        typer.Argument(metavar="PATH", help="files or folders; standard input when none is given, or for -", show_default=False),
    ] = None,
    format: Annotated[Format, typer.Option("--format", "-f", help="what to write")] = "text",
    output: Annotated[Path | None, typer.Option("--output", "-o", help="write here instead of standard output", show_default=False)] = None,
    min_coverage: Annotated[
        float | None,
        typer.Option(
            min=0,
            max=1,
            metavar="SHARE",
            help="exit 1 when an article's coverage is below this; one without a claim passes",
            show_default=False,
        ),
    ] = None,
    min_confidence: Annotated[
        float, typer.Option(min=0, max=1, metavar="SHARE", help="mark claims whose label is less sure than this as uncertain")
    ] = MIN_CONFIDENCE,
    backend: Annotated[BackendName, typer.Option(help="where the model runs")] = "auto",
    model: Annotated[Path | None, typer.Option(help="folder of another model than the released one", show_default=False)] = None,
    batch_size: Annotated[int, typer.Option(min=1, help="windows that pass through the model together")] = 8,
    threads: Annotated[int, typer.Option(min=0, help="CPU threads; 0: as many as the machine has")] = 0,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="one line an article, no progress, no warnings")] = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="show the confidence of every claim")] = False,
    _show_version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="print the version and stop")] = False,
) -> int:
    """Find the claims of news articles, who is credited with each, and how much of each article is attributed."""
    names = paths or [STDIN]
    if "" in names:
        raise typer.BadParameter("an empty name is no file; give a path, or - for standard input", param_hint="PATH")
    outcome = _Outcome(min_coverage)
    with _opened(output) as file:
        files = [file for name in names for file in ([name] if name == STDIN else find(name, outcome.wrong))]
        if output is not None and any(_same_file(output, name) for name in files):
            raise typer.BadParameter(f"{output} is one of the articles; give another path", param_hint="--output")
        checker = Checker(model, backend, batch_size, threads, min_confidence)
        color = output is None and file.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
        options = Options(width=get_terminal_size().columns, color=color, quiet=quiet, verbose=verbose)
        # The text view shows a reader's warnings itself.
        warned = not quiet and (format != "text" or output is not None)
        with _progress(len(files), shown=not quiet) as advance:
            reports = outcome.judged(checker.check_many(_articles(files, outcome, advance, warned=warned)), advance)
            for piece in writer(format)(reports, options):
                _write(piece, None if output is None else file)
    return outcome.code


class _Outcome:
    """The exit code so far."""

    def __init__(self, min_coverage: float | None) -> None:
        self.code = OK
        self._bar = min_coverage

    def wrong(self, error: ReadError) -> None:
        """An input that could not be read outranks an article below the bar."""
        _say(str(error))
        self.code = WRONG

    def judged(self, reports: Iterable[Report], advance: "Advance") -> Iterator[Report]:
        """The same reports; those below the bar, or without a claim to hold to it, are named on standard error."""
        for report in reports:
            yield report
            advance()
            if self._bar is None:
                continue
            if report.coverage is None:
                _say(f"{report.id}: no claim found, so nothing to hold to --min-coverage")
            elif report.coverage < self._bar:
                _say(f"{report.id}: coverage {report.coverage:.3f} is below {self._bar:g}")
                self.code = self.code or BELOW


def _articles(files: Iterable[str], outcome: _Outcome, advance: "Advance", *, warned: bool) -> Iterator[Article]:
    """The articles that can be read; the rest are named on standard error."""
    for file in files:
        try:
            article = _stdin() if file == STDIN else read_file(file)
        except ReadError as error:
            outcome.wrong(error)
            advance()
        else:
            for warning in article.warnings if warned else ():
                _say(f"{article.id}: {warning}")
            yield article


def _stdin() -> Article:
    if sys.stdin is None:
        raise ReadError(STDIN, "standard input is closed", "name a file")
    if sys.stdin.isatty():
        _say("reading standard input; end it with Ctrl-D")
    try:
        return read_bytes(sys.stdin.buffer.read(), STDIN)
    except OSError as error:
        raise ReadError(STDIN, f"standard input cannot be read ({error.strerror})", "name a file") from error


def _same_file(output: Path, name: str) -> bool:
    """Whether both are one file, reached by whatever path."""
    try:
        return name != STDIN and output.samefile(name)
    except OSError:
        return False


class Advance:
    """Called once a file."""

    def __call__(self) -> None:
        """Nothing to show."""


@contextmanager
def _progress(files: int, *, shown: bool) -> Iterator[Advance]:
    """A bar on standard error for more than one file on a terminal."""
    if files < 2 or not shown or not sys.stderr.isatty():
        yield Advance()
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True, redirect_stdout=sys.stdout.isatty()) as progress:
        task = progress.add_task("checking", total=files)

        class Bar(Advance):
            def __call__(self) -> None:
                progress.advance(task)

        yield Bar()


@contextmanager
def _opened(output: Path | None) -> Iterator[TextIO]:
    """Standard output, or a file that appears under its name only when it is whole."""
    if output is None:
        if sys.stdout is None:
            raise typer.BadParameter("standard output is closed; give a path", param_hint="--output")
        if hasattr(sys.stdout, "reconfigure"):
            sys.stdout.reconfigure(encoding="utf-8", newline="\n")
        yield sys.stdout
        _write("", None, flush=True)
        return
    target = output.resolve()
    try:
        if target.exists() and not target.is_file():
            raise OSError(0, "it is no regular file")
        handle, partial = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name[:80]}.")
    except OSError as error:
        raise _unwritable(output, error) from error
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            yield file
        Path(partial).chmod(target.stat().st_mode & 0o777 if target.exists() else 0o666 & ~_umask())
        Path(partial).replace(target)
    except BaseException as error:
        with suppress(OSError):
            Path(partial).unlink()
        if isinstance(error, OSError):
            raise _unwritable(output, error) from error
        raise


def _unwritable(output: Path, error: OSError) -> typer.BadParameter:
    return typer.BadParameter(f"cannot write {output} ({error.strerror or error}); give another path", param_hint="--output")


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


class _OutputClosedError(Exception):
    """Standard output was closed by its reader. No OSError, for Typer would end the process itself."""


def _write(piece: str, file: TextIO | None, *, flush: bool = False) -> None:
    # Standard output is looked up each time: a progress bar on the same terminal puts itself in its place.
    stream = sys.stdout if file is None else file
    try:
        stream.write(piece)
        if flush or stream.isatty():
            stream.flush()
    except BrokenPipeError as error:
        raise _OutputClosedError from error


def _say(message: str) -> None:
    """One line on standard error."""
    print(f"{PROGRAM}: {message}", file=sys.stderr)


if __name__ == "__main__":
    main()
