import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { zstdDecompressSync } from 'node:zlib';
import { LogFile, type Rotation } from '../../../src/results/sinks/log-file.ts';
import { makeScratch, removeScratch } from '../../helpers/scratch.ts';

describe('LogFile', () => {
  let folder: string;
  let file: LogFile;

  beforeEach(() => {
    folder = makeScratch();
  });

  afterEach(async () => {
    await file.close();
    removeScratch(folder);
  });

  function make(rotation: Partial<Rotation> = {}): LogFile {
    const all = { maxBytes: 10, keep: 2, compress: false, ...rotation };
    file = new LogFile(join(folder, 'log'), all);
    return file;
  }

  const names = (): string[] => readdirSync(folder).sort();
  const text = (name: string): string => readFileSync(join(folder, name), 'utf8');

  it('keeps so many older files and no more', async () => {
    make();
    for (const line of ['one-one', 'two-two', 'three', '4', 'five-five']) await file.append([line]);
    assert.deepEqual(names(), ['log', 'log.1', 'log.2']);
    assert.deepEqual(['log', 'log.1', 'log.2'].map(text), [
      'five-five\n',
      'three\n4\n',
      'two-two\n',
    ]);
    assert.equal(statSync(join(folder, 'log')).mode & 0o777, 0o640);
  });

  it('makes its folder for its group, too, whatever the umask', async () => {
    const before = process.umask(0o077);
    try {
      file = new LogFile(join(folder, 'made', 'log'), { maxBytes: 10, keep: 2, compress: false });
      await file.append(['one']);
    } finally {
      process.umask(before);
    }
    assert.equal(statSync(join(folder, 'made')).mode & 0o777, 0o750);
    assert.equal(statSync(join(folder, 'made', 'log')).mode & 0o777, 0o640);
  });

  it('compresses older files', async () => {
    make({ compress: true });
    for (const line of ['one-one', 'two-two', 'three-three']) await file.append([line]);
    assert.deepEqual(names(), ['log', 'log.1.zst', 'log.2.zst']);
    const older = readFileSync(join(folder, 'log.2.zst'));
    assert.equal(zstdDecompressSync(older).toString(), 'one-one\n');
    assert.equal(statSync(join(folder, 'log.2.zst')).mode & 0o777, 0o640);
  });

  it('takes over files that were kept in the other form', async () => {
    writeFileSync(join(folder, 'log.1'), 'left by a crash\n');
    make({ compress: true });
    await file.append(['one-one']);
    await file.append(['two-two']);
    assert.deepEqual(names(), ['log', 'log.1.zst', 'log.2']);
  });

  it('writes a line that is longer than a file may be', async () => {
    make();
    await file.append(['x'.repeat(100)]);
    await file.append(['y'.repeat(100)]);
    assert.deepEqual(names(), ['log', 'log.1']);
  });

  it('keeps none when none are to be kept, and never rotates at 0', async () => {
    make({ keep: 0 });
    await file.append(['one-one']);
    await file.append(['two-two']);
    assert.deepEqual([names(), text('log')], [['log'], 'two-two\n']);
    await file.close();
    make({ maxBytes: 0 });
    await file.append(['three-three']);
    assert.equal(text('log'), 'two-two\nthree-three\n');
  });

  it('says so when it cannot rotate, and loses no line', async () => {
    make({ keep: 1 });
    await file.append(['one-one']);
    mkdirSync(join(folder, 'log.1'));
    await assert.rejects(file.append(['two-two']));
    assert.equal(text('log'), 'one-one\n');
  });
});
