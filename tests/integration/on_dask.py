"""Portraits by two workers of Dask, one of which dies: on_dask.py LEDGER MODEL TEMPLATE"""
import sys

from distributed import Client, LocalCluster
from mortal import Mortal

from ai_service_python_sdk import ApiClient, Ledger, PortraitStudio


def main(path, model, template):
    tasks = [(model, template, {'sharp_ratio': ratio}, key) for key, ratio in (
        ('first', 0.3), ('fatal', 0.66), ('same', 0.3), ('last', 0.4))]
    with ApiClient.from_env() as client, Ledger(path) as ledger, LocalCluster(
            n_workers=2, threads_per_worker=1, host='127.0.0.1',
            dashboard_address=None) as cluster, Client(cluster) as dask:
        results = list(PortraitStudio(client, ledger=ledger).create_many(
            tasks, 2, executor=dask.get_executor(), factory=Mortal(client.host)))
    print(dict((result.key, result.error and type(result.error).__name__) for result in results))


if __name__ == '__main__':
    main(*sys.argv[1:])
