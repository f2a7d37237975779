import assert from 'node:assert/strict';
import fc from 'fast-check';
import { addressText, macText, maskText } from '../../../../src/tables/state/network/addresses.ts';
import { routeMessages } from '../../../../src/tables/state/network/rtnetlink.ts';

function attribute(type: number, value: Buffer): Buffer {
  const bytes = Buffer.alloc((4 + value.length + 3) & ~3);
  bytes.writeUInt16LE(4 + value.length, 0);
  bytes.writeUInt16LE(type, 2);
  value.copy(bytes, 4);
  return bytes;
}

function message(type: number, body: Buffer, ...attributes: readonly Buffer[]): Buffer {
  const rest = Buffer.concat([body, ...attributes]);
  const header = Buffer.alloc(16);
  header.writeUInt32LE(16 + rest.length, 0);
  header.writeUInt16LE(type, 4);
  return Buffer.concat([header, rest]);
}

describe('tables: rtnetlink', () => {
  it('messages and their attributes, others passed over', () => {
    const bytes = Buffer.concat([
      message(
        16,
        Buffer.alloc(16, 1),
        attribute(3, Buffer.from('lo\0')),
        attribute(4, Buffer.alloc(4, 7)),
      ),
      message(20, Buffer.alloc(8)),
      message(16, Buffer.alloc(16, 2), attribute(0x8000 | 5, Buffer.alloc(2))),
    ]);
    const found = routeMessages(bytes, 16, 16);
    assert.deepEqual(
      found.map(({ body, attributes }) => [body[0], [...attributes.keys()]]),
      [
        [1, [3, 4]],
        [2, [5]],
      ],
    );
    assert.equal(found[0]?.attributes.get(3)?.toString(), 'lo\0');
  });

  it('ends where the bytes do, whatever they are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat({ max: 20 }), (noise, body) => {
        const bytes = Buffer.concat([message(16, Buffer.from(noise)), Buffer.from(noise)]);
        for (const each of routeMessages(bytes, 16, body)) assert.equal(each.body.length, body);
      }),
    );
  });

  it('addresses as inet_ntop writes them', () => {
    const six = (...groups: readonly number[]): string =>
      addressText(Buffer.from(groups.flatMap((group) => [group >> 8, group & 0xff])));
    assert.equal(six(0, 0, 0, 0, 0, 0, 0, 0), '::');
    assert.equal(six(0, 0, 0, 0, 0, 0, 0, 1), '::1');
    assert.equal(six(0xfe80, 0, 0, 0, 1, 0, 0, 9), 'fe80::1:0:0:9');
    assert.equal(six(1, 0, 2, 3, 4, 5, 6, 7), '1:0:2:3:4:5:6:7');
    assert.equal(six(1, 2, 3, 4, 5, 6, 0, 0), '1:2:3:4:5:6::');
    assert.equal(six(0, 0, 0, 0, 0, 0xffff, 0x0102, 0x0304), '::ffff:1.2.3.4');
    assert.equal(addressText(Buffer.alloc(7)), '');
    assert.equal(maskText(20, 4), '255.255.240.0');
    assert.equal(maskText(0, 4), '0.0.0.0');
    assert.equal(maskText(128, 16), 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff');
    assert.equal(macText(Buffer.from([2, 0, 0xab, 1, 2, 3])), '02:00:ab:01:02:03');
  });
});
