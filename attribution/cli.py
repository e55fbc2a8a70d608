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
from attribution.model.backends import BackendName
from attribution.readers import ReadError, find, read_bytes, read_file
from attribution.reports import Options, writer

PROGRAM = "check-attribution"
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
        _say(f"{message.splitlines()[0].rstrip('.')}; see {PROGRAM} --help")
        return WRONG
    except ModelError as error:
        _say(str(error))
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
        list[Path] | None, typer.Argument(help="files or folders; standard input when none is given, or for -", show_default=False)
    ] = None,
    format: Annotated[Format, typer.Option("--format", "-f", help="what to write")] = "text",
    output: Annotated[Path | None, typer.Option("--output", "-o", help="write here instead of standard output", show_default=False)] = None,
    min_coverage: Annotated[
        float | None, typer.Option(min=0, max=1, help="exit 1 when an article's coverage is below this", show_default=False)
    ] = None,
    backend: Annotated[BackendName, typer.Option(help="where the model runs")] = "auto",
    model: Annotated[Path | None, typer.Option(help="folder of another model than the released one", show_default=False)] = None,
    batch_size: Annotated[int, typer.Option(min=1, help="windows that pass through the model together")] = 8,
    threads: Annotated[int, typer.Option(min=0, help="CPU threads; 0: as many as the machine has")] = 0,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="one line an article, no progress, no warnings")] = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="show the confidence of every claim")] = False,
    _show_version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="print the version and stop")] = False,
) -> int:
    """Find the claims of news articles, who is credited with each, and how much of each article is attributed."""
    if min_coverage is not None and min_coverage != min_coverage:
        raise typer.BadParameter("nan is no coverage; give a number from 0 to 1", param_hint="--min-coverage")
    outcome = _Outcome(min_coverage)
    with _opened(output) as file:
        files = list(_files(paths or [Path("-")], outcome))
        checker = Checker(model, backend, batch_size, threads)
        color = output is None and file.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
        options = Options(width=get_terminal_size().columns, color=color, quiet=quiet, verbose=verbose)
        with _progress(len(files), shown=not quiet) as advance:
            reports = outcome.judged(checker.check_many(_articles(files, outcome, advance, quiet=quiet)))
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

    def judged(self, reports: Iterable[Report]) -> Iterator[Report]:
        """The same reports; those below the bar are named on standard error."""
        for report in reports:
            yield report
            if self._bar is not None and report.coverage is not None and report.coverage < self._bar:
                _say(f"{report.id}: coverage {report.coverage:.3f} is below {self._bar:g}")
                self.code = self.code or BELOW


def _files(paths: Iterable[Path], outcome: _Outcome) -> Iterator[Path]:
    for path in paths:
        try:
            yield from find(path)
        except ReadError as error:
            outcome.wrong(error)


def _articles(files: Iterable[Path], outcome: _Outcome, advance: "Advance", *, quiet: bool) -> Iterator[Article]:
    """The articles that can be read; the rest are named on standard error."""
    for file in files:
        try:
            article = _stdin() if str(file) == "-" else read_file(file)
        except ReadError as error:
            outcome.wrong(error)
        else:
            for warning in () if quiet else article.warnings:
                _say(f"{article.id}: {warning}")
            yield article
        advance()


def _stdin() -> Article:
    if sys.stdin.isatty():
        _say("reading standard input; end it with Ctrl-D")
    return read_bytes(sys.stdin.buffer.read(), "-")


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
        if hasattr(sys.stdout, "reconfigure"):
            sys.stdout.reconfigure(encoding="utf-8", newline="\n")
        yield sys.stdout
        _write("", None, flush=True)
        return
    try:
        target = output.resolve()
        if target.exists() and not target.is_file():
            raise IsADirectoryError(0, "not a regular file")
        handle, partial = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
        try:
            with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
                yield file
            Path(partial).chmod(target.stat().st_mode & 0o777 if target.exists() else 0o666 & ~_umask())
            Path(partial).replace(target)
        except BaseException:
            with suppress(OSError):
                Path(partial).unlink()
            raise
    except OSError as error:
        raise typer.BadParameter(f"cannot write {output} ({error.strerror}); give another path", param_hint="--output") from error


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
