import assert from 'node:assert/strict';
import { examineBehavior } from '../../../src/cli/doctor/behavior.ts';
import { checkDocument } from '../../../src/config/document.ts';
import type { Config } from '../../../src/config/schema.ts';

function examine(document: object): [string, string][] {
  const { value, problems } = checkDocument(JSON.stringify(document));
  assert.ok(value, JSON.stringify(problems));
  const found = examineBehavior(value as Config, (path) => path === '/opt/there');
  return found.map(({ level, text }) => [level, text]);
}

describe('doctor: behaviour', () => {
  it('says what is judged, and whether anything is done about it', () => {
    assert.deepEqual(examine({}), [['ok', '8 of 8 kinds are judged; responses are off']]);
    assert.deepEqual(
      examine({
        response: { enabled: true, dry_run: true },
        behavior: { ransomware: { threshold: 0 } },
      }),
      [['ok', '7 of 8 kinds are judged; responses are tried without effect']],
    );
    assert.deepEqual(examine({ collect: { behavior: false } }), [
      ['info', 'not judged: "collect.behavior" is false'],
    ]);
  });

  it('names what cannot work', () => {
    const found = examine({
      collect: { socket: false },
      behavior: { ransomware: { respond: 'kill' }, address_sweep: { threshold: 0 } },
      response: {
        protected: ['/opt/there', '/opt/gone'],
        commands: { there: { command: '/opt/there' }, gone: { command: '/opt/gone' } },
      },
    });
    assert.deepEqual(found, [
      ['ok', '6 of 8 kinds are judged; responses are off'],
      ['warning', 'port_sweep is never found: "collect.socket" is false'],
      ['warning', 'ransomware: kill: nothing is done, as "response.enabled" is false'],
      ['warning', 'response.protected: there is no /opt/gone'],
      ['problem', 'response.commands.gone: there is no /opt/gone'],
    ]);
  });
});
