/** Profiles and extensions of browsers that are made from Chromium. */
import { posix } from 'node:path';
import type { TableContext } from '../../bridge/context.ts';
import type { Host } from '../../host/host.ts';
import { asText, at, isObject, type JsonObject, jsonObject, parseObject } from '../../host/json.ts';
import { below, homes } from '../users/homes.ts';

/** Folders of each browser below a home. */
const BROWSERS = [
  ['chrome', '.config/google-chrome'],
  ['chrome_beta', '.config/google-chrome-beta'],
  ['chrome_dev', '.config/google-chrome-unstable'],
  ['brave', '.config/BraveSoftware/Brave-Browser'],
  ['chromium', '.config/chromium'],
  ['chromium', 'snap/chromium/common/chromium'],
  ['chromium', '.var/app/org.chromium.Chromium/config/chromium'],
  ['yandex', '.config/yandex-browser-beta'],
  ['edge', '.config/microsoft-edge'],
  ['edge_beta', '.config/microsoft-edge-beta'],
  ['opera', '.config/opera'],
  ['vivaldi', '.config/vivaldi'],
  ['island', '.config/island'],
] as const;

/** One that has been used for years has some 10 MB. */
const PREFERENCES = { limit: 128 << 20 };
const MANIFEST = { limit: 4 << 20 };

interface Profile {
  readonly browser: string;
  readonly uid: number;
  /** Files with the rights of the user. */
  readonly host: Host;
  readonly name: string;
  readonly path: string;
  /** Settings of extensions, by their identifiers. */
  readonly settings: ReadonlyMap<string, JsonObject>;
}

export interface Extension {
  readonly profile: Profile;
  readonly path: string;
  /** manifest.json as it is, and what it says. */
  readonly bytes: Buffer;
  readonly manifest: JsonObject;
  /** Identifier and settings in the profile; without them the browser does not know it. */
  readonly known: { readonly id: string; readonly settings: JsonObject } | undefined;
}

/** What says of a folder that it is a profile. */
function settingsFiles(host: Host, path: string): JsonObject[] {
  const names = ['Preferences', 'Secure Preferences'];
  return names
    .map((name) => jsonObject(host, `${path}/${name}`, PREFERENCES))
    .filter((file) => file !== undefined);
}

function profile(browser: string, uid: number, host: Host, path: string): Profile | undefined {
  const files = settingsFiles(host, path);
  if (files.length === 0) return undefined;
  const settings = new Map<string, JsonObject>();
  for (const file of files) {
    const all = at(file, 'extensions', 'settings') ?? at(file, 'extensions', 'opsettings');
    if (!isObject(all)) continue;
    for (const [id, each] of Object.entries(all)) {
      // Chrome keeps what matters in the second file, and the rest in the first.
      if (isObject(each)) settings.set(id, { ...settings.get(id), ...each });
    }
  }
  const name = files.map((file) => asText(at(file, 'profile', 'name'))).find((each) => each !== '');
  return { browser, uid, host, name: name ?? '', path, settings };
}

function* profiles(context: TableContext<'uid'>, only?: string): Iterable<Profile> {
  for (const { uid, directory, host } of homes(context)) {
    for (const [browser, folder] of BROWSERS) {
      if (only !== undefined && browser !== only) continue;
      const path = below(directory, folder);
      const own = profile(browser, uid, host, path);
      if (own !== undefined) {
        yield own;
        continue;
      }
      for (const { name, kind } of host.entries(path)) {
        if (kind !== 'directory') continue;
        const found = profile(browser, uid, host, `${path}/${name}`);
        if (found !== undefined) yield found;
      }
    }
  }
}

function* ofProfile(context: TableContext, profile: Profile): Iterable<Extension> {
  const { host } = profile;
  const folder = `${profile.path}/Extensions`;
  const known = new Map<string, Extension['known']>();
  for (const [id, settings] of profile.settings) {
    const path = asText(settings.path);
    if (path !== '') known.set(posix.resolve(folder, path), { id, settings });
  }
  const paths = new Set(known.keys());
  for (const id of host.entries(folder)) {
    if (id.kind !== 'directory') continue;
    for (const version of host.entries(`${folder}/${id.name}`))
      if (version.kind === 'directory') paths.add(`${folder}/${id.name}/${version.name}`);
  }
  for (const path of paths) {
    context.checkpoint();
    const bytes = host.bytes(`${path}/manifest.json`, MANIFEST);
    const manifest = parseObject(bytes?.toString());
    if (bytes !== undefined && manifest !== undefined)
      yield { profile, path, bytes, manifest, known: known.get(path) };
  }
}

/**
 * Extensions of all profiles of the users that the query asks about.
 *
 * @param only of this browser
 */
export function* extensions(context: TableContext<'uid'>, only?: string): Iterable<Extension> {
  for (const each of profiles(context, only)) yield* ofProfile(context, each);
}
