import { bigint, defineTable, text } from '../../bridge/table.ts';
import type { Host } from '../../host/host.ts';
import { zipEntry } from '../../host/zip.ts';
import { below, homes } from '../users/homes.ts';

const FOLDER = '.local/share/JetBrains';
/** Folder of a product without its version -> osquery's name of it. */
const PRODUCTS: Readonly<Record<string, string>> = {
  CLion: 'CLion',
  DataGrip: 'DataGrip',
  GoLand: 'GoLand',
  IntelliJIdea: 'IntelliJIdea',
  IdeaIC: 'IntelliJIdeaCommunityEdition',
  PhpStorm: 'PhpStorm',
  PyCharm: 'PyCharm',
  PyCharmCE: 'PyCharmCommunityEdition',
  ReSharper: 'ReSharper',
  Rider: 'Rider',
  RubyMine: 'RubyMine',
  RustRover: 'RustRover',
  WebStorm: 'WebStorm',
};
const DESCRIPTOR = 'META-INF/plugin.xml';
const MOST_DESCRIPTOR = 4 << 20;
const JAR = /\.jar$/i;

interface Facts {
  readonly name: string;
  readonly version: string;
  readonly vendor: string;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&apos;': "'",
  '&amp;': '&',
};

/** Without comments. One pass, whatever a file holds. */
function uncommented(xml: string): string {
  let kept = '';
  let from = 0;
  for (;;) {
    const start = xml.indexOf('<!--', from);
    const end = start < 0 ? -1 : xml.indexOf('-->', start + 4);
    if (end < 0) return kept + xml.slice(from, start < 0 ? undefined : start);
    kept += xml.slice(from, start);
    from = end + 3;
  }
}

/** Text of the first element of that name; '' without one. */
function element(xml: string, name: string): string {
  let start = xml.indexOf(`<${name}`);
  while (start >= 0 && !/[\s>]/.test(xml[start + name.length + 1] ?? '')) {
    start = xml.indexOf(`<${name}`, start + 1);
  }
  const from = start < 0 ? -1 : xml.indexOf('>', start) + 1;
  const to = from <= 0 ? -1 : xml.indexOf(`</${name}>`, from);
  if (to < 0) return '';
  const inner = xml.slice(from, to).trim();
  if (inner.startsWith('<![CDATA[') && inner.endsWith(']]>')) return inner.slice(9, -3);
  return inner.replaceAll(/&(?:lt|gt|quot|apos|amp);/g, (each) => ENTITIES[each] as string);
}

function factsOf(host: Host, jar: string): Facts | undefined {
  const xml = zipEntry(host, jar, DESCRIPTOR, MOST_DESCRIPTOR)?.toString();
  if (xml === undefined) return undefined;
  const own = uncommented(xml);
  return {
    name: element(own, 'name'),
    version: element(own, 'version'),
    vendor: element(own, 'vendor'),
  };
}

/** The likeliest first: the one that is called as its folder, then libraries, by name. */
function jars(host: Host, folder: string, plugin: string): string[] {
  const named = (name: string): boolean => name.toLowerCase().startsWith(plugin.toLowerCase());
  return host
    .names(folder)
    .filter((name) => JAR.test(name))
    .sort((a, b) => Number(named(b)) - Number(named(a)) || a.length - b.length || (a < b ? -1 : 1));
}

export const jetbrainsPlugins = defineTable({
  name: 'jetbrains_plugins',
  description: 'Plugins of JetBrains’ IDEs, of each user',
  columns: {
    product_type: text('IDE: IntelliJIdea, PyCharm, GoLand, ...'),
    uid: bigint('User', { index: true }),
    name: text('Name'),
    version: text('Version', { collate: 'version' }),
    vendor: text('Who made it'),
    path: text('Folder of the plugin, or its jar'),
  },
  examples: [
    'SELECT u.username, p.name, p.version FROM users u JOIN jetbrains_plugins p USING (uid)',
  ],
  *generate(context) {
    for (const { uid, directory, host } of homes(context)) {
      const base = below(directory, FOLDER);
      for (const { name: folder, kind } of host.entries(base)) {
        const product_type = PRODUCTS[folder.replace(/\d{4}\.\d+$/, '')];
        if (kind !== 'directory' || product_type === undefined) continue;
        // Of IntelliJ's products all but a few write straight into the folder.
        for (const place of [`${base}/${folder}`, `${base}/${folder}/plugins`]) {
          for (const { name, kind: what } of host.entries(place)) {
            context.checkpoint();
            const path = `${place}/${name}`;
            let facts: Facts | undefined;
            if (what === 'file' && JAR.test(name)) facts = factsOf(host, path);
            if (what === 'directory') {
              for (const jar of jars(host, `${path}/lib`, name)) {
                facts = factsOf(host, `${path}/lib/${jar}`);
                if (facts !== undefined) break;
              }
            }
            if (facts !== undefined) yield { product_type, uid, ...facts, path };
          }
        }
      }
    }
  },
});
