export interface Image {
  readonly name: string; // with its registry
  readonly tag: string | undefined;
}

/**
 * Name and tag of a reference such as registry:5000/shop/web:1.2@sha256:…; undefined without one. A
 * bare identifier, or a folder, is all name.
 */
export function splitImage(reference: string | undefined): Image | undefined {
  if (reference === undefined || reference === '') return undefined;
  const [named = ''] = reference.split('@');
  // A colon before the last slash is that of the registry's port.
  const colon = named.indexOf(':', named.lastIndexOf('/') + 1);
  if (colon <= 0 || /^sha256:/.test(named) || named.startsWith('/')) {
    return { name: named || reference, tag: undefined };
  }
  return { name: named.slice(0, colon), tag: named.slice(colon + 1) || undefined };
}
