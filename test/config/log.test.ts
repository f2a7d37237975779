import assert from 'node:assert/strict';
import { makeLogger } from '../../src/config/log.ts';

function lines(options: { terminal: boolean; level?: 'debug' }): {
  readonly written: string[];
  readonly logger: ReturnType<typeof makeLogger>;
} {
  const written: string[] = [];
  return { written, logger: makeLogger({ ...options, write: (line) => written.push(line) }) };
}

describe('makeLogger', () => {
  it('writes JSON lines in a pipe', () => {
    const { written, logger } = lines({ terminal: false });
    logger.info({ path: '/a\nb' }, 'hello');
    logger.debug('not at this level');
    assert.equal(written.length, 1);
    assert.match(written[0] as string, /^\{.*\}\n$/);
    const record = JSON.parse(written[0] as string);
    assert.equal(record.msg, 'hello');
    assert.equal(record.path, '/a\nb');
  });

  it('is quiet on a terminal when all is well', () => {
    const { written, logger } = lines({ terminal: true });
    logger.info('all is well');
    assert.deepEqual(written, []);
  });

  it('writes one safe line on a terminal, whatever the host puts into a name', () => {
    const { written, logger } = lines({ terminal: true });
    const hostile = '\u001b[31m\u009b1m\r\n\u202e';
    logger.warn({ path: hostile, err: new Error(`boo${hostile}`) }, 'odd name');
    assert.equal(written.length, 1);
    const line = written[0] as string;
    assert.ok(line.startsWith('weir: warning: odd name (path="'), line);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what must not be there
    assert.doesNotMatch(line.slice(0, -1), /[\u0000-\u001f\u007f-\u009f\u202a-\u202e]/);
  });
});
