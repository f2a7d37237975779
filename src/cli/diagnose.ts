import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, release, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { REMOVED, redact, redactText } from '../config/redact.ts';
import { VERSION } from '../config/version.ts';
import { isSet, type Run, text } from './command.ts';
import { writeArchive } from './diagnose/archive.ts';
import { type Asked, healthOf, PARTS, type Part } from './diagnose/parts.ts';
import { type Location, locate } from './location.ts';
import { openSource } from './open-source.ts';
import { openOutput } from './output/open-output.ts';
import { safeText } from './output/safe-text.ts';

/** For each part, so that a daemon that hangs does not keep its bundle from being made. */
const PART_MS = 20_000;

interface Entry {
  readonly file: string;
  readonly about: string;
  readonly bytes?: number;
  readonly missing?: string; // why
}

/** No event is changed: what was seen is asked for as it is. */
function contents(part: Part, value: unknown): string {
  if (typeof value === 'string') return redactText(value);
  return `${JSON.stringify(part.events === true ? value : redact(value), null, 2)}\n`;
}

async function writePart(part: Part, asked: Asked, folder: string): Promise<Entry> {
  const { file, about } = part;
  try {
    const written = contents(part, await part.read(asked));
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), written);
    return { file, about, bytes: Buffer.byteLength(written) };
  } catch (error) {
    return { file, about, missing: redactText((error as Error).message) };
  }
}

async function gather(
  location: Location,
  folder: string,
  options: { readonly configFile: string | undefined; readonly withEvents: boolean },
): Promise<readonly Entry[]> {
  const source = await openSource(location);
  const signal = (): AbortSignal => AbortSignal.timeout(PART_MS);
  // Without an answer there is none: health.json says why.
  const { pid } = await healthOf(location.socket, signal()).catch(() => ({ pid: undefined }));
  const asked = { location, configFile: options.configFile, pid, source, signal };
  const entries: Entry[] = [];
  try {
    for (const part of PARTS) {
      if (part.events && !options.withEvents) continue;
      entries.push(await writePart(part, asked, folder));
    }
  } finally {
    await source.close();
  }
  return entries;
}

/** `weir diagnose`: everything that helps to tell what is wrong here, in one file. */
export const run: Run = async (invocation) => {
  const withEvents = isSet(invocation, 'with-events');
  const time = new Date();
  const name = `weir-diagnose-${time.toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z`;
  const file = text(invocation, 'output') ?? `${name}.tar.gz`;
  const location = await locateAnyway(invocation);
  const scratch = mkdtempSync(join(tmpdir(), 'weir-diagnose-'));
  try {
    const output = await openOutput(file);
    try {
      const folder = join(scratch, name);
      mkdirSync(folder);
      const configFile = text(invocation, 'config');
      const entries = await gather(location, folder, { configFile, withEvents });
      const host = { hostname: hostname(), kernel: release(), weir: VERSION };
      const note = `secrets that are known by name or form read ${REMOVED}; look before you pass it on`;
      const manifest = { made: time, ...host, with_events: withEvents, note, files: entries };
      writeFileSync(join(folder, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`);
      await writeArchive(scratch, name, output);
      await output.done();
      for (const { file: part, missing } of entries) {
        if (missing === undefined) continue;
        process.stderr.write(`weir: warning: without ${part}: ${safeText(missing)}\n`);
      }
    } catch (error) {
      await output.abandon();
      throw error;
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  if (file !== '-') process.stdout.write(`${safeText(file)}\n`);
  return 0;
};

/** A configuration that is broken is one of the things to find out about. */
async function locateAnyway(invocation: Parameters<Run>[0]): Promise<Location> {
  try {
    return await locate(invocation);
  } catch (error) {
    if ((error as { exitCode?: number }).exitCode !== 78) throw error;
    const stateDir = text(invocation, 'state-dir') ?? '/var/lib/weir';
    return locate({
      args: [],
      flags: { ...invocation.flags, 'state-dir': stateDir, config: undefined },
    });
  }
}
