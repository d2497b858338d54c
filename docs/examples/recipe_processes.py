"""One series of portraits, made by the processes of this computer; the ledger stays here."""
import multiprocessing
import os
from concurrent.futures import ProcessPoolExecutor

from ai_service_python_sdk import ApiClient, Ledger, PortraitStudio

folder = os.environ['AI_SERVICE_HOST'] + '/files/'
photos = [folder + 'hopper_{}.jpg'.format(i) for i in range(5)]
template = folder + 'template_single_collins.jpg'


def main():
    fresh = multiprocessing.get_context('spawn')
    with ApiClient.from_env() as client, Ledger('orders.sqlite') as ledger, \
            ProcessPoolExecutor(2, mp_context=fresh) as pool:
        studio = PortraitStudio(client, ledger=ledger)
        if not ledger.standing('train', 'key', ['hopper']):  # not paid for yet
            studio.check(photos)
        model = studio.train(photos, key='hopper')
        tasks = [(model, template, {'sharp_ratio': ratio}, 'hopper_{}'.format(ratio),
                  'portrait_hopper_{}.jpg'.format(ratio)) for ratio in (0.1, 0.2, 0.3)]
        for result in studio.create_many(tasks, concurrency=2, executor=pool):
            if not result.ok:       # the portraits are in their files
                print(result.key, result.error)


if __name__ == '__main__':
    main()
