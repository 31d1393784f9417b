import { type ChildProcess, fork } from 'node:child_process';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { build } from 'vite';

const ROOT = path.resolve(import.meta.dirname, '../..');
const FOLDER = path.join(ROOT, '.data/test-programs');

const built = new Map<string, Promise<string>>();

/**
 * As startProgram, in half the time: the program is made one file first, once a process. For those who start many. The program itself must end
 * when its starter does: `process.once('disconnect', () => process.exit())`. `name`: of test/programs, or a path from the root ('chaos/programs/worker').
 * `under`: what it is started by (`['nice']`).
 */
export async function startBuiltProgram(name: string, args: string[], under: string[] = []): Promise<ChildProcess> {
  const file = built.get(name) ?? buildProgram(name);
  built.set(name, file);
  const [execPath = process.execPath, ...execArgv] = [...under, process.execPath, '--enable-source-maps'];
  return fork(await file, args, { execPath, execArgv });
}

async function buildProgram(name: string): Promise<string> {
  const result = await build({
    root: ROOT,
    configFile: false,
    logLevel: 'error',
    resolve: { tsconfigPaths: true },
    build: {
      ssr: path.resolve(ROOT, name.includes('/') ? '' : 'test/programs', `${name}.ts`),
      write: false,
      target: 'node22',
      minify: false,
      sourcemap: 'inline',
    },
  });
  const [output] = [result].flat();
  if (!output || !('output' in output)) throw new Error(`${name} was not built`);
  await mkdir(FOLDER, { recursive: true });
  const file = path.join(FOLDER, `${name.replaceAll('/', '-')}.mjs`);
  // Moved in place whole: another test process may be starting it.
  await writeFile(`${file}.${process.pid}`, output.output[0].code);
  await rename(`${file}.${process.pid}`, file);
  return file;
}
