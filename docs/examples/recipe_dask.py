"""One series of portraits, made by the workers of a Dask cluster; the ledger stays here."""
import os

from distributed import Client

from ai_service_python_sdk import ApiClient, Ledger, PortraitStudio

folder = os.environ['AI_SERVICE_HOST'] + '/files/'
photos = [folder + 'hopper_{}.jpg'.format(i) for i in range(5)]
template = folder + 'template_single_collins.jpg'


def main():
    # The cluster of DASK_SCHEDULER_ADDRESS, or else one of this computer.
    with ApiClient.from_env() as client, Ledger('orders.sqlite') as ledger, Client() as dask:
        studio = PortraitStudio(client, ledger=ledger)
        if not ledger.standing('train', 'key', ['hopper']):  # not paid for yet
            studio.check(photos)
        model = studio.train(photos, key='hopper')
        tasks = [(model, template, {'sharp_ratio': ratio}, 'hopper_{}'.format(ratio),
                  'portrait_hopper_{}.jpg'.format(ratio)) for ratio in (0.1, 0.2, 0.3)]
        for result in studio.create_many(tasks, concurrency=2, executor=dask.get_executor()):
            if not result.ok:       # the portraits are in their files
                print(result.key, result.error)


if __name__ == '__main__':
    main()
