"""What the site's generator does beside its plugins: shared files, a switch of languages."""
import os
import posixpath
import sys

from mkdocs.structure.files import File

HERE = os.path.dirname(os.path.abspath(__file__))
PAGES = os.path.join(HERE, 'pages')
sys.path[:0] = [HERE, os.path.dirname(HERE)]

# facts: docstrings.py finds it among the modules that are loaded.
import facts  # noqa: E402, F401
import markup  # noqa: E402

#: Where each language begins, seen from the site's root.
HOMES = (('en', 'English', ''), ('zh', '中文', 'zh/'))


def on_files(files, config):
    """Let the site of a language carry pictures, styles and the description of the HTTP API."""
    for folder in ('assets', 'theme'):
        for name in sorted(os.listdir(os.path.join(PAGES, folder))):
            files.append(File(folder + '/' + name, PAGES, config.site_dir, True))
    files.append(File('openapi.yaml', HERE, config.site_dir, True))
    return files


def on_nav(nav, config, files):
    """Name the sections of the menu in the language of the site."""
    for section in nav.items:
        section.title = config.extra['sections'].get(section.title, section.title)
    return nav


def on_page_markdown(markdown, page, config, files):
    """Give the generator what a repository page needs no plugin for."""
    return markup.for_site(markdown, page.file.src_uri.count('/'))


def on_page_context(context, page, config, nav):
    """Let the switch of languages lead to the same page in the other language."""
    here = posixpath.join('/', dict((lang, home) for lang, _, home in HOMES)[
        config.theme['language']], page.url)
    context['languages'] = [
        {'name': name, 'lang': lang,
         'link': posixpath.relpath(posixpath.join('/', home, page.url), here) + '/'}
        for lang, name, home in HOMES]
    return context
