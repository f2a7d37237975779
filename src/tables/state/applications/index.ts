import type { StateTable } from '../../bridge/table.ts';
import { chromeExtensionContentScripts } from './chrome-extension-content-scripts.ts';
import { chromeExtensions } from './chrome-extensions.ts';
import { firefoxAddons } from './firefox-addons.ts';
import { vscodeExtensions } from './vscode-extensions.ts';

export const APPLICATION_TABLES: readonly StateTable[] = [
  chromeExtensionContentScripts,
  chromeExtensions,
  firefoxAddons,
  vscodeExtensions,
];
