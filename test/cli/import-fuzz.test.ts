import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { Fuzzer } from '../fuzz/fuzzer.ts';
import { makeScratch, removeScratch } from '../helpers/scratch.ts';

const SECONDS = 10;

describe('cli: lines that are imported, fuzzed with sanitizers', function () {
  this.timeout(300_000); // it is compiled first
  let scratch: string;
  let fuzzer: Fuzzer;
  before(() => {
    scratch = makeScratch();
    fuzzer = new Fuzzer('lines', scratch);
  });
  after(() => removeScratch(scratch));

  it(`the reader neither crashes nor breaks a promise for ${SECONDS} s`, () => {
    const { clean, output } = fuzzer.run(SECONDS);
    assert.ok(clean, output);
    const runs = Number(/number_of_executed_units:\s*(\d+)/.exec(output)?.[1]);
    assert.ok(runs > 1000, output);
    assert.ok(readdirSync(fuzzer.corpus).length > 100, output);
  });
});
