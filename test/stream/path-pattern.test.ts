import assert from 'node:assert/strict';
import fc from 'fast-check';
import picomatch from 'picomatch';
import { osqueryPattern } from '../../src/stream/osquery-pattern.ts';
import { PathPattern } from '../../src/stream/path-pattern.ts';

const cases: readonly (readonly [string, readonly string[], readonly string[]])[] = [
  ['/tmp', ['/tmp'], ['/tmp/x', '/tmpfoo', '/tm']],
  ['/tmp/', ['/tmp/x', '/tmp/a/b'], ['/tmp', '/tmpfoo', '/tmp/']],
  ['/tmp/**', ['/tmp/x', '/tmp/a/b', '/tmp/.x'], ['/tmp', '/tmpfoo']],
  ['/tmp/*', ['/tmp/x', '/tmp/.x'], ['/tmp', '/tmp/a/b']],
  ['/a/*.log', ['/a/x.log', '/a/.log'], ['/a/x.logs', '/a/b/x.log']],
  ['/a/**/b', ['/a/b', '/a/x/b', '/a/x/y/b'], ['/a/xb', '/a/b/c', '/b']],
  ['/a/*/', ['/a/b/c'], ['/a/b']],
  ['**/id_rsa', ['/id_rsa', '/root/.ssh/id_rsa'], ['/x_id_rsa', '/id_rsa/x']],
  ['/a/**/.ssh/**', ['/a/.ssh/k', '/a/b/.ssh/k/l'], ['/a/.ssh', '/a/ssh/k']],
  ['/a?c', ['/abc', '/aéc', '/a😀c'], ['/ac', '/a/c', '/abbc']],
  ['/x{a,b}/**', ['/xa/q', '/xb/q/r'], ['/xa', '/xc/q']],
  ['/[a-c]*', ['/a', '/cat'], ['/dog']],
  ['/usr/lib/g++', ['/usr/lib/g++'], ['/usr/lib/g']],
  ['/a (1)/*', ['/a (1)/x'], ['/a 1/x']],
  ['/[a](1)+', ['/a(1)+'], ['/a1', '/a11']],
  ['/\\*', ['/*'], ['/a']],
];

describe('PathPattern', () => {
  for (const [pattern, yes, no] of cases) {
    it(`${pattern} matches ${yes.join(' ')} and not ${no.join(' ')}`, () => {
      const compiled = new PathPattern(pattern);
      for (const path of yes) assert.ok(compiled.matchesText(path), path);
      for (const path of no) assert.ok(!compiled.matchesText(path), path);
    });
  }

  // Few letters, so that random paths do match.
  const folder = fc.string({ unit: fc.constantFrom('a', 'b', '.'), minLength: 1, maxLength: 4 });
  const path = fc.array(folder, { minLength: 1, maxLength: 5 }).map((f) => `/${f.join('/')}`);
  const patternFolder = fc.oneof(
    fc.constant('**'),
    fc.constant('*'),
    fc
      .string({ unit: fc.constantFrom('a', 'b', '.', '*', '?'), minLength: 1, maxLength: 4 })
      // Runs of stars inside a name mean one star here; picomatch reads *** in its own way.
      .map((name) => name.replace(/\*{2,}/g, '*')),
  );
  const pattern = fc
    .array(patternFolder, { minLength: 1, maxLength: 5 })
    .map((f) => `/${f.join('/')}`);

  /** Where our language differs on purpose: `x/**` is what is below x and not x itself; and the
   * two slashes of a leading `/**` + `/a` may be one, as they may be anywhere else in a pattern. */
  const reference = (text: string, candidate: string): boolean => {
    const glob = (part: string): boolean =>
      picomatch(part, { dot: true, nonegate: true, noextglob: true })(candidate) ||
      (part.startsWith('/**/') && glob(part.slice(3)));
    return glob(text.endsWith('/**') ? `${text}/*` : text);
  };

  it('agrees with picomatch', () => {
    fc.assert(
      fc.property(pattern, path, (text, candidate) => {
        // picomatch refuses names of dots alone, which no path from the kernel has.
        fc.pre(!candidate.split('/').some((name) => /^\.+$/.test(name)));
        assert.equal(
          new PathPattern(text).matchesText(candidate),
          reference(text, candidate),
          `${text} ${candidate}`,
        );
      }),
      { numRuns: 20_000 },
    );
  });

  it('matches paths that are not UTF-8', () => {
    const bytes = Buffer.from([0x2f, 0x61, 0x2f, 0xff, 0xfe, 0x2f, 0x62]);
    const matches = (text: string) => new PathPattern(text).matches(bytes, 0, bytes.length);
    assert.ok(matches('/a/'));
    assert.ok(matches('/a/*/b'));
    assert.ok(matches('/a/??/b'));
    assert.ok(!matches('/a/?/b'));
  });

  it('looks only at its part of the bytes', () => {
    const bytes = Buffer.from('xx/tmp/ayy');
    assert.ok(new PathPattern('/tmp/a').matches(bytes, 2, 8));
    assert.ok(!new PathPattern('/tmp/ay').matches(bytes, 2, 8));
  });

  it('takes work in proportion to path times pattern, whatever names are chosen', () => {
    // With backtracking over every star this would not end.
    const hostile = `/${'a'.repeat(255)}`.repeat(15);
    assert.ok(!new PathPattern(`/${'*a'.repeat(100)}*b`).matchesText(`/${'a'.repeat(255)}`));
    assert.ok(!new PathPattern(`/${'**/a*a*/'.repeat(12)}b`).matchesText(hostile));
  });
});

describe('osqueryPattern', () => {
  it('reads % as one level and %% as all below', () => {
    assert.ok(osqueryPattern('/etc/%').matchesText('/etc/passwd'));
    assert.ok(!osqueryPattern('/etc/%').matchesText('/etc/ssh/sshd_config'));
    assert.ok(osqueryPattern('/etc/%%').matchesText('/etc/ssh/sshd_config'));
    assert.ok(osqueryPattern('/etc/%.conf').matchesText('/etc/host.conf'));
    assert.ok(osqueryPattern('/home/%/.ssh/%%').matchesText('/home/eve/.ssh/authorized_keys'));
    assert.ok(osqueryPattern('/etc/**').matchesText('/etc/ssh/sshd_config'));
  });
});
