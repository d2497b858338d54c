"""``ai-portrait batch``: a night's work at a prompt, with a plan, a report and a contact sheet."""
import io
import json
import os
import sys

from ..client.paid import say, warn
from ..contact_sheet import Lines, contact_sheet, is_of_a_batch, unwritten
from ..orders import REPORT, SHEET, OrderError, Orders
from ..plan import BROKEN, IN_DOUBT, LOST, NOT_SENT, SAVED, THERE
from ..progress import Count
from ..util.files import check_place
from ..util.language import choose
from . import exits
from .connection import Connection
from .output import words_of, write

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from argparse import Namespace
    from typing import Any, List
    from ..batch import Batch
    from ..plan import BatchResult, Plan
    from .output import Output

#: Seconds after Ctrl-C in which calls that are under way may still be answered.
GRACE = 0.4
#: Rows in doubt, and orders that failed, that are listed.
MOST_LISTED = 20
#: Options of the command that goes on in the same way; it asks before it pays.
_KEPT = ('out', 'any_count', 'no_template_check', 'keep_uploads', 'timeout', 'interval',
         'concurrency', 'trainings')
_STATES = {
    SAVED: ('made and saved', '已制作并保存'), THERE: ('there from before', '此前已完成'),
    LOST: ('paid for before, portrait not at hand', '此前已付费，但写真文件不在'),
    IN_DOUBT: ('in doubt, left alone', '结果未知，未处理'), NOT_SENT: ('not sent', '未发送'),
    BROKEN: ('failed', '失败')}


def batch(options: "Namespace", output: "Output") -> int:
    """Plan the orders of a file, ask, make their portraits, and report."""
    with Connection(options, output) as connection:
        output.under_way = list
        has_files = options.emulator or connection.uploads is not None
        orders = Orders(options.orders, has_files, options.any_count)
        work = connection.studio.batch(
            orders, options.out, options.concurrency, options.trainings, options.again_unsettled,
            options.any_count, not options.no_template_check)
        if options.emulator:
            work.locate = connection.photos
        plan = work.plan()
        output.keep(plan=plan.to_dict())
        if plan.problems:
            raise OrderError(plan.problems, orders.name)
        _show(plan, output)
        if not options.force:
            _check_places(options.out)
        if options.dry_run:
            return exits.OK
        if plan.checks + plan.trainings + plan.creations and not options.yes:
            _ask(output)
        output.go_on = [output.command_of('batch', options.orders, *words_of(options, *_KEPT))]
        try:
            return _run(work, plan, options.out, connection)
        except KeyboardInterrupt:
            if not work.settle(GRACE):
                say(choose(
                    'paid calls were on their way and may be paid for: rows {} of the ledger',
                    '付费调用已发出，可能已计费：账本第 {} 行').format(_in_doubt(connection.ledger)))
            raise


def _check_places(out: str) -> None:
    """Refuse to replace a report or a page that no batch has made."""
    for path in (os.path.join(out, name) for name in (REPORT, SHEET)):
        if os.path.isfile(path):
            check_place(path, is_of_a_batch)


def _in_doubt(ledger: "Any") -> str:
    return ', '.join(str(row.id) for row in ledger.unsettled(MOST_LISTED))


def _show(plan: "Plan", output: "Output") -> None:
    there, left = plan.states[THERE], plan.states[LOST]
    output.say(choose('orders: {} ({} there already)', '订单：{}（已完成 {}）').format(
        plan.orders, there))
    output.say(choose('people: {} to train, {} in training, {} with a model',
                      '人物：待训练 {}，训练中 {}，已有模型 {}').format(
                          plan.trainings, plan.waiting, plan.trained))
    output.say(choose('calls: {} checks, {} trainings and {} creations, which are paid',
                      '调用：核验 {} 次；付费：模型训练 {} 次，写真制作 {} 次').format(
                          plan.checks, plan.trainings, plan.creations))
    if left:
        output.say(choose('paid for before, portrait not at hand: {}; another `key` pays anew',
                          '此前已付费但写真文件不在：{}；更换 `key` 可重新付费制作').format(left))
    if plan.unsettled:
        output.say(choose(
            'in doubt: rows {} of the ledger left and have no answer; they and {} orders are left '
            'alone. See "ai-portrait history"; --again-unsettled sends them again',
            '结果未知：账本第 {} 行已发出但未收到响应；这些调用及 {} 个订单不予处理。请查看 "ai-portrait '
            'history"；--again-unsettled 可重新发送').format(
                ', '.join(map(str, plan.unsettled)), plan.states[IN_DOUBT]))


def _ask(output: "Output") -> None:
    question = choose('pay for this? [y/N]', '是否付费执行？[y/N]')
    if output.as_json or not (sys.stdin and sys.stdin.isatty()):
        raise ValueError(choose('nothing was sent: nobody can be asked here; look at the plan and '
                                'give --yes', '未发送任何请求：此处无法询问；请查看计划并使用 --yes'))
    write(sys.stdout, question)  # input() refuses what the terminal cannot show
    answer = sys.stdin.readline()
    if answer.strip().lower() not in ('y', 'yes', '是'):
        raise ValueError(choose('nothing was sent', '未发送任何请求'))


def _run(work: "Batch", plan: "Plan", out: str, connection: Connection) -> int:
    output = connection.output
    failed = []  # type: List[BatchResult]
    os.makedirs(out, exist_ok=True)
    report, sheet = os.path.join(out, REPORT), os.path.join(out, SHEET)
    code = exits.OK
    count = None if output.as_json else Count(plan.creations)
    if count:
        show = count.show
        work.on_tick = lambda _: show(work.counts[SAVED] + work.counts[BROKEN],
                                      _label(work, plan))
    try:
        with io.open(report, 'wb', buffering=0) as stream:
            lines = Lines(stream)
            for result in work:
                lines.write(json.dumps(result.to_dict()))
                if result.error is not None:
                    code = code or exits.code_of(result.error)
                    # What was not sent has its reason in another order.
                    is_told = result.state != NOT_SENT and len(failed) < MOST_LISTED
                    failed += [result] if is_told else []
    finally:
        if count:
            count.close()
        try:
            contact_sheet(report, sheet)
        except (OSError, ValueError) as error:
            warn(unwritten().format(sheet, error))
        output.keep(states=dict(work.counts), report=report, sheet=sheet)
        _explain(failed, work, connection)
        output.say(choose('report: {}, {}', '报告：{}，{}').format(report, sheet))
    return code


def _label(work: "Batch", plan: "Plan") -> str:
    return choose('{} people on the way, {} of {} portraits, {} failed',
                  '{} 人处理中，写真 {}/{}，失败 {}').format(
                      len(work.people), work.counts[SAVED], plan.creations, work.counts[BROKEN])


def _explain(failed: "List[BatchResult]", work: "Batch", connection: Connection) -> None:
    """Say what became of the orders, why some have no portrait, and how those in doubt go on."""
    output = connection.output
    for state, number in sorted(work.counts.items()):
        output.say('{:>7}  {}'.format(number, choose(*_STATES[state])))
    for result in failed:
        output.say('  {0[person]}, {0[template]}: {0[error][summary]}'.format(result.to_dict()))
    more = sum(work.counts.values()) - work.counts[SAVED] - work.counts[THERE] - len(failed)
    if more:
        output.say(choose('  ... and {} more', '  ……另有 {} 个').format(more))
    if work.counts[IN_DOUBT]:
        output.say(choose(
            'in doubt: rows {} of the ledger; see {}; to send them again, which may pay twice: '
            '{} --again-unsettled',
            '结果未知：账本第 {} 行；请查看 {}；重新发送（可能重复计费）：{} --again-unsettled').format(
                _in_doubt(connection.ledger), output.command_of('history'), output.go_on[0]))
