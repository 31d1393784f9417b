// npm run bench -- [--full] [--jobs N] [--runs N]: each figure is a ratio within one run, on a server of the bench's own. Prints a Markdown table.
import { readOptions } from './options.js';
import { manyVerbs } from './rows/many-verbs.js';
import { setStage } from './stage.js';
import { type Measured, markdownOf } from './table.js';

const ROWS = [manyVerbs];

await main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
process.exit();

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2));
  await using stage = await setStage();
  const measured: Measured[] = [];
  for (const row of ROWS) measured.push(...(await row(stage, options)));
  console.log(markdownOf(measured));
}
