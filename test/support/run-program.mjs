// What test/support/program.ts starts: transforms a TypeScript program as the tests are (decorators, path aliases) and runs it.
import { runnerImport } from 'vite';

const [, , program, ...args] = process.argv;
process.argv = [process.argv[0], program, ...args];
process.once('disconnect', () => process.exit()); // the test is gone. Also keeps a program alive that waits to be killed
await runnerImport(program, { configFile: false, logLevel: 'error', resolve: { tsconfigPaths: true } });
