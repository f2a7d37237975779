import type { TableContext } from '../../bridge/context.ts';
import { bigint, defineTable, integer, text } from '../../bridge/table.ts';
import { asList, type JsonObject } from '../../host/json.ts';
import { number } from './docker.ts';
import { askLxdEach, askLxdObject, lxdText, lxdUrl } from './lxd.ts';

interface Image {
  readonly id: string; // as the query calls it
  readonly facts: JsonObject;
}

function* images(context: TableContext<'id'>): Iterable<Image> {
  const asked = context.texts('id');
  if (asked === undefined) {
    for (const { facts } of askLxdEach(context, '/1.0/images')) {
      yield { id: lxdText(facts, 'fingerprint'), facts };
    }
    return;
  }
  for (const id of asked) {
    const facts = askLxdObject(context, lxdUrl('images', id));
    if (facts !== undefined) yield { id, facts };
  }
}

export const lxdImages = defineTable({
  name: 'lxd_images',
  description: 'Images of LXD or Incus',
  columns: {
    id: text('Fingerprint, or the beginning of it', { index: true, collate: 'nocase' }),
    architecture: text('Architecture'),
    os: text('Operating system'),
    release: text('Its release'),
    description: text('What it says of itself'),
    aliases: text('Names, comma-separated'),
    filename: text('File that it came as'),
    size: bigint('Bytes'),
    auto_update: integer('1 when it follows its source'),
    cached: integer('1 when it was fetched for an instance'),
    public: integer('1 when anyone may have it'),
    created_at: text('When it was made'),
    expires_at: text('When it expires'),
    uploaded_at: text('When it came here'),
    last_used_at: text('When it was used last'),
    update_source_server: text('Server that it comes from'),
    update_source_protocol: text('Protocol of that'),
    update_source_certificate: text('Certificate of that'),
    update_source_alias: text('Name that it has there'),
  },
  examples: ['SELECT os, release, size FROM lxd_images'],
  *generate(context) {
    for (const { id, facts } of images(context)) {
      yield {
        id,
        architecture: lxdText(facts, 'architecture'),
        os: lxdText(facts, 'properties', 'os'),
        release: lxdText(facts, 'properties', 'release'),
        description: lxdText(facts, 'properties', 'description'),
        aliases: asList(facts.aliases)
          .map((alias) => lxdText(alias, 'name'))
          .join(','),
        filename: lxdText(facts, 'filename'),
        size: number(facts.size),
        auto_update: facts.auto_update === true,
        cached: facts.cached === true,
        public: facts.public === true,
        created_at: lxdText(facts, 'created_at'),
        expires_at: lxdText(facts, 'expires_at'),
        uploaded_at: lxdText(facts, 'uploaded_at'),
        last_used_at: lxdText(facts, 'last_used_at'),
        update_source_server: lxdText(facts, 'update_source', 'server'),
        update_source_protocol: lxdText(facts, 'update_source', 'protocol'),
        update_source_certificate: lxdText(facts, 'update_source', 'certificate'),
        update_source_alias: lxdText(facts, 'update_source', 'alias'),
      };
    }
  },
});
