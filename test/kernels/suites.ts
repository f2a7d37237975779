/** Live suites (test/live/NAME.test.ts) that are run inside of the machines, in every tier. */
export const SUITES: readonly string[] = [
  'behaviour-process',
  'behaviour-file',
  'behaviour-socket',
];
