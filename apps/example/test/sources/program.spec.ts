// `npm run example -- <source>`, as a process of its own.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { createTestDatabase } from '../../../../test/support/database.js';

const ROOT = path.resolve(import.meta.dirname, '../../../..');
const PROGRAM = ['test/support/run-program.mjs', 'apps/example/src/sources/main.ts'];

async function run(args: string[], env: NodeJS.ProcessEnv) {
  const child = spawn(process.execPath, [...PROGRAM, ...args], { cwd: ROOT, env: { ...process.env, ...env } });
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  return { out, err, code };
}

describe.concurrent("the examples' program", () => {
  it('tells what became of the jobs, and ends by itself', async () => {
    const database = await createTestDatabase();
    try {
      const { out, err, code } = await run(['events'], { DATABASE_URL: database.url });
      expect({ err, code }).toEqual({ err: '', code: 0 });
      expect(out).toMatch(/^kind +id +status +claims +attempts\nforget +customer-\w+ +succeeded +1 +succeeded$/m);
    } finally {
      await database.drop();
    }
  });

  it('says which broker it needs and where, when none answers', async () => {
    // Nobody listens on port 1.
    const { err, code } = await run(['queues'], { REDIS_URL: 'redis://127.0.0.1:1' });
    expect(code).toBe(1);
    expect(err).toContain('needs Redis, and at 127.0.0.1:1 none answers');
    expect(err).toContain('REDIS_URL');
  });

  it('names the kinds that there are, when asked for another', async () => {
    const { err, code } = await run(['telegrams'], {});
    expect(code).toBe(1);
    expect(err).toContain('messages, messages-rabbitmq');
  });
});
