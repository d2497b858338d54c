"""A web service of portraits: uvicorn recipe_fastapi:app --timeout-graceful-shutdown 60"""
import hashlib
import os
from contextlib import asynccontextmanager

from fastapi import FastAPI, HTTPException, responses

from ai_service_python_sdk import (
    ApiException, FaceCountError, ImageCheckError, InvalidInputError, Ledger, ThrottledError, aio)

UNFIT = ImageCheckError, InvalidInputError, FaceCountError


@asynccontextmanager
async def life(app):
    os.makedirs('portraits', exist_ok=True)
    client, app.state.ledger = aio.ApiClient.from_env(), Ledger('orders.sqlite')
    app.state.studio = aio.PortraitStudio(client, ledger=app.state.ledger)
    yield
    print('still out:', await client.close(timeout=20))

app = FastAPI(lifespan=life)


@app.exception_handler(ApiException)
async def failed(request, error):
    language = 'zh' if request.headers.get('accept-language', '').startswith('zh') else 'en'
    kinds = ((ThrottledError, 503), (UNFIT, 422), (ApiException, 502))
    status = next(status for kind, status in kinds if isinstance(error, kind))
    headers = {'Retry-After': str(int(error.retry_after or 30))} if status == 503 else {}
    return responses.JSONResponse(error.to_dict(language), status, headers)


@app.exception_handler(ValueError)
async def refused(request, error):
    return responses.JSONResponse({'summary': str(error)}, 422)


@app.post('/models/{person}', status_code=202)
async def train(person: str, photos: list[str]):
    await app.state.studio.check(photos)
    # The same person again gets the same training: it is paid for once.
    model = await app.state.studio.train(photos, person=person, key=person, wait=False)
    return model.to_dict()


@app.get('/models/{person}')
async def look(person: str):
    return {'state': (await app.state.studio.look(model_of(person))).state}


def model_of(person):
    row = app.state.ledger.find(person, 'train')
    if row is None or row.model_id is None:
        raise HTTPException(404, 'no model of this person')
    return row


@app.post('/portraits/{person}/{order}')
async def create(person: str, order: str, template: str):
    key = '{}/{}'.format(person, order)
    # What strangers send may not name files: it could lead elsewhere, or be another order's.
    path = 'portraits/{}.jpg'.format(hashlib.sha256(key.encode()).hexdigest())
    try:
        portrait = await app.state.studio.create(
            model_of(person), template, key=key, save_to=path)
    except OSError as error:    # a full disk: the picture is paid for, and at hand
        portrait = getattr(error, 'portrait', None)
        if portrait is None:
            raise
    return responses.Response(portrait.image_bytes, media_type=portrait.media_type,
                              headers={'X-Request-Id': portrait.request_id or ''})
