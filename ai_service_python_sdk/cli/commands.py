"""What each command does; each returns an exit code."""
import json
import os

from ..client.api.ai_service_job_api import AiServiceJobApi
from ..client.errors.jobs import error_of_job
from ..client.exceptions import ImageCheckError
from ..client.models.job import JobState
from ..client.models.portrait_configure import PortraitConfigure
from ..portrait import PortraitStudio, TrainedModel
from ..util.files import check_place
from ..util.language import choose
from ..util.sign import explain
from . import exits
from .connection import Connection, credentials

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from argparse import Namespace
    from typing import Any, List, Sequence
    from ..client.models.job import Job
    from .output import Output


def check(options: "Namespace", output: "Output") -> int:
    """Say of each photo whether it fits."""
    with Connection(options, output) as connection:
        studio = PortraitStudio(connection.client)
        photos = connection.urls(options.photos)
        return exits.OK if _check(studio, connection, photos, output) else exits.PHOTOS


def train(options: "Namespace", output: "Output") -> int:
    """Train a person's model; the ids are printed at once."""
    _need_folder(options.save)
    with Connection(options, output) as connection:
        studio = _studio(connection, output)
        connection.keeps_photos = not options.wait
        models = _train(studio, [connection.urls(options.photos)], options.save, output)
        if options.wait:
            _wait(studio, models, connection, options, output)
    return exits.OK


def job(options: "Namespace", output: "Output") -> int:
    """Show a job, or wait until it ends."""
    with Connection(options, output) as connection:
        jobs = AiServiceJobApi(connection.client)
        if options.wait:
            output.under_way = lambda: [(options.job_id, None)]
            output.begin_wait(connection.typical)
            response = jobs.wait_for_async_job(
                options.job_id, timeout=options.timeout, on_progress=output.progress,
                sleep=output.sleep, **connection.waiting)
            output.waited(options.job_id)
        else:
            response = jobs.get_async_job(options.job_id)
            response.raise_for_code()
        return _show(response.job, output)


def create(options: "Namespace", output: "Output") -> int:
    """Put one or several persons into a template."""
    configure = _configure(options.set)
    _need_folder(options.out)
    models = [TrainedModel.load(word) if os.path.isfile(word) else TrainedModel(word)
              for word in options.models]
    with Connection(options, output) as connection:
        template = connection.urls([options.template])[0]
        return _create(PortraitStudio(connection.client), models, template, configure, options,
                       output)


def run(options: "Namespace", output: "Output") -> int:
    """Check, train, wait, create."""
    people = options.person or [options.photos]
    if bool(options.photos) == bool(options.person):
        raise ValueError(choose('give photos of one person, or --person for each of several',
                                '请传入单人照片，或用 --person 分别传入每个人的照片'))
    if options.save and len(people) > 1:
        raise ValueError(choose('--save keeps one person; train each of several with its own',
                                '--save 只能保存一个人；多人请分别用 train --save 训练'))
    configure = _configure(options.set)
    _need_folder(options.out)
    _need_folder(options.save)
    with Connection(options, output) as connection:
        studio = _studio(connection, output)
        template = connection.urls([options.template])[0]
        photos = [connection.urls(given) for given in people]
        if not all([_check(studio, connection, images, output) for images in photos]):
            return exits.PHOTOS
        models = _train(studio, photos, options.save, output)
        output.creation = _creation(options)
        _wait(studio, models, connection, options, output)
        return _create(studio, models, template, configure, options, output)


def sign(options: "Namespace", output: "Output") -> int:
    """Explain the signature of a request step by step; nothing is sent."""
    found = credentials(options)
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
            output.say(choose(*_HOW[name]))
    output.keep(steps=dict(steps))
    return exits.OK


#: How each step of a signature is made.
_HOW = {
    'path': ('    as the service sees it, from /api/v1 on', '    服务端看到的路径，从 /api/v1 开始'),
    'body md5': ('    lowercase hex MD5 of the exact bytes of the body',
                 '    请求体原始字节的 MD5，小写十六进制'),
    'string to sign': ('    method, body md5 and path, joined by line feeds (\\n)',
                       '    方法、请求体 MD5、路径，以换行符（\\n）连接'),
    'signature': ('    lowercase hex HMAC-SHA256 of the string to sign; the key is the token',
                  '    以 Token 为密钥对待签名串计算 HMAC-SHA256，小写十六进制'),
    'authorization': ('    app id, a colon, signature: the value of the header Authorization',
                      '    AppId、冒号、签名：即 Authorization 请求头的值'),
}


# the steps

def _studio(connection: Connection, output: "Output") -> PortraitStudio:
    studio = PortraitStudio(connection.client, sleep=output.sleep, **connection.waiting)
    output.under_way = lambda: [(model.job_id, model.model_id) for model in studio.trainings]
    return studio


def _check(studio: PortraitStudio, connection: Connection, photos: "Sequence[str]",
           output: "Output") -> bool:
    output.say(choose('check', '核验照片'))
    response = studio.check(photos, raise_failures=False)
    results = [{'photo': connection.names.get(result.url or '', result.url), 'url': result.url,
                'code': result.code, 'message': result.message, 'frontal': result.frontal}
               for result in response.check_results]
    for result in results:
        output.photo(str(result['photo']), result['code'])  # type: ignore[arg-type]
    output.keep(check_results=output.kept('check_results', []) + results)
    if response.failures:
        output.keep(error={'type': ImageCheckError.__name__, 'hint': ImageCheckError([]).hint,
                           'request_id': response.request_id})
        output.say(ImageCheckError([]).hint or '')
    return response.passed


def _train(studio: PortraitStudio, people: "Sequence[List[str]]", save_to: "Any",
           output: "Output") -> "List[TrainedModel]":
    models = []
    for images in people:
        model = studio.train(images, wait=False, save_to=save_to)
        models.append(model)
        # At once: a lost model_id is a paid training lost.
        output.say(choose('training: job {}, model {}', '训练：任务 {}，模型 {}').format(
            model.job_id, model.model_id))
        output.keep(models=[vars(each) for each in models])
    return models


def _wait(studio: PortraitStudio, models: "Sequence[TrainedModel]", connection: Connection,
          options: "Namespace", output: "Output") -> None:
    for model in models:
        output.begin_wait(connection.typical)
        studio.wait(model, options.timeout, output.progress)
        output.waited(model.job_id)


def _create(studio: PortraitStudio, models: "List[TrainedModel]", template: str,
            configure: "Any", options: "Namespace", output: "Output") -> int:
    output.say(choose('create', '制作写真'))
    portrait = studio.create(models, template, configure)
    portrait.save(options.out)
    output.say(choose('{}: {} bytes, {} s', '{}：{} 字节，{} 秒').format(
        options.out, len(portrait.image_bytes), portrait.cost_time))
    output.keep(out=options.out, media_type=portrait.media_type, cost_time=portrait.cost_time,
                size=portrait.size, request_id=portrait.request_id,
                models=[vars(model) for model in models])
    return exits.OK


def _show(found: "Job", output: "Output") -> int:
    output.keep(job=dict(found.raw, Result=found.result))
    output.progress(found)
    model_id = found.result.get('model_id') if isinstance(found.result, dict) else None
    if found.state == JobState.FAILED:
        return output.report(error_of_job(found.id, found.message, model_id))
    if found.message:
        output.say('  ' + found.message)
    if model_id:
        output.say(choose('  model {}', '  模型 {}').format(model_id))
    return exits.OK


def _configure(pairs: "Sequence[str]") -> "Any":
    """Read NAME=VALUE pairs; a value that is not JSON is text."""
    configure = PortraitConfigure()
    for pair in pairs:
        name, equals, text = pair.partition('=')
        if not equals:
            raise ValueError(choose('`--set` is {!r}; give NAME=VALUE',
                                    '--set 的值为 {!r}，请使用 NAME=VALUE 格式').format(pair))
        configure[name] = _value_of(text)
    return configure or None


def _value_of(text: str) -> "Any":
    try:
        return json.loads(text)
    except ValueError:
        return text


def _creation(options: "Namespace") -> "List[str]":
    """Return the options of ``create`` that make the portrait of this ``run``."""
    words = ['--template', options.template, '--out', options.out]
    for pair in options.set:
        words += ['--set', pair]
    return words


def _need_folder(path: "Any") -> None:
    """Refuse a file that could not be written, before anything is paid for."""
    if path is None:
        return
    if os.path.isdir(path):
        raise ValueError(choose('{} is a folder; give a file name', '{} 是文件夹，请给出文件名').format(path))
    check_place(path)
