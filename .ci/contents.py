"""Look into a wheel and an sdist: all of the package, no tests, no pictures in the wheel."""
import sys
import tarfile
import zipfile


def main(wheel, sdist):
    names = zipfile.ZipFile(wheel).namelist()
    odd = [name for name in names
           if not name.startswith('ai_service_python_sdk') or '/tests/' in name
           or name.endswith(('.jpg', '.png', '.pyc'))]
    needed = ['ai_service_python_sdk/' + name for name in (
        'py.typed', 'client/typed_methods.pyi', 'client/api_client.py',
        'client/models/response.py', 'emulator/server.py', 'emulator/page.html',
        'emulator/page.css', 'emulator/page.js', 'util/zh.json')]
    missing = [name for name in needed if name not in names]
    with tarfile.open(sdist) as archive:
        inside = [name.split('/', 1)[-1] for name in archive.getnames()]
    missing += [name for name in ('setup.cfg', 'setup.py', 'README.md', 'LICENSE')
                if name not in inside]
    print('{} files in the wheel; odd: {}; missing: {}'.format(len(names), odd, missing))
    return bool(odd or missing)


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
