"""A web service of portraits: uvicorn recipe_fastapi:app --timeout-graceful-shutdown 60"""
import os
from contextlib import asynccontextmanager
from hashlib import sha256

from fastapi import FastAPI, HTTPException, responses

from ai_service_python_sdk import (
    ApiException, FaceCountError, ImageCheckError, InvalidInputError, Ledger, ThrottledError, aio)

STATUSES = [(ThrottledError, 503), (ImageCheckError, 422), (InvalidInputError, 422),
            (FaceCountError, 422), (ApiException, 502), (ValueError, 422)]


@asynccontextmanager
async def life(app):
    os.makedirs('portraits', exist_ok=True)
    client, app.state.ledger = aio.ApiClient.from_env(), Ledger('orders.sqlite')
    app.state.studio = aio.PortraitStudio(client, ledger=app.state.ledger)
    yield
    print('still out:', await client.close(timeout=20))

app = FastAPI(lifespan=life)


@app.exception_handler(ApiException)
@app.exception_handler(ValueError)
async def failed(request, error):
    language = 'zh' if request.headers.get('accept-language', '').startswith('zh') else 'en'
    status = next(status for kind, status in STATUSES if isinstance(error, kind))
    headers = {'Retry-After': str(int(error.retry_after or 30))} if status == 503 else {}
    shown = error.to_dict(language) if isinstance(error, ApiException) else {'summary': str(error)}
    return responses.JSONResponse(shown, status, headers)


@app.post('/models/{guest}', status_code=202)  # by number: two guests may have one name
async def train(guest: str, photos: list[str]):
    await app.state.studio.check(photos)
    return (await app.state.studio.train(photos, person=guest, key=guest, wait=False)).to_dict()


def model_of(guest):
    row = app.state.ledger.find(guest, 'train')
    if row is None or row.model_id is None:
        raise HTTPException(404, 'no model of this guest')
    return row


@app.get('/models/{guest}')
async def look(guest: str):
    return {'state': (await app.state.studio.look(model_of(guest))).state}


@app.post('/portraits/{guest}/{order}')
async def create(guest: str, order: str, template: str):
    key = '{}/{}'.format(guest, order)
    path = 'portraits/{}.jpg'.format(sha256(key.encode()).hexdigest())  # strangers name no files
    portrait = await app.state.studio.create(model_of(guest), template, key=key, save_to=path)
    return responses.FileResponse(path, headers={'X-Request-Id': portrait.request_id or ''})
