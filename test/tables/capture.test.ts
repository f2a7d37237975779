import assert from 'node:assert/strict';
import { CLASS_NAMES, CLASSES } from '../../src/sensor/schema.ts';
import { CAPTURE_TABLES, captureColumns } from '../../src/tables/capture.ts';

describe('tables: what an export can be imported from', () => {
  for (const className of CLASS_NAMES) {
    it(`a table shows every stored column of class ${className}`, () => {
      const table = CAPTURE_TABLES.get(className);
      assert.ok(table);
      const shown = new Set(captureColumns(table).map(({ stored }) => stored.name));
      const missing = CLASSES[className].filter(
        ({ name, origin }) => origin !== 'batch' && !shown.has(name),
      );
      assert.deepEqual(missing, []);
    });
  }

  it('file_events is none: it is a view', () => {
    const names = [...CAPTURE_TABLES.values()].map(({ name }) => name);
    assert.ok(names.includes('process_file_events') && !names.includes('file_events'));
  });
});
