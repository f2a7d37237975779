import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

const ROOT = new URL('../../', import.meta.url).pathname;

/** Documents of the repository. */
function documents(): string[] {
  const others = ['node_modules', 'build', '.git'];
  return globSync('**/*.md', { cwd: ROOT, exclude: (name) => others.includes(name) });
}

/** Text without what stands in code, where brackets are no links. */
function prose(markdown: string): string {
  return markdown.replaceAll(/^(```|~~~).*?^\1/gms, '').replaceAll(/`[^`\n]*`/g, '');
}

/** What a heading is called in an address, as GitHub makes it. */
function anchors(markdown: string): Set<string> {
  const seen = new Map<string, number>();
  const found = new Set<string>();
  for (const [, title = ''] of markdown
    .replaceAll(/^(```|~~~).*?^\1/gms, '')
    .matchAll(/^#+ (.*)$/gm)) {
    const slug = title
      .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-');
    const times = seen.get(slug) ?? 0;
    seen.set(slug, times + 1);
    found.add(times === 0 ? slug : `${slug}-${times}`);
  }
  return found;
}

describe('documents', () => {
  const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8');
  const all = documents();

  it('every link leads somewhere', () => {
    const broken: string[] = [];
    for (const file of all) {
      for (const [, to = ''] of prose(read(file)).matchAll(/\]\(<?([^)\s>]+)>?[^)]*\)/g)) {
        if (/^[a-z]+:/i.test(to)) continue;
        const [path = '', anchor] = to.split('#');
        const target = path === '' ? file : normalize(join(dirname(file), decodeURI(path)));
        if (!existsSync(join(ROOT, target))) broken.push(`${file}: ${to}`);
        else if (anchor !== undefined && !anchors(read(target)).has(anchor))
          broken.push(`${file}: ${to}: no such heading`);
      }
    }
    assert.ok(all.length > 20);
    assert.deepEqual(broken, []);
  });

  it('every place of the repository that is named is there', () => {
    const named = /`((?:src|addon|bpf|bench|docs|packaging|queries|scripts|test)\/[\w./*{},-]*)`/g;
    const missing: string[] = [];
    let places = 0;
    for (const file of all) {
      for (const [, place = ''] of read(file).matchAll(named)) {
        places++;
        if (globSync(place.replace(/\/$/, ''), { cwd: ROOT }).length === 0)
          missing.push(`${file}: ${place}`);
      }
    }
    assert.ok(places > 50);
    assert.deepEqual(missing, []);
  });

  it('the overview names every decision and every folder of sources', () => {
    const overview = read('docs/architecture.md');
    const decisions = globSync('docs/decisions/*.md', { cwd: ROOT });
    const folders = globSync(['src/*/', 'addon/*/'], { cwd: ROOT })
      .map((folder) => folder.replace(/\/$/, ''))
      .filter((folder) => folder !== 'addon/build');
    const left = [
      ...decisions.filter((file) => !overview.includes(`(${file.replace('docs/', '')})`)),
      ...folders.filter((folder) => !overview.includes(`\`${folder}/\``)),
    ];
    assert.deepEqual(left, []);
  });
});
