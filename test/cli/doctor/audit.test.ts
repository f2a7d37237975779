import assert from 'node:assert/strict';
import {
  type Auditctl,
  auditState,
  examineAudit,
  leftRules,
  removal,
} from '../../../src/cli/doctor/audit.ts';
import { removeRules } from '../../../src/cli/doctor/fix.ts';

const DEFENDER = '-a always,exit -F arch=b64 -S execve,exit_group -F key=mdatp';
const OWN = '-w /etc/shadow -p wa -k shadow';
const RULES = ['-a never,task', OWN, DEFENDER, '-w /var/ossec -p wa -k wazuh_fim'];

function fake(enabled: number, removed: string[][] = []): Auditctl {
  return (args) => {
    if (args[0] === '-s') return `enabled ${enabled}\nfailure 1\npid 0\nlost 20\n`;
    if (args[0] === '-l') return `${RULES.join('\n')}\n`;
    removed.push([...args]);
    return '';
  };
}

describe('doctor: audit rules', () => {
  it('finds rules of products that are gone, by their keys, and no others', () => {
    assert.deepEqual(
      leftRules(RULES, new Set(['init'])).map(({ rule }) => rule),
      [DEFENDER, RULES[3]],
    );
    assert.deepEqual(
      leftRules(RULES, new Set(['wdavdaemon', 'wazuh-syscheckd'])),
      [],
      'those that run keep theirs',
    );
    assert.deepEqual(leftRules(['No rules', '-w /x -p r -k not-mdatp'], new Set()), []);
  });

  it('removes what it named and nothing else', () => {
    const removed: string[][] = [];
    const run = fake(1, removed);
    assert.equal(removeRules(auditState(run, new Set()), run), true);
    assert.deepEqual(removed, [
      ['-d', 'always,exit', '-F', 'arch=b64', '-S', 'execve,exit_group', '-F', 'key=mdatp'],
      ['-W', '/var/ossec', '-p', 'wa', '-k', 'wazuh_fim'],
    ]);
  });

  it('says when a rule could not be removed', () => {
    const state = auditState(fake(1), new Set());
    const refuse: Auditctl = () => {
      throw new Error('Operation not permitted');
    };
    assert.equal(removeRules(state, refuse), false);
  });

  it('says that immutable rules need a reboot', () => {
    const text = examineAudit(auditState(fake(2), new Set()));
    assert.ok(text.some(({ text: told }) => /immutable .*reboot/.test(told)));
    const warnings = text.filter(({ level }) => level === 'warning');
    assert.equal(warnings.length, 2);
    for (const { remedy } of warnings) assert.match(remedy ?? '', /reboot/);
  });

  it('a watch is taken away by -W, a rule by -d', () => {
    assert.deepEqual(removal(OWN), ['-W', '/etc/shadow', '-p', 'wa', '-k', 'shadow']);
    assert.deepEqual(removal('-A exit,always -S open'), ['-d', 'exit,always', '-S', 'open']);
  });
});
