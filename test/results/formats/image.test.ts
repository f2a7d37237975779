import assert from 'node:assert/strict';
import { splitImage } from '../../../src/results/formats/image.ts';

const IMAGES: readonly (readonly [reference: string, name: string, tag: string | undefined])[] = [
  ['nginx', 'nginx', undefined],
  ['nginx:1.27', 'nginx', '1.27'],
  ['registry:5000/shop/web', 'registry:5000/shop/web', undefined],
  ['registry:5000/shop/web:1@sha256:ab', 'registry:5000/shop/web', '1'],
  ['quay.io/shop/web@sha256:ab', 'quay.io/shop/web', undefined],
  ['sha256:ab', 'sha256:ab', undefined],
  ['/var/lib/machines/deb:12', '/var/lib/machines/deb:12', undefined],
  ['nginx:', 'nginx', undefined],
  ['@', '@', undefined],
];

describe('images', () => {
  for (const [reference, name, tag] of IMAGES) {
    it(reference, () => assert.deepEqual(splitImage(reference), { name, tag }));
  }
  it('none', () =>
    assert.deepEqual([splitImage(undefined), splitImage('')], [undefined, undefined]));
});
