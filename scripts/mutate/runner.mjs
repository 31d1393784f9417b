// One vitest, and with it one database server, for many mutants. A child of scripts/mutate.mjs, which names the copy of the tree that it may
// spoil. It is told a file and its spoiled text, and answers with the law that went red.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createVitest } from 'vitest/node';

const tree = process.cwd();

/** They compare texts: red by any change, they say nothing of what the change breaks. */
const OF_TEXTS =
  /^(apps|test\/(contract|docs|full|package)|test\/[^/]+\.spec\.ts)|\/(docs|qualifier|statements)\.spec\.ts$/;
/** They go by chance: red with one seed, green with the next. */
const OF_CHANCE = /^test\/histories\/|\/histories\.spec\.ts$/;
/** They look at values that know of no job, at length. */
const OF_VALUES =
  /\/(failure-record|fingerprint(\.corpus)?|patterns|to-json|job-query|job-id|duration|unknown-keys|parameter-names)\.spec\.ts$/;
/** What PostgreSQL cannot even read would turn every law red, and prove nothing. */
const UNDERSTOOD = 'libs/job-tracking/src/postgres/statements.spec.ts';
/** The quick ones first. Each is asked only when the one before stayed green. */
const STAGES = [
  /^libs\/job-tracking\/src\/(testing\/|postgres\/contract)/,
  /^test\/acceptance\/[^/]+$/,
  /^libs\//,
  /^test\/acceptance\/(?!sources\/|context\/memory)/,
  /^test\/(?!acceptance|concurrency|cuts)/,
  /^test\/(concurrency|acceptance)\//,
  /^test\/cuts\//,
];

/** So many of them are asked by `--quick`, and for so many milliseconds. */
const QUICK = { stages: 4, within: 120_000 };

let reds = [];
let broken = [];
let late = false;
const reporter = {
  onTestCaseResult(test) {
    if (test.result().state !== 'failed') return;
    const spec = path.relative(tree, test.module.moduleId);
    reds.push({ spec, law: test.name, fullName: test.fullName, errors: test.result().errors ?? [] });
    void vitest.cancelCurrentRun('test-failure');
  },
  onTestModuleEnd(module) {
    for (const error of module.errors()) broken.push(`${path.relative(tree, module.moduleId)}: ${error.message}`);
  },
};
/** Milliseconds: where a mutant lets a law wait for ever, it is red soon. */
const testTimeout = 10_000;
const vitest = await createVitest('test', {
  watch: false,
  root: tree,
  maxWorkers: 1,
  // What one mutant broke in a process, and the modules that it loaded, must not meet the next.
  isolate: true,
  testTimeout,
  reporters: [reporter],
});
const specs = new Map(
  (await vitest.globTestSpecifications()).map((spec) => [path.relative(tree, spec.moduleId), spec.moduleId]),
);
const laws = [...specs.keys()].filter((spec) => ![OF_TEXTS, OF_CHANCE, OF_VALUES].some((kind) => kind.test(spec)));
const stages = STAGES.map((_, i) => laws.filter((spec) => STAGES.findIndex((stage) => stage.test(spec)) === i));

/**
 * Where the laws of a file stand, beside those in the spec of its name. They are asked first of all: it is quicker, and some mutants break the jobs of
 * other laws, too, where these share a database.
 */
const AT_HOME = {
  'postgres/sql/many.ts': ['acceptance/operators-many'],
  'postgres/sql/keep-checkpoint.ts': ['cuts/late-checkpoints'],
  'postgres/sql/read-jobs.ts': [
    'acceptance/pages',
    'acceptance/reads',
    'acceptance/history',
    'acceptance/operators-many',
  ],
  'postgres/store/claim.ts': ['postgres/store/between-statements', 'cuts/cut-answers', 'cuts/late-claims'],
  'postgres/store/claim-due.ts': ['cuts/cut-consumers'],
  'postgres/sending/database.ts': ['cuts/cut-answers', 'cuts/cut-operators', 'cuts/silent-connections'],
  'postgres/store/record.ts': ['cuts/cut-answers', 'cuts/trouble-while-recording'],
  'postgres/store/operate.ts': ['postgres/store/between-statements', 'acceptance/operators-many', 'cuts/cut-operators'],
  'postgres/store/register.ts': ['postgres/store/claim', 'acceptance/register'],
  'postgres/store/postgres-job-store.ts': ['cuts/silent-connections', 'cuts/skewed-clock'],
  'protocol/run/runs-of-app.ts': ['protocol/run/claim'],
  'protocol/run/run-tracked.ts': [
    'acceptance/timeout',
    'acceptance/checkpoint',
    'acceptance/schemas',
    'context/current',
  ],
  'protocol/run/claim.ts': [
    'protocol/run/run-tracked',
    'acceptance/duplicates',
    'acceptance/missing-jobs',
    'acceptance/schemas',
  ],
  'protocol/run/record.ts': [
    'protocol/run/run-tracked',
    'acceptance/consume',
    'acceptance/output',
    'acceptance/outcomes',
    'cuts/trouble-while-recording',
  ],
  'protocol/run/ruling.ts': [
    'acceptance/backoff',
    'acceptance/outcomes',
    'acceptance/classify',
    'acceptance/timeout',
    'acceptance/sticky-verdicts',
  ],
};

function atHome(file) {
  const [, others = []] = Object.entries(AT_HOME).find(([known]) => file.endsWith(known)) ?? [];
  const named = [file.replace(/\.ts$/, '.spec.ts'), ...others.map((name) => `/${name}.spec.ts`)];
  return laws.filter((spec) => named.some((name) => spec.endsWith(name)));
}

/** Those beside the file come first, behind the store's: every statement has its law there. */
function stagesFor({ file, quick }) {
  const folder = file.split('/').slice(0, 4).join('/');
  const near = laws.filter((spec) => spec.startsWith(`${folder}/`));
  const [ofStores, ...others] = (quick ? stages.slice(0, QUICK.stages) : stages).map((stage) =>
    stage.filter((spec) => !near.includes(spec)),
  );
  return [atHome(file), ...(file.includes('/postgres/') ? [ofStores, near] : [near, ofStores]), ...others];
}

/** The first law of these files that goes red, if any does. `only`: of those, by name. */
async function firstRed(files, only) {
  [reds, broken] = [[], []];
  if (late) return undefined;
  const asked = files.flatMap((file) => vitest.getModuleSpecifications(specs.get(file) ?? '').slice(0, 1));
  for (const spec of asked) spec.testNamePattern = only;
  if (asked.length > 0) await vitest.runTestSpecifications(asked);
  for (const spec of asked) spec.testNamePattern = undefined;
  const unread = reds.find(({ spec }) => spec === UNDERSTOOD)?.errors[0]?.message;
  const wrong = unread ?? broken[0] ?? reds.flatMap(({ errors }) => errors).find(isSlip)?.message;
  if (wrong !== undefined) throw new Error(`it cannot even run: ${wrong}`);
  return reds[0];
}

/** A mutant that names what is not there breaks the program, not the promise. */
function isSlip({ name }) {
  return name === 'ReferenceError' || name === 'SyntaxError';
}

/** Of laws that are red by others' doing, as they share a database, so many are passed over in a file. */
const PASSED_OVER = 3;

/** Red by chance, a law says nothing: it is red twice by itself, and green without the mutant. */
async function certainRed(files, mutant) {
  const queue = files.map((file) => ({ files: [file], passedOver: [] }));
  if (files.length > 0) queue.unshift({ files, passedOver: [] });
  for (let asked = queue.shift(); asked; asked = queue.shift()) {
    const red = await firstRed(asked.files, asked.passedOver.length > 0 ? otherThan(asked.passedOver) : undefined);
    // All of them together are green, so each is.
    if (!red && asked.files.length === files.length && asked.passedOver.length === 0) return undefined;
    if (!red) continue;
    for (let i = 0; i < 2; i++) {
      const twice = await firstRed([red.spec], named(red.law));
      if (twice && !(await without(mutant, () => firstRed([red.spec], named(red.law))))) return red;
    }
    if (late) return undefined;
    process.send({ note: `${mutant.name}: red by chance: «${red.law}» in ${red.spec}` });
    if (asked.files.length === 1 && asked.passedOver.length < PASSED_OVER)
      queue.unshift({ ...asked, passedOver: [...asked.passedOver, red.law] });
  }
  return undefined;
}

function named(law) {
  return new RegExp(`${RegExp.escape(law)}$`);
}

function otherThan(laws) {
  return new RegExp(`^(?!.*(?:${laws.map((law) => RegExp.escape(law)).join('|')})$)`);
}

/** `known`: what killed it before is asked first, and that law alone. */
async function killerOf(mutant) {
  const { known, file } = mutant;
  const readable = file.includes('/sql/') ? [UNDERSTOOD] : [];
  await firstRed(readable);
  if (known && specs.has(known.spec)) {
    const asked = () => firstRed([known.spec], named(known.law));
    if ((await asked()) && !(await without(mutant, asked))) return known;
    const red = await certainRed([known.spec], mutant);
    if (red) return red;
  }
  for (const stage of stagesFor(mutant)) {
    const red = await certainRed(stage, mutant);
    if (red) return red;
  }
  return undefined;
}

const whole = new Map();

function write(file, text) {
  const target = path.join(tree, file);
  if (!whole.has(file)) whole.set(file, readFileSync(target, 'utf8'));
  writeFileSync(target, text ?? whole.get(file));
  vitest.invalidateFile(target);
}

async function without({ file, text }, work) {
  write(file);
  try {
    return await work();
  } finally {
    write(file, text);
  }
}

async function judge(mutant) {
  write(mutant.file, mutant.text);
  late = false;
  const giveUp = () => {
    late = true;
    void vitest.cancelCurrentRun('test-failure');
  };
  const timer = mutant.quick && setTimeout(giveUp, QUICK.within);
  try {
    const red = await killerOf(mutant);
    return { red: red && { law: red.law, spec: red.spec } };
  } finally {
    clearTimeout(timer);
    write(mutant.file);
  }
}

process.on('message', async (asked) => {
  try {
    if (asked === 'close') return await vitest.close().then(() => process.disconnect());
    if (asked.stages) {
      const files = stages.filter((_, i) => asked.stages.includes(i)).flat();
      process.send({ red: await firstRed(files) });
    } else process.send(await judge(asked));
  } catch (error) {
    process.send({ error: error.message });
  }
});
process.send({ stages: stages.length });
