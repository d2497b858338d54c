"""``ai-portrait batch``: many orders, with a plan, a report and a contact sheet."""
import io
import json
import os
import sys

from ..client.paid import say, warn
from ..contact_sheet import Lines, contact_sheet, is_of_a_batch
from ..orders import REPORT, SHEET, OrderError, Orders
from ..plan import BROKEN, IN_DOUBT, LOST, NOT_SENT, SAVED, THERE
from ..progress import Count
from ..util.files import check_place
from ..util.language import translate
from . import exits
from .connection import Connection
from .output import at_a_prompt, words_of, write

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from argparse import Namespace
    from typing import Any, Callable, List
    from ..batch import Batch
    from ..plan import BatchResult, Plan
    from .output import Output

#: Seconds after Ctrl-C in which calls that are under way can still be settled.
GRACE = 0.4
#: Rows in doubt, and orders that failed, that are listed.
MOST_LISTED = 20
#: Options that the line to go on with repeats; without ``--yes`` it asks before it pays.
_KEPT = ('out', 'any_count', 'no_template_check', 'keep_uploads', 'timeout', 'interval',
         'concurrency', 'trainings')
#: How people read the states of results.
_STATES = {
    SAVED: 'made and saved', THERE: 'there from before',
    LOST: 'paid for before, portrait not at hand',
    IN_DOUBT: 'in doubt, left alone', NOT_SENT: 'not sent',
    BROKEN: 'failed'}


def batch(options: "Namespace", output: "Output") -> int:
    """Plan the orders of a file, ask, make their portraits, and report."""
    with Connection(options, output) as connection:
        has_files = options.emulator or connection.uploads is not None
        orders = Orders(options.orders, has_files)
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
        report, sheet = (os.path.join(options.out, name) for name in (REPORT, SHEET))
        for path in (report, sheet):
            if os.path.isfile(path) and not options.force:
                check_place(path, is_of_a_batch)
        if options.dry_run:
            return exits.OK
        if plan.checks + plan.trainings + plan.creations and not options.yes:
            _ask(output)
        os.makedirs(options.out, exist_ok=True)
        output.go_on = [output.command_of('batch', options.orders, *words_of(options, *_KEPT))]
        ledger = connection.ledger  # type: Any
        others = set(row.id for row in ledger.unsettled()).difference(plan.unsettled, plan.again)

        def in_doubt() -> str:
            rows = [str(row.id) for row in ledger.unsettled() if row.id not in others]
            return ', '.join(rows[:MOST_LISTED])
        try:
            return _run(work, plan, report, sheet, output, in_doubt)
        except KeyboardInterrupt:
            if not work.settle(GRACE):
                say(translate('paid calls were on their way and may be paid for: rows {} of the '
                              'ledger', in_doubt()))
            raise


def _show(plan: "Plan", output: "Output") -> None:
    lost = plan.states[LOST]
    output.say(translate('orders: {} ({} there already)', plan.orders, plan.states[THERE]))
    output.say(translate('people: {} to train, {} in training, {} with a model', plan.trainings,
                         plan.waiting, plan.trained))
    output.say(translate('calls: {} checks, {} trainings and {} creations, which are paid',
                         plan.checks, plan.trainings, plan.creations))
    if lost:
        output.say(translate('paid for before, portrait not at hand: {}; another `key` pays anew',
                             lost))
    if plan.unsettled:
        output.say(translate('in doubt: rows {} of the ledger left and have no answer; they and '
                             '{} orders are left alone. See "ai-portrait history"; '
                             '--again-unsettled sends them again',
                             ', '.join(map(str, plan.unsettled)), plan.states[IN_DOUBT]))


def _ask(output: "Output") -> None:
    question = translate('pay for this? [y/N]')
    if output.as_json or not (sys.stdin and sys.stdin.isatty()):
        raise ValueError(translate('nothing was sent: there is no terminal to ask at; look at the '
                                   'plan and give --yes'))
    write(sys.stdout, question)  # input() refuses what the terminal cannot show
    answer = sys.stdin.readline()
    if answer.strip().lower() not in ('y', 'yes', '是'):
        raise ValueError(translate('nothing was sent'))


def _run(work: "Batch", plan: "Plan", report: str, sheet: str, output: "Output",
         in_doubt: "Callable[[], str]") -> int:
    failed = []  # type: List[BatchResult]
    code = exits.OK
    count = None if output.as_json else Count(plan.creations)
    if count:
        show = count.show
        work.on_tick = lambda _: show(
            work.counts[SAVED] + work.counts[BROKEN], translate(
                '{} people on the way, {} of {} portraits, {} failed', len(work.people),
                work.counts[SAVED], plan.creations, work.counts[BROKEN]))
    try:
        with io.open(report, 'wb', buffering=0) as stream:
            lines = Lines(stream)
            for result in work:
                lines.write(at_a_prompt(json.dumps(result.to_dict())))
                if result.error is not None:
                    code = code or exits.code_of(result.error)
                    # The error of an order that was not sent only repeats that of another order.
                    is_told = result.state != NOT_SENT and len(failed) < MOST_LISTED
                    failed += [result] if is_told else []
    finally:
        if count:
            count.close()
        try:
            contact_sheet(report, sheet)
        except (OSError, ValueError) as error:
            warn(translate('{} cannot be written: {}', sheet, error))
        output.keep(states=dict(work.counts), report=report, sheet=sheet)
        _explain(failed, work, output, in_doubt)
        output.say(translate('report: {}, {}', report, sheet))
    return code


def _explain(failed: "List[BatchResult]", work: "Batch", output: "Output",
             in_doubt: "Callable[[], str]") -> None:
    """Print how many orders ended in each state, the failed ones, and how to go on with doubts."""
    for state, number in sorted(work.counts.items()):
        output.say('{:>7}  {}'.format(number, translate(_STATES[state])))
    for result in failed:
        output.say('  {0[person]}, {0[template]}: {0[error][summary]}'.format(result.to_dict()))
    more = sum(work.counts.values()) - work.counts[SAVED] - work.counts[THERE] - len(failed)
    if more:
        output.say(translate('  ... and {} more', more))
    rows = in_doubt() if work.counts[IN_DOUBT] else ''
    if rows:
        output.say(translate('in doubt: rows {} of the ledger; see {}; to send them again, which '
                             'may pay twice: {} --again-unsettled', rows,
                             output.command_of('history'), output.go_on[0]))
