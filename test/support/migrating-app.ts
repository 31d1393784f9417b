import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { TSCONFIG } from './installed-app.js';

const run = promisify(execFile);
const ROOT = path.resolve(import.meta.dirname, '../..');

const CUSTOMER = `import { defineEntity, p } from '@mikro-orm/postgresql';

export const Customer = defineEntity({ name: 'Customer', properties: { id: p.integer().primary(), name: p.text() } });
`;

const CUSTOMERS = `import { Migration } from '@mikro-orm/migrations';

export class Migration20260101000000_customers extends Migration {
  override up(): void {
    this.addSql('create table "customer" ("id" serial primary key, "name" text not null)');
  }
}
`;

/** An app with an entity and a migration of its own, by MikroORM's defaults. `files`: what it has besides, under src/. */
export async function writeMigratingApp(folder: string, files: Record<string, string>): Promise<void> {
  const sources = {
    'customer.entity.ts': CUSTOMER,
    'migrations/Migration20260101000000_customers.ts': CUSTOMERS,
    ...files,
  };
  for (const [file, text] of Object.entries(sources)) {
    await mkdir(path.dirname(path.join(folder, 'src', file)), { recursive: true });
    await writeFile(path.join(folder, 'src', file), text);
  }
  const manifest = { name: 'migrating-app', private: true, type: 'module', dependencies: { '@mikro-orm/cli': '*' } };
  await writeFile(path.join(folder, 'package.json'), JSON.stringify(manifest));
  await writeFile(path.join(folder, 'tsconfig.json'), JSON.stringify(TSCONFIG));
}

export async function build(folder: string): Promise<void> {
  const tsc = path.join(ROOT, 'node_modules/typescript/bin/tsc');
  await run(process.execPath, [tsc, '-p', folder], { cwd: folder }).catch((error: { stdout: string }) => {
    throw new Error(`the app does not compile:\n${error.stdout}`);
  });
}

/** What `npx mikro-orm <command>` prints in the built app. Rejects, with it in the message, when the command fails. */
export async function mikroOrm(folder: string, url: string, ...command: string[]): Promise<string> {
  const cli = path.join(folder, 'node_modules/@mikro-orm/cli/cli.js');
  const env = { ...process.env, DATABASE_URL: url, NODE_OPTIONS: '', NO_COLOR: '1' };
  const told = run(process.execPath, [cli, ...command], { cwd: folder, env });
  const { stdout, stderr } = await told.catch((error: { stdout: string; stderr: string }) => {
    throw new Error(`mikro-orm ${command.join(' ')}\n${error.stdout}${error.stderr}`);
  });
  return stdout + stderr;
}
