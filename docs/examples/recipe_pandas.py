"""A table of orders in, the same table with portraits, request ids and errors out."""
import os

import pandas

from ai_service_python_sdk import ApiClient, Ledger, PortraitStudio

folder = os.environ['AI_SERVICE_HOST'] + '/files/'
orders = pandas.DataFrame({
    'order': ['a1', 'a2', 'a3'], 'person': ['hopper', 'collins', 'collins'],
    'template': ['template_single_collins.jpg', 'template_single_hopper.jpg', 'noface_coffee.jpg'],
    'sharp_ratio': [0.1, 0.2, 0.3]})

with ApiClient.from_env() as client, Ledger('orders.sqlite') as ledger:
    studio = PortraitStudio(client, ledger=ledger)
    for person in orders['person'].unique():
        photos = [folder + '{}_{}.jpg'.format(person, i) for i in range(5)]
        if not ledger.standing('train', 'key', [person]):  # not paid for yet
            studio.check(photos)
        studio.train(photos, person=person, key=person)
    tasks = ((row.person, folder + row.template, {'sharp_ratio': row.sharp_ratio}, row.order,
              'portrait_{}.jpg'.format(row.order)) for row in orders.itertuples())
    rows = []
    for result in studio.create_many(tasks):
        row = {'order': result.key, 'file': None, 'request_id': None, 'error': None}
        if result.ok:
            row.update(file=result.task[4], request_id=result.portrait.request_id)
        else:
            row.update(error=getattr(result.error, 'summary', str(result.error)))
        rows.append(row)

done = orders.merge(pandas.DataFrame(rows), on='order')
done.to_csv('done.csv', index=False)
print(done[['order', 'file', 'error']].to_string())
