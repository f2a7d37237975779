import { createHash } from 'node:crypto';
import { bigint, defineTable, integer, text } from '../../bridge/table.ts';
import { asText, at } from '../../host/json.ts';
import { whole } from '../../host/parse.ts';
import { extensions } from './chromium.ts';
import { identifier, listed, localized } from './extension-facts.ts';

/** Microseconds since 1601, as Chromium counts, in seconds since 1970. */
function unixTime(time: string): number {
  return Math.max(0, Math.floor((whole(time) ?? 0) / 1e6) - 11_644_473_600);
}

export const chromeExtensions = defineTable({
  name: 'chrome_extensions',
  description: 'Extensions of Chrome, Chromium, Edge, Brave, Opera and the like, of each user',
  columns: {
    browser_type: text('Browser: chrome, chromium, edge, brave and so on'),
    uid: bigint('User', { index: true, optimized: true }),
    name: text('Name'),
    profile: text('Name of the profile'),
    profile_path: text('Folder of the profile'),
    referenced_identifier: text('Identifier by which the profile knows it'),
    identifier: text('Identifier, from its key where it has one'),
    version: text('Version', { collate: 'version' }),
    description: text('What it says to do'),
    default_locale: text('Language that it has messages in', { aliases: ['locale'] }),
    current_locale: text('Language that it is shown in'),
    update_url: text('Where updates come from'),
    author: text('Author'),
    persistent: integer('1 when its background page always runs'),
    path: text('Folder of the extension'),
    permissions: text('Permissions'),
    permissions_json: text('Permissions, as JSON', { hidden: true }),
    optional_permissions: text('Permissions that it may ask for later'),
    optional_permissions_json: text('The same as JSON', { hidden: true }),
    manifest_hash: text('SHA-256 of its manifest', { collate: 'nocase' }),
    referenced: bigint('1 when the profile knows it'),
    from_webstore: text('true when it is from the store'),
    state: text('1 when it is switched on'),
    install_time: text('When it was installed, microseconds since 1601'),
    install_timestamp: bigint('When it was installed, seconds since 1970'),
    manifest_json: text('Its manifest', { hidden: true }),
    key: text('Its public key, base64', { hidden: true }),
  },
  examples: [
    'SELECT u.username, e.name, e.identifier, e.permissions FROM users u JOIN chrome_extensions e USING (uid)',
  ],
  *generate(context) {
    for (const extension of extensions(context)) {
      const { profile, path, manifest, bytes, known } = extension;
      const settings = known?.settings;
      const say = localized(extension);
      const install_time = asText(settings?.install_time) || asText(settings?.first_install_time);
      yield {
        browser_type: profile.browser,
        uid: profile.uid,
        name: say(manifest.name),
        profile: profile.name,
        profile_path: profile.path,
        referenced_identifier: known?.id ?? '',
        identifier: identifier(extension),
        version: asText(manifest.version),
        description: say(manifest.description),
        default_locale: asText(manifest.default_locale),
        current_locale: asText(manifest.current_locale),
        update_url: asText(manifest.update_url),
        author: say(manifest.author) || say(at(manifest.author, 'email')),
        persistent: at(manifest.background, 'persistent') === true,
        path,
        permissions: listed(manifest.permissions),
        permissions_json: JSON.stringify(manifest.permissions ?? {}),
        optional_permissions: listed(manifest.optional_permissions),
        optional_permissions_json: JSON.stringify(manifest.optional_permissions ?? {}),
        manifest_hash: createHash('sha256').update(bytes).digest('hex'),
        referenced: known !== undefined,
        from_webstore: asText(settings?.from_webstore),
        state: asText(settings?.state),
        install_time,
        install_timestamp: unixTime(install_time),
        manifest_json: JSON.stringify(manifest),
        key: asText(manifest.key),
      };
    }
  },
});
