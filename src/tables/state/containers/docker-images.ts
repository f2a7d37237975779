/** Images, and what the daemon says of each: a table for each kind of part. */
import { bigint, defineTable, integer, text } from '../../bridge/table.ts';
import { asList, asText, at, isObject } from '../../host/json.ts';
import { ask, askList, bare, images, number, pairs } from './docker.ts';

const ID = text('Identifier of the image', { index: true, collate: 'nocase' });
const part = (id: unknown, name: string): string =>
  `/images/${encodeURIComponent(asText(id))}/${name}`;
const tags = (value: unknown): string => asList(value).map(asText).join(',');

export const dockerImages = defineTable({
  name: 'docker_images',
  description: 'Images of Docker',
  columns: {
    id: text('Identifier', { collate: 'nocase' }),
    created: bigint('When it was made, seconds since 1970'),
    size_bytes: bigint('Size in bytes'),
    tags: text('Names, with commas between'),
  },
  examples: ['SELECT id, tags, size_bytes FROM docker_images'],
  *generate(context) {
    for (const facts of askList(context, '/images/json')) {
      yield {
        id: bare(facts.Id),
        created: number(facts.Created),
        size_bytes: number(facts.Size),
        tags: tags(facts.RepoTags),
      };
    }
  },
});

export const dockerImageLabels = defineTable({
  name: 'docker_image_labels',
  description: 'Labels of images of Docker',
  columns: { id: ID, key: text('Label'), value: text('Value') },
  examples: ['SELECT * FROM docker_image_labels'],
  *generate(context) {
    for (const { id, facts } of images(context))
      for (const [key, value] of pairs(facts.Labels)) yield { id, key, value };
  },
});

export const dockerImageHistory = defineTable({
  name: 'docker_image_history',
  description: 'Steps that images of Docker were made by',
  columns: {
    id: ID,
    created: bigint('When the step was done, seconds since 1970'),
    size: bigint('Bytes that it added'),
    created_by: text('What it did'),
    tags: text('Names of the image after it'),
    comment: text('Remark'),
  },
  examples: ["SELECT id, created_by FROM docker_image_history WHERE created_by LIKE '%curl%|%sh%'"],
  *generate(context) {
    for (const { id, facts } of images(context)) {
      for (const step of askList(context, part(facts.Id, 'history'))) {
        yield {
          id,
          created: number(step.Created),
          size: number(step.Size),
          created_by: asText(step.CreatedBy),
          tags: tags(step.Tags),
          comment: asText(step.Comment),
        };
      }
    }
  },
});

export const dockerImageLayers = defineTable({
  name: 'docker_image_layers',
  description: 'Layers that images of Docker are made of',
  columns: {
    id: ID,
    layer_id: text('Identifier of the layer', { collate: 'nocase' }),
    layer_order: integer('Its place, from 1 at the bottom'),
  },
  examples: ['SELECT layer_id, count(*) AS images FROM docker_image_layers GROUP BY layer_id'],
  *generate(context) {
    for (const { id, facts } of images(context)) {
      const image = ask(context, part(facts.Id, 'json'));
      const layers = isObject(image) ? asList(at(image, 'RootFS', 'Layers')) : [];
      for (const [i, layer] of layers.entries())
        yield { id, layer_id: bare(layer), layer_order: i + 1 };
    }
  },
});
