import { safeText } from '../../output/safe-text.ts';
import { shorten } from '../../output/width.ts';

/** Longest text of an attribute or a cell: command lines may be 2 MiB. */
const LONGEST = 4000;

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/**
 * Text of an event for an element or a quoted attribute. What it says comes from whom the page may
 * be about: no markup, no control characters, nothing that turns the direction of writing.
 */
export function escaped(text: string, most = LONGEST): string {
  // Cut before it is measured: that takes time for each character.
  const harmless = safeText(text.slice(0, most + 1).toWellFormed());
  return shorten(harmless, most).replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}
