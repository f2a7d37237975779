import assert from 'node:assert/strict';
import { feedsOf } from '../../../src/cli/doctor/feeds.ts';
import { type Config, configSchema } from '../../../src/config/schema.ts';
import { EVENT_TABLES } from '../../../src/tables/events/index.ts';
import type { EventTableSpec } from '../../../src/tables/spec.ts';

const config = configSchema.parse({}) as unknown as Config;

const said = (table: string, running: string): string[] => {
  const spec = EVENT_TABLES.find(({ name }) => name === table) as EventTableSpec;
  return feedsOf(spec, config, running).map(({ level, text }) => `${level}: ${text}`);
};

describe('doctor: what fills a view of host_events', () => {
  it('names the feeds that run, and what they depend on', () => {
    assert.deepEqual(said('hardware_events', 'hardware, audit'), ['ok: it is filled by hardware']);
    const [user, audit] = said('user_events', 'hardware, audit, logins');
    assert.equal(user, 'ok: it is filled by audit, logins');
    assert.match(audit ?? '', /^info: .* while audit is off/);
    assert.deepEqual(said('user_events', 'logins'), ['ok: it is filled by logins']);
    assert.deepEqual(said('host_events', 'hardware'), []);
    assert.deepEqual(said('process_events', 'hardware'), []);
  });

  it('says what to set where none does', () => {
    assert.deepEqual(said('syslog_events', 'hardware'), [
      'problem: nothing fills it: "host_events.journal" or "host_events.syslog_pipe" is not set',
    ]);
    assert.match(said('yara_events', 'hardware').join(), /"yara\.file_paths" names none/);
  });
});
