"""Show the built site: `python -m tools.site.serve`. Stop it with Ctrl-C."""

import argparse
import sys
import threading
import webbrowser
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from mmbook.command_line import reported
from tools.site.build import REPOSITORY, SITE


class QuietHandler(SimpleHTTPRequestHandler):
    """Serves files without writing a line for each request."""

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


class PatientServer(ThreadingHTTPServer):
    """Takes it calmly when a browser hangs up before the end of a file."""

    def handle_error(self, request: object, client_address: object) -> None:
        """Print errors, except broken connections."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)  # pyright: ignore[reportArgumentType]


@contextmanager
def served(folder: Path, port: int = 0) -> Iterator[str]:
    """Serve `folder` on this machine only and yield its address; port 0 takes a free one."""
    if not (folder / "index.html").exists():
        raise ValueError(f"{folder} holds no index.html: run `make book` first")
    handler = partial(QuietHandler, directory=str(folder))
    with PatientServer(("127.0.0.1", port), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


@reported
def main(words: list[str]) -> int:
    """Serve the site from the command line and open a browser where there is one."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="default: any free port")
    parser.add_argument("--no-browser", action="store_true", help="only print the address")
    arguments = parser.parse_args(words)
    try:
        with served(REPOSITORY / SITE, arguments.port) as address:
            print(f"{address}  (Ctrl-C stops)", flush=True)
            if not arguments.no_browser:
                webbrowser.open(address)
            threading.Event().wait()
    except KeyboardInterrupt:
        print()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
