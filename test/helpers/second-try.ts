import { sep } from 'node:path';

const LIVE = `${sep}test${sep}live${sep}`;

/**
 * Root hooks: on CI a live test that failed is tried once more, and the first failure is told
 * (docs/decisions/second-try.md). Nothing else ever is.
 */
export const mochaHooks = {
  beforeEach(this: Mocha.Context): void {
    const test = this.currentTest;
    if (process.env.CI !== undefined && test?.file?.includes(LIVE)) test.retries(1);
  },

  afterEach(this: Mocha.Context): void {
    const test = this.currentTest;
    if (test?.state === 'passed' && Number(Reflect.get(test, '_currentRetry')) > 0) {
      console.error(`    passed only at the second try: ${test.fullTitle()}`);
    }
  },
};
