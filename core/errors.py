"""Everything that can go wrong, as one tree.

::

    LeitmotifError
    ├── SourceError            a library cannot be read
    │   └── DownloadError      a file cannot be fetched
    ├── FeatureError           audio features cannot be had
    │   ├── ProviderClosed     the service does not answer this person any more
    │   └── RateLimited        the service asks for a pause
    ├── DataError              the tracks cannot be analysed
    │   ├── TooFewTracks       fewer tracks than the step needs
    │   ├── TooManyTracks      more tracks than the algorithm can hold
    │   └── NoFeatures         no track has the audio features that are needed
    ├── OptionError            a setting is out of its range
    ├── ExportError            playlists cannot be written
    ├── StorageError           the program's own database cannot be used
    └── SpotifyError           Spotify refuses or cannot be reached
        ├── SignInNeeded       nobody is signed in, or the sign-in has ended
        ├── PermissionMissing  the sign-in does not allow what is to be done
        ├── SpotifyPause       Spotify asks for a pause longer than a person would wait
        ├── SpotifyClosed      Spotify does not answer this app or this person
        ├── SpotifyRefused     Spotify refuses this one request, others may go on
        └── AnswerLost         the answer to a write was lost, so its effect is unknown

Errors of other libraries are turned into one of these where they arise; none of them leaves ``core``.
"""

from __future__ import annotations


class LeitmotifError(Exception):
    """Root of every error a person is shown.

    Parameters
    ----------
    what : str
        What happened, in one plain sentence without a full stop.
    where : str, optional
        The file, line, column, playlist or address it happened at.
    next_step : str, optional
        What the person can do about it, true wherever it is read.
    command : str, optional
        What the command line says in its place: the same with the command or option to use.
    """

    def __init__(self, what: str, *, where: str = "", next_step: str = "", command: str = "") -> None:
        self.what = what
        self.where = where
        self.next_step = next_step
        self.command = command
        super().__init__(self.line())

    def line(self, *, commands: bool = True) -> str:
        """Return what, where and next step as one line of text.

        Parameters
        ----------
        commands : bool, default True
            Name the command or option to use, as the command line does; a window has buttons instead.

        Returns
        -------
        str
            A single line; line breaks inside the parts become spaces.
        """
        text = f"{self.where}: {self.what}" if self.where else self.what
        step = (self.command if commands else "") or self.next_step
        if step:
            text = f"{text}. {step}"
        return " ".join(text.split())


class SourceError(LeitmotifError):
    """A library cannot be read."""


class DownloadError(SourceError):
    """A file cannot be fetched, or what arrived is not what was promised."""


class FeatureError(LeitmotifError):
    """Audio features cannot be had."""


class ProviderClosed(FeatureError):
    """The feature service does not answer this person any more."""


class RateLimited(FeatureError):
    """The feature service asks for a pause longer than a person would wait."""


class DataError(LeitmotifError):
    """The tracks cannot be analysed as asked."""


class TooFewTracks(DataError):
    """There are fewer tracks than the step needs."""


class TooManyTracks(DataError):
    """There are more tracks than the algorithm can hold in memory."""


class NoFeatures(DataError):
    """No track has the audio features that are needed."""


class OptionError(LeitmotifError):
    """A setting is out of its range or names something unknown."""


class ExportError(LeitmotifError):
    """Playlists cannot be written."""


class StorageError(LeitmotifError):
    """The program's own database cannot be opened or is damaged."""


class SpotifyError(LeitmotifError):
    """Spotify refuses a request or cannot be reached."""


class SignInNeeded(SpotifyError):
    """Nobody is signed in, or the sign-in has ended."""


class PermissionMissing(SpotifyError):
    """The sign-in does not allow what is to be done."""


class SpotifyPause(SpotifyError):
    """Spotify asks for a pause longer than a person would wait.

    Attributes
    ----------
    until : float
        When to continue, in seconds since 1970; 0 when Spotify does not say.
    """

    until: float = 0.0


class SpotifyClosed(SpotifyError):
    """Spotify does not answer this app or this person.

    Attributes
    ----------
    everything : bool
        Whether it answers nothing at all; else only this kind of request, and others may go on.
    """

    everything: bool = False


class SpotifyRefused(SpotifyError):
    """Spotify refuses this one request; others may go on.

    Attributes
    ----------
    status : int
        HTTP status of the answer.
    """

    status: int = 0


class AnswerLost(SpotifyError):
    """The answer to a write was lost, so nobody knows yet whether it took effect."""
