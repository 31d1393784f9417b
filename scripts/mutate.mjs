// npm run mutate [-- --list] [-- --only <part of a name>] [-- --quick] [-- --jobs 1]: takes one condition of one statement, or one guard of the run path,
// out of a copy of the tree, and runs the laws until one goes red; then the next. A mutant that no law notices is a condition that nothing
// holds: the run fails. What went red is written to docs/reliability.md, and asked first the next time.
import { fork } from 'node:child_process';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { MUTANTS } from './mutate/mutants/index.mjs';
import { readTable, writeTable } from './mutate/table.mjs';
import { copyTrees, root, spoiled } from './mutate/tree.mjs';

/** Longer, and something hangs: no law may say so by never ending. */
const PATIENCE = 15 * 60_000;

const { values: asked } = parseArgs({
  options: {
    list: { type: 'boolean' },
    quick: { type: 'boolean' },
    only: { type: 'string', multiple: true },
    jobs: { type: 'string' },
  },
});
const wanted = MUTANTS.filter(({ name }) => asked.only?.some((part) => name.includes(part)) ?? true);
if (wanted.length === 0) throw new Error('no mutant has such a name');
if (asked.list) {
  for (const { name } of wanted) console.log(name);
  process.exit();
}
for (const mutant of MUTANTS) spoiled(mutant);

const known = readTable();
const trees = copyTrees(Math.min(Number(asked.jobs ?? 2), wanted.length));
const runners = await Promise.all(trees.map(startRunner));
process.once('exit', () => {
  for (const runner of runners) runner.kill();
});
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));

const began = performance.now();
if (!asked.only) await seeGreen();
const killed = new Map();
const survived = [];
const broken = [];
const queue = [...wanted];
await Promise.all(runners.map(workOff));
await Promise.all(runners.map((runner) => runner.close()));

const rows = new Map([...known, ...killed]);
if (!asked.quick) for (const name of survived) rows.delete(name);
writeTable(MUTANTS, rows);
console.log(`${wanted.length} mutants, ${killed.size} killed, ${survived.length} survived (${since(began)})`);
for (const name of survived) console.log(`SURVIVED ${name}`);
for (const error of broken) console.log(`BROKEN ${error}`);
process.exit(survived.length + broken.length > 0 ? 1 : 0);

/** A law that is red already would kill every mutant. */
async function seeGreen() {
  const stages = Array.from({ length: runners[0].stages }, (_, i) => i);
  const shares = runners.map((_, runner) => stages.filter((stage) => (stage < 3 ? 0 : 1) % runners.length === runner));
  const answers = await Promise.all(runners.map((runner, i) => runner.ask({ stages: shares[i] })));
  for (const { red, error } of answers)
    if (red || error) throw new Error(`red without any mutant: ${red ? `${red.spec} «${red.law}»` : error}`);
  console.log(`every law is green without a mutant (${since(began)})`);
}

async function workOff(runner) {
  for (let mutant = queue.shift(); mutant; mutant = queue.shift()) {
    const start = performance.now();
    const { name, file } = mutant;
    const answer = await runner.ask({
      name,
      file,
      text: spoiled(mutant, runner.tree),
      known: known.get(name),
      quick: asked.quick,
    });
    if (answer.error) broken.push(`${name}: ${answer.error}`);
    else if (answer.red) writeTable(MUTANTS, new Map([...known, ...killed.set(name, answer.red)]));
    else survived.push(name);
    const fate = answer.red
      ? `killed by «${answer.red.law}» in ${answer.red.spec}`
      : asked.quick
        ? 'let pass by the quick laws'
        : 'SURVIVED';
    console.log(`${name}: ${fate} (${since(start)})`);
  }
}

function since(start) {
  return `${Math.round((performance.now() - start) / 1_000)} s`;
}

async function startRunner(tree) {
  const runner = fork(path.join(root, 'scripts/mutate/runner.mjs'), {
    cwd: tree,
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const answer = () => {
    const { promise, resolve, reject } = Promise.withResolvers();
    const timer = setTimeout(() => reject(new Error('it hangs')), PATIENCE);
    const hear = (message) => {
      if (message.note) return console.log(message.note);
      runner.off('message', hear);
      clearTimeout(timer);
      resolve(message);
    };
    runner.on('message', hear);
    return promise;
  };
  const { stages } = await answer();
  const ask = (question) => {
    const answered = answer();
    runner.send(question);
    return answered;
  };
  const close = () => {
    const { promise, resolve } = Promise.withResolvers();
    runner.once('exit', resolve);
    runner.send('close');
    return promise;
  };
  return { tree, stages, ask, close, kill: () => runner.kill() };
}
