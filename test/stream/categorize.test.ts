import assert from 'node:assert/strict';
import { of } from 'rxjs';
import { categorize } from '../../src/stream/categorize.ts';
import { StreamGuard } from '../../src/stream/guard.ts';
import { eventBatch, type Row, selectedValues } from '../helpers/batch.ts';

type Categories = Record<string, string[]>;

function categories(rows: Row[], filePaths: Categories, excludePaths: Categories = {}): unknown[] {
  const guard = new StreamGuard((_operator, error) => assert.fail(String(error)));
  const batch = eventBatch('file', rows);
  of(batch).pipe(categorize({ guard, filePaths, excludePaths })).subscribe();
  return selectedValues(batch, 'category');
}

const created = (path: string): Row => ({ action: 'create', target_path: path });

describe('categorize', () => {
  it('names the first category that holds', () => {
    const paths = ['/etc/passwd', '/etc/ssh/sshd_config', '/home/a/.ssh/id', '/tmp/x'].map(created);
    assert.deepEqual(
      categories(paths, { ssh: ['/etc/ssh/%', '/home/%/.ssh/%%'], etc: ['/etc/%%'] }),
      ['etc', 'ssh', 'ssh', null],
    );
  });

  it('honours exclude_paths of that category only', () => {
    const rows = [created('/etc/mtab'), created('/etc/passwd')];
    const filePaths = { etc: ['/etc/%%'], all: ['/%%'] };
    assert.deepEqual(categories(rows, filePaths, { etc: ['/etc/mtab'] }), ['all', 'etc']);
    assert.deepEqual(categories(rows, filePaths, { all: ['/etc/mtab'] }), ['etc', 'etc']);
  });

  it('looks at the new name of renames and links, not at what a symlink points to', () => {
    const moved = (action: string): Row => ({
      action,
      target_path: '/tmp/x',
      dest_path: '/etc/cron.d/x',
    });
    const rows = [moved('rename'), moved('link'), moved('symlink')];
    assert.deepEqual(categories(rows, { etc: ['/etc/%%'] }), ['etc', 'etc', null]);
  });

  it('leaves other classes, and everything without file_paths, alone', () => {
    assert.deepEqual(categories([created('/etc/x')], {}), [null]);
    const guard = new StreamGuard((_operator, error) => assert.fail(String(error)));
    const batch = eventBatch('process', [{ path: '/etc/x' }]);
    of(batch)
      .pipe(categorize({ guard, filePaths: { etc: ['/etc/%%'] }, excludePaths: {} }))
      .subscribe();
    assert.equal(batch.streamColumns.length, 0);
  });

  it('sees through dots and double slashes of the caller', () => {
    const paths = ['/home/eve/../../etc/passwd', '/etc//./passwd', '/etc/../tmp/x'].map(created);
    assert.deepEqual(categories(paths, { etc: ['/etc/passwd', '/etc/x'] }), ['etc', 'etc', null]);
    assert.deepEqual(categories(paths, { etc: ['/etc/%%'] }), ['etc', 'etc', null]);
  });

  it('matches names that are not UTF-8', () => {
    const path = Buffer.concat([Buffer.from('/etc/'), Buffer.of(0xff, 0x0a)]);
    assert.deepEqual(categories([{ action: 'create', target_path: path }], { etc: ['/etc/%'] }), [
      'etc',
    ]);
  });
});
