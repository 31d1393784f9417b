import { execFile } from 'node:child_process';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const ROOT = path.resolve(import.meta.dirname, '../..');

const MAIN = `import 'reflect-metadata';
import { MikroOrmModule } from '@mikro-orm/nestjs';
import { defineConfig, EntityManager } from '@mikro-orm/postgresql';
import { Controller, Module, Param, ParseIntPipe, Post } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { CurrentJob, defineJob, Job, type JobRun, JobTrackerService, JobTrackingModule, Tracked } from 'nestjs-job-tracking';

const charge = defineJob<unknown, { charged: number; attempt: number }>('charge', { maxAttempts: 5 });

@Controller('orders')
class Orders {
  @Post(':orderId/charge')
  @Tracked('orderId', charge)
  charge(@Param('orderId', ParseIntPipe) orderId: number, @CurrentJob() run: JobRun<typeof charge>) {
    return { charged: orderId, attempt: run.job.attempts };
  }
}

@Module({
  imports: [
    MikroOrmModule.forRoot(defineConfig({ clientUrl: process.env.DATABASE_URL, discovery: { warnWhenNoEntities: false } })),
    JobTrackingModule.forRoot({ migrations: 'run' }),
  ],
  controllers: [Orders],
})
class AppModule {}

const app = await NestFactory.create(AppModule, { logger: ['error'] });
await app.listen(0, '127.0.0.1');
const base = await app.getUrl();
const post = () => fetch(\`\${base}/orders/7/charge\`, { method: 'POST' });
const answers = [await post(), await post()];
const job = await app.get(JobTrackerService).get({ kind: charge, id: '7' });
const entity = await app.get(EntityManager).fork().findOneOrFail(Job, { kind: 'charge', id: '7' });
console.log(JSON.stringify({ statuses: answers.map(({ status }) => status), output: job?.output?.charged, entity: entity.status }));
await app.close();
`;

export const TSCONFIG = {
  compilerOptions: {
    module: 'nodenext',
    target: 'ES2023',
    lib: ['ES2024', 'ESNext.Disposable'],
    types: ['node'],
    strict: true,
    experimentalDecorators: true,
    emitDecoratorMetadata: true,
    skipLibCheck: true,
    rootDir: 'src',
    outDir: 'dist',
  },
  include: ['src'],
};

/** An empty Nest app, as a user's is before our package is in it. */
export async function writeEmptyApp(folder: string, dependencies: Record<string, string>): Promise<void> {
  await mkdir(path.join(folder, 'src'), { recursive: true });
  const manifest = { name: 'empty-app', private: true, type: 'module', dependencies };
  await writeFile(path.join(folder, 'package.json'), JSON.stringify(manifest, null, 2));
  await writeFile(path.join(folder, 'tsconfig.json'), JSON.stringify(TSCONFIG, null, 2));
  await writeFile(path.join(folder, 'src/main.ts'), MAIN);
}

/** As npm would lay it out, without the network: the tarball unpacked, its peers and nothing else linked to the repository's. */
export async function linkPackages(folder: string, tarball: string, packages: string[]): Promise<void> {
  const modules = path.join(folder, 'node_modules');
  for (const name of packages) {
    await mkdir(path.dirname(path.join(modules, name)), { recursive: true });
    await symlink(path.join(ROOT, 'node_modules', name), path.join(modules, name));
  }
  const own = path.join(modules, 'nestjs-job-tracking');
  await mkdir(own, { recursive: true });
  await run('tar', ['-xzf', tarball, '--strip-components=1', '-C', own]);
}

/** Builds it with tsc, runs it (on the database), and gives what it printed. */
export async function buildAndRun(folder: string, url = ''): Promise<unknown> {
  const tsc = path.join(ROOT, 'node_modules/typescript/bin/tsc');
  await run(process.execPath, [tsc, '-p', folder], { cwd: folder }).catch((error: { stdout: string }) => {
    throw new Error(`the app does not compile:\n${error.stdout}`);
  });
  const { stdout } = await run(process.execPath, ['dist/main.js'], {
    cwd: folder,
    env: { ...process.env, DATABASE_URL: url, NODE_OPTIONS: '' },
  });
  return JSON.parse(stdout);
}
