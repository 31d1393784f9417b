// npm run model: spin checks model/job.pml, and then each of its twins, which lack one rule and must break a promise.
// npm run model -- wide: three workers instead of two, which takes minutes.
// npm run model -- <TWIN>: how that twin breaks its promise, step by step.
import { execFile, spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const MODEL = path.resolve(import.meta.dirname, '../model/job.pml');
const CC = process.env.CC ?? 'cc';
/** As for other test programs: it could not be tried here. */
const CANNOT_TRY = 77;
const AT_ONCE = 2;

/** What a twin lacks, by the name that is defined in the model, and which promises it must break. */
const TWINS = {
  NO_TOKEN_CHECK: ['TOKEN_ON_ROW', 'FENCE_HOLDS'],
  CLIENT_CLOCK: ['HOLDER_KNOWS'],
  RECORD_BY_ID: ['ONE_OUTCOME', 'OUTCOME_STAYS'],
  RENEW_AFTER_EXPIRY: ['HOLDER_KNOWS'],
  READ_BACK: ['TOLD_TRUE'],
  READ_ROW_ONLY: ['TOLD_TRUE'],
  GIVING_UP_IS_LOST: ['TOLD_TRUE'],
  ANY_TOKEN: ['TOKEN_ONCE'],
  TOKEN_ON_ROW_ONLY: ['TOKEN_ONCE', 'TOLD_TRUE'],
  RENEW_SHORTENS: ['HOLDER_KNOWS'],
  RENEW_AFTER_OUTCOME: ['OUTCOME_STAYS'],
  COUNTED_FROM_ANSWER: ['HOLDER_KNOWS'],
  UNFENCED_TAKEOVER: ['FENCE_HOLDS'],
  COUNTS_CLEARED: ['CLAIMS_GROW'],
  NO_TAKEOVER: ['GRANTED_AGAIN'],
};

const protocol = { of: 'the protocol', defines: [], promise: 'all', compile: ['-O2', '-DSAFETY'], breaks: false };
const wide = { ...protocol, of: 'three workers', defines: ['-DWORKERS=3'], compile: ['-O2', '-DSAFETY', '-DCOLLAPSE'] };
/** That something happens at last: as long as no process waits for ever though it could go on. */
const atLast = {
  ...protocol,
  defines: ['-DLIVENESS'],
  promise: 'GRANTED_AGAIN',
  compile: ['-O2', '-DNFAIR=4'],
  search: ['-a', '-f'],
};

const twins = Object.entries(TWINS).flatMap(([twin, promises]) =>
  promises.map((promise) =>
    promise === atLast.promise
      ? { ...atLast, of: twin, defines: [...atLast.defines, `-D${twin}`], breaks: true }
      : // Breadth first: what is found first is the shortest way.
        {
          of: twin,
          defines: [`-D${twin}`, `-DONLY=${promise}`],
          promise,
          compile: ['-DSAFETY', '-DBFS'],
          breaks: true,
        },
  ),
);

const [asked] = process.argv.slice(2);
requireTools();
if (asked === undefined) process.exitCode = await checkAll([protocol, atLast, ...twins]);
else if (asked === 'wide') process.exitCode = await checkAll([wide]);
else await tell(asked);

function requireTools() {
  const missing = ['spin', CC].filter((tool) => spawnSync(tool, ['--version']).error);
  if (missing.length === 0) return;
  console.error(
    `The model cannot be checked here: ${missing.join(' and ')} not found. It needs spin (Debian: apt-get install spin) and a C compiler.`,
  );
  process.exit(CANNOT_TRY);
}

async function checkAll(checks) {
  const running = [];
  let wrong = 0;
  for (const [index, check] of checks.entries()) {
    while (running.length < Math.min(index + AT_ONCE, checks.length))
      running.push(inFolder(checks[running.length], search));
    const { found, line } = await running[index];
    if (found !== (check.breaks ? 'breaks' : 'keeps')) wrong++;
    console.log(line);
  }
  console.log(`${checks.length - wrong} as they must be, ${wrong} not`);
  return wrong === 0 ? 0 : 1;
}

async function tell(twin) {
  const checks = twins.filter(({ of }) => of === twin);
  if (checks.length === 0) {
    console.error(`expected wide or a twin (${Object.keys(TWINS).join(', ')}), got: ${twin}`);
    process.exitCode = 1;
  }
  for (const check of checks) {
    const { line, steps } = await inFolder(check, async (_, folder) => {
      const { line } = await search(check, folder);
      return { line, steps: await stepsTo(check, folder) };
    });
    console.log(`${line}\n${steps}`);
  }
}

/** What spin's way to the broken promise prints. */
async function stepsTo(check, folder) {
  const { output } = await run('spin', [...preprocessed(check), '-T', '-t', '-k', 'job.pml.trail', MODEL], folder);
  return output.replace(/^(?:spin: warning|ltl |Never claim).*\n/gm, '').split(/^spin:/m)[0];
}

/** In a folder of its own, as spin leaves its work where it stands. */
async function inFolder(check, work) {
  const folder = await mkdtemp(path.join(tmpdir(), 'model-'));
  try {
    return await work(check, folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function search(check, folder) {
  const { of, promise, compile, search: how = [] } = check;
  const made = await run('spin', [...preprocessed(check), '-a', MODEL], folder);
  const built = await run(CC, ['-w', ...compile, '-o', 'pan', 'pan.c'], folder);
  const started = performance.now();
  const { output } = await run(path.join(folder, 'pan'), ['-m10000', '-w22', ...how], folder);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  const found = foundIn(output);
  const numbers = [/(\d+) states, stored/, /([\d.]+)\s+total actual memory/].map((pattern) =>
    Number(pattern.exec(output)?.[1]),
  );
  const line = `${of.padEnd(20)} ${found} ${promise.padEnd(14)} ${String(numbers[0]).padStart(8)} states ${seconds.padStart(5)} s ${numbers[1]?.toFixed(0).padStart(4)} MB`;
  return { found, line: found === 'fails' ? `${line}\n${made.output}${built.output}${output}` : line };
}

/** 'fails': neither was everything looked at, nor was a promise seen broken. */
function foundIn(output) {
  if (/assertion violated(?! - invalid)|acceptance cycle \(/.test(output)) return 'breaks';
  const whole = /errors: 0$/m.test(output) && !/not completed|depth too small|out of memory/.test(output);
  // A line that is never reached would hold nothing.
  const unreached = [...output.matchAll(/^\s+.*job\.pml:\d+, state \d+, "(.*)"$/gm)].filter(
    ([, what]) => what !== '-end-',
  );
  return whole && unreached.length === 0 ? 'keeps' : 'fails';
}

/** spin asks for gcc by name otherwise. */
function preprocessed({ defines }) {
  return [`-P${CC} -E -x c`, ...defines];
}

async function run(command, args, cwd) {
  try {
    const { stdout, stderr } = await promisify(execFile)(command, args, { cwd, maxBuffer: 2 ** 26 });
    return { output: stdout + stderr };
  } catch (error) {
    return { output: `${error.stdout ?? ''}${error.stderr ?? ''}${error.message}\n` };
  }
}
