"""How a batch ends at a prompt: why orders have no portrait, what is in doubt, what goes on."""
from contextlib import suppress

from ..client.errors.ledger import LedgerError
from ..client.paid import say
from ..plan import IN_DOUBT, SAVED, THERE
from ..util.language import choose

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import List, Optional, Set
    from ..batch import Batch
    from ..ledger import Ledger
    from ..plan import BatchResult
    from .connection import Connection

#: Rows in doubt, and orders that failed, that are listed.
MOST_LISTED = 20


def at_a_prompt(text: str) -> str:
    """Return a text whose hints name an argument with the option instead."""
    for argument, option in (('check_template=False', '--no-template-check'),
                             ('overwrite=True, --force', '--force'),
                             ('overwrite=True、--force', '--force')):
        text = text.replace(argument, option)
    return text


def explain(failed: "List[BatchResult]", work: "Batch", connection: "Connection") -> None:
    """Say why orders have no portrait, and how those in doubt go on."""
    output, ledger = connection.output, connection.ledger
    rows = set()  # type: Set[int]
    for result in failed:
        output.say(at_a_prompt('  {0[person]}, {0[template]}: {0[error][summary]}'.format(
            result.to_dict())))
        if result.state == IN_DOUBT and ledger is not None:
            row = getattr(result.error, 'row', None)
            with suppress(LedgerError):
                rows.update(each.id for each in ([row] if row else ledger.standing(
                    'create', 'key', [result.key]) or ledger.standing(
                        'train', 'person', [result.order.person]))[-1:])
    more = sum(work.counts.values()) - work.counts[SAVED] - work.counts[THERE] - len(failed)
    if more:
        output.say(choose('  ... and {} more', '  ……另有 {} 个').format(more))
    if rows:
        output.keep(unsettled=sorted(rows))
        output.say(choose(
            'in doubt: rows {} of the ledger; see {}; to send them again, which may pay twice: '
            '{} --again-unsettled',
            '结果未知：账本第 {} 行；请查看 {}；重新发送（可能重复计费）：{} --again-unsettled').format(
                ', '.join(map(str, sorted(rows))), output.command_of('history'), output.go_on[0]))


def name_doubts(ledger: "Optional[Ledger]") -> None:
    """Name what Ctrl-C has left without an answer."""
    rows = ledger.unsettled(MOST_LISTED) if ledger is not None else []
    if not rows:
        return
    say(choose('paid calls were on their way and may be paid for: rows {} of the ledger',
               '付费调用已发出，可能已计费：账本第 {} 行').format(
                   ', '.join(str(row.id) for row in rows)))
