/**
 * Debian's control format (deb822): stanzas of `Field: value`, an empty line between them. Field
 * names are in small letters here; continued lines are joined with a newline.
 */
export type Stanza = ReadonlyMap<string, string>;

/** @param fields only these are kept; default all: a status file of 10 MB is mostly descriptions */
export function* stanzas(lines: Iterable<string>, fields?: ReadonlySet<string>): Iterable<Stanza> {
  let stanza = new Map<string, string>();
  let field = '';
  for (const line of lines) {
    if (line.trim() === '') {
      if (stanza.size > 0) yield stanza;
      stanza = new Map();
      field = '';
    } else if (line.startsWith('#')) {
    } else if (line.startsWith(' ') || line.startsWith('\t')) {
      if (field !== '') stanza.set(field, `${stanza.get(field)}\n${line.trim()}`);
    } else {
      const colon = line.indexOf(':');
      const name = colon > 0 ? line.slice(0, colon).toLowerCase() : '';
      field = name !== '' && fields?.has(name) !== false ? name : '';
      if (field !== '') stanza.set(field, line.slice(colon + 1).trim());
    }
  }
  if (stanza.size > 0) yield stanza;
}
