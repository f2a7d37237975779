import { bigint, defineTable, text } from '../../bridge/table.ts';
import { asList, asText, at } from '../../host/json.ts';
import { extensions } from './chromium.ts';
import { identifier } from './extension-facts.ts';

export const chromeExtensionContentScripts = defineTable({
  name: 'chrome_extension_content_scripts',
  description: 'Scripts that extensions of browsers run in pages, and in which',
  columns: {
    browser_type: text('Browser: chrome, chromium, edge, brave and so on'),
    uid: bigint('User', { index: true, optimized: true }),
    identifier: text('Identifier of the extension'),
    version: text('Version of the extension', { collate: 'version' }),
    script: text('Script'),
    match: text('Pattern of the addresses of the pages'),
    profile_path: text('Folder of the profile'),
    path: text('Folder of the extension'),
    referenced: bigint('1 when the profile knows the extension'),
  },
  examples: [
    "SELECT uid, identifier, script FROM chrome_extension_content_scripts WHERE match = '<all_urls>'",
  ],
  *generate(context) {
    for (const extension of extensions(context)) {
      const { profile, path, manifest, known } = extension;
      for (const each of asList(manifest.content_scripts)) {
        for (const script of asList(at(each, 'js'))) {
          for (const match of asList(at(each, 'matches'))) {
            yield {
              browser_type: profile.browser,
              uid: profile.uid,
              identifier: identifier(extension),
              version: asText(manifest.version),
              script: asText(script),
              match: asText(match),
              profile_path: profile.path,
              path,
              referenced: known !== undefined,
            };
          }
        }
      }
    }
  },
});
