import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { allBlocks, type Block, ROOT } from './markdown.js';

const WORLD = path.join(import.meta.dirname, 'world');

/** What short snippets name without an import. A text, or these would be globals of every test. */
const GIVEN = `
import type { EntityManager } from '@mikro-orm/postgresql';
import type { JobTrackerService } from 'nestjs-job-tracking';
import type { Payments } from './payments.js';

declare global {
  var tracker: JobTrackerService;
  var em: EntityManager;
  var payments: Payments;
  var storage: { put(file: string, options: { ifNewerThan: number }): Promise<void> };
}
`;

/** The `ts` blocks of the documentation as files, a folder a page: by their own name where they have one, else by their line. */
export class Snippets {
  readonly #root: string;
  readonly #blocks = new Map<string, Block>();

  /** In the repository, so that imports resolve; in a `.data` folder, which no other check looks into. */
  constructor(name: string) {
    this.#root = path.join(import.meta.dirname, '.data', `${name}-${process.pid}`);
    rmSync(this.#root, { recursive: true, force: true });
    for (const block of allBlocks('ts')) {
      const folder = this.folder(block.page);
      const file = path.join(folder, fileName(block));
      if (this.#blocks.has(file)) throw new Error(`${block.page}:${block.line}: a second ${fileName(block)}`);
      cpSync(WORLD, folder, { recursive: true });
      mkdirSync(path.dirname(file), { recursive: true });
      // Also a snippet without imports is a module: it may await, and its names are its own.
      writeFileSync(file, `${block.code}export {};\n`);
      this.#blocks.set(file, block);
    }
  }

  folder(page: string): string {
    return path.join(this.#root, page.replaceAll('/', '-'));
  }

  blocks(): Block[] {
    return [...this.#blocks.values()];
  }

  // biome-ignore lint/suspicious/noExplicitAny: what a page exports is for the page's own test to know
  load(page: string, file: string): Promise<any> {
    return import(/* @vite-ignore */ path.join(this.folder(page), file));
  }

  /** What the compiler has against them, each with its place in the page. */
  complaints(): string[] {
    const given = path.join(this.folder('README.md'), 'given.ts');
    writeFileSync(given, GIVEN);
    const program = ts.createProgram([...this.#blocks.keys(), given], compilerOptions());
    return ts.getPreEmitDiagnostics(program).map((diagnostic) => this.#told(diagnostic));
  }

  remove(): void {
    rmSync(this.#root, { recursive: true, force: true });
  }

  #told({ file, start = 0, messageText }: ts.Diagnostic): string {
    const text = ts.flattenDiagnosticMessageText(messageText, ' ');
    if (!file) return text;
    const block = this.#blocks.get(path.normalize(file.fileName));
    const line = file.getLineAndCharacterOfPosition(start).line;
    return block ? `${block.page}:${block.line + line}: ${text}` : `${file.fileName}:${line + 1}: ${text}`;
  }
}

/** As the repository is compiled. */
export function compilerOptions(): ts.CompilerOptions {
  const { config } = ts.readConfigFile(path.join(ROOT, 'tsconfig.json'), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, ROOT);
  return { ...options, noEmit: true, incremental: false };
}

/** The line where it stands: what a stack trace shows leads back to the page. */
export function fileName({ words, line }: Block): string {
  return words.find((word) => word.endsWith('.ts')) ?? `line-${line}.ts`;
}
