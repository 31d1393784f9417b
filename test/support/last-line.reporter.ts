import { writeSync } from 'node:fs';
import type { Reporter, SerializedError, TestModule, TestSuite } from 'vitest/node';

/**
 * The very last line of a run, alone on it: `12 passed, 0 failed`, and `, 1 skipped` where some were. What is no test but
 * failed counts as one failed: a file that does not load, a hook that throws, an error nobody caught, a set-up that broke.
 */
export default class LastLineReporter implements Reporter {
  private line = '0 passed, 1 failed';

  onInit(): void {
    // At the exit, after every other reporter and the teardown have had their say.
    process.once('exit', () => writeSync(process.stdout.fd, `${this.line}\n`));
  }

  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[]): void {
    const count = { passed: 0, failed: unhandled.length, skipped: 0 };
    for (const module of modules) {
      count.failed += brokenIn(module);
      for (const suite of module.children.allSuites()) count.failed += brokenIn(suite);
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        count[state === 'pending' ? 'skipped' : state] += 1;
      }
    }
    if (modules.length === 0) count.failed += 1; // nothing was found to run
    const skipped = count.skipped ? `, ${count.skipped} skipped` : '';
    this.line = `${count.passed} passed, ${count.failed} failed${skipped}`;
  }
}

function brokenIn(part: TestModule | TestSuite): number {
  return part.errors().length > 0 ? 1 : 0;
}
