"""One series of portraits, made by the workers of a Ray cluster; the ledger stays here."""
import os
from concurrent.futures import Executor

import ray

from ai_service_python_sdk import ApiClient, Ledger, PortraitStudio

folder = os.environ['AI_SERVICE_HOST'] + '/files/'
photos = [folder + 'hopper_{}.jpg'.format(i) for i in range(5)]
template = folder + 'template_single_collins.jpg'


@ray.remote(max_retries=0)      # by itself Ray makes a call again whose worker has died
def run(call, args, options):
    return call(*args, **options)


class RayExecutor(Executor):
    def submit(self, call, *args, **options):
        return run.remote(call, args, options).future()


def main():
    ray.init()                  # the cluster of RAY_ADDRESS, or else one of this computer
    with ApiClient.from_env() as client, Ledger('orders.sqlite') as ledger:
        studio = PortraitStudio(client, ledger=ledger)
        if not ledger.standing('train', 'key', ['hopper']):  # not paid for yet
            studio.check(photos)
        model = studio.train(photos, key='hopper')
        tasks = [(model, template, {'sharp_ratio': ratio}, 'hopper_{}'.format(ratio),
                  'portrait_hopper_{}.jpg'.format(ratio)) for ratio in (0.1, 0.2, 0.3)]
        for result in studio.create_many(tasks, concurrency=2, executor=RayExecutor()):
            if not result.ok:       # the portraits are in their files
                print(result.key, result.error)
    ray.shutdown()


if __name__ == '__main__':
    main()
