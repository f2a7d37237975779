import { bigint, defineTable, integer, text } from '../../bridge/table.ts';
import { asList, asText, at, isObject, jsonObject } from '../../host/json.ts';
import { below, homes } from '../users/homes.ts';

const FOLDERS = [
  '.mozilla/firefox',
  'snap/firefox/common/.mozilla/firefox',
  '.var/app/org.mozilla.firefox/.mozilla/firefox',
];
const LIMIT = { limit: 64 << 20 };

export const firefoxAddons = defineTable({
  name: 'firefox_addons',
  description: 'Extensions, themes and language packs of Firefox, of each user',
  columns: {
    uid: bigint('User; without a constraint all users', {
      additional: true,
      optimized: true,
      operators: ['='],
    }),
    name: text('Name'),
    identifier: text('Identifier', { index: true, operators: [] }),
    creator: text('Author'),
    type: text('extension, theme, locale, dictionary'),
    version: text('Version', { collate: 'version' }),
    description: text('What it says to do'),
    source_url: text('Where it was installed from'),
    visible: integer('1 when it is shown to the user'),
    active: integer('1 when it is in use'),
    disabled: integer('1 when the user has switched it off'),
    autoupdate: integer('1 when it may update itself'),
    location: text('Kind of place: app-profile, app-system-defaults and so on'),
    path: text('File that it is in'),
  },
  examples: [
    'SELECT u.username, a.name, a.identifier FROM users u JOIN firefox_addons a USING (uid) WHERE a.active = 1',
  ],
  *generate(context) {
    for (const { uid, directory, host } of homes(context)) {
      for (const folder of FOLDERS.map((each) => below(directory, each))) {
        for (const { name, kind } of host.entries(folder)) {
          if (kind !== 'directory' && kind !== 'link') continue;
          const file = jsonObject(host, `${folder}/${name}/extensions.json`, LIMIT);
          for (const addon of asList(file?.addons)) {
            if (!isObject(addon)) continue;
            yield {
              uid,
              name: asText(at(addon, 'defaultLocale', 'name')),
              identifier: asText(addon.id),
              creator: asText(at(addon, 'defaultLocale', 'creator')),
              type: asText(addon.type),
              version: asText(addon.version),
              description: asText(at(addon, 'defaultLocale', 'description')),
              source_url: asText(addon.sourceURI),
              visible: addon.visible === true,
              active: addon.active === true,
              disabled: addon.userDisabled === true,
              // AddonManager.AUTOUPDATE_DISABLE is 0, ENABLE 1, DEFAULT 2.
              autoupdate: addon.applyBackgroundUpdates !== 0,
              location: asText(addon.location),
              path: asText(addon.path),
            };
          }
        }
      }
    }
  },
});
