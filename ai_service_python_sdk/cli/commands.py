"""What each command does; each returns an exit code."""
import difflib
import os
import warnings

from ..client.api.ai_service_job_api import AiServiceJobApi
from ..client.errors.jobs import error_of_job
from ..client.errors.photos import UNFIT_FOR_SEVERAL, photo_texts
from ..client.exceptions import ImageCheckError, InDoubtError, TemplateFaceMissingError
from ..client.models.job import JobState
from ..client.models.portrait_configure import PortraitConfigure
from ..client.paid import ACCEPTED, FAILED, SUCCEEDED, UNSETTLED, Paid
from ..inputs import check_photos
from ..portrait import TrainedModel
from ..uploads import clean
from ..util.files import check_place, free_name
from ..util.kept import mark_of, photos_of, plain
from ..util.language import choose
from ..util.parameters import BY_NAME, read
from ..util.redact import bare_name
from ..util.sign import explain
from . import exits, records
from .connection import Connection, credentials_found, uploads_of
from .output import as_typed, at_a_prompt, facts_of, words_of

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from argparse import Namespace
    from typing import Any, List, Optional, Sequence
    from .output import Output

#: The portrait's file if none is named.
OUT = 'portrait.jpg'
#: Codes of a check: the picture fits, and shows no face or several.
_FITS, _NOT_ONE_FACE = 1, 3


def check(options: "Namespace", output: "Output") -> int:
    """Say of each photo whether it fits."""
    with Connection(options, output) as connection:
        fits = _check(connection, connection.urls(options.photos))
    return exits.OK if fits else exits.PHOTOS


def train(options: "Namespace", output: "Output") -> int:
    """Check photos and train a model of them; the ids are printed at once."""
    _need_places(options)
    with Connection(options, output) as connection:
        found = connection.urls(*_people(connection, [options.photos]))
        if options.check and not _check(connection, found):
            return exits.PHOTOS
        _train(connection, found)
        if options.wait:
            _wait(connection, output.under_way())
    return exits.OK


def job(options: "Namespace", output: "Output") -> int:
    """Show trainings, or wait until they end; ``wait`` does that always."""
    with Connection(options, output) as connection:
        jobs = records.jobs_of(options.trainings, connection.ledger)
        if vars(options).get('wait', True):
            output.under_way = lambda: jobs
            _wait(connection, jobs)
        return max([_look(connection, job_id) for job_id, _ in jobs])


def create(options: "Namespace", output: "Output") -> int:
    """Put one or several persons into a template."""
    configure = _configure(options)
    _need_places(options)
    with Connection(options, output) as connection:
        models = [records.model_of(word, connection.ledger) for word in options.models]
        waits = [str(model.job_id or word) for model, word in zip(models, options.models)
                 if records.goes_on(word, connection.ledger)]
        given = _one(connection, options.template)
        _stop_in_doubt(connection, models, given, configure)
        template, = connection.urls(given)[0]
        output.go_on = [output.command_of('wait', *waits)] if waits else []
        ids = [model.model_id for model in models]  # a name may get another model meanwhile
        output.go_on += [output.command_of('create', *ids + _creation(options))]
        return _create(connection, models, template, configure)


def run(options: "Namespace", output: "Output") -> int:
    """Check, train, wait, create."""
    people = options.person or [options.photos]
    if bool(options.photos) == bool(options.person):
        raise ValueError(choose('give photos of one person, or --person for each of several',
                                '请传入单人照片，或用 --person 分别传入每个人的照片'))
    if options.save and len(people) > 1:
        raise ValueError(choose('--save keeps one person; train each of several with its own',
                                '--save 只能保存一个人；多人请分别用 train --save 训练'))
    configure = _configure(options)
    _need_places(options)
    with Connection(options, output) as connection:
        (template,), *found = connection.urls(_one(connection, options.template),
                                              *_people(connection, people))
        if options.check and not _check(connection, found) or (
                options.check_template and not _fits(connection, template, len(people))):
            return exits.PHOTOS
        models = _train(connection, found)
        output.creation = _creation(options)
        _wait(connection, output.under_way())
        return _create(connection, models, template, configure)


def uploads(options: "Namespace", output: "Output") -> int:
    """List the uploaded photos that are there still, or remove those that no training needs."""
    ledger = records.ledger_to_read(options)
    place = uploads_of(options)
    if options.clean and place is None:
        raise ValueError(choose('--clean needs --upload oss://bucket/prefix',
                                '--clean 需要 --upload oss://bucket/prefix'))
    left = clean(ledger, place, age=0) if options.clean else []
    there = ledger.uploads()
    output.keep(uploads=there, left=left)
    for url in there or [choose('the ledger {} knows of no photo that is still there',
                                '账本 {} 中没有尚未删除的照片').format(ledger.path)]:
        output.say(url)
    return exits.OTHER if left else exits.OK


#: How each step of a signature is made.
_HOW = {
    'path': ('as the service sees it, from /api/v1 on', '服务端看到的路径，从 /api/v1 开始'),
    'body md5': ('lowercase hex MD5 of the exact bytes of the body',
                 '请求体原始字节的 MD5，小写十六进制'),
    'string to sign': ('method, body md5 and path, joined by line feeds (\\n)',
                       '方法、请求体 MD5、路径，以换行符（\\n）连接'),
    'signature': ('lowercase hex HMAC-SHA256 of the string to sign; the key is the token',
                  '以 Token 为密钥对待签名串计算 HMAC-SHA256，小写十六进制'),
    'authorization': ('app id, a colon, signature: the value of the header Authorization',
                      'AppId、冒号、签名：即 Authorization 请求头的值'),
}


def sign(options: "Namespace", output: "Output") -> int:
    """Explain the signature of a request step by step; nothing is sent."""
    found = dict((name, value) for name, (value, _) in credentials_found(options).items())
    if options.emulator:
        from ..emulator.emulator import DEMO_APP_ID, DEMO_TOKEN
        found = {'app_id': DEMO_APP_ID, 'token': DEMO_TOKEN}
    if 'app_id' not in found or 'token' not in found:
        raise ValueError(choose('give --app-id and --token, or the environment or file for them',
                                '请提供 --app-id 和 --token，或通过环境变量、凭证文件提供'))
    body = options.body.encode('utf-8')
    if options.body_file:
        with open(options.body_file, 'rb') as stream:
            body = stream.read()
    steps = explain(found['app_id'], found['token'], options.method.upper(), options.path, body)
    for name, value in steps:
        output.say('{:<15} {}'.format(name, value.replace('\n', '\\n')))
        if name in _HOW:
            output.say('    ' + choose(*_HOW[name]))
    output.keep(steps=dict(steps))
    return exits.OK


# the steps

def _check(connection: Connection, people: "Sequence[Sequence[str]]") -> bool:
    output = connection.output
    output.say(choose('check', '核验照片'))
    has_passed = True
    for photos in people:
        response = connection.studio.check(photos, raise_failures=False)
        for result in response.check_results:
            name = bare_name(str(connection.names.get(result.url or '', result.url)))
            output.photo(name, result.code, result.raw.get('emulated_reason'))
            output.add('check_results', dict({
                'photo': name, 'url': result.url, 'code': result.code, 'message': result.message,
                'frontal': result.frontal}, **photo_texts(result.code)))
        if response.failures:
            output.say(_unfit(response.failures, response.request_id, output).hint or '')
        has_passed = has_passed and response.passed
    return has_passed


def _one(connection: Connection, word: str) -> "List[str]":
    found = connection.photos([word])
    if len(found) != 1:
        raise ValueError(choose('--template {} stands for {} pictures; give one',
                                '--template {} 对应 {} 张图片；请只给一张').format(word, len(found)))
    return found


def _people(connection: Connection, people: "Sequence[Sequence[str]]") -> "List[List[str]]":
    """Return the photos of each person; a training that was paid for before stops here."""
    options = connection.options
    options.name = names = options.name or [None] * len(people)
    if len(names) != len(people):
        raise ValueError(choose('--name is given {} times for {} persons; give one for each',
                                '--name 给出了 {} 个，人物有 {} 个；请每人一个')
                         .format(len(names), len(people)))
    found = [connection.photos(given) for given in people]
    for photos in found if connection.uploads is not None else ():
        check_photos(photos, 'photos', options.any_count)
    marks = [mark_of(photos_of(photos)) for photos in found] if len(found) > 1 else []
    if len(set(marks)) < len(marks):
        raise ValueError(choose('two persons have the same photos; give each person other ones',
                                '有两个人物的照片相同；请为每个人物传入各自的照片'))
    ledger = None if options.again else connection.ledger
    rows = [ledger and ledger.same_training(photos, name) for photos, name in zip(found, names)]
    for row, name in zip(rows, names):
        older = connection.ledger and name and not row and connection.ledger.standing(
            'train', 'person', [name])
        if older:
            connection.output.say(choose(
                '{} has the model {} already; a new training takes the name',
                '{} 已有模型 {}；新的训练将使用该名称').format(name, older[-1].model_id))
    known = [row for row in rows if row]  # type: List[Any]
    if known:
        row = next((each for each in known if each.state == UNSETTLED), known[0])
        connection.output.go_on = _instead_of(rows, people, connection)
        raise (InDoubtError if row.state == UNSETTLED else records.PaidBefore)(row)
    return found


def _stop_in_doubt(connection: Connection, models: "Sequence[TrainedModel]", template: "Any",
                   configure: "Any") -> None:
    """Send no creation that left before, and may be paid for, unless it is to go again."""
    ledger = None if connection.options.again else connection.ledger
    wanted = 'create', plain([model.model_id for model in models]), plain(configure)
    for row in ledger.unsettled() if ledger else ():
        if (row.kind, row.model_ids, row.configure or None) == wanted and (
                row.template and row.template[1] == photos_of(template)[0][1]):
            connection.output.go_on = [connection.output.command_of('history')]
            raise InDoubtError(row)


def _instead_of(rows: "Sequence[Any]", people: "Sequence[Sequence[str]]",
                connection: Connection) -> "List[str]":
    """Return the commands that lead on from trainings of before, one row or None a person."""
    options, command_of = connection.options, connection.output.command_of
    commands = [command_of('wait', str(row.job_id)) for row in rows
                if row and row.state == ACCEPTED]
    if any(row and not row.model_id for row in rows):
        return commands + [command_of('history')]
    models = [row.model_id if row else name or 'person-{}'.format(place)
              for place, (row, name) in enumerate(zip(rows, options.name), 1)]
    more = words_of(options, 'any_count') + ([] if options.check else ['--no-check'])
    for row, model, photos in zip(rows, models, people):
        if not row:
            commands.append(command_of('train', *list(photos) + ['--name', model] + more))
    creation = _creation(options) if options.command == 'run' else ['--template', 'URL']
    return commands + [command_of('create', *models + creation)]


def _train(connection: Connection, people: "Sequence[Any]") -> "List[TrainedModel]":
    options, output = connection.options, connection.output
    models = []
    output.sent = choose('the training', '模型训练')
    for photos, name in zip(people, options.name):
        model = connection.train(
            photos, save_to=options.save, person=name, again=options.again,
            any_count=options.any_count, overwrite=options.force)
        models.append(model)
        # At once: a lost model_id is a paid training lost.
        output.say(choose('training: job {}, model {}', '训练：任务 {}，模型 {}').format(
            model.job_id, model.model_id))
        output.keep(models=[vars(each) for each in models])
    output.sent = ''
    return models


def _wait(connection: Connection, jobs: "Sequence[Any]") -> None:
    """Wait for (job id, model id or None), one after the other."""
    for job_id, model_id in jobs:
        waiting = dict(connection.waiting, timeout=connection.options.timeout,
                       **connection.output.begin_wait(connection.typical))
        if model_id:
            connection.studio.wait(TrainedModel(model_id, job_id), **waiting)
        else:
            # Nothing but its job is known, and the ledger does not know that.
            AiServiceJobApi(connection.client).wait_for_async_job(job_id, **waiting)
        connection.output.waited(job_id)


def _fits(connection: Connection, template: str, count: int) -> bool:
    """Look at the template as at a photo; the number of faces tells for a single person only."""
    output = connection.output
    response = connection.studio.check([template], raise_failures=False)
    code = response.check_results[0].code if response.check_results else None
    fits = code not in UNFIT_FOR_SEVERAL if count > 1 else code == _FITS
    output.keep(template={'code': code, 'fits': fits})
    name = choose('template {}', '模板 {}').format(
        bare_name(str(connection.names.get(template, template))))
    if count > 1 and code == _FITS:
        output.say(choose('  rejected {}: it shows one face, and there are {} persons',
                          '  不合格   {}：只有一张人脸，而人物有 {} 个').format(name, count))
    elif fits or code != _NOT_ONE_FACE:
        output.photo(name, _FITS if fits else code)
    else:
        output.say(choose('  rejected {} (code {}): it does not show exactly one face; with '
                          'several, give --person for each.',
                          '  不合格   {}（代码 {}）：单人写真的模板须恰好有一张人脸；多人模板请用 --person '
                          '分别传入每个人的照片。').format(name, code))
    if not fits:
        _unfit(response.failures, response.request_id, output, count)
        output.say(choose('Give another template, or --no-template-check; nothing was paid for.',
                          '请更换模板，或使用 --no-template-check；尚未付费。'))
    return fits


def _unfit(results: "Sequence[Any]", request_id: "Any", output: "Output",
           persons: int = 0) -> ImageCheckError:
    error = ImageCheckError(results, request_id)
    if persons:
        error.of_template(persons)
        error.hint_en, error.hint_zh = at_a_prompt(error.hint_en), at_a_prompt(error.hint_zh)
    output.keep(error=facts_of(error))
    return error


def _create(connection: Connection, models: "Sequence[TrainedModel]", template: str,
            configure: "Any") -> int:
    out, output = connection.options.out, connection.output
    output.say(choose('create', '制作写真'))
    output.sent = choose('the creation', '写真制作')
    unsaved = None  # type: Any
    portrait = None  # type: Any
    try:
        portrait = connection.studio.create(
            list(models), template, configure, save_to=out, overwrite=connection.options.force)
    except TemplateFaceMissingError:
        # The same one would be refused again.
        words = _creation(connection.options)
        words[words.index('--template') + 1] = 'ANOTHER'
        output.go_on = [output.command_of('create', *[each.model_id for each in models] + words)]
        raise
    except OSError as error:
        unsaved, portrait = error, getattr(error, 'portrait', None)
        if portrait is None:
            raise
    output.sent = ''
    output.keep(media_type=portrait.media_type, cost_time=portrait.cost_time, out=out,
                size=portrait.size, request_id=portrait.request_id,
                models=[vars(model) for model in models])
    if unsaved is not None:
        return _say_where(portrait.kept, out, unsaved, output)
    output.say(choose('{}: {} bytes, {} s', '{}：{} 字节，{} 秒').format(
        out, len(portrait.image_bytes), portrait.cost_time))
    return exits.OK


def _say_where(kept: "Optional[str]", out: str, error: OSError, output: "Output") -> int:
    """Say how a picture that is paid for gets from where there was room to where it is wanted."""
    if kept is None:
        raise error
    output.keep(out=kept)
    name = free_name(out) if isinstance(error, FileExistsError) else out
    output.go_on = [as_typed('move' if os.name == 'nt' else 'mv', kept, name)]
    output.report(error)
    return exits.OTHER


def _look(connection: Connection, job_id: "Any") -> int:
    """Show a job as it is, and write down how it has ended."""
    output = connection.output
    response = AiServiceJobApi(connection.client).get_async_job(job_id)
    response.raise_for_code()
    found = response.job
    state = {JobState.SUCCEEDED: SUCCEEDED, JobState.FAILED: FAILED}.get(found.state or 0)
    if connection.ledger is not None and state:
        Paid(connection.ledger).write(
            lambda ledger: ledger.finished(found.id, state, found.message), repr(found))
        if connection.uploads is not None:
            clean(connection.ledger, connection.uploads, job_id=found.id)
    document = dict(found.raw, Result=found.result)
    output.keep(job=document)
    output.add('jobs', document)
    output.progress(found)
    model_id = found.result.get('model_id') if isinstance(found.result, dict) else None
    if found.state == JobState.FAILED:
        return output.report(error_of_job(found.id, found.message, model_id))
    if found.message:
        output.say('  ' + found.message)
    if model_id:
        output.say(choose('  model {}', '  模型 {}').format(model_id))
    return exits.OK


def _configure(options: "Namespace") -> "Any":
    """Read NAME=VALUE pairs; a value that is not JSON is text."""
    configure = PortraitConfigure()
    for pair in options.set:
        name, equals, text = pair.partition('=')
        if not equals:
            raise ValueError(choose('`--set` is {!r}; give NAME=VALUE',
                                    '--set 的值为 {!r}，请使用 NAME=VALUE 格式').format(pair))
        if name not in BY_NAME and not options.any_parameter:
            near = difflib.get_close_matches(name, BY_NAME)
            raise ValueError(choose(
                '`--set`: there is no parameter {!r}; {} {}; --any-parameter lets it through',
                '--set：没有参数 {!r}；{} {}；如需照样发送，请加 --any-parameter').format(
                    name, choose('did you mean', '是否想用') if near else choose('give', '可用参数'),
                    choose(', ', '、').join(near or BY_NAME)))
        with warnings.catch_warnings():
            warnings.simplefilter('ignore')
            configure[name] = read(text)
    return configure or None


def _creation(options: "Namespace") -> "List[str]":
    """Return the options of ``create`` that make the portrait of this ``run``."""
    return words_of(options, 'template', 'out', 'set', 'any_parameter', 'force')


def _need_places(options: "Namespace") -> None:
    """Refuse files that could not be written, or hold something else, before it is paid for."""
    if vars(options).get('out', '') is None:
        options.out = OUT if options.force else free_name(OUT)
    out, save, ledger = [vars(options).get(name) for name in ('out', 'save', 'ledger')]
    for path in (out, save):
        if path is not None:
            check_place(path, None if options.force else lambda _: False)
    files = [os.path.realpath(path) for path in (out, save, ledger) if path is not None and (
        os.path.isfile(path) or not os.path.exists(path))]
    if len(set(files)) < len(files):
        raise ValueError(choose('--out, --save and --ledger need a file each; one is given twice',
                                '--out、--save 和 --ledger 须为不同的文件；有一个重复'))
