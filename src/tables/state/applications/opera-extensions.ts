import { bigint, defineTable, integer, text } from '../../bridge/table.ts';
import { asText, at } from '../../host/json.ts';
import { extensions } from './chromium.ts';
import { identifier, localized } from './extension-facts.ts';

export const operaExtensions = defineTable({
  name: 'opera_extensions',
  description:
    'Extensions of Opera, of each user: a table that osquery had, for the packs that still name it; chrome_extensions says more',
  columns: {
    uid: bigint('User', { index: true }),
    name: text('Name'),
    identifier: text('Identifier, from its key where it has one'),
    version: text('Version', { collate: 'version' }),
    description: text('What it says to do'),
    locale: text('Language that it has messages in'),
    update_url: text('Where updates come from'),
    author: text('Author'),
    persistent: integer('1 when its background page always runs'),
    path: text('Folder of the extension'),
  },
  examples: ['SELECT u.username, e.name FROM users u JOIN opera_extensions e USING (uid)'],
  *generate(context) {
    for (const extension of extensions(context, 'opera')) {
      const { profile, path, manifest } = extension;
      const say = localized(extension);
      yield {
        uid: profile.uid,
        name: say(manifest.name),
        identifier: identifier(extension),
        version: asText(manifest.version),
        description: say(manifest.description),
        locale: asText(manifest.default_locale),
        update_url: asText(manifest.update_url),
        author: say(manifest.author) || say(at(manifest.author, 'email')),
        persistent: at(manifest.background, 'persistent') === true,
        path,
      };
    }
  },
});
