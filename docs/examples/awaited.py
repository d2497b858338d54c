"""The same in asyncio: two trainings at the same time (Python 3.8 or newer)."""
import asyncio
import os

from ai_service_python_sdk import aio

folder = os.environ['AI_SERVICE_HOST'] + '/files/'


def photos_of(name):
    return [folder + '{}_{}.jpg'.format(name, i) for i in range(5)]


async def main():
    async with aio.ApiClient.from_env() as client:
        studio = aio.PortraitStudio(client)
        hopper, collins = await asyncio.gather(
            studio.train(photos_of('hopper'), save_to='awaited_hopper.json'),
            studio.train(photos_of('collins'), save_to='awaited_collins.json'))
        portrait = await studio.create([hopper, collins], folder + 'template_two.jpg')
        portrait.save('portrait.jpg')


asyncio.run(main())
