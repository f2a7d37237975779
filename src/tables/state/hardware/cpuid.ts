import { native } from '../../../native/addon.ts';
import { defineTable, integer, text } from '../../bridge/table.ts';
import { FEATURES } from './cpuid-features.ts';

const ORDER = { eax: 0, ebx: 1, ecx: 2, edx: 3 } as const;
const PRODUCT_NAME = 0x80000002;
const HYPERVISOR = 0x40000000;
const SGX = 0x12;

/** Registers after the instruction; zeros on machines without it. */
function ask(leaf: number, subleaf = 0): Int32Array {
  return native.tables.cpuid(leaf, subleaf) ?? new Int32Array(4);
}

function letters(registers: readonly (number | undefined)[]): string {
  return Buffer.from(Int32Array.from(registers.map((value) => value ?? 0)).buffer)
    .toString('latin1')
    .replaceAll('\0', '')
    .trim();
}

const hex = (value = 0): string => (value >>> 0).toString(16).padStart(8, '0');

/** Values that are more than a bit. */
function* texts(): Iterable<
  readonly [feature: string, value: string, from: string, input: string]
> {
  const [highest = 0, b, c, d] = ask(0);
  yield ['vendor', letters([b, d, c]), 'ebx,edx,ecx', '0'];
  const name = letters([0, 1, 2].flatMap((i) => [...ask(PRODUCT_NAME + i)]));
  yield ['product_name', name, 'eax,ebx,ecx,edx', '0x80000002'];
  const [top = 0, ...id] = ask(HYPERVISOR);
  if (top >>> 24 === 0x40) yield ['hypervisor_id', letters(id), 'ebx,ecx,edx', '0x40000000'];
  const [signature = 0] = ask(1);
  // As Intel and AMD tell to add them: the extended family counts when the family is 15.
  const family = (signature >> 8) & 0xf;
  const whole = family === 0xf ? family + ((signature >> 20) & 0xff) : family;
  yield ['family', whole.toString(16).padStart(4, '0'), 'eax', '1'];
  if (highest < SGX) return;
  yield ['sgx0', [...ask(SGX)].map(hex).join(''), 'eax,ebx,ecx,edx', '18'];
  yield ['sgx1', [...ask(SGX, 1)].map(hex).join(''), 'eax,ebx,ecx,edx', '18,1'];
}

export const cpuid = defineTable({
  name: 'cpuid',
  description: 'What the processor says of itself (the instruction CPUID); none on other than x86',
  rows: 60,
  columns: {
    feature: text('vendor, product_name, hypervisor_id, family, or the name of a bit'),
    value: text('Text, or 1 when the bit is set'),
    output_register: text('Register that has it'),
    output_bit: integer('Bit of the register; 0 for texts'),
    input_eax: text('What was in eax'),
  },
  examples: ["SELECT value FROM cpuid WHERE feature = 'hypervisor'"],
  *generate() {
    if (native.tables.cpuid(0, 0) === undefined) return;
    for (const [feature, value, output_register, input_eax] of texts()) {
      yield { feature, value, output_register, output_bit: 0, input_eax };
    }
    const [highest = 0] = ask(0);
    for (const [leaf, features] of FEATURES) {
      if (leaf < 0x80000000 && leaf > highest) continue;
      const registers = ask(leaf);
      for (const [feature, register, bit] of features) {
        const set = ((registers[ORDER[register]] ?? 0) >>> bit) & 1;
        yield {
          feature,
          value: String(set),
          output_register: register,
          output_bit: bit,
          input_eax: String(leaf),
        };
      }
    }
  },
});
