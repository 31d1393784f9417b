import { writeSync } from 'node:fs';
import path from 'node:path';
import type { Reporter, SerializedError, TestCase, TestModule, TestSuite, Vitest } from 'vitest/node';

/** It brings every program that a test wants: one that is skipped all the same has not been run anywhere. */
const NOTHING_SKIPPED = process.env.npm_lifecycle_event === 'test:full';

/**
 * The very last line of a run, alone on it: `12 passed, 0 failed`, and `, 1 skipped` where some were. What is no test but
 * failed counts as one failed: a file that does not load, a hook that throws, an error nobody caught, a set-up that broke. Above it stands
 * what was skipped (for want of a program), which `npm run test:full` counts as failed; a pattern of names (`-t`) skips what was not asked for.
 */
export default class LastLineReporter implements Reporter {
  private lines = ['0 passed, 1 failed'];
  private asksForSome = false;

  onInit({ config }: Vitest): void {
    this.asksForSome = config.testNamePattern !== undefined;
    // At the exit, after every other reporter and the teardown have had their say.
    process.once('exit', () => writeSync(process.stdout.fd, `${this.lines.join('\n')}\n`));
  }

  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[]): void {
    const count = { passed: 0, failed: unhandled.length };
    const skipped: TestCase[] = [];
    for (const module of modules) {
      count.failed += brokenIn(module);
      for (const suite of module.children.allSuites()) count.failed += brokenIn(suite);
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        if (state === 'passed' || state === 'failed') count[state] += 1;
        else skipped.push(test);
      }
    }
    if (modules.length === 0) count.failed += 1; // nothing was found to run
    const told = this.asksForSome ? [] : skipped.map(toldOf);
    if (NOTHING_SKIPPED && told.length > 0) {
      count.failed += told.length;
      process.exitCode = 1;
    }
    const also = skipped.length > 0 ? `, ${skipped.length} skipped` : '';
    this.lines = [...told, `${count.passed} passed, ${count.failed} failed${also}`];
  }
}

function toldOf(test: TestCase): string {
  const file = path.relative(process.cwd(), test.module.moduleId);
  return `SKIPPED: ${[test.project.name, file, test.fullName].filter((part) => part !== '').join(' > ')}`;
}

function brokenIn(part: TestModule | TestSuite): number {
  return part.errors().length > 0 ? 1 : 0;
}
