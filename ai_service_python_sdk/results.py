"""What a studio gives: the model of a person, and the finished picture."""
import io
import json
import os
from hashlib import sha256

from .client.exceptions import AlreadyPaidError, ResponseError
from .client.models.aigc_image_create_response import AIGCImageCreateResponse
from .client.paid import tell
from .util.extras import imported
from .util.files import check_place, keep_elsewhere, path_of, write_whole
from .util.kept import content_of
from .util.language import translate
from .util.picture import Pictured, size_of

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Any, Dict, List, Optional, Tuple, Union
    from .client.paid import Paid
    from .util.files import Path, Place

#: Value of ``format`` in the file of a :class:`TrainedModel`.
FILE_FORMAT = 'ai-portrait-model'


class TrainedModel(object):
    """A person's model: the two ids to keep, since the service has no list of them.

    :param model_id: what portraits are created with once the job has succeeded.
    :param job_id: the training's job; None if it is not known.
    :raises ValueError: the id is empty or no text, or has blanks or line ends around it.
    """

    def __init__(self, model_id: str, job_id: "Union[int, str, None]" = None) -> None:
        if not isinstance(model_id, str) or not model_id or model_id != model_id.strip():
            raise ValueError(translate("`model_id` is {!r}; give the id of a training's answer, "
                                       'without blanks around it', model_id))
        self.model_id = model_id
        self.job_id = job_id

    def save(self, path_or_file: "Place") -> None:
        """Write the ids as JSON, whole or not at all."""
        content = dict(self.to_dict(), format=FILE_FORMAT)
        write_whole(json.dumps(content, sort_keys=True).encode('ascii') + b'\n', path_or_file)

    def to_dict(self) -> "Dict[str, Any]":
        """Return the ids as plain data, as JSON takes it."""
        return {'model_id': self.model_id, 'job_id': self.job_id}

    @classmethod
    def from_dict(cls, ids: "Dict[str, Any]") -> "TrainedModel":
        """Make one of what :meth:`to_dict` gave."""
        return cls(ids.get('model_id'), ids.get('job_id'))  # type: ignore[arg-type]

    @classmethod
    def load(cls, path: "Path") -> "TrainedModel":
        """Read what :meth:`save` wrote.

        :raises OSError: the file is missing; :raises ValueError: it is something else.
        """
        path = os.fsdecode(path_of(path))
        with open(path, 'rb') as stream:
            model = cls.read(stream.read())
        if model is None:
            raise ValueError(translate('{} does not hold a model; give a file that '
                                       'TrainedModel.save() wrote', path))
        return model

    @classmethod
    def read(cls, content: bytes) -> "Optional[TrainedModel]":
        """Read the content of such a file; None if it holds something else."""
        try:
            ids = json.loads(content.decode('utf-8-sig'))
            return cls.from_dict(ids) if ids['format'] == FILE_FORMAT else None
        except (ValueError, LookupError, TypeError):
            return None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, TrainedModel) and vars(self) == vars(other)

    def __hash__(self) -> int:
        return hash(self.model_id)

    def __repr__(self) -> str:
        return 'TrainedModel({!r}, job_id={!r})'.format(self.model_id, self.job_id)


class Kept(object):
    """Called with an answer, it saves the picture at once; it raises nothing.

    :ivar place: where the picture is saved; :ivar error: why it could not be.
    """

    def __init__(self, path: "Optional[Path]", overwrite: bool) -> None:
        self._path, self._overwrite = path, overwrite
        self.place = None  # type: Optional[Path]
        self.error = None  # type: Optional[OSError]

    def check(self) -> None:
        """Raise OSError if the file holds something, or could not be written."""
        if self._path is not None:
            check_place(self._path, None if self._overwrite else lambda content: False)

    def __call__(self, answer: "Any") -> "Dict[str, Any]":
        """Return what :meth:`.Ledger.settle` takes of the picture, if it is saved."""
        picture = getattr(answer, 'image_bytes', None)
        if self._path is not None and picture:
            try:
                # What has come since :meth:`check` belongs to somebody else.
                _put(picture, self._path, self._overwrite)
                self.place = self._path
            except OSError as error:
                self.error = error
        return {} if self.place is None else {'saved': self.place, 'content': picture}


class Portrait(Pictured):
    """A finished picture; notebooks show it."""

    def __init__(self, response: "AIGCImageCreateResponse", models: "List[TrainedModel]",
                 picture: "Optional[bytes]" = None, paid: "Optional[Paid]" = None,
                 place: "Optional[Path]" = None) -> None:
        picture = picture or response.image_bytes
        if picture is None:
            raise ResponseError(
                why='the answer {} holds no picture'.format(response.request_id)).doubt()
        self._picture = picture  # type: bytes
        self._paid = paid
        self._place = place  # type: Optional[Path]
        #: Path that keeps the picture since it could not be saved where it was wanted; else None.
        self.kept = None  # type: Optional[str]
        #: Seconds that the service spent.
        self.cost_time = response.cost_time  # type: Optional[float]
        self.request_id = response.request_id  # type: Optional[str]
        #: The models of the persons, left to right; keep them for the next portrait.
        self.models = models

    @classmethod
    def _stored(cls, paid: "Paid", models: "List[TrainedModel]", place: "Optional[Path]" = None,
                overwrite: bool = False) -> "Portrait":
        """Read a portrait from where it was saved, or raise :class:`.AlreadyPaidError`.

        :param models: of the persons whom it should show.
        :param place: a second file that gets it; None for none.
        :raises ValueError: it shows other persons.
        :raises FileExistsError: that file holds something else, and ``overwrite`` is false.
        """
        row = paid.row
        if [model.model_id for model in models] != row.model_ids:
            raise ValueError(translate('`key` {!r} is that of a portrait with other models ({}); '
                                       'give another key for another portrait', row.key,
                                       ', '.join(row.model_ids)))
        for path in (row.saved, place):  # the user may have moved it to where it is wanted
            picture = content_of(path) or b''
            # The file may have been replaced by the portrait of somebody else.
            if sha256(picture).hexdigest() == row.picture:
                break
        else:
            raise AlreadyPaidError(row)
        answer = AIGCImageCreateResponse(row.request_id, 'OK', '', {'cost_time': row.cost_time})
        if place is not None:
            _put(picture, place, overwrite)
        return cls(answer, models, picture, paid, path)

    @property
    def image_bytes(self) -> bytes:
        """The picture file as the service made it."""
        return self._picture

    @property
    def size(self) -> "Optional[Tuple[int, int]]":
        """(width, height) in pixels; None if it is neither JPEG nor PNG."""
        return size_of(self._picture)

    def save(self, path_or_file: "Place") -> None:
        """Write the picture to a path, whole or not at all, or to an open binary file.

        :raises OSError: it could not be written; ``error.portrait`` is this portrait, and a note
            on the error, or a line on stderr, names the file that keeps the picture.
        """
        try:
            write_whole(self._picture, path_or_file)
        except (OSError, ValueError, TypeError) as error:
            self._rescue(error)
            raise
        if not hasattr(path_or_file, 'write'):
            self._is_saved(path_or_file)

    def _rescue(self, error: "Any") -> None:
        """Write the picture where there is room, unless its file holds it; name it on an error."""
        error.portrait = self
        if content_of(self._place) != self._picture:
            self.kept = keep_elsewhere(self._picture)
            self._is_saved(self.kept)
        tell(error, translate('the portrait is kept in {}; its models: {!r}',
                              self._place or 'error.portrait', self.models))

    def _is_saved(self, path: "Any") -> None:
        """Write down where it was saved, if there is a ledger."""
        paid, self._place = self._paid, path
        if paid is not None:
            paid.write(lambda ledger: ledger.saved(paid.row, path, self._picture), str(path))

    def to_dict(self) -> "Dict[str, Any]":
        """Return all but the picture as plain data, as JSON takes it."""
        return {'models': [model.to_dict() for model in self.models], 'size': self.size,
                'media_type': self.media_type, 'cost_time': self.cost_time,
                'request_id': self.request_id}

    def to_pillow(self) -> "Any":
        """Return a ``PIL.Image``.

        :raises ImportError: Pillow is not installed; the message names the extra.
        """
        imported('PIL', 'images')
        return imported('PIL.Image', 'images').open(io.BytesIO(self._picture))

    def to_numpy(self) -> "Any":
        """Return an array of height x width x 3, RGB, 0 to 255; errors as in :meth:`to_pillow`."""
        return imported('numpy', 'images').asarray(self.to_pillow().convert('RGB'))

    def __repr__(self) -> str:
        return 'Portrait({}, {} bytes, size={}, models={!r})'.format(
            self.media_type, len(self._picture), self.size, self.models)


def _put(picture: bytes, path: "Path", overwrite: bool) -> None:
    """Write a picture to a file, unless the file holds it."""
    if content_of(path) != picture:
        write_whole(picture, path, overwrite)
