import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { findStateTables } from '../../../../src/tables/find-state-tables.ts';
import { identifierOf } from '../../../../src/tables/state/applications/extension-facts.ts';
import { writeTree } from '../../../helpers/file-tree.ts';
import { makeScratch, removeScratch } from '../../../helpers/scratch.ts';
import { openTables, type TableSet } from '../../../helpers/tables.ts';

const ANA = 61_001;
/** base64 of `test`, whose SHA-256 begins 9f86d081884c7d659a2feaa0c55ad015. */
const KEY = 'dGVzdA==';
const UBLOCK = 'cjpalhdlnbpafiamejdnhcphjbkeiagm';

describe('tables: extensions of browsers and editors', () => {
  const root = makeScratch();
  let set: TableSet;

  before(() => {
    chmodSync(root, 0o755);
    const chrome = '/home/ana/.config/google-chrome';
    const one = `${chrome}/Default/Extensions/${UBLOCK}/1.58.0_0`;
    const id = 'b'.repeat(32);
    writeTree(root, {
      '/etc/passwd': `ana:x:${ANA}:${ANA}::/home/ana:/bin/bash\n`,
      '/etc/secret': '{"name":"secret","version":"1"}',
      [`${chrome}/Default/Preferences`]: JSON.stringify({
        profile: { name: 'Person 1' },
        extensions: { settings: { [UBLOCK]: { path: `${UBLOCK}/1.58.0_0` }, odd: 5, none: {} } },
      }),
      [`${chrome}/Default/Secure Preferences`]: JSON.stringify({
        extensions: {
          settings: {
            [UBLOCK]: { state: 1, from_webstore: true, install_time: '13300000000000000' },
            dev: { path: '/home/ana/dev', first_install_time: 'not a time' },
            leak: { path: '/home/ana/leak' },
          },
        },
      }),
      [`${one}/manifest.json`]: JSON.stringify({
        name: '__MSG_extName__',
        description: '__MSG_missing__',
        version: '1.58.0',
        default_locale: 'en',
        key: KEY,
        permissions: ['tabs', { fileSystem: ['write'] }, 7],
        background: { persistent: true },
        content_scripts: [
          { js: ['a.js', 'b.js'], matches: ['<all_urls>'] },
          { css: ['x.css'], matches: ['https://*/*'] },
          'hostile',
        ],
      }),
      [`${one}/_locales/en/messages.json`]: '{"extname":{"message":"uBlock\\nOrigin"}}',
      [`${chrome}/Default/Extensions/${id}/2_0/manifest.json`]:
        '{"name":"__MSG_x__","version":"2","default_locale":"../../../../../../../etc"}',
      [`${chrome}/Default/Extensions/${id}/3_0/manifest.json`]: '{"name":',
      '/home/ana/dev/manifest.json': '{"name":"dev","version":"0.1"}',
      '/home/ana/leak/manifest.json': { link: '/etc/secret' },
      [`${chrome}/Crash/metadata`]: '',
      '/home/ana/.config/opera/Preferences': '{}',
      '/home/ana/.config/opera/Extensions/x/1/manifest.json': '{"name":"op","version":"9"}',
      '/home/ana/.mozilla/firefox/abc.default/extensions.json': JSON.stringify({
        addons: [
          {
            id: 'uBlock0@raymondhill.net',
            type: 'extension',
            version: '1.58.0',
            defaultLocale: { name: 'uBlock', description: 'blocks', creator: 'Raymond Hill' },
            sourceURI: 'https://addons.mozilla.org/x.xpi',
            visible: true,
            active: true,
            userDisabled: false,
            applyBackgroundUpdates: 1,
            location: 'app-profile',
            path: '/home/ana/x.xpi',
          },
          null,
          {
            id: { no: 'text' },
            defaultLocale: 'none',
            userDisabled: true,
            applyBackgroundUpdates: 0,
          },
        ],
      }),
      '/home/ana/.mozilla/firefox/broken/extensions.json': '[1]',
      '/home/ana/.vscode/extensions/extensions.json': JSON.stringify([
        {
          identifier: { id: 'ms-python.python', uuid: 'F1F59AE4' },
          version: '2024.1.0',
          location: { $mid: 1, path: '/home/ana/.vscode/extensions/p', scheme: 'file' },
          metadata: {
            installedTimestamp: 1700000000123,
            publisherId: '998b010b',
            publisherDisplayName: 'Microsoft',
            isPreReleaseVersion: true,
          },
        },
        42,
      ]),
      '/home/ana/.cursor/extensions/extensions.json': '{}',
    });
    const own = spawnSync('chown', ['-R', '-h', `${ANA}:${ANA}`, join(root, 'home/ana')]);
    assert.equal(own.status, 0);
    chmodSync(join(root, 'etc/secret'), 0o600);
    set = openTables(findStateTables('applications'), root);
  });
  after(() => {
    set.close();
    removeScratch(root);
  });

  it('identifiers are made from keys as the browser makes them', () => {
    assert.equal(identifierOf(KEY), 'jpignaibiiemhngfjkcpokkamffknabf');
  });

  it('opera_extensions: those of Opera alone', () => {
    const sql = 'SELECT uid, name, version, persistent FROM opera_extensions';
    assert.deepEqual(set.all(sql), [{ uid: ANA, name: 'op', version: '9', persistent: 0 }]);
  });

  it('chrome_extensions: known ones, unpacked ones, those that the profile does not know', () => {
    const sql = `SELECT browser_type, profile, name, version, referenced, referenced_identifier AS known, state,
      from_webstore, install_timestamp FROM chrome_extensions ORDER BY name`;
    const none = { known: '', state: '', from_webstore: '', install_timestamp: 0 };
    const chrome = { browser_type: 'chrome', profile: 'Person 1' };
    assert.deepEqual(set.all(sql), [
      { ...chrome, name: '__MSG_x__', version: '2', referenced: 0, ...none },
      { ...chrome, name: 'dev', version: '0.1', referenced: 1, ...none, known: 'dev' },
      { browser_type: 'opera', profile: '', name: 'op', version: '9', referenced: 0, ...none },
      {
        ...chrome,
        name: 'uBlock\nOrigin',
        version: '1.58.0',
        referenced: 1,
        known: UBLOCK,
        state: '1',
        from_webstore: 'true',
        install_timestamp: 1_655_526_400,
      },
    ]);
    assert.deepEqual(set.warnings(), [
      'chrome_extensions: cannot read /home/ana/leak/manifest.json: EACCES',
    ]);
    const more =
      set.all(`SELECT description, locale, persistent, permissions, permissions_json, length(manifest_hash) AS hash
      FROM chrome_extensions WHERE uid = ${ANA} AND version = '1.58.0'`);
    assert.deepEqual(more, [
      {
        description: '__MSG_missing__',
        locale: 'en',
        persistent: 1,
        permissions: 'tabs, {"fileSystem":["write"]}, 7',
        permissions_json: '["tabs",{"fileSystem":["write"]},7]',
        hash: 64,
      },
    ]);
    assert.deepEqual(set.all('SELECT 1 FROM chrome_extensions WHERE uid = 0'), []);
  });

  it('chrome_extension_content_scripts', () => {
    const sql = 'SELECT script, match, version FROM chrome_extension_content_scripts';
    assert.deepEqual(set.all(sql), [
      { script: 'a.js', match: '<all_urls>', version: '1.58.0' },
      { script: 'b.js', match: '<all_urls>', version: '1.58.0' },
    ]);
  });

  it('firefox_addons', () => {
    const [first, second, ...rest] = set.all('SELECT * FROM firefox_addons');
    assert.deepEqual(first, {
      uid: ANA,
      name: 'uBlock',
      identifier: 'uBlock0@raymondhill.net',
      creator: 'Raymond Hill',
      type: 'extension',
      version: '1.58.0',
      description: 'blocks',
      source_url: 'https://addons.mozilla.org/x.xpi',
      visible: 1,
      active: 1,
      disabled: 0,
      autoupdate: 1,
      location: 'app-profile',
      path: '/home/ana/x.xpi',
    });
    assert.deepEqual([second?.identifier, second?.disabled, second?.autoupdate], ['', 1, 0]);
    assert.deepEqual(rest, []);
  });

  it('vscode_extensions', () => {
    assert.deepEqual(set.all('SELECT * FROM vscode_extensions'), [
      {
        name: 'ms-python.python',
        uuid: 'F1F59AE4',
        version: '2024.1.0',
        path: '/home/ana/.vscode/extensions/p',
        publisher: 'Microsoft',
        publisher_id: '998b010b',
        installed_at: 1700000000123,
        prerelease: 1,
        uid: ANA,
        vscode_edition: 'vscode',
      },
    ]);
  });
});
