import { bigint, defineTable, integer, text } from '../../bridge/table.ts';
import { asText, at, isObject } from '../../host/json.ts';
import { below, homes } from '../users/homes.ts';

/** Folders in a home, and what osquery calls the editor. */
const EDITIONS = [
  ['vscode', '.vscode'],
  ['vscode_insiders', '.vscode-insiders'],
  ['vscode_server', '.vscode-server'],
  ['vscodium', '.vscode-oss'],
  ['cursor', '.cursor'],
  ['cursor_server', '.cursor-server'],
  ['windsurf', '.windsurf'],
  ['trae', '.trae'],
] as const;

function parseList(json: string | undefined): readonly unknown[] {
  try {
    const value: unknown = JSON.parse(json ?? '');
    return Array.isArray(value) ? value : [];
  } catch {
    return [];
  }
}

export const vscodeExtensions = defineTable({
  name: 'vscode_extensions',
  description: 'Extensions of Visual Studio Code and editors made from it, of each user',
  columns: {
    name: text('Identifier: publisher and name'),
    uuid: text('UUID', { collate: 'nocase' }),
    version: text('Version', { collate: 'version' }),
    path: text('Folder of the extension'),
    publisher: text('Publisher'),
    publisher_id: text('UUID of the publisher'),
    installed_at: bigint('When it was installed, milliseconds since 1970'),
    prerelease: integer('1 when it is a pre-release'),
    uid: bigint('User; without a constraint all users', {
      additional: true,
      optimized: true,
      operators: ['='],
    }),
    vscode_edition: text('Editor: vscode, vscode_server, cursor and so on'),
  },
  examples: [
    'SELECT u.username, v.name, v.version FROM users u JOIN vscode_extensions v USING (uid)',
  ],
  *generate(context) {
    for (const { uid, directory, host } of homes(context)) {
      for (const [vscode_edition, folder] of EDITIONS) {
        const file = below(directory, `${folder}/extensions/extensions.json`);
        for (const extension of parseList(host.text(file))) {
          if (!isObject(extension)) continue;
          const { metadata, location, identifier } = extension;
          yield {
            name: asText(at(identifier, 'id')),
            uuid: asText(at(identifier, 'uuid')) || asText(at(metadata, 'id')),
            version: asText(extension.version),
            path: asText(at(location, 'path')) || asText(at(location, 'fsPath')),
            publisher: asText(at(metadata, 'publisherDisplayName')),
            publisher_id: asText(at(metadata, 'publisherId')),
            installed_at: asText(at(metadata, 'installedTimestamp')),
            prerelease: at(metadata, 'isPreReleaseVersion') === true,
            uid,
            vscode_edition,
          };
        }
      }
    }
  },
});
