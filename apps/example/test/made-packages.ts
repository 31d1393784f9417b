import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

export interface MadePackages extends AsyncDisposable {
  nodeModules: string;
  write(file: string, text: string | object): Promise<void>;
}

const LICENCE = `Permission is hereby granted, free of charge, to any person obtaining a copy. ${'And so on. '.repeat(40)}`;

/** A node_modules with what real ones have: most packages in order, some not. */
export async function makePackages(): Promise<MadePackages> {
  const nodeModules = await mkdtemp(path.join(os.tmpdir(), 'job-tracking-packages-'));
  const write: MadePackages['write'] = async (file, text) => {
    const whole = path.join(nodeModules, file);
    await mkdir(path.dirname(whole), { recursive: true });
    await writeFile(whole, typeof text === 'string' ? text : JSON.stringify(text));
  };

  await write('good/package.json', { name: 'good', version: '1.0.0', license: 'MIT', engines: { node: '>=22' } });
  await write('good/LICENSE', LICENCE);
  await write('good/lib/index.js', 'x'.repeat(1_000));
  await write('@scope/dual/package.json', { name: '@scope/dual', version: '2.0.0', license: '(MIT OR Apache-2.0)' });
  await write('@scope/dual/README.md', `# dual\n\n${LICENCE}`);
  // Inside another: a second version of `good`, and the first one once more, which is no package of its own.
  const old = { name: 'good', version: '0.9.0', license: 'ISC', scripts: { postinstall: 'node build.js' } };
  await write('@scope/dual/node_modules/good/package.json', old);
  await write('@scope/dual/node_modules/good/COPYING', LICENCE);
  await write('odd/node_modules/good/package.json', { name: 'good', version: '1.0.0', license: 'MIT' });

  await write('broken/package.json', '{ "name": "broken", ');
  await write('no-field/package.json', { name: 'no-field', version: '1.0.0' });
  await write('no-field/LICENSE', LICENCE);
  await write('odd/package.json', { name: 'odd', version: '1.0.0', license: 'see the file' });
  await write('no-text/package.json', { name: 'no-text', version: '1.0.0', license: 'MIT' });
  await write('no-text/LICENSE', 'MIT');

  await write('.cache/hidden/package.json', { name: 'hidden', version: '1.0.0' });
  await write('leftover/index.js', '');
  return {
    nodeModules,
    write,
    [Symbol.asyncDispose]: () => rm(nodeModules, { recursive: true, force: true }),
  };
}
