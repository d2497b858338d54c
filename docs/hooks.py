"""What the site's generator does beside its plugins: tables from the code, included files."""
import glob
import io
import os
import re
import sys

from mkdocs.structure.files import File

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.dirname(HERE)]

import markup  # noqa: E402
import render  # noqa: E402


def on_files(files, config):
    """Let the site carry the description of the HTTP API, which stands beside the pages."""
    files.append(File('openapi.yaml', HERE, config.site_dir, config.use_directory_urls))
    return files


def on_page_markdown(markdown, page, config, files):
    """Put files and tables in the place of their markers."""
    lang = page.file.src_uri.split('/')[0]
    text = render.replace_markers(render.INCLUDE.sub(_included, markdown), lang)
    return markup.join_chinese_lines(text)


def _included(match):
    with io.open(os.path.join(HERE, match.group(1)), encoding='utf-8') as stream:
        return markup.among_pages(stream.read())


def on_post_page(output, page, config):
    """Mend the switch of languages: no question for a sitemap, no address from the root.

    The theme's script asks every page for a sitemap, to find the same page in the other language;
    the links have that already. Those of the two first pages would fail below another folder.
    """
    output = re.sub(r'<link [^>]*rel="alternate"[^>]*>\s*', '', output)
    root = '..' if page.url == 'zh/' else '.'
    return re.sub(r'href="/((?:zh/)?)" hreflang', r'href="{}/\1" hreflang'.format(root), output)


def on_post_build(config):
    """Take the addresses out of the theme's script that it would load more scripts from.

    It does so for diagrams, which no page has, and for browsers of before 2020.
    """
    for path in glob.glob(os.path.join(config.site_dir, 'assets', 'javascripts', '*.js')):
        with io.open(path, encoding='utf-8') as stream:
            script = stream.read()
        with io.open(path, 'w', encoding='utf-8') as stream:
            stream.write(re.sub(r'https://unpkg\.com/[\w@./-]*|^//# sourceMappingURL=.*', '',
                                script, flags=re.MULTILINE))
    for path in glob.glob(os.path.join(config.site_dir, 'assets', '*', '*.map')):
        os.remove(path)
