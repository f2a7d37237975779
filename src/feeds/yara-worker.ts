/** Thread that scans the files of yara_events: reading and matching take as long as they take. */
import { readFileSync, statSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { Host } from '../tables/host/host.ts';
import { scanner, type YaraRules } from '../tables/state/files/scan.ts';
import {
  matchColumns,
  rulePaths,
  SCAN_SECONDS,
  scanWith,
} from '../tables/state/files/yara-rules.ts';
import type { YaraReply, YaraRequest, YaraWork } from './yara-messages.ts';

interface Compiled {
  readonly rules: YaraRules | undefined;
  readonly stamp: string;
}

const { rules: files } = workerData as YaraWork;
const port = parentPort as NonNullable<typeof parentPort>;
const compiled = new Map<string, Compiled>();
const say = (reply: YaraReply): void => port.postMessage(reply);

/** As they are now: a file of rules may be replaced while the daemon runs. */
function rulesOf(sigfile: string): YaraRules | undefined {
  const path = rulePaths(sigfile).find((each) =>
    statSync(each, { throwIfNoEntry: false })?.isFile(),
  );
  if (path === undefined) {
    return keep(sigfile, '', undefined, `${sigfile}: there is no such file of rules`);
  }
  const { mtimeMs, size, ino } = statSync(path);
  const stamp = `${ino} ${size} ${mtimeMs}`;
  const known = compiled.get(sigfile);
  if (known?.stamp === stamp) return known.rules;
  const made = scanner().compile(readFileSync(path, 'utf8'));
  if (typeof made !== 'string') return keep(sigfile, stamp, made, '');
  return keep(sigfile, stamp, undefined, `${path}: ${made}`);
}

/** A problem is told when it is new. */
function keep(
  sigfile: string,
  stamp: string,
  rules: YaraRules | undefined,
  problem: string,
): YaraRules | undefined {
  if (problem !== '' && compiled.get(sigfile)?.stamp !== stamp) say({ problem });
  compiled.set(sigfile, { rules, stamp });
  return rules;
}

function rulesOfCategory(category: string): YaraRules[] {
  return (files[category] ?? []).map(rulesOf).filter((rules) => rules !== undefined);
}

function scan({ id, path, category }: YaraRequest): YaraReply {
  const rules = rulesOfCategory(category);
  if (rules.length === 0) return { id, error: '', found: null };
  const host = new Host('', () => {});
  const signature = { column: 'sig_group', value: '', rules } as const;
  const result = scanWith(signature, (each) =>
    host.withDescriptor(Buffer.from(path), (fd) =>
      scanner().scanDescriptor(each, fd, SCAN_SECONDS),
    ),
  );
  if (result === undefined || result.error !== '') {
    return { id, error: result?.error ?? '', found: null };
  }
  const { matches, count, strings, tags } = matchColumns(signature, result);
  return { id, error: '', found: count === 0 ? null : { matches, count, strings, tags } };
}

// Before the first file: what is wrong with the rules is said when the daemon starts.
for (const category of Object.keys(files)) rulesOfCategory(category);
port.on('message', (request: YaraRequest) => {
  try {
    say(scan(request));
  } catch (error) {
    say({ id: request.id, error: (error as Error).message, found: null });
  }
});
