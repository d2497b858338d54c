"""What each command does; each returns an exit code."""
import difflib
import os
import warnings

from ..client.errors.photos import UNFIT_FOR_SEVERAL, photo_texts
from ..client.exceptions import ImageCheckError, InDoubtError
from ..client.models.check_result import FITS
from ..client.models.portrait_configure import PortraitConfigure
from ..client.paid import ACCEPTED, UNSETTLED
from ..inputs import check_photos
from ..progress import usual_seconds
from ..util.files import check_place, free_name
from ..util.kept import mark_of, photos_of, plain
from ..util.language import translate
from ..util.parameters import BY_NAME, read
from ..util.sign import explain
from . import exits, records
from .connection import Connection, credentials, uploads_of
from .output import as_file, as_typed, facts_of, words_of

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from argparse import Namespace
    from typing import Any, List, Sequence
    from ..portrait import TrainedModel
    from ..uploads import Uploaded
    from .output import Output

#: The portrait's file if none is named.
OUT = 'portrait.jpg'
#: Code of a check: the picture shows no face, or several.
_NOT_ONE_FACE = 3


def check(options: "Namespace", output: "Output") -> int:
    """Say of each photo whether it fits."""
    options.no_ledger = uploads_of(options) is None  # it remembers uploads; a check is not paid
    with Connection(options, output) as connection:
        fits = _check(connection, connection.put(connection.photos(options.photos)))
    return exits.OK if fits else exits.PHOTOS


def train(options: "Namespace", output: "Output") -> int:
    """Check photos and train a model of them; the ids are printed at once."""
    _need_places(options)
    with Connection(options, output) as connection:
        found = connection.put(*_people(connection, [options.photos]))
        if not options.no_check and not _check(connection, found):
            return exits.PHOTOS
        models = _train(connection, found)
        if not options.no_wait:
            _wait(connection, models)
    return exits.OK


def job(options: "Namespace", output: "Output") -> int:
    """Show trainings, or wait until they end."""
    with Connection(options, output) as connection:
        models = records.trainings_of(options.trainings, connection.ledger)
        if vars(options).get('wait', True):  # the command `wait` has no such option
            output.under_way = models
            _wait(connection, models)
        for model in models:
            _look(connection, model)
    return exits.OK


def create(options: "Namespace", output: "Output") -> int:
    """Put one or several persons into a template."""
    configure = _configure(options)
    _need_places(options)
    with Connection(options, output) as connection:
        models = [records.model_of(word, connection.ledger) for word in options.models]
        given = _one(connection, options.template)
        _stop_in_doubt(connection, models, given, configure)
        template, = connection.put(given)
        return _create(connection, models, template.urls[0], configure)


def run(options: "Namespace", output: "Output") -> int:
    """Check, train, wait, create."""
    people = options.person or [options.photos]
    if bool(options.photos) == bool(options.person):
        raise ValueError(translate('give photos of one person, or --person for each of several'))
    if options.save and len(people) > 1:
        raise ValueError(translate('--save holds the ids of one person; for several run "train '
                                   '--save" for each'))
    configure = _configure(options)
    _need_places(options)
    with Connection(options, output) as connection:
        template, *found = connection.put(_one(connection, options.template),
                                          *_people(connection, people))
        if not options.no_check and not _check(connection, found):
            return exits.PHOTOS
        if not options.no_template_check and not _fits(connection, template.urls[0], len(people)):
            return exits.PHOTOS
        models = _train(connection, found)
        output.creation = _creation(options)
        _wait(connection, models)
        return _create(connection, models, template.urls[0], configure)


def sign(options: "Namespace", output: "Output") -> int:
    """Explain the signature of a request step by step; nothing is sent."""
    if options.emulator:
        from ..emulator.emulator import DEMO_APP_ID as app_id, DEMO_TOKEN as token
    else:
        app_id, token = credentials(options, 'app_id', 'token')
    steps = explain(app_id, token, options.method.upper(), options.path,
                    options.body.encode('utf-8'))
    for name, value in steps:
        output.say('{:<15} {}'.format(name, value.replace('\n', '\\n')))
    output.keep(steps=dict(steps))
    return exits.OK


# the steps

def _check(connection: Connection, people: "Sequence[Uploaded]") -> bool:
    output = connection.output
    output.say(translate('check'))
    has_passed = True
    for photos in people:
        response = connection.studio.check(photos.urls, raise_failures=False)
        for result in response.check_results:
            name = connection.name_of(result.url)
            output.photo(name, result.code, result.raw.get('emulated_reason'))
            output.add('check_results', dict(
                result.to_dict(), photo=name, **photo_texts(result.code)))
        if response.failures:
            error = ImageCheckError(response.failures, response.request_id)
            output.keep(error=facts_of(error))
            output.say(error.hint or '')
        has_passed = has_passed and response.passed
    return has_passed


def _one(connection: Connection, word: str) -> "List[str]":
    """Return a template as a list of one picture; refuse a word that stands for several."""
    found = connection.photos([word])
    if len(found) != 1:
        raise ValueError(translate('--template {} stands for {} pictures; give one', word,
                                   len(found)))
    return found


def _people(connection: Connection, people: "Sequence[Sequence[str]]") -> "List[List[str]]":
    """Return the photos of each person; refuse a training that was paid for before."""
    options, ledger = connection.options, connection.ledger
    options.name = options.name or [None] * len(people)
    if len(options.name) != len(people):
        raise ValueError(translate('--name is given {} times for {} persons; give one for each',
                                   len(options.name), len(people)))
    found = [connection.photos(given) for given in people]
    rows = []
    for photos, name in zip(found, options.name):
        check_photos(photos, 'photos', options.any_count)
        rows.append(ledger and not options.again and ledger.same_training(photos, name))
        older = ledger and name and not rows[-1] and [
            row for row in ledger.standing('train', 'person', [name]) if row.model_id]
        if older:
            connection.output.say(translate('{} has the model {} already; from now on the name '
                                            'is that of the new training', name,
                                            older[-1].model_id))
    if len(set(mark_of(photos_of(photos)) for photos in found)) < len(found):
        raise ValueError(translate('two persons have the same photos; give each person their '
                                   'own'))
    if any(rows):
        _stop_at(rows, people, connection)
    return found


def _stop_at(rows: "Sequence[Any]", people: "Sequence[Sequence[str]]",
             connection: Connection) -> None:
    """Refuse to pay again for trainings, and name the commands to go on with; ``rows`` has that of
    each person's training, or a false value."""
    options, output = connection.options, connection.output
    known = [row for row in rows if row]
    for row in known:
        if row.state == UNSETTLED:
            raise InDoubtError(row)
    if all(row.model_id for row in known):
        models = [row.model_id if row else name or 'person-{}'.format(place)
                  for place, (row, name) in enumerate(zip(rows, options.name), 1)]
        more = words_of(options, 'any_count', 'no_check')
        # The wait first: if its training has failed, nothing more is paid for.
        output.go_on = output.ways([row.job_id for row in known if row.state == ACCEPTED], [], [])
        output.go_on += [output.command_of('train', *list(photos) + ['--name', model] + more)
                         for row, model, photos in zip(rows, models, people) if not row]
        output.go_on += output.ways([], models, _creation(options) if options.command == 'run'
                                    else ['--template', 'URL'])
    raise records.PaidBefore(known[0])


def _stop_in_doubt(connection: Connection, models: "Sequence[TrainedModel]", template: "Any",
                   configure: "Any") -> None:
    """Refuse a creation that is in doubt in the ledger, unless ``--again`` is given."""
    ledger = None if connection.options.again else connection.ledger
    wanted = 'create', plain([model.model_id for model in models]), plain(configure)
    for row in ledger.unsettled() if ledger else ():
        if (row.kind, row.model_ids, row.configure or None) == wanted and (
                row.template and row.template[1] == photos_of(template)[0][1]):
            raise InDoubtError(row)


def _train(connection: Connection, people: "Sequence[Uploaded]") -> "List[TrainedModel]":
    """Start the trainings; the photos of each stay uploaded until it has ended."""
    options, output, studio = connection.options, connection.output, connection.studio
    models = []
    output.under_way = studio.trainings
    output.pays = 'the training'
    for photos, name in zip(people, options.name):
        try:
            model = studio.train(
                photos.urls, wait=False, save_to=options.save, person=name, again=options.again,
                any_count=options.any_count, overwrite=options.force)
        except BaseException as error:
            job_id = getattr(error, 'job_id', None)
            if job_id is not None or getattr(error, 'is_in_doubt', False):
                photos.lend(job_id)
            raise
        photos.lend(model.job_id)
        studio.uploaded[model.job_id] = photos
        models.append(model)
        # Before anything else: without its model_id a paid training is lost.
        output.say(translate('training: job {}, model {}', model.job_id, model.model_id))
        output.keep(models=[each.to_dict() for each in models])
    output.pays = ''
    return models


def _wait(connection: Connection, models: "Sequence[TrainedModel]") -> None:
    options = connection.options
    for model in models:
        seconds = options.training_seconds if options.emulator else (
            usual_seconds(connection.ledger))
        with connection.output.wait(model.job_id, seconds) as seen:
            connection.studio.wait(model, **seen)


def _fits(connection: Connection, template: str, count: int) -> bool:
    """Check the template like a photo; return whether it fits so many persons."""
    output = connection.output
    response = connection.studio.check([template], raise_failures=False)
    code = response.check_results[0].code
    fits = code not in UNFIT_FOR_SEVERAL if count > 1 else code == FITS
    output.keep(template={'code': code, 'fits': fits})
    name = translate('template {}', connection.name_of(template))
    if fits:
        output.photo(name, FITS)
    else:
        error = ImageCheckError(response.failures, response.request_id)
        error.of_template(count)
        output.keep(error=facts_of(error))
        reason = error.meaning if count > 1 else photo_texts(code)['reason']
        if count == 1 and code == _NOT_ONE_FACE:
            reason = translate('it does not show exactly one face; with several, give --person '
                               'for each.')
        output.reject(name, code, reason, error.hint or '')
    return fits


def _create(connection: Connection, models: "Sequence[TrainedModel]", template: str,
            configure: "Any") -> int:
    options, output = connection.options, connection.output
    output.say(translate('create'))
    # By ids: a name may stand for another model by then.
    output.go_on = output.ways((), [model.model_id for model in models], _creation(options))
    output.pays = 'the creation'
    try:
        portrait = connection.studio.create(
            list(models), template, configure, save_to=options.out, overwrite=options.force)
    except OSError as error:
        unsaved = getattr(error, 'portrait', None)
        if unsaved is None or unsaved.kept is None:
            raise
        # Move it from where there was room to the first free name where it is wanted.
        output.go_on = [as_typed('move' if os.name == 'nt' else 'mv', unsaved.kept,
                                 as_file(free_name(options.out)))]
        output.keep(out=unsaved.kept, **unsaved.to_dict())
        output.report(error)
        return exits.OTHER
    output.keep(out=options.out, **portrait.to_dict())
    output.say(translate('{}: {} bytes, {} s', options.out, len(portrait.image_bytes),
                         portrait.cost_time))
    return exits.OK


def _look(connection: Connection, model: "TrainedModel") -> None:
    """Show the state of a training; the studio writes its end down in the ledger."""
    output = connection.output
    found = connection.studio.look(model)
    document = dict(found.raw, Result=found.result)
    output.keep(job=document)
    output.add('jobs', document)
    output.progress(found)
    if found.message:
        output.say('  ' + found.message)
    model_id = found.result.get('model_id') if isinstance(found.result, dict) else None
    if model_id:
        output.say(translate('  model {}', model_id))


def _configure(options: "Namespace") -> "Any":
    """Read NAME=VALUE pairs; a value that is not JSON is text."""
    configure = PortraitConfigure()
    for pair in options.set:
        name, _, text = pair.partition('=')
        if name not in BY_NAME and not options.any_parameter:
            near = translate(', ').join(difflib.get_close_matches(name, BY_NAME, cutoff=0))
            raise ValueError(translate('`--set`: the guide has no parameter {!r}; did you mean '
                                       '{}? --any-parameter sends it all the same', name, near))
        with warnings.catch_warnings():
            warnings.simplefilter('ignore')  # of an unknown parameter: --any-parameter wants it
            configure[name] = read(text)
    return configure or None


def _creation(options: "Namespace") -> "List[str]":
    """Return the options of ``create`` that make the portrait of this command."""
    return words_of(options, 'template', 'out', 'set', 'any_parameter', 'force')


def _need_places(options: "Namespace") -> None:
    """Choose a file if ``--out`` is left out; refuse one that cannot be written or holds data."""
    if 'out' in options and options.out is None:
        options.out = OUT if options.force else free_name(OUT)
    given = [path for path in map(vars(options).get, ('ledger', 'out', 'save')) if path]
    if len(set(map(os.path.realpath, given))) < len(given):
        raise ValueError(translate('--out, --save and --ledger need a file each; one is given '
                                   'twice'))
    for path in map(vars(options).get, ('out', 'save')):
        if path is not None:
            check_place(path, None if options.force else lambda _: False)
