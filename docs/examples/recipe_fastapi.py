"""A web service of portraits: uvicorn recipe_fastapi:app --timeout-graceful-shutdown 60"""
import hashlib
import os
from contextlib import asynccontextmanager

from fastapi import FastAPI, Response
from fastapi.responses import JSONResponse

from ai_service_python_sdk import ApiException, InvalidInputError, Ledger, ThrottledError, aio


async def keep(result):
    print('paid, and nobody waits for it any more:', result)    # the ledger has its ids


@asynccontextmanager
async def life(app):
    os.makedirs('portraits', exist_ok=True)
    client = aio.ApiClient.from_env(on_unclaimed=keep)
    app.state.studio = aio.PortraitStudio(client, ledger=Ledger('orders.sqlite'))
    yield
    print('still out:', await client.close(timeout=20))

app = FastAPI(lifespan=life)


@app.exception_handler(ApiException)
async def failed(request, error):
    language = 'zh' if request.headers.get('accept-language', '').startswith('zh') else 'en'
    status = 503 if isinstance(error, ThrottledError) else (
        422 if isinstance(error, InvalidInputError) else 502)
    headers = {'Retry-After': str(int(error.retry_after or 30))} if status == 503 else {}
    return JSONResponse(error.to_dict(language), status, headers)


@app.exception_handler(ValueError)
async def refused(request, error):
    return JSONResponse({'summary': str(error)}, 422)


@app.post('/models/{person}', status_code=202)
async def train(person: str, photos: list[str]):
    await app.state.studio.check(photos)
    # The same person again gets the same training: it is paid for once.
    model = await app.state.studio.train(photos, person=person, key=person, wait=False)
    return model.to_dict()


@app.get('/models/{person}')
async def look(person: str):
    return {'state': (await app.state.studio.look(person)).state}


@app.post('/portraits/{person}/{order}')
async def create(person: str, order: str, template: str):
    key = '{}/{}'.format(person, order)
    # What strangers send is no name of a file: it may lead elsewhere, or be another order's.
    name = hashlib.sha256(key.encode()).hexdigest() + '.jpg'
    try:
        portrait = await app.state.studio.create(
            person, template, key=key, save_to=os.path.join('portraits', name))
    except OSError as error:    # the disk is full: the picture is paid for and at hand
        portrait = getattr(error, 'portrait', None)
        if portrait is None:
            raise
    return Response(portrait.image_bytes, media_type=portrait.media_type,
                    headers={'X-Request-Id': portrait.request_id or ''})
