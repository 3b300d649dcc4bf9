"""``leitmotif spotify``: the commands of a Spotify account. Each loads its work when it is given."""

from __future__ import annotations

from typing import Annotated

import typer

from core.cli_options import seconds, usage, whole_number

spotify_app = typer.Typer(help="A Spotify account.", no_args_is_help=True)


@spotify_app.command("connect")
def connect(
    client_id: Annotated[
        str, typer.Option(metavar="ID", help="The Client ID of your own app; it is remembered after the first time.")
    ] = "",
    port: Annotated[
        int,
        typer.Option(
            parser=whole_number,
            metavar="N",
            show_default=False,
            help="Port for the browser to come back to; any free one by default.",
        ),
    ] = 0,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Print the address instead of opening it.")] = False,
    allow: Annotated[
        list[str] | None, typer.Option(metavar="WHAT", help="Also allow: public, top or covers; may be repeated.")
    ] = None,
    read_only: Annotated[bool, typer.Option("--read-only", help="Ask for reading only.")] = False,
    timeout: Annotated[
        float, typer.Option(parser=seconds, metavar="SECONDS", help="How long to wait for the browser, in seconds.")
    ] = 300.0,
) -> None:
    """Connect your account. It takes an app of your own, registered at developer.spotify.com."""
    from core.commands.spotify import check_allowed, run_connect
    from core.spotify.client_id import check_client_id

    if not 0 <= port < 2**16:
        raise typer.BadParameter(f"{port} is no port. Use 1 to 65535", param_hint="'--port'")
    if timeout <= 0:
        raise typer.BadParameter(f"{timeout:g} s is no time to wait. Use more than 0", param_hint="'--timeout'")
    with usage():
        check_allowed(allow or [])
        if client_id:
            check_client_id(client_id)
    run_connect(client_id, port=port, browser=not no_browser, allow=allow or [], read_only=read_only, seconds=timeout)


@spotify_app.command("status")
def status(json: Annotated[bool, typer.Option("--json", help="Print it as JSON.")] = False) -> None:
    """Show what is connected, without asking Spotify."""
    from core.commands.spotify import run_status

    run_status(as_json=json)


@spotify_app.command("sync")
def sync(
    top: Annotated[bool, typer.Option("--top", help="Your top tracks as well.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Read your liked songs and playlists. An interrupted sync goes on where it stopped."""
    from core.commands.spotify import run_sync

    run_sync(top=top, as_json=json)


@spotify_app.command("undo")
def undo(json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False) -> None:
    """Take the last export to Spotify back."""
    from core.commands.spotify import run_undo

    run_undo(as_json=json)


@spotify_app.command("disconnect")
def disconnect() -> None:
    """Remove the sign-in. Everything that came from Spotify goes from this computer, too."""
    from core.commands.spotify import run_disconnect

    run_disconnect()
